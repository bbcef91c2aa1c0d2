"""The stack of the smoke test: made by `sam deploy`, removed with what CloudFormation keeps."""

import collections
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from preflight import stack as stacks
from preflight.account import Account, ApiError
from smoke.talk import Failed, say

ROOT = Path(__file__).resolve().parent.parent.parent
BUILT = ROOT / ".aws-sam" / "build" / "template.yaml"
# scripts/build installs sam into the first; the second is the lab's own.
TOOLS = (ROOT / ".lab" / "build" / "bin", ROOT / ".lab" / "venv" / "bin")
REMOVAL_SECONDS = 900


def build() -> Path:
    """Build for Lambda, as for any deployment."""
    if subprocess.run([ROOT / "scripts" / "build"], cwd=ROOT, check=False).returncode:
        raise Failed("scripts/build did not succeed")
    return BUILT


def tell_what_it_costs(template: Path) -> None:
    """What of the template is paid for, counted where the template is plain to read."""
    say("It costs by use, next to nothing in an hour: DynamoDB, Lambda, Step Functions, SQS, SNS, logs, table backups.")
    say("By the month and piece are paid:")
    text = template.read_text()
    kinds = collections.Counter(
        kind
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::KMS::Key")
        for _ in range(text.count(kind))
    )
    for kind, count in kinds.items():
        say(f"  {count} x {kind}")
    say("It switches nothing on that costs by itself: neither GuardDuty nor Runtime Monitoring nor a trail.")
    say("The code goes to a bucket that sam makes for it and keeps (stack aws-sam-cli-managed-default).")


def deploy(account: Account, stack: str, template: Path, bucket: str | None, parameters: dict[str, str]) -> None:
    command = [_sam(), "deploy", "--template-file", str(template), "--stack-name", stack, "--region", account.region]
    command += ["--s3-bucket", bucket, "--s3-prefix", stack] if bucket else ["--resolve-s3"]
    command += [
        "--capabilities",
        "CAPABILITY_IAM",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
    ]
    command += ["--parameter-overrides", *(f"{name}={json.dumps(value)}" for name, value in parameters.items())]
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0"}
    if subprocess.run(command, env=environment, cwd=template.parent, check=False).returncode:
        raise Failed(
            f"sam deploy did not succeed; what is there: aws cloudformation describe-stack-events --stack-name {stack}"
        )


def _sam() -> str:
    path = os.pathsep.join([*map(str, TOOLS), os.environ.get("PATH", "")])
    if (found := shutil.which("sam", path=path)) is None:
        raise Failed("there is no sam: scripts/build installs it")
    return found


def remove(account: Account, stack: str, table: str) -> None:
    """The stack, then its table: that is kept by the stack, and protected."""
    account.call("cloudformation", "delete_stack", StackName=stack)
    deadline = time.monotonic() + REMOVAL_SECONDS
    while (found := stacks.find(account, stack)) is not None and found.status != "DELETE_COMPLETE":
        if found.status == "DELETE_FAILED" or time.monotonic() > deadline:
            raise Failed(f"stack {stack} is {found.status}: look at its events, delete it by hand")
        time.sleep(5)
    say(f"stack {stack} is gone")
    try:
        account.call("dynamodb", "update_table", TableName=table, DeletionProtectionEnabled=False)
        _wait_until_active(account, table)
        account.call("dynamodb", "delete_table", TableName=table)
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise Failed(f"table {table} is still there: {error.action} answered {error.code}: {error}") from None
    say(f"table {table} is gone; the bucket of sam stays, with the code in it")


def _wait_until_active(account: Account, table: str) -> None:
    deadline = time.monotonic() + 120
    while account.call("dynamodb", "describe_table", TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > deadline:
            raise Failed(f"table {table} does not become active again: delete it by hand")
        time.sleep(2)
