"""What scripts/doctor starts."""

import os
import sys
from pathlib import Path

# In place of this folder, and never the caller's, which may hold anything.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from preflight.cli import main  # noqa: E402

try:
    code = main(sys.argv[1:])
except BrokenPipeError:
    # Who reads has seen enough (`scripts/doctor | head`); Python would complain once more when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 1
except KeyboardInterrupt:
    code = 130
sys.exit(code)
