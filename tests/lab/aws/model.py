"""botocore's service models: the operations of a service and how a request names one of them."""

import functools
import re
from urllib.parse import unquote

import botocore.session

# ministack's names where they differ from botocore's.
BOTOCORE_NAMES = {
    "apigateway": "apigatewayv2",
    "dynamodbstreams": "dynamodbstreams",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "elasticmapreduce": "emr",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@functools.cache
def _session():
    return botocore.session.get_session()


@functools.cache
def service_model(service):
    """The botocore model of a service, named as botocore or as ministack names it; None when there is none."""
    name = BOTOCORE_NAMES.get(service, service)
    if name not in _session().get_available_services():
        return None
    return _session().get_service_model(name)


def botocore_name(service):
    """The service's name in boto3 and the AWS CLI (`states` is `stepfunctions`)."""
    return BOTOCORE_NAMES.get(service, service)


@functools.cache
def _routes(service):
    """(method, path pattern, required query keys, operation) of a REST service, the most literal first."""
    model = service_model(service)
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(path))
        required = tuple(part.partition("=")[0] for part in query.split("&") if part)
        literals = len(re.sub(r"\{\w+\+?\}", "", path)) + len(required)
        routes.append((literals, http["method"], re.compile(pattern.rstrip("/") + "/?$"), required, name))
    routes.sort(key=lambda route: -route[0])
    return [route[1:] for route in routes]


def match_route(service, method, path, query):
    """The operation of a REST request and the values in its path, or (None, {})."""
    for route_method, pattern, required, name in _routes(service):
        if route_method != method or any(key not in query for key in required):
            continue
        if found := pattern.match(path):
            return name, {key: unquote(value) for key, value in found.groupdict().items()}
    return None, {}


def input_shape(service, operation):
    """The model's shape of an operation's input."""
    return service_model(service).operation_model(operation).input_shape
