"""Log forwarding of a directory, `ds:CreateLogSubscription` and its siblings.

Source: Directory Service API Reference (CreateLogSubscription, ListLogSubscriptions, DeleteLogSubscription);
Administration Guide, "Enabling Amazon CloudWatch Logs log forwarding for AWS Managed Microsoft AD".
"""

import datetime
import json

from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs

from lab import settings
from lab.aws import directories, log_policies
from lab.aws.modelled import ApiError
from lab.domains import MANAGED

PRINCIPAL = "ds.amazonaws.com"
LOG_GROUP = f"/aws/directoryservice/{MANAGED.directory_id}"
POLICY = "DSLogSubscription"


def _all():
    return directories.STATE.setdefault("log_subscriptions", {})


def of_directory(directory_id):
    return _all().get(directory_id)


def subscribe_as_documented():
    """The log group, its policy and the subscription: a documented prerequisite of the product, as the console makes them."""
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        cloudwatch_logs._create_log_group({"logGroupName": LOG_GROUP})
        group = f"arn:aws:logs:{settings.REGION}:{settings.ACCOUNT_ID}:log-group:{LOG_GROUP}:*"
        allow = {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Resource": group}
        allow["Action"] = ["logs:CreateLogStream", "logs:PutLogEvents"]
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        cloudwatch_logs._put_resource_policy({"policyName": POLICY, "policyDocument": document})
    _subscribe(MANAGED.directory_id, LOG_GROUP)


def _subscribe(directory_id, group):
    created = datetime.datetime.now(datetime.UTC)
    described = {"DirectoryId": directory_id, "LogGroupName": group, "SubscriptionCreatedDateTime": created}
    _all()[directory_id] = described


def _create(call):
    directory_id, group = _known(call), call.parameters["LogGroupName"]
    if directory_id in _all():
        raise ApiError("EntityAlreadyExistsException", f"Directory {directory_id} already has a log subscription.")
    if group not in cloudwatch_logs._log_groups:
        raise ApiError("EntityDoesNotExistException", f"Log group {group} does not exist.")
    if not log_policies.allow_writing(group, PRINCIPAL):
        message = f"The resource policies of CloudWatch Logs do not let {PRINCIPAL} write to {group}."
        raise ApiError("InsufficientPermissionsException", message)
    _subscribe(directory_id, group)


def _list(call):
    wanted = _known(call) if "DirectoryId" in call.parameters else None
    visible = {domain.directory_id for domain in directories.visible(call)}
    listed = [subscription for name, subscription in _all().items() if name in visible and wanted in (None, name)]
    return {"LogSubscriptions": listed}


def _delete(call):
    if _all().pop(_known(call), None) is None:
        raise ApiError("EntityDoesNotExistException", "The directory has no log subscription.")


def _known(call):
    domain = directories.named(call)
    if domain is None:
        raise ApiError("EntityDoesNotExistException", f"Directory {call.parameters['DirectoryId']} does not exist.")
    if domain is not MANAGED:
        raise ApiError("UnsupportedOperationException", "The operation is not supported for this type of directory.")
    return domain.directory_id


OPERATIONS = {"CreateLogSubscription": _create, "ListLogSubscriptions": _list, "DeleteLogSubscription": _delete}
