"""What ministack's delivery to EventBridge targets lacks: the target's role or policy, the dead-letter queue.

Sources: EventBridge User Guide, "Using identity-based policies" (the target's role), "Using resource-based policies"
(an SQS queue and a function must allow events.amazonaws.com), "Using dead-letter queues" (attributes of the message; a
denied delivery is not retried).
"""

import contextvars
import json
import logging
import uuid

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, sqs, stepfunctions

from lab.aws import caller, cloudtrail, functions, ledger, metrics, model, roles
from lab.aws.request import Request

PRINCIPAL = "events.amazonaws.com"

log = logging.getLogger("lab.aws")
_delivery = contextvars.ContextVar("delivery")


def install():
    """Evaluate roles and queue policies at delivery; a denied event goes to the target's dead-letter queue."""
    invoke, to_queue = eventbridge._invoke_target, eventbridge._dispatch_to_sqs
    to_function = eventbridge._dispatch_to_lambda

    def invoke_target(target, event, rule, view=None):
        token = _delivery.set((target, rule))
        try:
            invoke(target, event, rule, view)
        finally:
            _delivery.reset(token)

    def dispatch_to_state_machine(arn, payload):
        target, rule = _delivery.get()
        role, source = target.get("RoleArn", "::::"), rule.get("Arn", "")
        denied = roles.denial(role, PRINCIPAL, "states:StartExecution", arn, get_region(), source)
        if denied:
            _dead_letter(payload, "NO_PERMISSIONS", denied)
        else:
            _start_execution(target, arn, payload)

    def dispatch_to_queue(spec, payload, sqs_parameters=None):
        _target, rule = _delivery.get()
        if sqs.queue_policy_allows(str(spec), PRINCIPAL, rule.get("Arn", ""), get_account_id()):
            to_queue(spec, payload, sqs_parameters)
        else:
            _dead_letter(payload, "NO_PERMISSIONS", f"{spec} does not allow {PRINCIPAL} to send messages")

    def dispatch_to_function(arn, payload):
        _target, rule = _delivery.get()
        if functions.policy_allows(arn, PRINCIPAL, rule.get("Arn", "")):
            to_function(arn, payload)
        else:
            _dead_letter(payload, "NO_PERMISSIONS", f"{arn} does not allow {PRINCIPAL} to invoke it")

    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_lambda = dispatch_to_function
    eventbridge._dispatch_to_stepfunctions = dispatch_to_state_machine
    eventbridge._dispatch_to_sqs = dispatch_to_queue


def _start_execution(target, arn, payload):
    """EventBridge names the execution itself; the call shows in CloudTrail with `invokedBy`."""
    parameters = {"stateMachineArn": arn, "name": str(uuid.uuid4()), "input": payload}
    status, _headers, body = stepfunctions._start_execution(parameters)
    error = None if status == 200 else json.loads(body).get("__type", "Unknown")
    who = caller.of_role(target["RoleArn"], uuid.uuid4().hex, PRINCIPAL)
    shape = model.input_shape("stepfunctions", "StartExecution")
    request = Request("stepfunctions", "StartExecution", parameters, shape)
    ledger.record_call(request, who.arn, arn, error)
    cloudtrail.record(request, who, get_account_id(), get_region(), str(uuid.uuid4()), error, body)
    if error:
        _dead_letter(payload, error, body.decode())


def _dead_letter(payload, code, message):
    target, rule = _delivery.get()
    metrics.count("AWS/Events", "FailedInvocations", RuleName=rule.get("Name", ""))
    queue_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    queue = sqs._queue_by_arn(queue_arn) if queue_arn else None
    if queue is None or not sqs.queue_policy_allows(queue_arn, PRINCIPAL, rule.get("Arn", ""), get_account_id()):
        log.warning("event lost: %s to %s: %s", rule.get("Name"), target.get("Arn"), message)
        return
    attributes = {
        "RULE_ARN": rule.get("Arn", ""),
        "TARGET_ARN": target.get("Arn", ""),
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
    }
    sqs._act_send_message(
        {
            "QueueUrl": queue["url"],
            "MessageBody": payload,
            "MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items() if v},
        },
        queue["url"],
    )
