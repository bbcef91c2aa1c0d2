"""IAM for the services of ours: which resource and condition keys a call is evaluated with.

ministack allows every call of a service without an IAM mapping, so each service registered here gets one; what is still
without an action is refused in `gateway`. Source of resources and keys: Service Authorization Reference.
"""

import contextvars

from ministack.core import iam_actions, iam_evaluator, router

from lab.aws import leading_keys, model, modelled

SERVICES: dict[str, modelled.Service] = {}

# The call whose resource was asked for last: ministack asks for the condition keys of the same call next, without its path.
_asked = contextvars.ContextVar("asked", default=None)

# Lambda's actions that are not named as the operation (Service Authorization Reference, AWS Lambda).
LAMBDA_ACTIONS = {
    "Invoke": "InvokeFunction",
    "InvokeAsync": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
}
# SQS has no permissions of their own for these (Developer Guide, "Amazon SQS batch actions").
BATCH_ACTIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def register(service):
    """Make IAM know a service: its namespace and, through the hooks below, its resources and condition keys."""
    SERVICES[service.name] = service
    iam_actions.SERVICE_TO_IAM_NAMESPACE[service.name] = service.name
    iam_actions._BOTOCORE_SERVICE_MAP[service.name] = [model.botocore_name(service.name)]
    for operation in service.operations:
        if operation not in service.model.operation_names:
            raise SystemExit(f"{service.name}:{operation} is not in botocore's model of the service")


def install():
    """Answer ministack's questions about resources and condition keys for the services of ours."""
    ask_resource, ask_keys = iam_actions.extract_resource_arn, iam_actions.request_tag_context
    deny, guess_lambda_action = iam_actions.access_denied_response, iam_actions._lambda_action
    name_action = iam_actions.extract_iam_action

    def action(*call):
        named = name_action(*call)
        return BATCH_ACTIONS.get(named, named)

    def lambda_action(method, path):
        """ministack takes some operations of Lambda for others that share their path, and does not know some."""
        operation, _values = model.match_route("lambda", method, path, {})
        return LAMBDA_ACTIONS.get(operation, operation) or guess_lambda_action(method, path)

    def resource_arn(service, method, path, headers, body, query_params, region, account_id):
        call = _call(service, method, path, headers, body, query_params, account_id, region)
        _asked.set(call)
        if call is not None:
            return SERVICES[service].resource(call)
        return ask_resource(service, method, path, headers, body, query_params, region, account_id)

    def request_keys(service, iam_action, body, params):
        keys = ask_keys(service, iam_action, body, params) | leading_keys.of_request(iam_action, body)
        declared = SERVICES.get(service)
        if declared is None:
            return keys
        operation, call = iam_action.partition(":")[2], _asked.get()
        if call is None or (call.service, call.operation) != (service, operation):
            call = _call_named(declared, operation, body, params)
        return keys | (declared.condition_keys(call) if call else {})

    def access_denied(service, action, principal_arn, request_id, **details):
        if service not in SERVICES or details.get("error_code"):
            return deny(service, action, principal_arn, request_id, **details)
        return _denied(SERVICES[service], action, principal_arn, details["resource_arn"], details["explicit_deny"])

    iam_actions.extract_iam_action = action
    iam_actions._lambda_action = lambda_action
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = request_keys
    iam_actions.access_denied_response = access_denied


def authorize_further(service):
    """A check of the further actions that a call needs (`ds:AccessDSData` beside `ds-data:X`)."""

    def check(call, headers):
        access_key = router.extract_access_key_id(headers, {})
        for action, arn, keys in service.also_requires(call):
            owner = action.partition(":")[0]
            denied = iam_evaluator.enforce(access_key, action, owner, call.region, arn, keys)
            if denied is not None:
                return _denied(service, action, denied.principal_arn, arn, denied.decision == "Deny")
        return None

    return check


def _denied(service, action, principal_arn, resource_arn, explicit):
    message = iam_actions.identity_denial_message(action, principal_arn, resource_arn, explicit)
    return modelled.denial(service, modelled.ApiError("AccessDeniedException", message))


def _call(service, method, path, headers, body, query, account, region):
    declared = SERVICES.get(service)
    if declared is None:
        return None
    try:
        return modelled.read_call(declared, method, path, headers, body, query, account, region)
    except modelled.ApiError:
        return None


def _call_named(service, operation, body, query):
    """The call as far as condition keys need it: they come from the body and the query."""
    if operation not in service.operations:
        return None
    http = service.model.operation_model(operation).http
    path = http["requestUri"].partition("?")[0]
    headers = {"x-amz-target": f".{operation}"}
    return _call(service.name, http["method"], path, headers, body, query, "", "")
