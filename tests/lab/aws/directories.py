"""The one directory that exists, as `ds` and `ds-data` both know it."""

import datetime
import time

from lab import settings

ENABLING_SECONDS = 1
LAUNCHED = datetime.datetime.now(datetime.UTC)

_data_access = {"status": "Enabled", "until": 0.0}


def arn(directory_id, account, region):
    """Service Authorization Reference, AWS Directory Service: resource type `directory`."""
    return f"arn:aws:ds:{region}:{account}:directory/{directory_id}"


def exists(call):
    """The directory is known to its own account in its own Region only."""
    where = (call.parameters["DirectoryId"], call.account, call.region)
    return where == (settings.DIRECTORY_ID, settings.ACCOUNT_ID, settings.REGION)


def data_access_status():
    """Enabled, Enabling, Disabled or Disabling; a change takes a moment, as on AWS."""
    if time.time() < _data_access["until"]:
        return {"Enabled": "Enabling", "Disabled": "Disabling"}[_data_access["status"]]
    return _data_access["status"]


def set_data_access(status):
    _data_access.update(status=status, until=time.time() + ENABLING_SECONDS)


def reset():
    """The lab's directory starts with data access enabled: a documented prerequisite of the product."""
    _data_access.update(status="Enabled", until=0.0)
