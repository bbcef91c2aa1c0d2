"""Where the lab keeps its files: all below `.lab/` at the root of the checkout, which git ignores."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tests" / "lab"
LAB = ROOT / ".lab"
VENV = LAB / "venv"
PYTHON = VENV / "bin" / "python"
BIN = LAB / "bin"
CACHE = LAB / "cache"

# Labs of different names run side by side in one checkout.
VARIABLE = "ADSTEWARD_LAB"
NAME = os.environ.get(VARIABLE, "run")
if not NAME.isalnum():
    raise SystemExit(f"{VARIABLE} is the name of a folder: letters and digits, not {NAME!r}")
RUN = LAB / NAME

STATE = RUN / "lab.json"
CONTROL = RUN / "control.sock"
LOGS = RUN / "logs"
DEPLOYMENT = RUN / "deployment.json"
CALLS = RUN / "calls.jsonl"
MAIL = RUN / "mail.jsonl"
INSTANCES = RUN / "instances"
CA_FILE = RUN / "ca.pem"

# Outlives the lab: see aws/usage.py.
USAGE = LAB / "usage.jsonl"

# Inside the lab's mount namespace only: a tmpfs that vanishes with the lab.
SCRATCH = Path("/run/lab")
