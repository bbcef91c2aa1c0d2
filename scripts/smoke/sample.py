"""A GuardDuty sample finding on its way through the stack: it must be decided, and refused as a sample."""

import time

from preflight.account import Account
from preflight.stack import Stack
from smoke.talk import Failed, say

KIND = "Backdoor:Runtime/C&CActivity.B!DNS"
# GuardDuty publishes a new finding within minutes.
PATIENCE_SECONDS = 900
# GetFindings and ArchiveFindings take so many ids.
AT_ONCE = 50


def send(account: Account) -> None:
    account.call("guardduty", "create_sample_findings", DetectorId=_detector(account), FindingTypes=[KIND])


def archive(account: Account) -> int:
    """Archive the samples of this type, of which there may be older ones; nothing that is real. How many there were."""
    detector = _detector(account)
    criteria = {"Criterion": {"type": {"Equals": [KIND]}, "service.archived": {"Equals": ["false"]}}}
    found = list(
        account.items("guardduty", "list_findings", "FindingIds", DetectorId=detector, FindingCriteria=criteria)
    )
    samples = []
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        findings = account.call("guardduty", "get_findings", DetectorId=detector, FindingIds=some)["Findings"]
        samples += [f["Id"] for f in findings if f.get("Title", "").startswith("[SAMPLE]")]
    for start in range(0, len(samples), AT_ONCE):
        some = samples[start : start + AT_ONCE]
        account.call("guardduty", "archive_findings", DetectorId=detector, FindingIds=some)
    return len(samples)


def _detector(account: Account) -> str:
    found = next(account.items("guardduty", "list_detectors", "DetectorIds"), None)
    if found is None:
        raise Failed("GuardDuty is not enabled in this Region")
    return found


def decision(account: Account, stack: Stack) -> dict[str, str]:
    """The record of the decision, once there is one."""
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE_SECONDS:
        if records := [
            r for r in _decisions(account, stack.outputs["DecisionTableName"]) if r.get("reason") == "sample"
        ]:
            return records[0]
        time.sleep(3)
    raise Failed(
        f"no decision about a sample within {PATIENCE_SECONDS // 60} minutes; executions: {executions(account, stack)}"
    )


def _decisions(account: Account, table: str) -> list[dict[str, str]]:
    items = account.items(
        "dynamodb", "scan", "Items", TableName=table, ConsistentRead=True, FilterExpression="attribute_exists(decision)"
    )
    return [{name: value["S"] for name, value in item.items() if "S" in value} for item in items]


def executions(account: Account, stack: Stack) -> dict[str, int]:
    """How many executions of contain-user ended how."""
    found: dict[str, int] = {}
    arn = stack.outputs["ContainStateMachineArn"]
    for execution in account.items("stepfunctions", "list_executions", "executions", stateMachineArn=arn):
        found[execution["status"]] = found.get(execution["status"], 0) + 1
    return found


def tell(record: dict[str, str]) -> None:
    for name in ("pk", "sk", "decision", "reason", "execution"):
        say(f"  {name:10} {record.get(name, '-')}")
