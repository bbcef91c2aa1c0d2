"""Usage: python -m lint [TOOL ..]"""

import sys
import time

from lint.checks import checks
from lint.runner import run_all


def main() -> int:
    began = time.monotonic()
    known = {check.name: check for check in checks()}
    wanted = sys.argv[1:] or list(known)
    if unknown := set(wanted) - known.keys():
        print(f"no such tool: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    outcomes = run_all([known[name] for name in wanted])
    clean = all(outcome.clean for outcome in outcomes)
    print(f"{'all':<16} {'ok' if clean else 'FAILED':<7} {time.monotonic() - began:6.1f} s")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
