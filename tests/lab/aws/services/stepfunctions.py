"""Step Functions: RedriveExecution, and what executions tell of having been redriven.

Sources: Step Functions API Reference (RedriveExecution, DescribeExecution: redriveStatusReason), Developer Guide,
"Restarting state machine executions with redrive" and "Execution status change events"; botocore model `stepfunctions`.
"""

import contextvars
import datetime
import json
import threading

from ministack.services import stepfunctions

from lab.aws import eventbridge, execution as executions
from lab.aws.modelled import ApiError, Service

REDRIVABLE = ("FAILED", "TIMED_OUT", "ABORTED")
MOST_EVENTS = 24_999


def install():
    """Complete DescribeExecution, ListExecutions and the status change events."""
    describe, list_executions = stepfunctions._describe_execution, stepfunctions._list_executions

    def describe_execution(data):
        return _completed(describe(data), lambda answer: [answer], _redrive_members)

    def list_all(data):
        return _completed(list_executions(data), lambda answer: answer["executions"], _redrive_count)

    stepfunctions._describe_execution, stepfunctions._list_executions = describe_execution, list_all
    stepfunctions._emit_execution_status_event = _publish_status


def _redrive(call):
    """The execution goes on at the state that did not succeed. Only executions that have ended otherwise can."""
    found = stepfunctions._executions.get(call.parameters["executionArn"])
    if found is None:
        message = f"Execution Does Not Exist: '{call.parameters['executionArn']}'"
        raise ApiError("ExecutionDoesNotExist", message)
    token = call.parameters.get("clientToken")
    if not token or token != found.get("redriveToken"):
        if reason := _not_redrivable(found):
            raise ApiError("ExecutionNotRedrivable", reason)
        _start_attempt(found, token)
    return {"redriveDate": datetime.datetime.fromisoformat(found["redriveDate"])}


def _start_attempt(found, token):
    found.update(
        status="RUNNING", stopDate=None, output=None, error=None, cause=None, redriveToken=token,
        redriveCount=found["redriveCount"] + 1, redriveDate=stepfunctions.now_iso(),
    )
    stepfunctions._add_event(
        found, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": found["redriveCount"]}}
    )
    stepfunctions._emit_execution_status_event(found)
    scope = contextvars.copy_context()
    threading.Thread(target=scope.run, args=(executions.attempt, found), daemon=True).start()


def _not_redrivable(found):
    if found["status"] not in REDRIVABLE or "position" not in found:
        return f"Execution is {found['status']} and cannot be redriven"
    if len(found["events"]) >= MOST_EVENTS:
        return "Execution history event limit exceeded"
    return None


def _redrive_count(found):
    members = {"redriveCount": found.get("redriveCount", 0)}
    return members | ({"redriveDate": found["redriveDate"]} if found.get("redriveDate") else {})


def _redrive_members(found):
    reason = _not_redrivable(found)
    status = {"redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE"}
    return _redrive_count(found) | status | ({"redriveStatusReason": reason} if reason else {})


def _completed(answer, items, members):
    status, headers, body = answer
    if status != 200:
        return answer
    document = json.loads(body)
    for item in items(document):
        item |= members(stepfunctions._executions[item["executionArn"]])
    return status, headers, json.dumps(document).encode()


def _publish_status(found):
    """The execution as DescribeExecution shows it, with times in milliseconds and every member present."""
    shown = json.loads(stepfunctions._describe_execution({"executionArn": found["executionArn"]})[2])
    names = ("executionArn", "stateMachineArn", "name", "status", "input", "output", "stateMachineVersionArn",
             "stateMachineAliasArn", "redriveCount", "redriveStatus", "redriveStatusReason", "error", "cause")
    detail = {name: shown.get(name) for name in names}
    times = ("startDate", "stopDate", "redriveDate")
    detail |= {name: stepfunctions._iso_to_epoch_ms(shown.get(name)) for name in times}
    detail |= {f"{data}Details": {"included": True} if detail[data] else None for data in ("input", "output")}
    _arn, _aws, _states, region, account, *_rest = found["executionArn"].split(":")
    kind = "Step Functions Execution Status Change"
    eventbridge.service_event("aws.states", kind, detail, account, region, [found["executionArn"]])


SERVICE = Service(
    name="states",
    extends_ministack=True,
    operations={"RedriveExecution": _redrive},
    resource=lambda call: call.parameters.get("executionArn", "*"),
)
