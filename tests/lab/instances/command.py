"""Run something inside an instance, as root and outside any log-in, like the SSM agent."""

import os
import signal
import subprocess

from lab import namespaces
from lab.errors import LabError
from lab.instances import records

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


def entry(record: dict) -> list[str]:
    """The command prefix that goes into a running instance."""
    if record["state"] != "running":
        raise LabError(f"instance {record['id']} is {record['state']}")
    return ["nsenter", "--target", str(record["pid"]), "--mount", "--uts", "--ipc", "--net", "--pid", "--"]


def command(instance_id: str, argv: list[str], stdin: bytes = b"", timeout: float = 60,
            env: dict[str, str] | None = None) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr. Raises subprocess.TimeoutExpired, with all that the command started ended."""
    process = subprocess.Popen(
        [*entry(records.load(instance_id)), *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**ENVIRONMENT, **(env or {})}, start_new_session=True,
        preexec_fn=namespaces.clear_login_uid,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, stdout, stderr
