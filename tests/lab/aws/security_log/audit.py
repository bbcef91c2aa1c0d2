"""Samba's audit stream: one JSON object per change of the directory that it was asked for.

Source: Samba Wiki, "Setting up Audit Logging"; samba's own tests, tests/audit_log_dsdb.py. A change holds the attributes of
the request, not those of the object; passwords are redacted; a new name or place of an object is not audited.
"""

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Change:
    """A change that succeeded. `attributes`: name in lower case -> [(add, replace or delete, values)], values None when they
    are redacted."""

    operation: str
    dn: str
    at: datetime
    subject: str
    session: str
    attributes: dict = field(default_factory=dict)

    def value(self, name):
        """What the attribute was set to; None when it was not, or was removed."""
        written = [values for action, values in self.attributes.get(name.lower(), []) if action != "delete"]
        return written[-1][0] if written and written[-1] else None

    def touches(self, name):
        return name.lower() in self.attributes


class Stream:
    """The file that the domain controller appends to; what was there before `skip` does not count."""

    def __init__(self, path):
        self._path, self._seen, self._rest = path, 0, b""

    def skip(self):
        self._seen, self._rest = self._size(), b""

    def _size(self):
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:  # the domain controller makes it with its first change
            return 0

    def changes(self):
        """The changes since the last look, in their order."""
        if self._size() <= self._seen:
            return []
        with open(self._path, "rb") as file:
            file.seek(self._seen)
            new = file.read()
        self._seen += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        return [change for change in map(read, lines) if change is not None]


def read(line):
    """The change that a line of the stream tells of; None for any other line."""
    _, brace, text = line.partition(b"{")
    try:
        told = json.loads(brace + text) if brace else {}
    except ValueError:
        return None
    change = told.get("dsdbChange")
    if change is None or change["statusCode"] != 0:
        return None
    return Change(
        operation=change["operation"],
        dn=change["dn"],
        at=datetime.fromisoformat(told["timestamp"]).astimezone(UTC),
        subject=change["userSid"],
        session=change.get("sessionId") or "",
        attributes={name.lower(): _actions(told) for name, told in (change.get("attributes") or {}).items()},
    )


def _actions(attribute):
    return [(action["action"], _values(action)) for action in attribute["actions"]]


def _values(action):
    if action.get("redacted"):
        return None
    return [_text(value) for value in action.get("values", [])]


def _text(value):
    """What has other characters than ASCII's is coded."""
    if not value.get("base64"):
        return value["value"]
    return base64.b64decode(value["value"]).decode("utf-8", "replace")
