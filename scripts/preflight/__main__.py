"""`python -m preflight`, as scripts/doctor starts it."""

import os
import sys

from preflight.cli import main

try:
    code = main(sys.argv[1:])
except BrokenPipeError:
    # Who reads has seen enough (`scripts/doctor | head`); Python would complain once more when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 1
except KeyboardInterrupt:
    code = 130
sys.exit(code)
