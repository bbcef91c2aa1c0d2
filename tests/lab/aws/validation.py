"""Checks a value against a botocore shape: members, types, lengths, ranges, patterns, enumerations.

botocore's own validator stops at types, required members and minimum lengths; the services check all of the model and
answer `ValidationException` or `InvalidParameterException`. The same check is made on what the lab itself answers.
"""

import datetime
import functools

import regex

_TYPES = {
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime.datetime, int, float, str),
    "blob": (bytes, str),
    "string": str,
    "structure": dict,
    "list": list,
    "map": dict,
}


# ssm: the pattern's back references name the wrong groups; the documentation's own examples do not match it.
_UNUSABLE_PATTERNS = ("StringDateTime",)


@functools.cache
def _pattern(text):
    """A Java pattern of the model; `regex` knows its `\\p{..}` classes, unlike `re`."""
    return regex.compile(text)


def problems(value, shape, path=""):
    """What is wrong with `value`, in the words of AWS's validation messages; an empty list when it fits."""
    where = path or shape.name
    kind = shape.type_name
    if not isinstance(value, _TYPES[kind]) or (kind in ("integer", "long") and isinstance(value, bool)):
        return [f"Value at '{where}' failed to satisfy constraint: Member must be of type {kind}"]
    if kind == "structure":
        return _structure_problems(value, shape, path)
    if kind == "list":
        inner = [p for i, item in enumerate(value, 1) for p in problems(item, shape.member, f"{where}.{i}.member")]
        return _length_problems(value, shape, where) + inner
    if kind == "map":
        inner = [p for key, item in value.items() for p in problems(item, shape.value, f"{where}.{key}")]
        return _length_problems(value, shape, where) + inner
    if kind == "string":
        return _string_problems(value, shape, where)
    if kind in ("integer", "long", "float", "double"):
        return _range_problems(value, shape, where)
    return []


def _structure_problems(value, shape, path):
    found = [
        f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
        for name in shape.required_members
        if value.get(name) is None
    ]
    for name, item in value.items():
        if name not in shape.members:
            found.append(f"Unknown member '{_join(path, name)}' of {shape.name}")
        elif item is not None:
            found += problems(item, shape.members[name], _join(path, name))
    if shape.metadata.get("union") and len(value) != 1:
        found.append(f"Value at '{path}' failed to satisfy constraint: exactly one member of the union must be set")
    return found


def _string_problems(value, shape, where):
    found = _length_problems(value, shape, where)
    if shape.enum and value not in shape.enum:
        found.append(_failed(value, shape, where, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"))
    pattern = None if shape.name in _UNUSABLE_PATTERNS else shape.metadata.get("pattern")
    if pattern and not _pattern(pattern).search(value):
        found.append(_failed(value, shape, where, f"Member must satisfy regular expression pattern: {pattern}"))
    return found


def _length_problems(value, shape, where):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        return [_failed(value, shape, where, f"Member must have length greater than or equal to {low}")]
    if high is not None and len(value) > high:
        return [_failed(value, shape, where, f"Member must have length less than or equal to {high}")]
    return []


def _range_problems(value, shape, where):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        return [_failed(value, shape, where, f"Member must have value greater than or equal to {low}")]
    if high is not None and value > high:
        return [_failed(value, shape, where, f"Member must have value less than or equal to {high}")]
    return []


def _failed(value, shape, where, constraint):
    """A sensitive value is never repeated in a message."""
    shown = "" if shape.metadata.get("sensitive") or not isinstance(value, (str, int)) else f" '{value}'"
    return f"Value{shown} at '{where}' failed to satisfy constraint: {constraint}"


def _join(path, name):
    return f"{path}.{name}" if path else name
