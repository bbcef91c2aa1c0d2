"""Deploy stacks/member.yaml as a StackSet does, an account's primary Region before its others. Then the rows of the accounts.

The own account has its stack in the directory's Region and in another one, which relays; the member account the other way
round, so that there is a role of either kind and a way from each to the queues.
"""

import contextlib

from botocore.exceptions import ClientError, WaiterError

from lab import paths, settings
from lab.client import client
from lab.errors import LabError
from lab.progress import say

TEMPLATE = paths.ROOT / "stacks" / "member.yaml"
STACK = f"{settings.STACK_NAME}-member"
ROLE = "adsteward-member"
TABLE = "adsteward-accounts"
_PRIMARY = {settings.ACCOUNT_ID: settings.REGION, settings.MEMBER_ACCOUNT_ID: settings.MEMBER_REGION}
PLACES = [
    (settings.ACCOUNT_ID, settings.REGION),
    (settings.ACCOUNT_ID, settings.MEMBER_REGION),
    (settings.MEMBER_ACCOUNT_ID, settings.MEMBER_REGION),
    (settings.MEMBER_ACCOUNT_ID, settings.REGION),
]
POLL = {"Delay": 1, "MaxAttempts": 120}


def external_id(account: str) -> str:
    return f"lab-{account}"


def deploy(outputs: dict[str, str]) -> None:
    """`outputs` are those of the stack of template.yaml; without a table of accounts nothing is joined."""
    if "AccountTableName" not in outputs:
        _remove()
        return
    for account, region in PLACES:
        say(f"deploying {TEMPLATE.name} to {account} in {region}")
        _deploy(account, region, _parameters(account, outputs))
    for account in _PRIMARY:
        _put_row(outputs["AccountTableName"], account)


def _remove() -> None:
    """What an earlier deployment that joined has left: its stacks, and the table of accounts that outlives the stack."""
    for account, region in reversed(PLACES):
        client("cloudformation", account, region).delete_stack(StackName=STACK)
    tables = client("dynamodb")
    with contextlib.suppress(tables.exceptions.ResourceNotFoundException):
        tables.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
        tables.delete_table(TableName=TABLE)


def _parameters(account: str, outputs: dict[str, str]) -> dict[str, str]:
    return {
        "DirectoryAccountId": settings.ACCOUNT_ID,
        "DirectoryRegion": settings.REGION,
        "AutomationStackName": settings.STACK_NAME,
        "OrganizationId": settings.ORGANIZATION_ID,
        "MemberRoleName": ROLE,
        "TrustedRoleArns": outputs.get("TrustedRoleArns", ""),
        "ExternalId": external_id(account),
        "PrimaryRegion": _PRIMARY[account],
        "NotificationEmail": f"security@{settings.DOMAIN}",
    }


def _deploy(account: str, region: str, parameters: dict[str, str]) -> None:
    stacks = client("cloudformation", account, region)
    wanted = {
        "StackName": STACK,
        "TemplateURL": _uploaded(account, region),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }
    try:
        stacks.create_stack(**wanted)
        done = "stack_create_complete"
    except stacks.exceptions.AlreadyExistsException:
        if not _update(stacks, wanted):
            return
        done = "stack_update_complete"
    try:
        stacks.get_waiter(done).wait(StackName=STACK, WaiterConfig=POLL)
    except WaiterError:
        events = stacks.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [event["ResourceStatusReason"] for event in events if event["ResourceStatus"].endswith("_FAILED")]
        raise LabError(f"{TEMPLATE.name} failed in {account} in {region}:\n" + "\n".join(reasons)) from None


def _update(stacks, wanted: dict) -> bool:
    """Whether there was something to update."""
    try:
        stacks.update_stack(**wanted)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


def _uploaded(account: str, region: str) -> str:
    """Where CloudFormation finds the template, which is too long for a call."""
    storage, bucket = client("s3", account, region), f"lab-templates-{account}-{region}"
    with contextlib.suppress(storage.exceptions.BucketAlreadyOwnedByYou):
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    storage.put_object(Bucket=bucket, Key=TEMPLATE.name, Body=TEMPLATE.read_bytes())
    return f"https://s3.{region}.amazonaws.com/{bucket}/{TEMPLATE.name}"


def _put_row(table: str, account: str) -> None:
    """As a person writes it (README.md, "Join instances")."""
    addresses = dict(zip(("dnsIP1", "dnsIP2"), settings.DNS_ADDRESSES, strict=True))
    row = {
        "accountId": account,
        "adJoinUserName": settings.JOIN_USER,
        "adJoinUserPwParam": settings.JOIN_USER_PARAMETER,
        "dnsName": settings.DOMAIN,
        **addresses,
        "assumeRoleARN": f"arn:aws:iam::{account}:role/{ROLE}",
        "externalId": external_id(account),
    }
    client("dynamodb").put_item(TableName=table, Item={name: {"S": value} for name, value in row.items()})
