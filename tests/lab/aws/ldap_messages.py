"""LDAP's messages, as far as faults and the record of calls need them: whole messages, their id, operation and object.

Source: RFC 4511, 4.1.1 (LDAPMessage), 4.2 to 4.9 (the operations), 4.1.9 (LDAPResult), appendix A (result codes); X.690, 8.1
(tags and lengths of BER).
"""

from dataclasses import dataclass

BUSY, UNAVAILABLE = 51, 52
UNBIND = 0x42
# The request's tag -> its name and the tag of its (last) answer.
OPERATIONS = {
    0x60: ("Bind", 0x61),
    0x63: ("Search", 0x65),
    0x66: ("Modify", 0x67),
    0x68: ("Add", 0x69),
    0x4A: ("Delete", 0x6B),
    0x6C: ("ModifyDN", 0x6D),
    0x77: ("Extended", 0x78),
}
NAMES = tuple(name for name, _ in OPERATIONS.values())


@dataclass(frozen=True)
class Message:
    raw: bytes
    id: bytes
    tag: int
    content: bytes

    @property
    def operation(self):
        """None for a message that asks for nothing, such as an unbind."""
        return OPERATIONS.get(self.tag, (None,))[0]

    @property
    def dn(self):
        """The object that the message is about."""
        if self.tag == 0x4A:
            return self.content.decode("utf-8", "replace")
        if self.tag == 0x77:
            return ""
        first, rest = _element(self.content)
        if self.tag == 0x60:  # behind the version
            first, _ = _element(rest)
        return first[1].decode("utf-8", "replace")

    def result(self, code):
        """An LDAPResult that refuses the message."""
        body = bytes([0x0A, 1, code, 0x04, 0, 0x04, 0])
        answer = bytes([0x02, len(self.id)]) + self.id + bytes([OPERATIONS[self.tag][1], len(body)]) + body
        return bytes([0x30, len(answer)]) + answer


async def read(reader):
    """The next message; asyncio.IncompleteReadError at the end of the connection."""
    head = await reader.readexactly(2)
    if head[1] & 0x80:
        head += await reader.readexactly(head[1] & 0x7F)
    raw = head + await reader.readexactly(_length(head))
    identifier, rest = _element(raw[len(head) :])
    (tag, content), _controls = _element(rest)
    return Message(raw, identifier[1], tag, content)


def _element(data):
    """The tag and content of the first element, and what follows it."""
    size = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    end = size + _length(data[:size])
    return (data[0], data[size:end]), data[end:]


def _length(head):
    return int.from_bytes(head[2:], "big") if head[1] & 0x80 else head[1]
