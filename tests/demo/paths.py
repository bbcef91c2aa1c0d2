"""Where the demo reads and writes: nothing outside `target/demo` of the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tests" / "demo"
LAB = ROOT / "scripts" / "lab"
LAB_LOGS = ROOT / ".lab" / os.environ.get("ADSTEWARD_LAB", "run") / "logs"
FINDING = ROOT / "tests" / "fixtures" / "guardduty" / "runtime-finding.json"

OUTPUT = ROOT / "target" / "demo"
REPORT = OUTPUT / "report.html"
LOGS = OUTPUT / "logs"
LAB_LOG = LOGS / "lab.log"


def shown(path: Path) -> str:
    """A path as a person in the checkout writes it."""
    return str(path.relative_to(ROOT))
