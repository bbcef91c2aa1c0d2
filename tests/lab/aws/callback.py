"""Tasks that wait for a token (`.waitForTaskToken`).

Source: Step Functions Developer Guide, "Wait for a Callback with Task Token": the call is made first, and a failed call
fails the Task; then the Task waits until its token is sent back or its time-out passes. API Reference, SendTaskSuccess:
TaskTimedOut for a token whose Task has timed out or whose execution has ended, TaskDoesNotExist for an unknown one.
"""

import json
import threading
import time

from ministack.services import stepfunctions

# How often a waiting Task looks whether its execution was stopped.
LOOK_SECONDS = 0.5
FOREVER_SECONDS = 99_999_999

_over = set()


def install(call):
    """`call(resource, input)` makes the call as any other Task's and answers whether the execution still goes on."""

    def invoke_with_callback(resource, input_data, token, state):
        answered = threading.Event()
        stepfunctions._task_tokens[token] = {"event": answered, "result": None, "error": None, "heartbeat": None}
        try:
            goes_on = call(resource.removesuffix(".waitForTaskToken"), input_data)
            _wait(answered, state.get("TimeoutSeconds", FOREVER_SECONDS), goes_on)
            return _result(stepfunctions._task_tokens[token])
        finally:
            stepfunctions._task_tokens.pop(token, None)
            _over.add(token)

    stepfunctions._invoke_with_callback = invoke_with_callback
    for name in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
        setattr(stepfunctions, name, _with_time_out(getattr(stepfunctions, name)))


def _wait(answered, seconds, goes_on):
    ends = time.monotonic() + seconds
    while not answered.wait(max(0, min(LOOK_SECONDS, ends - time.monotonic()))):
        if not goes_on():
            raise stepfunctions._ExecutionError("States.Runtime", "the execution has ended")
        if time.monotonic() >= ends:
            raise stepfunctions._ExecutionError("States.Timeout", "")


def _result(info):
    if error := info["error"]:
        raise stepfunctions._ExecutionError(error["Error"], error["Cause"])
    return json.loads(info["result"])


def _with_time_out(send):
    def sent(data):
        if data.get("taskToken") in _over:
            message = "Task Timed Out: 'Provided task does not exist anymore'"
            return stepfunctions.error_response_json("TaskTimedOut", message, 400)
        return send(data)

    return sent
