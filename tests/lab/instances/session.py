"""`instance exec`: a command as root like a Session Manager session, or in a log-in of a user."""

import os
import shlex

from lab import namespaces
from lab.errors import LabError
from lab.instances.command import ENVIRONMENT, command, entry


def replace_process(record: dict, user: str | None, argv: list[str]) -> None:
    """Become the command: its stdio and exit code are ours. Without a user it belongs to no log-in.

    With one it is what sshd starts: PAM's account and session modules have agreed, the login uid is the user's
    (pam_loginuid does that), and the user's login shell runs the command."""
    namespaces.clear_login_uid()
    environment = {**ENVIRONMENT, "TERM": os.environ.get("TERM", "dumb")}
    if user is None:
        full = [*entry(record), *argv]
    else:
        script = 'echo "$1" >/proc/self/loginuid && exec su --login "$2" --command "$3"'
        full = [*entry(record), "sh", "-c", script, "sh", _uid(record, user), user, shlex.join(argv)]
    os.execvpe(full[0], full, environment)


def _uid(record: dict, user: str) -> str:
    # SSSD gives each of its searches 30 s, and a search may be repeated.
    code, stdout, _ = command(record["id"], ["id", "--user", "--", user], timeout=180)
    if code != 0:
        raise LabError(f"instance {record['id']} knows no user {user!r}")
    return stdout.decode().strip()
