"""Holds ministack's own JSON services to botocore's models, requests and answers, as `modelled` holds ours."""

import json

from lab.aws import model, validation, wire


def refusal(request, headers):
    """The answer to a request that breaks the model, or None. The query protocols' flat parameters are not read."""
    if not headers.get("x-amz-target") or request.shape is None:
        return None
    wrong = validation.problems(request.parameters, request.shape)
    if not wrong:
        return None
    plural = "s" if len(wrong) > 1 else ""
    return _error(400, "ValidationException", f"{len(wrong)} validation error{plural} detected: {'; '.join(wrong)}")


def checked(request, headers, answer):
    """The answer, or an internal error that tells how ministack's answer breaks the model."""
    status, _answer_headers, body = answer
    known = model.service_model(request.service)
    if status >= 400 or not headers.get("x-amz-target") or request.operation not in known.operation_names:
        return answer
    shape = known.operation_model(request.operation).output_shape
    wrong = validation.problems(wire.read(json.loads(body or b"{}"), shape), shape) if shape and body else []
    if not wrong:
        return answer
    called = f"{request.service}:{request.operation}"
    return _error(500, "InternalFailure", f"ministack's answer to {called} breaks botocore's model: {'; '.join(wrong)}")


def _error(status, code, message):
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body
