"""The execution history: what ministack's events lack of the members that the API promises.

Source: Step Functions API Reference, HistoryEvent, TaskScheduledEventDetails and their siblings; botocore model
`stepfunctions`. Of `arn:aws:states:::lambda:invoke` the resource type is `lambda` and the resource `invoke`.
"""

import contextvars
import json

from ministack.core.responses import get_region
from ministack.services import stepfunctions

LIMITS = {"error": 256, "cause": 32_768}

_scheduled = contextvars.ContextVar("scheduled")


def install():
    add = stepfunctions._add_event

    def add_event(execution, kind, details=None):
        """Complete the event; a Task that times out has an event of its own."""
        name, members = next(iter((details or {}).items()), (None, {}))
        members = {key: value[: LIMITS[key]] if value and key in LIMITS else value for key, value in members.items()}
        if kind == "TaskFailed" and members.get("error") == "States.Timeout":
            kind, name = "TaskTimedOut", "taskTimedOutEventDetails"
        if members.get("resource", "").startswith("arn:"):
            members |= _resource(members["resource"])
        if kind == "TaskScheduled":
            members |= {"region": get_region(), "parameters": "{}"}
        members |= {f"{data}Details": {"truncated": False} for data in ("input", "output") if data in members}
        event = add(execution, kind, {name: members} if name else None)
        event["previousEventId"] = event["id"] - 1 if event["id"] > 2 else 0
        if kind == "TaskScheduled":
            _scheduled.set(event)
        return event

    stepfunctions._add_event = add_event


def task_started(execution, state, arguments):
    """The task's arguments are known now."""
    details = _scheduled.get()["taskScheduledEventDetails"]
    details["parameters"] = json.dumps(arguments)
    if "TimeoutSeconds" in state:
        details["timeoutInSeconds"] = state["TimeoutSeconds"]
    started = {"resourceType": details["resourceType"], "resource": details["resource"]}
    stepfunctions._add_event(execution, "TaskStarted", {"taskStartedEventDetails": started})


def _resource(resource):
    """`arn:aws:states:::TYPE:ACTION`; of an aws-sdk integration the type is `aws-sdk:SERVICE`."""
    if not resource.startswith("arn:aws:states:::"):
        return {"resourceType": resource.split(":")[2], "resource": resource[-80:]}
    kind, _, action = resource.removeprefix("arn:aws:states:::").rpartition(":")
    return {"resourceType": kind, "resource": action}
