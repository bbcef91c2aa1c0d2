"""Where things lie."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = ROOT / "tests" / "lint"
CANARIES = LINT / "canaries"
# What is made from the sources for the linters, such as the expanded template.
TARGET = ROOT / "target" / "lint"

_LAB = ROOT / ".lab"
PYTHON_BIN = _LAB / "lint" / "bin"
NPM_BIN = _LAB / "lint-npm" / "node_modules" / ".bin"
CARGO_BIN = _LAB / "lint-cargo" / "bin"
