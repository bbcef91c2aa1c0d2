"""Whether those who must never be disabled are spelled as the directory spells them."""

import difflib

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import could_not_check, notice, ok, problem

# In every directory, though not every one of them is shown to its customer.
BUILT_IN = ("admin", "administrator", "krbtgt", "guest")


def _users(subject):
    names = [name for name in subject.stack.setting("PROTECTED_USERS", "ProtectedUsers").split(",") if name]
    missing = []
    for name in names:
        try:
            subject.account.call("ds-data", "describe_user", DirectoryId=subject.directory_id, SAMAccountName=name)
        except ApiError as error:
            if error.code == "ResourceNotFoundException":
                missing.append(name)
                continue
            if (unreadable := _unreadable(error)) is not None:
                yield unreadable
                return
            raise
    unknown = [name for name in missing if name.lower() not in BUILT_IN]
    for name in unknown:
        others = ",".join(other for other in names if other != name)
        yield problem(
            f"protected user {name} is not in the directory: perhaps somebody else is meant",
            subject.deploy(ProtectedUsers=others) + "   # with the right name added",
        )
    if not unknown:
        yield ok(f"{len(names)} protected users are in the directory")


def _group(subject):
    name = subject.stack.setting("PROTECTED_GROUP", "ProtectedGroup")
    try:
        found = subject.account.call("ds-data", "describe_group", DirectoryId=subject.directory_id, SAMAccountName=name)
    except ApiError as error:
        if error.code == "ResourceNotFoundException":
            yield _missing(subject, name)
            return
        if (unreadable := _unreadable(error)) is not None:
            yield unreadable
            return
        raise
    spelled = found.get("SAMAccountName", name)
    if spelled == name:
        yield ok(f"the protected group {name} is in the directory")
    else:
        yield notice(
            f"the directory spells the protected group {spelled!r}, the stack {name!r}; both mean the same group",
            subject.deploy(ProtectedGroup=spelled),
        )


def _missing(subject, name):
    groups = subject.account.items("ds-data", "list_groups", "Groups", DirectoryId=subject.directory_id)
    names = [group["SAMAccountName"] for group in groups]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    right = near[0] if near else "AWS Delegated Administrators"
    return problem(
        f"the protected group {name!r} is not in the directory: it protects nobody",
        subject.deploy(ProtectedGroup=right),
    )


def _unreadable(error):
    """What the directory, not IAM, keeps from being read."""
    if error.code == "AccessDeniedException" and error.reason in ("DATA_DISABLED", "DIRECTORY_AUTH"):
        return could_not_check(
            f"the directory does not let itself be read ({error.reason})", "see the checks of the directory above"
        )
    return None


CHECKS = (
    Check("protected users", _users, ("lambda:GetFunctionConfiguration", "ds:AccessDSData", "ds-data:DescribeUser")),
    Check(
        "protected group",
        _group,
        ("lambda:GetFunctionConfiguration", "ds:AccessDSData", "ds-data:DescribeGroup", "ds-data:ListGroups"),
    ),
)
