"""What ministack's delivery to EventBridge targets lacks: the target's role or policy, other accounts, the dead-letter queue.

Sources: EventBridge User Guide, "Using identity-based policies" (the target's role), "Using resource-based policies"
(an SQS queue, an SNS topic and a function must allow events.amazonaws.com), "Using dead-letter queues" (attributes of the
message; a denied delivery is not retried). Other accounts and Regions: `event_forwarding`.
"""

import contextvars
import json
import logging
import uuid

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, sns, sqs, stepfunctions

from lab.aws import caller, cloudtrail, event_forwarding, functions, ledger, metrics, model, roles
from lab.aws.event_forwarding import Undeliverable
from lab.aws.request import Request

PRINCIPAL = "events.amazonaws.com"

log = logging.getLogger("lab.aws")
_delivery = contextvars.ContextVar("delivery")


def install():
    """Evaluate roles and queue policies at delivery; a denied event goes to the target's dead-letter queue."""
    invoke, to_queue = eventbridge._invoke_target, eventbridge._dispatch_to_sqs
    to_function, to_topic = eventbridge._dispatch_to_lambda, eventbridge._dispatch_to_sns

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

    def dispatch_to_bus(spec, event, _rule, _path, payload=None):
        target, rule = _delivery.get()
        try:
            event_forwarding.forward(spec, event, rule, target, payload)
        except Undeliverable as refused:
            whole = json.dumps(eventbridge._pattern_event_view(event).event_with_detail())
            _dead_letter(payload or whole, refused.code, str(refused))

    def dispatch_to_queue(spec, payload, sqs_parameters=None):
        if _allowed(str(spec), payload, sqs.queue_policy_allows, event_forwarding.queue_policy):
            to_queue(spec, payload, sqs_parameters)

    def dispatch_to_topic(arn, payload):
        if _allowed(arn, payload, sns.topic_policy_allows, event_forwarding.topic_policy):
            to_topic(arn, payload)

    def dispatch_to_function(arn, payload):
        if _allowed(arn, payload, _function_allows, functions.policy):
            with request_scope(arn.split(":")[4], get_region()):
                to_function(arn, payload)

    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_lambda = dispatch_to_function
    eventbridge._dispatch_to_stepfunctions = dispatch_to_state_machine
    eventbridge._dispatch_to_sqs = dispatch_to_queue
    eventbridge._dispatch_to_sns = dispatch_to_topic
    eventbridge._dispatch_to_event_bus = dispatch_to_bus
    # Another account's queue, topic or function is judged here.
    eventbridge._target_matches_request_scope = lambda spec: spec.region == get_region()


def _function_allows(arn, service, source_arn, _account):
    return functions.policy_allows(arn, service, source_arn)


def _allowed(arn, payload, own_policy_allows, policy_of):
    """Whether the target's policy lets the event in; otherwise it goes to the dead-letter queue."""
    target, rule = _delivery.get()
    try:
        if event_forwarding.is_foreign(arn):
            event_forwarding.allow_service(target, rule, policy_of)
        elif not own_policy_allows(arn, PRINCIPAL, rule.get("Arn", ""), get_account_id()):
            raise Undeliverable("NO_PERMISSIONS", f"{arn} does not allow {PRINCIPAL}")
    except Undeliverable as refused:
        _dead_letter(payload, refused.code, str(refused))
        return False
    return True


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
    bus = {} if rule.get("EventBusName", "default") == "default" else {"EventBusName": rule["EventBusName"]}
    metrics.count("AWS/Events", "FailedInvocations", RuleName=rule.get("Name", ""), **bus)
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
