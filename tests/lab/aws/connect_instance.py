"""The lab's instance of Amazon Connect: its profiles, its users, and how many it may have (`scripts/lab connect`).

Sources: Connect Administrator Guide, "Amazon Connect service quotas" (500 users in an instance unless an account asks for
more: the lab's account has), "Default security profiles"; API Reference (ARNs). User names are compared without case, of which
AWS says nothing.
"""

import dataclasses
import threading

from lab import settings
from lab.aws import staleness
from lab.aws.modelled import ApiError

INSTANCE_ID = settings.CONNECT_INSTANCE_ID
ALIAS = "corp-example"
# As an account that expects more has asked for; AWS's default is 500.
USER_LIMIT = 1000

ROUTING_PROFILES = {
    settings.CONNECT_ROUTING_PROFILE_ID: "Basic Routing Profile",
    "5f1c2c0b-5a0e-4d57-9d52-6f0f7f3f1a02": "Support",
}
SECURITY_PROFILES = {
    settings.CONNECT_SECURITY_PROFILE_ID: "Agent",
    settings.OTHER_SECURITY_PROFILE_ID: "CallCenterManager",
    "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c03": "QualityAnalyst",
    "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c04": "Admin",
}

lock = threading.RLock()
# user id -> User; a reset goes back to those of the snapshot.
USERS = {}


@dataclasses.dataclass
class Behaviour:
    """What the operator can change."""

    user_limit: int = USER_LIMIT


behaviour = Behaviour()


@dataclasses.dataclass
class User:
    """`request` is what it was created with; a reader sees it as DescribeUser shows it."""

    id: str
    arn: str
    request: dict
    created: float


def tune(user_limit=None):
    """Change the behaviour, and say what it is from now on."""
    if user_limit is not None:
        if user_limit < 0:
            raise ValueError("a limit cannot be negative")
        behaviour.user_limit = user_limit
    return dataclasses.asdict(behaviour)


def reset():
    behaviour.user_limit = USER_LIMIT


def check(call):
    """Refuse a call for an instance that the caller's account does not have in this Region."""
    mine = (call.account, call.region) == (settings.ACCOUNT_ID, settings.REGION)
    if not mine or call.parameters["InstanceId"] != INSTANCE_ID:
        raise not_found("Instance not found")


def put(user):
    staleness.remember(("connect-user", user.id), None)
    USERS[user.id] = user


def remove(user):
    """Whoever still sees one that is gone removes nothing more."""
    staleness.remember(("connect-user", user.id), user)
    USERS.pop(user.id, None)


def visible():
    """The users that a call sees, which may not know of the last changes, the oldest first."""
    former = {subject[1]: user for subject, user in staleness.all_former("connect-user").items()}
    users = [user for user in (USERS | former).values() if user is not None]
    return sorted(users, key=lambda user: (user.created, user.id))


def existing_user(call):
    """The user that a call names, as far as the call sees it."""
    check(call)
    name = call.parameters["UserId"]
    user = staleness.seen(("connect-user", name), USERS.get(name))
    if user is None:
        raise not_found("User not found")
    return user


def not_found(message):
    return ApiError("ResourceNotFoundException", message)


def arn(call, kind="", name=""):
    """Service Authorization Reference, Amazon Connect: the instance, or what is in it (users are `agent`)."""
    instance = f"arn:aws:connect:{call.region}:{call.account}:instance/{call.parameters.get('InstanceId', '*')}"
    return f"{instance}/{kind}/{name}" if kind else instance


def page(call, found, default):
    """A page of a list, and the token of the next one."""
    token = call.parameters.get("NextToken", "0")
    if not token.isascii() or not token.isdigit():
        raise ApiError("InvalidParameterException", "NextToken is not valid")
    start, size = int(token), call.parameters.get("MaxResults", default)
    return found[start : start + size], {"NextToken": str(start + size)} if start + size < len(found) else {}
