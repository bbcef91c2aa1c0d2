"""Turns the JSON of the `json` and `rest-json` protocols into a model's members and back.

Source: botocore/serialize.py and botocore/parsers.py (member names, locations, timestamps, blobs).
"""

import base64
import datetime
import json


def read_request(operation, path_values, query, headers, body):
    """The input members of a request to a JSON service, by their names in the model."""
    shape = operation.input_shape
    if shape is None:
        return {}
    sent = json.loads(body) if body else {}
    if not isinstance(sent, dict):
        raise ValueError("the request body is not a JSON object")
    payload = shape.serialization.get("payload")
    parameters = {}
    for name, member in shape.members.items():
        location, wire_name = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            value = path_values.get(wire_name)
        elif location == "querystring":
            value = _from_query(member, query.get(wire_name))
        elif location == "header":
            value = headers.get(wire_name.lower())
        elif name == payload:
            value = read(sent, member) if body else None
        else:
            value = read(sent[wire_name], member) if sent.get(wire_name) is not None else None
        if value is not None:
            parameters[name] = value
    known = {m.serialization.get("name", n) for n, m in shape.members.items()}
    if payload is None:
        parameters |= {name: value for name, value in sent.items() if name not in known}
    return parameters


def _from_query(member, values):
    if values is None:
        return None
    values = values if isinstance(values, list) else [values]
    if member.type_name == "list":
        return values
    if member.type_name in ("integer", "long"):
        return int(values[0])
    if member.type_name == "boolean":
        return values[0] == "true"
    return values[0]


def read(value, shape):
    """A JSON value as the model's value; what does not fit is left for the validation to name."""
    if shape.type_name == "structure" and isinstance(value, dict):
        names = {m.serialization.get("name", n): n for n, m in shape.members.items()}
        return {
            names.get(key, key): read(item, shape.members[names[key]]) if key in names else item
            for key, item in value.items()
            if item is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [read(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: read(item, shape.value) for key, item in value.items()}
    return value


def write(value, shape, timestamp_format):
    """The model's value as JSON; `timestamp_format` is the protocol's default ("unixtimestamp")."""
    if shape.type_name == "structure":
        members = {name: item for name, item in value.items() if item is not None}
        return {
            shape.members[name].serialization.get("name", name): write(item, shape.members[name], timestamp_format)
            for name, item in members.items()
        }
    if shape.type_name == "list":
        return [write(item, shape.member, timestamp_format) for item in value]
    if shape.type_name == "map":
        return {key: write(item, shape.value, timestamp_format) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return _timestamp(value, shape.serialization.get("timestampFormat", timestamp_format))
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return value


def _timestamp(value, form):
    if not isinstance(value, datetime.datetime):
        return value
    if form == "iso8601":
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return round(value.timestamp(), 3)
