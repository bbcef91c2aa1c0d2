"""Takes secrets out of what is written down."""

import re

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
# Members that hold secrets although the model does not mark them; flat names of the query protocol end with them too.
_NAMED = re.compile(r"(?i)(password|secretstring|secretbinary|secretaccesskey|sessiontoken|clientsecret|plaintext)$")
_LONGEST = 16_384


def scrub(value, shape=None, name="", keep=()):
    """A copy without what the model marks `sensitive` or a name tells; members in `keep` stay."""
    if name in keep:
        return _shortened(value)
    if _NAMED.search(name) or (shape is not None and shape.metadata.get("sensitive")):
        return HIDDEN
    if isinstance(value, dict):
        members = getattr(shape, "members", {}) if shape is not None else {}
        inner = getattr(shape, "value", None)
        return {key: scrub(item, members.get(key, inner), str(key), keep) for key, item in value.items()}
    if isinstance(value, list):
        return [scrub(item, getattr(shape, "member", None), name, keep) for item in value]
    return _shortened(value)


def _shortened(value):
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}... <{len(value)} characters>"
    return value
