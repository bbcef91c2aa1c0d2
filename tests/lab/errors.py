"""How a lab command fails."""


class LabError(Exception):
    """Something went wrong; the text says what, and what to do about it. Exit code 1."""


class UsageError(Exception):
    """The command was given something it cannot mean. Exit code 2."""


def not_running() -> LabError:
    return LabError("the lab is not running; start it with: scripts/lab up")
