"""Roles that AWS services use on their own: ministack calls the target in process and never evaluates them."""

import json

from ministack.core import iam_evaluator

from lab.aws import caller, usage


def denial(role_arn, service, action, resource_arn, region, source_arn=None):
    """Why `service` may not do `action` with this role on behalf of `source_arn`; None when it may.

    Without a `source_arn` the service sends none, nor an account: Lambda documents no such keys.

    The role must trust the service, and its policies must allow the action on the resource (IAM User Guide, "Policy
    evaluation logic" and "The confused deputy problem": aws:SourceArn, aws:SourceAccount).
    """
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    if role is None:
        return f"The role {role_arn} does not exist."
    session = caller.of_role(role_arn, name, service)
    context = iam_evaluator.EvalContext(
        principal_arn=session.arn,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=region,
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": account} if source_arn else {},
    )
    trusted = _trusts(role, service, context)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account))
    allowed = trusted and result.decision == "Allow"
    usage.record(session.arn, action, resource_arn, None, allowed)
    if allowed:
        return None
    if not trusted:
        return f"The role {role_arn} cannot be assumed by {service}."
    return f"User: {session.arn} is not authorized to perform: {action} on resource: {resource_arn}"


def _trusts(role, service, context):
    document = role.get("AssumeRolePolicyDocument") or {}
    return any(
        statement.get("Effect") == "Allow"
        and service in _as_list(statement.get("Principal") or {}, "Service")
        and iam_evaluator._conditions_met(statement.get("Condition") or {}, context)
        for statement in _as_list(json.loads(document) if isinstance(document, str) else document, "Statement")
    )


def _as_list(mapping, key):
    value = mapping.get(key, []) if isinstance(mapping, dict) else []
    return value if isinstance(value, list) else [value]
