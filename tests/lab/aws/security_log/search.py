"""Looks for accounts in the directory itself, deleted ones too.

Source: MS-ADTS 3.1.1.3.4.1.14 (LDAP_SERVER_SHOW_DELETED_OID), 3.1.1.5.5 (what a tombstone keeps: sAMAccountName, objectSid,
userAccountControl, lastKnownParent; its name has `DEL:` and its GUID on a second line).
"""

import ldap3
from ldap3.utils.conv import escape_filter_chars

from lab.aws import active_directory
from lab.aws.security_log import names
from lab.aws.security_log.accounts import Account

_WITH_TOMBSTONES = [("1.2.840.113556.1.4.417", True, None)]
_ATTRIBUTES = ["sAMAccountName", "objectSid", "objectClass", "userAccountControl", "uSNCreated", "isDeleted"]
_PAGE = 500


class Directory:
    """The accounts of a domain; each question is a connection of its own."""

    def __init__(self, domain):
        self._domain = domain

    def everyone(self):
        return self._search()

    def at(self, dn):
        return self._search(distinguishedName=escape_filter_chars(dn))

    def made(self, dn, name):
        """Where an account was made or with its name."""
        return self.at(dn) + (self._search(sAMAccountName=escape_filter_chars(name)) if name else [])

    def deleted_from(self, dn):
        name, parent = (escape_filter_chars(text) for text in (names.first(dn), names.parent(dn)))
        return self._search(isDeleted="TRUE", lastKnownParent=parent, name=f"{name}\\0aDEL:*")

    def _search(self, **wanted):
        terms = "".join(f"({name}={value})" for name, value in wanted.items())
        with active_directory.opened(self._domain) as connection:
            found = connection.extend.standard.paged_search(
                self._domain.base_dn, f"(&(objectClass=user){terms})", ldap3.SUBTREE, attributes=_ATTRIBUTES,
                paged_size=_PAGE, generator=False, controls=_WITH_TOMBSTONES,
            )  # fmt: skip
            entries = [active_directory.Entry(item) for item in found if item["type"] == "searchResEntry"]
        return [_account(entry) for entry in entries if entry.name]


def _account(entry):
    return Account(
        dn=entry.dn,
        sid=entry.sid,
        name=entry.name,
        flags=entry.number("userAccountControl"),
        kinds=[kind.decode() for kind in entry.values("objectClass")],
        deleted=entry.text("isDeleted") == "TRUE",
        made=entry.number("uSNCreated"),
    )
