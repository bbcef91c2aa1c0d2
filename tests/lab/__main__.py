"""Run one lab command: `python -m lab COMMAND ...` (scripts/lab does it)."""

import sys

from lab.cli import main

sys.exit(main(sys.argv[1:]))
