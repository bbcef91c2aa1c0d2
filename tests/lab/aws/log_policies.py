"""What resource policies of CloudWatch Logs let a service do with a log group.

Source: CloudWatch Logs User Guide, "Overview of managing access permissions" (resource policies); API Reference,
PutResourcePolicy.
"""

import json

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs


def allow_writing(group, service):
    """Whether the service may create streams in the group and put events into them."""
    return all(_allow(group, service, f"logs:{action}") for action in ("CreateLogStream", "PutLogEvents"))


def _allow(group, service, action):
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:*",
        region=get_region(),
        service_context={"aws:sourceaccount": get_account_id()},
    )
    own = cloudwatch_logs._log_group_policies.get(group)
    policies = [*cloudwatch_logs._resource_policies.values(), *([own] if own else [])]
    documents = [json.loads(policy["policyDocument"]) for policy in policies]
    decisions = [iam_evaluator.evaluate_resource_policy(document, context, service=service).decision for document in documents]
    return "Allow" in decisions and "Deny" not in decisions
