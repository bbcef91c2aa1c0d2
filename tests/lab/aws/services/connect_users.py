"""Amazon Connect: users. Finding them by what they are like is in `connect_search`.

Source: Connect API Reference (CreateUser, DescribeUser, DeleteUser, ListUsers), botocore model `connect`. There is no client
token: a request repeated after a lost answer is a duplicate. Names are taken at once, while everything else may see a change
later (`staleness.py`). Which error an unknown profile is, is not said; ResourceNotFoundException is assumed.
"""

import datetime
import time
import uuid

from lab.aws import connect_identity
from lab.aws import connect_instance as instance
from lab.aws.modelled import ApiError

_SHOWN = (
    "Username", "IdentityInfo", "PhoneConfig", "SecurityProfileIds", "RoutingProfileId", "HierarchyGroupId", "Tags",
    "AutoAcceptConfigs", "AfterContactWorkConfigs", "PhoneNumberConfigs", "PersistentConnectionConfigs",
    "VoiceEnhancementConfigs",
)  # fmt: skip


def create(call):
    """The name is free again as soon as its user is deleted."""
    instance.check(call)
    request = call.parameters
    if wrong := connect_identity.problem(request):
        raise ApiError("InvalidParameterException", wrong)
    _check_profiles(request)
    with instance.lock:
        taken = {user.request["Username"].lower() for user in instance.USERS.values()}
        if request["Username"].lower() in taken:
            message = f"The user {request['Username']} is already associated with the Amazon Connect instance"
            raise ApiError("DuplicateResourceException", message)
        if len(instance.USERS) >= instance.behaviour.user_limit:
            raise ApiError("LimitExceededException", "The allowed limit for the resource has been exceeded.")
        name = str(uuid.uuid4())
        user = instance.User(name, instance.arn(call, "agent", name), dict(request), time.time())
        instance.put(user)
    return {"UserId": user.id, "UserArn": user.arn}


def _check_profiles(request):
    if request["RoutingProfileId"] not in instance.ROUTING_PROFILES:
        raise instance.not_found("Routing profile not found")
    if set(request["SecurityProfileIds"]) - set(instance.SECURITY_PROFILES):
        raise instance.not_found("Security profile not found")
    if "HierarchyGroupId" in request:
        raise instance.not_found("Hierarchy group not found")


def describe(call):
    user = instance.existing_user(call)
    shown = {name: user.request[name] for name in _SHOWN if name in user.request}
    return {"User": {"Id": user.id, "Arn": user.arn, **shown, **_modified(call, user)}}


def delete(call):
    """For good: a second time it is not found."""
    with instance.lock:
        instance.remove(instance.existing_user(call))


def list_all(call):
    instance.check(call)
    found, more = instance.page(call, instance.visible(), 100)
    summaries = [
        {"Id": user.id, "Arn": user.arn, "Username": user.request["Username"], **_modified(call, user)} for user in found
    ]
    return {"UserSummaryList": summaries, **more}


def _modified(call, user):
    when = datetime.datetime.fromtimestamp(user.created, datetime.UTC)
    return {"LastModifiedTime": when, "LastModifiedRegion": call.region}
