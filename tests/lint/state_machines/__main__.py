"""Usage: python -m lint.state_machines TEMPLATE"""

import sys
from pathlib import Path

from lint.state_machines import failures, names, shape, tasks, variables
from lint.state_machines.machine import load

SUBJECTS = (shape, tasks, failures, names, variables)


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = [
        f"{machine.path.name}: {finding}"
        for machine in load(Path(sys.argv[1]))
        for subject in SUBJECTS
        for finding in subject.check(machine)
    ]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
