"""Start and end instances. Their disks lie in the lab's scratch space and vanish with the lab."""

import contextlib
import ipaddress
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from lab import aws_service, domains, paths
from lab.errors import LabError, UsageError
from lab.instances import membership, records
from lab.settings import NETWORK

BOOT = Path(__file__).with_name("boot.sh")
SCRATCH = paths.SCRATCH / "instances"
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
FIRST_ADDRESS = ipaddress.ip_address("10.98.1.10")


def run(account: str, region: str, tags: dict[str, str], joined: bool, agent_delay: float, ip: str | None) -> str:
    """Start an instance, join it to the domain when asked; return its id. `running` means booted, as in EC2.

    What the lab joins by hand is tagged as people tag such instances, or the product would join it, too."""
    if joined:
        tags = {"autoadjoin": "false", **tags}
    with records.lock():
        record = {
            "id": f"i-{secrets.token_hex(9)[:17]}", "account": account, "region": region, "state": "pending",
            "tags": tags, "ip": _address(ip), "pid": None, "joined": False, "launched_at": time.time(),
            "agent_ready_at": None,
        }
        record["hostname"] = "ip-" + record["ip"].replace(".", "-")
        records.save(record)
    _change(record, "pending")
    try:
        _boot(record, agent_delay)
        if joined:
            membership.join(record)
            record["joined"] = True
            records.save(record)
    except (LabError, KeyboardInterrupt):
        _kill(record)
        _change(record, "terminated")
        raise
    return record["id"]


def stop(instance_id: str) -> None:
    """End its processes, keep its disk."""
    record = _expect(instance_id, "running")
    _change(record, "stopping")
    _kill(record)
    _change(record, "stopped")


def start(instance_id: str) -> None:
    """Boot it again from its disk."""
    record = _expect(instance_id, "stopped")
    _change(record, "pending")
    _boot(record, agent_delay=0)


def terminate(instance_id: str) -> None:
    """End its processes and discard its disk; its computer object stays in the directory, as with EC2."""
    record = records.load(instance_id)
    if record["state"] == "terminated":
        return
    _change(record, "shutting-down")
    _kill(record)
    shutil.rmtree(SCRATCH / instance_id, ignore_errors=True)
    _change(record, "terminated")


def discard_all() -> None:
    """End all instances without a word to anyone, and forget them."""
    for record in records.list_all():
        _kill(record)
        shutil.rmtree(SCRATCH / record["id"], ignore_errors=True)
        records.forget(record["id"])


def _boot(record: dict, agent_delay: float) -> None:
    """Run boot.sh in new namespaces and wait until its init says that it is up."""
    disk = SCRATCH / record["id"]
    for name in ("upper", "work", "root"):
        (disk / name).mkdir(parents=True, exist_ok=True)
    said, says = os.pipe()
    log = paths.LOGS / f"{record['id']}.log"
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [*UNSHARE, "bash", BOOT, disk, record["hostname"], record["ip"], paths.ROOT], stdin=subprocess.DEVNULL,
            stdout=says, stderr=output, start_new_session=True,
        )
    os.close(says)
    with os.fdopen(said) as reader:
        if reader.readline() != "up\n":
            raise LabError(f"instance {record['id']} did not boot; see {log}")
    record["pid"] = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    record["agent_ready_at"] = time.time() + agent_delay
    _change(record, "running")


def _kill(record: dict) -> None:
    """Kill the instance's init; the kernel then ends the rest of it."""
    if record["pid"] is None:
        return
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        os.kill(record["pid"], signal.SIGKILL)
    while Path(f"/proc/{record['pid']}").exists():
        time.sleep(0.01)
    record["pid"] = None


def _change(record: dict, state: str) -> None:
    """Write the new state down and have AWS publish it (EC2 Instance State-change Notification)."""
    record["state"] = state
    records.save(record)
    if aws_service.present():
        aws_service.admin("instance-state", {"id": record["id"], "state": state})


def _expect(instance_id: str, state: str) -> dict:
    record = records.load(instance_id)
    if record["state"] != state:
        raise LabError(f"instance {instance_id} is {record['state']}, not {state}")
    return record


def _address(wanted: str | None) -> str:
    """The wanted address or the next free one."""
    taken = {record["ip"] for record in records.list_all() if record["state"] != "terminated"}
    taken |= {address for domain in domains.ALL for address in (domain.address, *domain.dns_addresses)}
    if wanted is None:
        address = FIRST_ADDRESS
        while str(address) in taken:
            address += 1
        return str(address)
    network = ipaddress.ip_network(NETWORK)
    try:
        address = ipaddress.ip_address(wanted)
        usable = address in network and address not in (network.network_address, network.broadcast_address)
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"--ip takes an address of {NETWORK}, not {wanted!r}")
    if wanted in taken:
        raise LabError(f"{wanted} belongs to another instance or to the domain controller")
    return wanted
