"""Every API call passes here: it must fit its model, IAM must be able to judge it, its outcome is written down."""

import json
import re

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id

from lab.aws import access, caller, cloudtrail, conformance, fault_answers, faults, ledger, modelled, quotas, workers
from lab.aws import request as requests

_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def install():
    """Put `dispatch` around ministack's; ministack's own CloudTrail history would be a second, poorer record."""
    inner = app._dispatch_service_request

    async def dispatch(method, path, headers, body, query_params, request_id):
        routing = app._routing_params(method, path, headers, body, query_params)
        service, region = router.detect_service(method, path, headers, routing), router.extract_region(headers)
        request = requests.describe(service, method, path, headers, body, query_params)
        account = get_account_id()
        who = caller.of_key(router.extract_access_key_id(headers, query_params), account)
        process = workers.calling(headers)
        event = process.event if process else ""
        fault = faults.due(request, event, process)

        def write_down(answer, resource="*"):
            error = _error_code(*answer)
            ledger.record_call(request, who.arn, resource, error, fault, event)
            content = answer[2] if isinstance(answer[2], bytes) else b""
            cloudtrail.record(request, who, account, region, request_id, error, content)
            return answer

        async def perform():
            if answer := None if _is_ours(service, request) else conformance.refusal(request, headers):
                return write_down(answer)
            resource = iam_actions.extract_resource_arn(service, method, path, headers, body, routing, region, account)
            answer = _refuse_unjudged(service, who, method, path, headers, body, routing)
            answer = answer or await inner(method, path, headers, body, query_params, request_id)
            return write_down(conformance.checked(request, headers, answer), resource)

        if fault:
            return await faults.meet(fault, request, headers, process, perform, write_down)
        if quotas.exceeded(request):
            return write_down(fault_answers.throttled(request, headers))
        return await perform()

    app._dispatch_service_request = dispatch
    app._maybe_record_cloudtrail = lambda *_: None


def _refuse_unjudged(service, who, method, path, headers, body, routing):
    """ministack allows what it has no IAM action for; a role must not slip through that."""
    if who.kind == "Root" or iam_actions.extract_iam_action(service, method, path, headers, body, routing):
        return None
    message = f"the lab knows no IAM action for {method} {path} of {service}: map it in tests/lab/aws/access.py"
    body = json.dumps({"__type": "AccessDeniedException", "message": message}).encode()
    return 403, {"Content-Type": "application/json", "x-amzn-errortype": "AccessDeniedException"}, body


def _is_ours(service, request):
    """An operation of ours is held to the model in `modelled`."""
    return service in access.SERVICES and request.operation in access.SERVICES[service].operations


def _error_code(status, headers, body):
    """The error code of an answer in any protocol, None for a success."""
    if status < 400:
        return None
    lowered = {key.lower(): value for key, value in headers.items()}
    if kind := lowered.get("x-amzn-errortype"):
        return kind.partition(":")[0]
    body = body if isinstance(body, bytes) else b""
    if body.startswith(b"{"):
        document = json.loads(body)
        if kind := document.get("__type") or document.get("code") or document.get("Code"):
            return str(kind).rpartition("#")[2].partition(":")[0]
    found = _XML_CODE.search(body)
    return found[1].decode() if found else f"HTTP {status}"


def register(service, authorize):
    """Let ministack serve a service of ours, or the operations of it that ministack lacks."""
    fallback = app.SERVICE_HANDLERS[service.name] if service.extends_ministack else None
    app.SERVICE_HANDLERS[service.name] = modelled.handler(service, authorize, fallback)
    if service.extends_ministack:
        return
    app.SERVICE_REGISTRY[service.name] = {"module": "account"}
    patterns = {"host_patterns": [rf"^{re.escape(service.name)}\."]}
    if prefix := service.model.metadata.get("targetPrefix"):
        patterns["target_prefixes"] = [prefix]
    router.SERVICE_PATTERNS[service.name] = patterns
