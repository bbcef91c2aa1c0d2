"""What is known about each instance: one JSON file each."""

import fcntl
import json
from contextlib import contextmanager

from lab import paths, state
from lab.errors import LabError


def load(instance_id: str) -> dict:
    """One instance: id, account, region, state, tags, ip, hostname, pid, joined, agent_ready_at."""
    try:
        return json.loads(_file(instance_id).read_text())
    except FileNotFoundError:
        raise LabError(f"there is no instance {instance_id}; see: scripts/lab instance list") from None


def list_all() -> list[dict]:
    """Every instance of this lab, also terminated ones, oldest first."""
    records = [json.loads(file.read_text()) for file in paths.INSTANCES.glob("i-*.json")]
    return sorted(records, key=lambda record: record["launched_at"])


def save(record: dict) -> None:
    state.write_private(_file(record["id"]), json.dumps(record))


@contextmanager
def lock():
    """Held while an address is chosen and written down, so that two starts at once do not choose the same."""
    with open(paths.INSTANCES / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def forget(instance_id: str) -> None:
    _file(instance_id).unlink(missing_ok=True)


def _file(instance_id: str):
    return paths.INSTANCES / f"{instance_id}.json"
