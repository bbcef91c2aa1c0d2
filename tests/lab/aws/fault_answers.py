"""Errors of the service's side, in the words and the protocol of the service.

Sources: botocore's models (an operation's error shapes and their HTTP status), botocore/parsers.py (where a client
finds code and message in each protocol), "Common Error Types" of the API References.
"""

import json
import re
from xml.sax.saxutils import escape

from lab.aws import model

_INTERNAL = re.compile(r"Internal\w*|ServiceException|\w*ServiceError")
_THROTTLED = re.compile(r"Thrott\w+|TooManyRequests\w*|RequestLimitExceeded|ProvisionedThroughput\w*")


def internal_error(request, headers):
    """HTTP 500: the service could not do it, and has done nothing."""
    code = _error(request, _INTERNAL, "InternalServerError")[0]
    return _answer(request, headers, code, 500, "The lab was told to fail this call before its effect.")


def throttled(request, headers, seconds=1):
    """The service's throttling error; Directory Service Data names the seconds to wait in Retry-After."""
    code, status = _error(request, _THROTTLED, "Throttling" if _is_form(headers) else "ThrottlingException")
    answer = _answer(request, headers, code, status or 400, "Rate exceeded")
    if request.service == "ds-data":
        answer[1]["Retry-After"] = str(seconds)
    return answer


def _error(request, pattern, default):
    """The code of the operation's error whose name fits, with its HTTP status."""
    service_model = model.service_model(request.service)
    if service_model is None or request.operation not in service_model.operation_names:
        return default, None
    fitting = [s for s in service_model.operation_model(request.operation).error_shapes if pattern.fullmatch(s.name)]
    for shape in sorted(fitting, key=lambda shape: "Thrott" not in shape.name):
        described = shape.metadata.get("error", {})
        return described.get("code", shape.name), described.get("httpStatusCode")
    return default, None


def _is_form(headers):
    return "x-www-form-urlencoded" in headers.get("content-type", "")


def _answer(request, headers, code, status, message):
    service_model = model.service_model(request.service)
    protocol = service_model.metadata["protocol"] if service_model else "json"
    if _is_form(headers) or protocol in ("rest-xml", "query", "ec2"):
        kind = "Receiver" if status >= 500 else "Sender"
        error = f"<Error><Type>{kind}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        if protocol == "rest-xml":
            return status, {"Content-Type": "application/xml"}, error.encode()
        body = f"<ErrorResponse>{error}<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
        return status, {"Content-Type": "text/xml"}, body.encode()
    kind = "application/json"
    if headers.get("x-amz-target"):
        kind = f"application/x-amz-json-{service_model.metadata.get('jsonVersion', '1.0') if service_model else '1.0'}"
    body = json.dumps({"__type": code, "message": message, "Message": message})
    return status, {"Content-Type": kind, "x-amzn-errortype": code}, body.encode()
