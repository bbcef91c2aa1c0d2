"""EventBridge: targets in other accounts and Regions.

Sources: EventBridge User Guide, "Sending and receiving events between AWS accounts" and ".. between AWS Regions" (a role and the
bus's policy; no third hop), "Permissions for event buses", "Sending events to an AWS service in another account" (same
Region; a role of the rule's account and the target's policy), "Using dead-letter queues" (the error codes). An event keeps
the account and the Region that it comes from.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, sns, sqs

from lab.aws import roles

PRINCIPAL = "events.amazonaws.com"
_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}


class Undeliverable(Exception):
    """`code` is what the message in the dead-letter queue has as its ERROR_CODE."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def forward(spec, event, rule, target, payload):
    """To another bus, where its rules see the event; a bus that is not there swallows it, as on AWS."""
    same_region = spec.region == get_region()
    hop = "_LocalHop" if same_region else "_RegionalHop"
    if event.get(hop):
        message = "Events received from another event bus cannot be forwarded to this event bus."
        raise Undeliverable(f"THIRD_{'ACCOUNT' if same_region else 'REGION'}_HOP_DETECTED", message)
    name = spec.resource.partition("/")[2]
    allow(target, rule, "events:PutEvents", str(spec), _bus_policy(spec, name))
    forwarded = dict(event, EventBusName=name, _DispatchPath=[], **{hop: True})
    if payload is not None:
        forwarded["Detail"] = payload
    with request_scope(spec.account_id, spec.region):
        eventbridge._ensure_default_bus()
        if name in eventbridge._event_buses:
            eventbridge._dispatch_event(forwarded)
            eventbridge._archive_event({key: value for key, value in forwarded.items() if not key.startswith("_")})


def _bus_policy(spec, name):
    return eventbridge._event_bus_policies.get_scoped(spec.account_id, spec.region, name)


def allow(target, rule, action, arn, policy):
    """The target's role must be allowed it, and another account's resource must let the role in by its policy."""
    region, account = arn.split(":")[3:5]
    role, here = target.get("RoleArn"), get_account_id()
    foreign = (account, region) != (here, get_region())
    if role is None and foreign:
        raise Undeliverable("NO_PERMISSIONS", f"{arn} of another account or Region needs an execution role")
    if role is not None:
        _check_role(role, rule, action, arn)
    session = f"arn:aws:sts::{here}:assumed-role/{role.rpartition('/')[2]}/events" if role else f"arn:aws:iam::{here}:root"
    context = iam_evaluator.EvalContext(
        principal_arn=session,
        principal_type="AssumedRole" if role else "Root",
        principal_account=here,
        action=action,
        resource_arn=arn,
        region=region,
    )
    if not iam_evaluator.resource_policy_allows(policy, context, account == here):
        raise Undeliverable("NO_PERMISSIONS", f"The policy of {arn} does not allow {session} to {action}")


def _check_role(role, rule, action, arn):
    if role.split(":")[4] != get_account_id():
        raise Undeliverable("FAILED_TO_ASSUME_ROLE", f"{role} is not of the rule's account")
    if denied := roles.denial(role, PRINCIPAL, action, arn, get_region(), rule.get("Arn", "")):
        raise Undeliverable("FAILED_TO_ASSUME_ROLE" if "cannot be assumed" in denied else "NO_PERMISSIONS", denied)


def is_foreign(arn):
    """Whether a queue, topic or function belongs to another account."""
    return arn.split(":")[4] != get_account_id()


def allow_service(target, rule, policy_of):
    """A queue, topic or function of another account: `policy_of(arn)` is its policy."""
    allow(target, rule, _ACTIONS[target["Arn"].split(":")[2]], target["Arn"], policy_of(target["Arn"]))


def queue_policy(arn):
    return (sqs._queue_by_arn(arn) or {}).get("attributes", {}).get("Policy")


def topic_policy(arn):
    return (sns._topic_by_arn_any_scope(arn) or {}).get("attributes", {}).get("Policy")
