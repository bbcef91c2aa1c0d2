"""The directories that exist, as `ds` and `ds-data` both know them."""

import datetime
import time

from lab import domains, settings

ENABLING_SECONDS = 1
LAUNCHED = datetime.datetime.now(datetime.UTC)

# What was set up and a reset of the lab goes back to: passwords that were reset, log subscriptions.
STATE = {}

_data_access = {"status": "Enabled", "until": 0.0}


def arn(directory_id, account, region):
    """Service Authorization Reference, AWS Directory Service: resource type `directory`."""
    return f"arn:aws:ds:{region}:{account}:directory/{directory_id}"


def visible(call):
    """The domains that the caller's account has in this Region."""
    return domains.OF_AWS if (call.account, call.region) == (settings.ACCOUNT_ID, settings.REGION) else ()


def named(call):
    """The domain of the call's DirectoryId; None when its account has none such in this Region."""
    return next((domain for domain in visible(call) if domain.directory_id == call.parameters["DirectoryId"]), None)


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
