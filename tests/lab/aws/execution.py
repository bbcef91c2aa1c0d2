"""Walks a Step Functions execution through its states: from the beginning, or from where an earlier attempt ended.

ministack's own walk can only begin at StartAt and forgets where it was. The states themselves are ministack's.
Sources: Step Functions Developer Guide, "State machine structure" (TimeoutSeconds) and "Restarting state machine
executions with redrive" (same input and definition, time-out from 0, a Task is scheduled again without being entered
again, a Fail state fails again).
"""

import contextvars
import copy
import json
import logging
import threading
import time

from ministack.services import stepfunctions

# The caller of StartExecution has its answer before the first state runs.
START_SECONDS = 0.15

log = logging.getLogger("lab.aws")


def run(arn):
    """Replaces ministack's `_run_execution`, which its StartExecution calls in a thread of the execution."""
    execution = stepfunctions._executions[arn]
    time.sleep(START_SECONDS)
    definition = json.loads(stepfunctions._state_machines[execution["stateMachineArn"]]["definition"])
    execution.setdefault("redriveCount", 0)
    execution["definition"] = definition
    execution["position"] = {
        "state": definition["StartAt"],
        "input": json.loads(execution["input"]),
        "variables": {},
        "entered": False,
    }
    attempt(execution)


def attempt(execution):
    """Go on at the execution's position until it ends; a redrive is another attempt."""
    number, position = execution["redriveCount"], execution["position"]
    timer = _start_timer(execution, number)
    try:
        output = _walk(execution, number, position)
    except stepfunctions._ExecutionError as error:
        _fail(execution, number, error.error, error.cause)
    except Exception as error:
        log.exception("execution %s", execution["executionArn"])
        _fail(execution, number, "States.Runtime", str(error))
    else:
        if is_current(execution, number):
            _end(execution, "SUCCEEDED", {"output": json.dumps(output)}, output=json.dumps(output))
    finally:
        if timer:
            timer.cancel()


def is_current(execution, number):
    """Whether an attempt still is the one that runs: it may have timed out or been stopped, and redriven since."""
    return execution["status"] == "RUNNING" and execution["redriveCount"] == number


def _walk(execution, number, position):
    context = _context(execution, position)
    name, value, again = position["state"], position["input"], position["entered"]
    while name and is_current(execution, number):
        state = execution["definition"]["States"].get(name)
        if state is None:
            raise stepfunctions._ExecutionError("States.Runtime", f"State '{name}' not found in definition")
        context["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
        position.update(state=name, input=value, variables=copy.deepcopy(context["variables"]), entered=True)
        if not (again and state["Type"] in ("Task", "Parallel", "Map")):
            _add_state_event(execution, state, "Entered", {"name": name, "input": json.dumps(value)})
        value, following = _run_state(state, value, execution, context)
        if is_current(execution, number):
            _add_state_event(execution, state, "Exited", {"name": name, "output": json.dumps(value)})
        name, again = following, False
    return value


def _run_state(state, value, execution, context):
    """The state's output and the next state."""
    kind = state["Type"]
    if kind == "Fail":
        raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, value, context))
    if kind == "Succeed":
        value = stepfunctions._apply_input_path(state, value, context)
        return stepfunctions._apply_output_path(state, value, context), None
    if kind in ("Task", "Parallel", "Map"):
        return getattr(stepfunctions, f"_execute_{kind.lower()}")(state, value, execution, context)
    return getattr(stepfunctions, f"_execute_{kind.lower()}")(state, value, context)


def _context(execution, position):
    """Developer Guide, "Accessing execution data from the Context object"."""
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    context = {
        "QueryLanguage": execution["definition"].get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": execution["startDate"],
            "RedriveCount": execution["redriveCount"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": copy.deepcopy(position["variables"]),
    }
    if execution.get("redriveDate"):
        context["Execution"]["RedriveTime"] = execution["redriveDate"]
    return context


def _start_timer(execution, number):
    seconds = execution["definition"].get("TimeoutSeconds")
    if seconds is None:
        return None
    timer = threading.Timer(seconds, contextvars.copy_context().run, (_time_out, execution, number))
    timer.daemon = True
    timer.start()
    return timer


def _time_out(execution, number):
    if is_current(execution, number):
        _end(execution, "TIMED_OUT", {}, error="States.Timeout")


def _fail(execution, number, error, cause):
    if is_current(execution, number):
        failure = {"error": error, "cause": cause}
        _end(execution, "FAILED", failure, **failure)


def _end(execution, status, details, **members):
    execution.update(status=status, stopDate=stepfunctions.now_iso(), **members)
    kind = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "TimedOut"}[status]
    stepfunctions._add_event(execution, f"Execution{kind}", {f"execution{kind}EventDetails": details})
    stepfunctions._emit_execution_status_event(execution)


def _add_state_event(execution, state, what, details):
    stepfunctions._add_event(execution, f"{state['Type']}State{what}", {f"state{what}EventDetails": details})
