"""Faults of the calls that a state machine makes itself, by the names that Step Functions gives them.

Source: Step Functions Developer Guide, "Handling errors" and "Invoke Lambda functions": service exceptions are named
SERVICE.EXCEPTION, a connection that breaks is SERVICE.SdkClientException.
"""

import contextvars
import json
import threading
import time

from ministack.services import stepfunctions

_NAMES = {
    "lambda": {
        "error-before": "Lambda.ServiceException",
        "throttle": "Lambda.TooManyRequestsException",
        "lost": "Lambda.SdkClientException",
    },
    "sns": {
        "error-before": "SNS.InternalErrorException",
        "throttle": "SNS.ThrottledException",
        "lost": "SNS.SdkClientException",
    },
}


def event(running, request):
    """The text of what this call works on: the execution, its input, and what is called with."""
    return " ".join((running["executionArn"], running["input"], json.dumps(request.parameters)))


def refusal(fault, service):
    """(error, cause) of a call that is to fail before its effect, else None."""
    if fault is None or fault.kind not in ("error-before", "throttle"):
        return None
    return _NAMES[service][fault.kind], "The lab was told to fail this call before its effect."


def meet(fault, service, perform):
    """Make the call, as late as the fault says, and lose its answer if it says so."""
    kind = fault.kind if fault else None
    if kind == "late-effect":
        scope = contextvars.copy_context()
        threading.Timer(fault.seconds, scope.run, (perform,)).start()
    elif kind == "delay":
        time.sleep(fault.seconds)
    if kind != "late-effect":
        answer = perform()
    if kind in ("lost-answer", "late-effect"):
        cause = "The lab was told to lose the answer of this call."
        raise stepfunctions._ExecutionError(_NAMES[service]["lost"], cause)
    return answer
