"""Run a command inside the lab: the other half of `lab exec`, entered by nsenter.

Arguments: the folder to run in, the user and group to run as, then the command."""

import os
import sys

from lab import environment


def main() -> int:
    folder, user, group, *command = sys.argv[1:]
    variables = environment.for_commands()
    variables.pop("PYTHONPATH", None)
    if int(user) != 0:
        os.setgroups([int(group)])
        os.setgid(int(group))
        os.setuid(int(user))
    try:
        os.chdir(folder)
        os.execvpe(command[0], command, variables)
    except OSError as error:
        print(f"scripts/lab exec: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126


if __name__ == "__main__":
    sys.exit(main())
