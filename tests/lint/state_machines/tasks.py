"""Every task is bounded, is repeated for what passes by itself, and has a way to fail."""

from collections.abc import Iterator

from lint.state_machines.machine import Machine

LONGEST = 120
VAGUE = {"States.ALL", "States.TaskFailed"}
LAMBDA = {"Lambda.ServiceException", "Lambda.TooManyRequestsException", "Runtime.ExitError", "Sandbox.Timedout", "TransientError"}
# What passes by itself, for each way to call something.
PASSING = {
    "lambda:invoke": LAMBDA,
    "lambda:invoke.waitForTaskToken": LAMBDA,
    "sns:publish": {"SNS.InternalErrorException", "SNS.ThrottledException"},
}


def check(machine: Machine) -> Iterator[str]:
    for name, task in machine.tasks():
        yield from (f"{name}: {found}" for found in _task(task))


def _task(task: dict) -> Iterator[str]:
    call = task["Resource"].removeprefix("arn:aws:states:::")
    if not _is_bounded(task.get("TimeoutSeconds"), waits=call.endswith(".waitForTaskToken")):
        yield f"TimeoutSeconds is not a number up to {LONGEST}"
    if call.endswith(".waitForTaskToken") and "$states.context.Task.Token" not in str(task.get("Arguments")):
        yield "waits for a token that it does not hand out"

    retries = task.get("Retry", [])
    retried = {error for retry in retries for error in retry["ErrorEquals"]}
    for error in sorted(retried & VAGUE):
        yield f"retries {error}, which it cannot name"
    for error in sorted(PASSING.get(call, set()) - retried):
        yield f"does not retry {error}"
    if not retries:
        yield "has no Retry"
    for retry in retries:
        if retry.get("JitterStrategy") != "FULL" or not {"MaxDelaySeconds", "MaxAttempts"} <= retry.keys():
            yield f"retries {retry['ErrorEquals']} without MaxAttempts, MaxDelaySeconds or full jitter"

    if ["States.ALL"] not in [catch["ErrorEquals"] for catch in task.get("Catch", [])]:
        yield "has no Catch for States.ALL"


def _is_bounded(seconds: object, *, waits: bool) -> bool:
    """What waits for a person takes its time from the deployment, which limits it."""
    if waits:
        return isinstance(seconds, int | str)
    return isinstance(seconds, int) and seconds <= LONGEST
