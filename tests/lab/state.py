"""What the running lab has written down, and how its supervisor is asked for something."""

import json
import os
import socket
import struct
from contextlib import contextmanager
from pathlib import Path

from lab import paths
from lab.errors import LabError, not_running

ANSWER_SECONDS = 60


def load() -> dict:
    """The running lab's settings: endpoint, port, ids, secrets. Holds passwords: never print it whole."""
    try:
        return json.loads(paths.STATE.read_text())
    except FileNotFoundError:
        raise not_running() from None


def running() -> dict:
    """`load`, once it is sure that the lab still runs: a killed one leaves its file behind."""
    if supervisor_pid() is None:
        raise not_running()
    return load()


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only: whoever owns the folder."""
    owner = path.parent.stat()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)
    os.replace(draft, path)


def supervisor_pid() -> int | None:
    """The supervisor's process id as this process sees it; None when no lab runs in this checkout.

    The kernel answers (SO_PEERCRED), so neither a crash nor a reused process id can mislead."""
    try:
        with _connected() as connection:
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    return struct.unpack("3i", credentials)[0]


def ask(request: str, seconds: float = ANSWER_SECONDS) -> dict:
    """Send the supervisor one request and return its answer."""
    try:
        with _connected() as connection:
            connection.settimeout(seconds)
            connection.sendall(request.encode() + b"\n")
            answer = json.loads(connection.makefile().readline() or '{"error": "the supervisor ended"}')
    except (FileNotFoundError, ConnectionRefusedError):
        raise not_running() from None
    except TimeoutError:
        raise LabError(f"the supervisor did not answer `{request}` within {seconds} s; see {paths.LOGS}") from None
    if "error" in answer:
        raise LabError(answer["error"])
    return answer


@contextmanager
def _connected():
    """A connection to the control socket, by way of its folder's descriptor: socket addresses hold 107 bytes only."""
    folder = os.open(paths.RUN, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"/proc/self/fd/{folder}/{paths.CONTROL.name}")
            yield connection
    finally:
        os.close(folder)
