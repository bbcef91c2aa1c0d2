"""The emulated Directory Service's own access to the Active Directory: LDAPS, nothing shared with the product.

Attribute meanings: MS-ADTS (userAccountControl 2.2.16, groupType 2.2.12, objectSid 2.4.2 of MS-DTYP).
"""

import contextlib
import struct

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from lab import directory, settings
from lab.aws import staleness
from lab.domains import MANAGED

ACCOUNT_DISABLED = 0x2
NORMAL_ACCOUNT = 0x200
USERS = "(&(objectCategory=person)(objectClass=user))"
GROUPS = "(objectCategory=group)"
MEMBERS = f"(|{USERS}{GROUPS}(objectCategory=computer))"
DELEGATED_GROUPS_OU = f"OU=AWS Delegated Groups,{settings.BASE_DN}"

GROUP_SCOPES = {0x2: "Global", 0x4: "DomainLocal", 0x8: "Universal", 0x5: "BuiltinLocal", 0x1: "BuiltinLocal"}
SECURITY_GROUP = 0x80000000

_ATTRIBUTES = [
    "sAMAccountName", "objectSid", "objectClass", "userAccountControl", "userPrincipalName", "givenName", "sn", "mail",
    "groupType", "primaryGroupID",
]


class Unavailable(Exception):
    """The domain controller does not answer."""


class Refused(Exception):
    """The domain controller refuses a change; `description` is the LDAP result, `reason` its diagnostic text."""

    def __init__(self, result):
        super().__init__(f"{result['description']}: {result['message']}")
        self.description, self.reason = result["description"], result["message"]


class Entry:
    """An object of the directory."""

    def __init__(self, found):
        self.dn = found["dn"]
        self._values = {name.lower(): values for name, values in found["raw_attributes"].items()}

    def values(self, name):
        return self._values.get(name.lower(), [])

    def text(self, name):
        values = self.values(name)
        return values[0].decode("utf-8", "replace") if values else None

    def number(self, name):
        return int(self.text(name) or 0)

    @property
    def name(self):
        return self.text("sAMAccountName")

    @property
    def sid(self):
        return sid_text(self.values("objectSid")[0])

    @property
    def enabled(self):
        return not self.number("userAccountControl") & ACCOUNT_DISABLED

    @property
    def kind(self):
        classes = self.values("objectClass")
        return "COMPUTER" if b"computer" in classes else "GROUP" if b"group" in classes else "USER"

    @property
    def belongs_to_customer(self):
        return self.dn.lower().endswith("," + settings.CUSTOMER_OU.lower())


@contextlib.contextmanager
def opened(domain=MANAGED):
    """A connection for one API call."""
    try:
        connection = directory.connection(domain)
    except LDAPException as error:
        raise Unavailable(str(error)) from error
    try:
        yield connection
    except LDAPException as error:
        raise Unavailable(str(error)) from error
    finally:
        connection.unbind()


def search(connection, ldap_filter, attributes=(), base=settings.BASE_DN):
    """All objects that match, in order of their names."""
    found = connection.extend.standard.paged_search(
        base, ldap_filter, attributes=[*_ATTRIBUTES, *attributes], paged_size=500, generator=False
    )
    entries = [Entry(item) for item in found if item["type"] == "searchResEntry"]
    entries = [entry for entry in map(_seen, entries) if entry and entry.name]
    return sorted(entries, key=lambda entry: entry.name.lower())


def _seen(entry):
    """The object as a domain controller shows it that may not know of its last change yet."""
    return staleness.seen(("object", entry.dn.lower()), entry)


def find(connection, kind, name, attributes=(), base=settings.BASE_DN):
    """The user, group or member with a sAMAccountName, or None; the names of Active Directory ignore case."""
    found = search(connection, f"(&{kind}(sAMAccountName={escape_filter_chars(name)}))", attributes, base)
    return found[0] if found else None


def add(connection, name, container, attributes):
    """A new object below `container`."""
    dn = f"CN={escape_rdn(name)},{container}"
    staleness.remember(("object", dn.lower()), None)
    connection.add(dn, attributes=attributes)
    _check(connection)
    return dn


def sid(connection, dn):
    """Of an object that was just added, which a search may not see yet."""
    connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["objectSid"])
    return Entry(connection.response[0]).sid


def replace(connection, dn, **attributes):
    """Give attributes new values; an empty list removes one."""
    modify(connection, dn, {name: [(ldap3.MODIFY_REPLACE, values)] for name, values in attributes.items()})


def modify(connection, dn, changes):
    _remember(connection, dn)
    connection.modify(dn, changes)
    _check(connection)


def delete(connection, dn):
    """It is gone at once: a search cannot find again what the domain controller has no more."""
    connection.delete(dn)
    _check(connection)


def _remember(connection, dn):
    connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["*"])
    found = [Entry(item) for item in connection.response or [] if item["type"] == "searchResEntry"]
    if found:
        staleness.remember(("object", dn.lower()), found[0])


def set_password(connection, dn, password):
    """A reset, as an administrator does it: the old password is not needed (MS-ADTS 3.1.1.3.1.5.1)."""
    replace(connection, dn, unicodePwd=[f'"{password}"'.encode("utf-16-le")])


def groups_of(connection, member):
    """The groups that hold the member directly, and his primary group."""
    groups = search(connection, f"(&{GROUPS}(member={escape_filter_chars(member.dn)}))")
    groups = _as_seen(groups, member)
    if primary := member.number("primaryGroupID"):
        sid = f"{member.sid.rpartition('-')[0]}-{primary}"
        groups += search(connection, f"(&{GROUPS}(objectSid={escape_filter_chars(sid)}))")
    return sorted(groups, key=lambda entry: entry.name.lower())


def _as_seen(groups, member):
    """With the memberships that a domain controller shows that may not know of a group's last change yet."""
    former = {subject[1]: group for subject, group in staleness.all_former("object").items() if group is not None}
    held = [group for group in groups if group.dn.lower() not in former]
    return held + [group for group in former.values() if _holds(group, member)]


def _holds(group, member):
    return member.dn.lower() in (value.decode().lower() for value in group.values("member"))


def sid_text(raw):
    """`S-1-5-21-..` of a binary SID (MS-DTYP 2.4.2.2)."""
    revision, count = raw[0], raw[1]
    authority = int.from_bytes(raw[2:8], "big")
    parts = struct.unpack(f"<{count}I", raw[8 : 8 + 4 * count])
    return "-".join(["S", str(revision), str(authority), *map(str, parts)])


def _check(connection):
    if connection.result["result"] != 0:
        raise Refused(connection.result)
