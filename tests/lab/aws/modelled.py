"""A service of ours in ministack: requests and answers pass botocore's model of the service in both directions."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.aws import model, validation, wire

log = logging.getLogger("lab.aws")


class ApiError(Exception):
    """An error that the service answers; `members` are the further members of its shape (`Reason`)."""

    def __init__(self, code, message, status=None, **members):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.members = code, message, status, members


@dataclass(frozen=True)
class Call:
    """One API call as an operation sees it."""

    service: str
    operation: str
    parameters: dict
    account: str
    region: str


@dataclass(frozen=True)
class Service:
    """What one file in `services/` declares."""

    name: str
    operations: dict[str, Callable[[Call], dict | None]]
    # Resource ARN that IAM evaluates the call's own action on.
    resource: Callable[[Call], str]
    # The service's own condition keys for the call.
    condition_keys: Callable[[Call], dict] = lambda call: {}
    # Further (action, resource ARN, condition keys) that must be allowed too.
    also_requires: Callable[[Call], list[tuple[str, str, dict]]] = lambda call: []
    invalid_request_error: str = "ValidationException"
    access_denied_members: dict = field(default_factory=dict)
    # Forgets what happened; `state` is what was set up, which a reset takes back to the snapshot.
    reset: Callable[[], None] = lambda: None
    state: dict = field(default_factory=dict)
    # True: ministack has the service and serves the operations that are not listed here.
    extends_ministack: bool = False

    @property
    def model(self):
        return model.service_model(self.name)


def operation_name(service, method, path, headers, query):
    """The operation that a request to a JSON service names, and the values in its path."""
    if service.model.resolved_protocol == "json":
        return headers.get("x-amz-target", "").rpartition(".")[2], {}
    return model.match_route(service.name, method, path, query)


def read_call(service, method, path, headers, body, query, account, region):
    """The request as a `Call`, or None when the operation is not one of ours."""
    name, path_values = operation_name(service, method, path, headers, query)
    if name not in service.operations:
        return None
    operation = service.model.operation_model(name)
    try:
        parameters = wire.read_request(operation, path_values, query, headers, body)
    except ValueError as unreadable:
        raise ApiError("SerializationException", str(unreadable)) from unreadable
    return Call(service.name, name, parameters, account, region)


def handler(service, authorize, fallback):
    """ministack's handler signature around the operations of `service`.

    `authorize(call, headers)` returns a denial to answer or None; `fallback` serves what `service` does not list.
    """
    from ministack.core.responses import get_account_id, get_region

    async def handle(method, path, headers, body, query):
        try:
            call = read_call(service, method, path, headers, body, query, get_account_id(), get_region())
            if call is None:
                if fallback:
                    return await fallback(method, path, headers, body, query)
                return _encode_error(service, None, ApiError("UnknownOperationException", f"{method} {path}"))
            if denial := authorize(call, headers):
                return denial
            return _encode(service, call, await asyncio.to_thread(_run, service, call))
        except ApiError as error:
            return _encode_error(service, operation_name(service, method, path, headers, query)[0], error)

    return handle


def _run(service, call):
    shape = service.model.operation_model(call.operation).input_shape
    wrong = validation.problems(call.parameters, shape) if shape else []
    if wrong:
        plural = "s" if len(wrong) > 1 else ""
        raise ApiError(
            service.invalid_request_error, f"{len(wrong)} validation error{plural} detected: {'; '.join(wrong)}"
        )
    return service.operations[call.operation](call) or {}


def _encode(service, call, answer):
    operation = service.model.operation_model(call.operation)
    shape = operation.output_shape
    wrong = validation.problems(answer, shape) if shape else []
    if wrong:
        raise RuntimeError(f"the lab's answer to {service.name}:{call.operation} breaks botocore's model: {wrong}")
    body = json.dumps(wire.write(answer, shape, "unixtimestamp") if shape else {}).encode()
    return operation.http.get("responseCode", 200), {"Content-Type": _content_type(service)}, body


def _encode_error(service, operation, error):
    shapes = service.model.operation_model(operation).error_shapes if operation in service.operations else []
    shape = next((s for s in shapes if s.name == error.code), None)
    members = {"message": error.message, **error.members}
    status = error.status or 400
    if shape is not None:
        named = next((m for m in shape.members if m.lower() == "message"), None)
        members = ({named: error.message} if named else {}) | error.members
        status = error.status or shape.metadata.get("error", {}).get("httpStatusCode", 400)
        if wrong := validation.problems(members, shape):
            raise RuntimeError(f"the lab's {error.code} of {service.name}:{operation} breaks botocore's model: {wrong}")
        members = wire.write(members, shape, "unixtimestamp")
    body = {"__type": error.code, **members}
    headers = {"Content-Type": _content_type(service), "x-amzn-errortype": error.code}
    return status, headers, json.dumps(body).encode()


def _content_type(service):
    if service.model.resolved_protocol == "json":
        return f"application/x-amz-json-{service.model.metadata['jsonVersion']}"
    return "application/json"


def denial(service, error):
    """The answer to a call that IAM denies."""
    members = {"Message": error.message, **service.access_denied_members}
    body = {"__type": "AccessDeniedException", **members, "message": error.message}
    status = 400 if service.model.resolved_protocol == "json" else 403
    headers = {"Content-Type": _content_type(service), "x-amzn-errortype": "AccessDeniedException"}
    return status, headers, json.dumps(body).encode()
