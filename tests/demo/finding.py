"""The finding that GuardDuty would make of alice's process: its real fields, on the tests' example of the form."""

import copy
import json
import uuid
from datetime import UTC, datetime

from demo import paths
from demo.host import Host, Process
from demo.lab import Lab


def make(host: Host, chain: list[Process], user: str, detector: str) -> dict:
    """An event about the first process of the chain, run by a user as the instance names it."""
    event = json.loads(paths.FINDING.read_text())
    detail, now = event["detail"], _now()
    new_id = uuid.uuid4().hex
    event.update(id=str(uuid.uuid4()), time=now[:19] + "Z")
    arn = f"{detail['arn'].partition('detector/')[0]}detector/{detector}/finding/{new_id}"
    detail.update(id=new_id, arn=arn, createdAt=now, updatedAt=now)
    for name in ("title", "description"):
        detail[name] = detail[name].replace(detail["resource"]["instanceDetails"]["instanceId"], host.id)
    instance = detail["resource"]["instanceDetails"]
    instance["instanceId"] = host.id
    instance["networkInterfaces"][0]["privateIpAddress"] = host.record["ip"]
    detail["service"].update(eventFirstSeen=now, eventLastSeen=now)
    flagged, *parents = chain
    detail["service"]["runtimeDetails"]["process"] = {
        **flagged.details(),
        "executableSha256": flagged.sha256,
        "pwd": flagged.folder,
        "user": user,
        "lineage": [parent.details() for parent in parents],
    }
    return event


def updated(event: dict) -> dict:
    """The same finding after GuardDuty has seen the activity once more."""
    later, now = copy.deepcopy(event), _now()
    later.update(id=str(uuid.uuid4()), time=now[:19] + "Z")
    later["detail"]["updatedAt"] = now
    later["detail"]["service"]["eventLastSeen"] = now
    later["detail"]["service"]["count"] += 1
    return later


def emit(lab: Lab, event: dict) -> None:
    """Put it on the bus as AWS does."""
    lab.run("emit", "-", stdin=json.dumps(event))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
