"""Stale reads of ministack's own stores: dynamodb GetItem without ConsistentRead, ssm GetParameter."""

import copy
import json

from ministack import app
from ministack.services import dynamodb, ssm

from lab.aws import staleness

_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "PutParameter", "DeleteParameter"}


def install():
    """A handler of ministack's never waits in between, so nobody else sees what is put back for a moment."""
    for service, place in (("dynamodb", _item), ("ssm", _parameter)):
        app.SERVICE_HANDLERS[service] = _wrapped(app.SERVICE_HANDLERS[service], place)


def _wrapped(inner, place):
    async def handle(method, path, headers, body, query_params):
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        found = place(operation, body) if operation in _WRITES or operation in ("GetItem", "GetParameter") else None
        if found is None:
            return await inner(method, path, headers, body, query_params)
        subject, container, key = found
        now = container.get(key)
        if operation in _WRITES:
            staleness.remember(subject, copy.deepcopy(now))
            return await inner(method, path, headers, body, query_params)
        former = staleness.seen(subject, now)
        _put(container, key, former)
        try:
            return await inner(method, path, headers, body, query_params)
        finally:
            _put(container, key, now)

    return handle


def _put(container, key, value):
    if value is not None:
        container[key] = value
    elif key in container:
        del container[key]


def _item(_operation, body):
    """Subject, container and key of the item that a request is about; None for a consistent read."""
    request = json.loads(body)
    table = dynamodb._tables.get(request.get("TableName", ""))
    attributes = request.get("Key") or request.get("Item")
    if table is None or not attributes or request.get("ConsistentRead"):
        return None
    names = [name for name in (table["pk_name"], table["sk_name"]) if name]
    if any(name not in attributes for name in names):
        return None
    key = [dynamodb._extract_key_val(attributes[name]) for name in names]
    partition = table["items"].setdefault(key[0], {})
    sort = key[1] if len(key) == 2 else "__no_sort__"
    return ("item", request["TableName"], key[0], sort), partition, sort


def _parameter(_operation, body):
    name = json.loads(body).get("Name", "")
    return ("parameter", name), ssm._parameters, name
