"""What the schedule does at its time: `scripts/lab rotate-due` tells the time, `scripts/lab age-secret` moves the past."""

import time
import uuid

from ministack.core.responses import request_scope
from ministack.services import secretsmanager

from lab import settings
from lab.aws import rotation
from lab.aws import secret_versions as versions
from lab.aws.services import secret_descriptions
from lab.aws.services import secretsmanager as service


def start(secret=None, days=None):
    """Start the rotation of the named secret, or of all whose NextRotationDate lies in the next `days`, or of all that
    have a schedule; the ids of the rotations. A rotation that was not finished is taken up again with its version."""
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        chosen = [versions.usable(secret)] if secret else list(secretsmanager._secrets.values())
        return [run.id for found in chosen if _is_due(found, days, named=bool(secret)) and (run := _start(found))]


def _is_due(secret, days, named):
    if not secret.get("RotationEnabled") or secret.get("DeletedDate"):
        if named:
            raise ValueError(f"rotation is not turned on for {secret['Name']}")
        return False
    scheduled = secret_descriptions.next_date(secret)
    if scheduled is None:
        return named
    return days is None or scheduled <= time.time() + days * 86400


@versions.alone
def _start(secret):
    pending, current = versions.holder(secret, versions.PENDING), versions.holder(secret, versions.CURRENT)
    if pending in (None, current):
        service.begin(secret, str(uuid.uuid4()))
    else:
        service.reattempt(secret, pending)
    return rotation.active(secret)


@versions.alone
def age(secret, days):
    """Move the secret's past back, as if all of it had happened so many days earlier."""
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        found = versions.usable(secret)
    for name in ("CreatedDate", "LastChangedDate", "LastRotatedDate", "ValueDate"):
        if found.get(name) is not None:
            found[name] -= days * 86400
