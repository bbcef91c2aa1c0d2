"""emit, wait."""

import argparse
import json
import sys
import time
from pathlib import Path

from lab import aws_service
from lab.cli import account, print_json, region
from lab.errors import LabError, UsageError

POLL_SECONDS = 0.2
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


def register(subparsers: argparse._SubParsersAction) -> None:
    emit = subparsers.add_parser("emit", help="put EventBridge events exactly as given, `aws.*` sources too")
    emit.add_argument("files", type=Path, metavar="FILE.json", nargs="+")
    emit.add_argument("--account", type=account, help="the account whose default bus gets it (the lab's)")
    emit.add_argument("--region", type=region, help="the Region whose default bus gets it (the lab's)")
    emit.set_defaults(run=run_emit)
    wait = subparsers.add_parser("wait", help="wait until an execution ends; exit 0 only if it succeeded")
    wait.add_argument("--execution", required=True, metavar="ARN")
    wait.set_defaults(run=run_wait)


def run_emit(arguments: argparse.Namespace) -> int:
    """All are read before the first is put."""
    for event in [_read(file) for file in arguments.files]:
        aws_service.admin("emit", {"event": event, "account": arguments.account, "region": arguments.region})
    return 0


def _read(file: Path) -> dict:
    try:
        event = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is not readable as JSON: {error}") from None
    if not _is_event(event):
        raise UsageError(f"{file} is not an event: it needs `source`, `detail-type` and a `detail` object")
    return event


def _is_event(value: object) -> bool:
    named = isinstance(value, dict) and {"source", "detail-type"} <= value.keys()
    return named and isinstance(value.get("detail"), dict)


def run_wait(arguments: argparse.Namespace) -> int:
    """Print what DescribeExecution says at the end."""
    from lab.client import client  # the AWS libraries take half a second, which other commands do without

    parts = arguments.execution.split(":")
    if len(parts) < 8 or parts[5] != "execution":
        raise UsageError(f"{arguments.execution} is not the ARN of an execution")
    states = client("stepfunctions", account=parts[4], region=parts[3])
    while True:
        try:
            execution = states.describe_execution(executionArn=arguments.execution)
        except states.exceptions.ExecutionDoesNotExist as error:
            raise LabError(str(error)) from None
        if execution["status"] in ENDED:
            break
        time.sleep(POLL_SECONDS)
    del execution["ResponseMetadata"]
    print_json(json.loads(json.dumps(execution, default=lambda moment: moment.isoformat())))
    return 0 if execution["status"] == "SUCCEEDED" else 1
