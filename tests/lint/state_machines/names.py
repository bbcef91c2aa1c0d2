"""Integrations and errors are those that exist: a wrong name is found at run time, or never matches."""

import re
from collections.abc import Iterator
from functools import cache

import botocore.session

from lint.paths import ROOT
from lint.state_machines.machine import Machine

OPTIMIZED = {"lambda:invoke", "sns:publish", "sqs:sendMessage", "events:putEvents", "states:startExecution"} | {
    f"dynamodb:{action}Item" for action in ("get", "put", "update", "delete")
}
PATTERNS = ("", ".waitForTaskToken", ".sync", ".sync:2")
# Step Functions Developer Guide, "Handling errors".
STATES_ERRORS = {
    f"States.{name}"
    for name in (
        "ALL BranchFailed DataLimitExceeded ExceedToleratedFailureThreshold HeartbeatTimeout Http.Socket ItemReaderFailed"
        " NoChoiceMatched Permissions QueryEvaluationError ResultWriterFailed Runtime TaskFailed Timeout"
    ).split()
}
# Names that an integration makes up beside those of its service's API.
INTEGRATION_ERRORS = {"SdkClientException", "AWSLambdaException", "Unknown", "ClientExecutionTimeoutException"}

# How a function's process ends that was killed or took too long. Lambda Developer Guide, "Runtime API", and Step Functions
# Developer Guide, "Handling errors": the error type of an invocation is the error's name.
DEATHS = {"Runtime.ExitError", "Sandbox.Timedout"}


def check(machine: Machine) -> Iterator[str]:
    for name, task in machine.tasks():
        if not _is_known_call(task["Resource"]):
            yield f"{name}: calls the unknown {task['Resource']}"
    for name, state in machine.states():
        for rule in state.get("Retry", []) + state.get("Catch", []):
            for error in rule["ErrorEquals"]:
                if not _is_known_error(error):
                    yield f"{name}: expects the unknown error {error}"


def _is_known_call(resource: str) -> bool:
    call = resource.removeprefix("arn:aws:states:::")
    suffix = next(pattern for pattern in reversed(PATTERNS) if call.endswith(pattern))
    call = call.removesuffix(suffix)
    if not call.startswith("aws-sdk:"):
        return call in OPTIMIZED
    service, _, action = call.removeprefix("aws-sdk:").partition(":")
    return action[:1].islower() and action in _services().get(service, {}).get("actions", ())


def _is_known_error(error: str) -> bool:
    service, dot, name = error.partition(".")
    if service == "States":
        return error in STATES_ERRORS
    if error in DEATHS:
        return True
    if not dot:
        return error in _errors_of_our_functions()
    if name in INTEGRATION_ERRORS:
        return service.lower() in _services()
    return name in _services().get(service.lower(), {}).get("errors", ())


@cache
def _errors_of_our_functions() -> set[str]:
    """Error types are string literals in the crates: compared as such, wherever they are set."""
    sources = (ROOT / "crates").glob("*/src/**/*.rs")
    return {literal for source in sources for literal in re.findall(r'"([A-Z][A-Za-z]+)"', source.read_text())}


@cache
def _services() -> dict[str, dict]:
    """Services under the names that Step Functions gives them, such as directoryservicedata."""
    session = botocore.session.get_session()
    known = {}
    for service in ("dynamodb", "ds", "ds-data", "ec2", "events", "guardduty", "lambda", "secretsmanager", "sns", "sqs", "ssm",
                    "stepfunctions"):  # fmt: skip
        model = session.get_service_model(service)
        known[re.sub(r"\W", "", model.service_id.replace(" ", "")).lower()] = {
            "actions": {name[0].lower() + name[1:] for name in model.operation_names},
            "errors": {name for shape in model.error_shapes for name in (shape.name, shape.error_code)},
        }
    return known
