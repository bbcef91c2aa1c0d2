"""Going into the running lab's namespaces, as root."""

import os
import subprocess
import sys
from pathlib import Path

from lab import paths, state
from lab.errors import LabError, not_running

UNSET_LOGIN_UID = "4294967295"


def inside() -> bool:
    """Whether this process already is in the lab: its supervisor then has a low process id, next to pid 1."""
    return state.supervisor_pid() == 2


def enter(module: str, arguments: list[str]) -> list[str]:
    """The command that runs `python -m MODULE ARGUMENTS` inside the lab, in its root user's name."""
    pid = state.supervisor_pid()
    if pid is None:
        raise not_running()
    return as_root(["nsenter", "--target", str(pid), "--mount", "--net", "--pid", "--",
                    "env", f"PYTHONPATH={paths.PACKAGE.parent}", str(paths.PYTHON), "-m", module, *arguments])


def as_root(command: list[str]) -> list[str]:
    """The command itself for root, otherwise with sudo in front."""
    return command if os.geteuid() == 0 else ["sudo", "--preserve-env", *command]


def run_inside(module: str, arguments: list[str]) -> int:
    """Run a module inside the lab with this process's stdio; its exit code."""
    return subprocess.run(enter(module, arguments), check=False).returncode


def clear_login_uid() -> None:
    """Make this process and its descendants belong to no log-in, as what a system service starts.

    The kernel lets root do so unless audit was told to keep login uids immutable."""
    login_uid = Path("/proc/self/loginuid")
    try:
        if login_uid.read_text().strip() != UNSET_LOGIN_UID:
            login_uid.write_text(UNSET_LOGIN_UID)
    except FileNotFoundError:
        raise LabError("this kernel has no audit support (/proc/self/loginuid); log-ins cannot be told apart") from None
    except PermissionError:
        print("the kernel keeps this log-in's uid (auditctl --loginuid-immutable); "
              "run the lab from a session without one, e.g. a system service", file=sys.stderr)
