"""Distinguished names (RFC 4514)."""

from ldap3.utils.dn import parse_dn


def key(dn):
    """The same for a name however it is spelt: case, blanks and escapes differ between clients."""
    return tuple((name.lower(), value.casefold()) for name, value in _parts(dn))


def first(dn):
    """The value of the first part, without escapes."""
    return _parts(dn)[0][1]


def parent(dn):
    return ",".join(f"{name}={value}" for name, value, _separator in parse_dn(dn, strip=True)[1:])


def _parts(dn):
    return [(name, _plain(value)) for name, value, _separator in parse_dn(dn, strip=True)]


def _plain(value):
    """`\\2C` and `\\,` are both a comma."""
    plain, rest = bytearray(), value.encode()
    while rest:
        if rest[:1] != b"\\":
            plain += rest[:1]
            rest = rest[1:]
        elif len(rest) > 2 and all(digit in b"0123456789abcdefABCDEF" for digit in rest[1:3]):
            plain.append(int(rest[1:3], 16))
            rest = rest[3:]
        else:
            plain += rest[1:2]
            rest = rest[2:]
    return plain.decode("utf-8", "replace")
