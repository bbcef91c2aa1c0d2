"""Usage: python -m lint.powershell TEMPLATE.."""

import sys
from pathlib import Path

from lint.powershell import commands, parameters, shape, syntax, variables
from lint.powershell.documents import load

SUBJECTS = (syntax, commands, variables, parameters, shape)


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scripts = [script for template in sys.argv[1:] for script in load(Path(template))]
    if not scripts:
        sys.exit("there is no PowerShell in an SSM document")
    found = [f"{script.document}: {finding}" for script in scripts for subject in SUBJECTS for finding in subject.check(script)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
