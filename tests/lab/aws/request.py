"""What an API request says, whatever its protocol: for the ledger and for CloudTrail."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from lab.aws import model, wire


@dataclass(frozen=True)
class Request:
    """`service` is botocore's name; `shape` is the input's, None where the parameters are not read by a shape."""

    service: str
    operation: str
    parameters: dict
    shape: object = None


def describe(service: str, method: str, path: str, headers: dict, body: bytes, query: dict) -> Request:
    """Read a request by its service's protocol; an operation that cannot be named becomes `METHOD path`."""
    service_model = model.service_model(service)
    name = model.botocore_name(service)
    if service_model is None:
        return Request(name, f"{method} {path}", {})
    if target := headers.get("x-amz-target", ""):
        return _described(service_model, name, target.rpartition(".")[2], {}, query, headers, body)
    protocol = service_model.metadata["protocol"]
    if protocol in ("query", "ec2") or "x-www-form-urlencoded" in headers.get("content-type", ""):
        return _form(service_model, name, method, path, body, query)
    if "/operation/" in path:  # smithy-rpc-v2-cbor, spoken with CloudWatch
        return Request(name, path.rpartition("/")[2], {})
    operation, path_values = model.match_route(service, method, path, query)
    if operation is None:
        return Request(name, f"{method} {path}", {})
    if protocol == "rest-xml":
        return Request(name, operation, path_values)
    return _described(service_model, name, operation, path_values, query, headers, body)


def _described(service_model, name, operation, path_values, query, headers, body):
    if operation not in service_model.operation_names:
        return Request(name, operation, {})
    described = service_model.operation_model(operation)
    if described.has_streaming_input or described.input_shape is None or _payload_is_blob(described.input_shape):
        return Request(name, operation, path_values)
    try:
        parameters = wire.read_request(described, path_values, query, headers, body)
    except ValueError:
        return Request(name, operation, {})
    return Request(name, operation, parameters, described.input_shape)


def _payload_is_blob(shape):
    payload = shape.serialization.get("payload")
    return payload is not None and shape.members[payload].type_name in ("blob", "string")


def _form(service_model, name, method, path, body, query):
    """Query protocol: flat names such as `MessageAttributes.entry.1.Name` are kept as they are on the wire."""
    sent = {key: values[0] if isinstance(values, list) else values for key, values in query.items()}
    sent |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    operation = sent.pop("Action", f"{method} {path}")
    sent.pop("Version", None)
    known = operation in service_model.operation_names
    return Request(name, operation, sent, service_model.operation_model(operation).input_shape if known else None)
