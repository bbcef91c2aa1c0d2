"""One DNS question over TCP: does this server know the domain's controllers? (RFC 1035, sections 4.1 and 4.2.2)"""

import secrets
import socket
import struct

SRV, INTERNET = 33, 1
RECURSION_DESIRED = 0x0100


def has_controllers(server: str, domain: str, seconds: float) -> bool:
    """Whether the server answers the question that a joining host asks first."""
    name = f"_ldap._tcp.dc._msdcs.{domain}"
    labels = b"".join(struct.pack("B", len(label)) + label.encode() for label in name.split(".")) + b"\0"
    header = struct.pack(">6H", secrets.randbits(16), RECURSION_DESIRED, 1, 0, 0, 0)
    question = header + labels + struct.pack(">2H", SRV, INTERNET)
    try:
        with socket.create_connection((server, 53), timeout=seconds) as connection:
            connection.sendall(struct.pack(">H", len(question)) + question)
            with connection.makefile("rb") as stream:
                (length,) = struct.unpack(">H", stream.read(2))
                answer = stream.read(length)
        _identity, flags, _questions, answers = struct.unpack(">4H", answer[:8])
    except (OSError, struct.error):
        return False
    return answer[:2] == question[:2] and flags & 0x000F == 0 and answers > 0
