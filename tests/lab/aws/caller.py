"""Who makes a call, as IAM and CloudTrail name him."""

from dataclasses import dataclass

from ministack.core import iam_evaluator


@dataclass(frozen=True)
class Caller:
    """`kind` is CloudTrail's userIdentity type: Root, IAMUser, AssumedRole, or Unknown for refused credentials."""

    arn: str
    kind: str
    principal_id: str
    account: str
    access_key: str = ""
    invoked_by: str | None = None


def of_key(access_key, account):
    """The owner of an access key; ministack has checked its signature, or refuses the call."""
    found = iam_evaluator.resolve_credential(access_key or "", account)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        return Caller(f"unknown:{access_key or 'anonymous'}", "Unknown", "", account, access_key or "")
    kind = {"User": "IAMUser"}.get(found.principal_type, found.principal_type)
    identity = found.principal_id
    if kind == "AssumedRole":
        _, role, session = found.principal_arn.split("/")
        identity = f"{_role_id(role, found.account_id)}:{session}"
    return Caller(found.principal_arn, kind, identity, found.account_id, access_key)


def of_role(role_arn, session, service):
    """A session that an AWS service opens with a role handed to it (`states.amazonaws.com`)."""
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{session}"
    return Caller(arn, "AssumedRole", f"{_role_id(role, account)}:{session}", account, "", service)


def user_identity(caller):
    """CloudTrail record contents, "userIdentity element"."""
    identity = {
        "type": caller.kind,
        "principalId": caller.principal_id,
        "arn": caller.arn,
        "accountId": caller.account,
    }
    if caller.access_key:
        identity["accessKeyId"] = caller.access_key
    if caller.kind == "IAMUser":
        identity["userName"] = caller.arn.rpartition("/")[2]
    if caller.kind == "AssumedRole":
        role = caller.arn.split("/")[1]
        role_arn = f"arn:aws:iam::{caller.account}:role/{role}"
        identity["sessionContext"] = {
            "sessionIssuer": {
                "type": "Role",
                "principalId": caller.principal_id.partition(":")[0],
                "arn": role_arn,
                "accountId": caller.account,
                "userName": role,
            },
            "attributes": {"mfaAuthenticated": "false"},
        }
    if caller.invoked_by:
        identity["invokedBy"] = caller.invoked_by
    return identity


def _role_id(role, account):
    """IAM User Guide, "Unique identifiers": AROA.. for a role."""
    from ministack.services import iam

    known = iam._roles.get_scoped(account, None, role) or {}
    return known.get("RoleId", role)
