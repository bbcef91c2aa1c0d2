"""States of accounts for tests that no AWS operation sets, in any domain. As the lab's operator; inside the lab.

Attributes: MS-ADTS 2.2.16 (userAccountControl), 3.1.1.5 (pwdLastSet: 0 = must change), MS-ADA1/3 (accountExpires and times
in steps of 100 ns since 1601, lockoutTime). Only the domain controller itself locks an account: after wrong passwords.
"""

import secrets
import subprocess
from datetime import UTC, datetime

import ldap3
from ldap3.utils.conv import escape_filter_chars

from lab import directory
from lab.domains import Domain
from lab.errors import LabError

DISABLED = 0x2
NEVER_EXPIRES = 0x10000
LONG_AGO = 116_444_736_000_000_000  # 1970

NUMBERS = ("userAccountControl", "lockoutTime", "accountExpires", "pwdLastSet", "badPwdCount")


def create(domain: Domain, name: str, password: str) -> None:
    """An enabled user whose password does not run out."""
    with directory.connection(domain) as connection:
        dn = f"CN={name},{domain.users}"
        attributes = {"objectClass": "user", "sAMAccountName": name, "userPrincipalName": f"{name}@{domain.name}"}
        _done(connection, connection.add(dn, attributes=attributes | {"userAccountControl": str(0x200 | DISABLED)}))
        _set_password(connection, dn, password)
        _change(connection, dn, userAccountControl=0x200 | NEVER_EXPIRES)


def reset(domain: Domain, name: str, password: str) -> None:
    """As an administrator does it, without AWS: nothing but the password changes."""
    with directory.connection(domain) as connection:
        _set_password(connection, _found(connection, domain, name)["dn"], password)


def set_state(domain: Domain, name: str, state: str) -> None:
    with directory.connection(domain) as connection:
        user = _found(connection, domain, name)
        flags = user["userAccountControl"]
        if state == "locked":
            _lock(connection, domain, name)
        else:
            _change(connection, user["dn"], **_CHANGES[state](flags))


_CHANGES = {
    "disabled": lambda flags: {"userAccountControl": flags | DISABLED},
    "enabled": lambda flags: {"userAccountControl": flags & ~DISABLED},
    "unlocked": lambda _flags: {"lockoutTime": 0},
    "expired": lambda _flags: {"accountExpires": LONG_AGO},
    "unexpired": lambda _flags: {"accountExpires": 0},
    "must-change": lambda flags: {"userAccountControl": flags & ~NEVER_EXPIRES, "pwdLastSet": 0},
    "changed": lambda flags: {"userAccountControl": flags | NEVER_EXPIRES, "pwdLastSet": -1},
}


def _lock(connection: ldap3.Connection, domain: Domain, name: str) -> None:
    """Guess wrong until the domain controller has had enough."""
    connection.search(domain.base_dn, "(objectClass=domain)", ldap3.BASE, attributes=["lockoutThreshold"])
    threshold = int(connection.response[0]["raw_attributes"]["lockoutThreshold"][0])
    if threshold == 0:
        raise LabError(f"{domain.name} locks nobody out: its lockoutThreshold is 0")
    for _ in range(threshold):
        guess = ["kinit", "-c", "MEMORY:", f"{name}@{domain.realm}"]
        subprocess.run(guess, input=secrets.token_urlsafe() + "\n", text=True, capture_output=True, check=False)


def show(domain: Domain, name: str) -> dict:
    """What the domain controller knows of the account."""
    with directory.connection(domain) as connection:
        user = _found(connection, domain, name)
    flags = user["userAccountControl"]
    return {
        "name": name,
        "enabled": not flags & DISABLED,
        "locked": user["lockoutTime"] > 0,
        "expired": 0 < user["accountExpires"] < _steps_now(),
        "must_change": user["pwdLastSet"] == 0 and not flags & NEVER_EXPIRES,
        "wrong_passwords": user["badPwdCount"],
    }


def set_policy(domain: Domain, threshold: int | None, seconds: int | None, length: int | None) -> None:
    """The domain's own policy: how many wrong passwords lock an account, for how long, and the least length."""
    steps = None if seconds is None else -seconds * 10_000_000
    wanted = {"lockoutThreshold": threshold, "lockoutDuration": steps, "lockOutObservationWindow": steps, "minPwdLength": length}
    with directory.connection(domain) as connection:
        _change(connection, domain.base_dn, **{name: value for name, value in wanted.items() if value is not None})


def _steps_now() -> int:
    return int((datetime.now(UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)


def _found(connection: ldap3.Connection, domain: Domain, name: str) -> dict:
    """Its `dn`, and its numbers; 0 for what it does not have."""
    wanted = f"(&(objectCategory=person)(sAMAccountName={escape_filter_chars(name)}))"
    connection.search(domain.base_dn, wanted, attributes=list(NUMBERS))
    found = [entry for entry in connection.response if entry["type"] == "searchResEntry"]
    if not found:
        raise LabError(f"{domain.name} has no user {name}")
    values = {name: int((found[0]["raw_attributes"].get(name) or [b"0"])[0]) for name in NUMBERS}
    return values | {"dn": found[0]["dn"]}


def _set_password(connection: ldap3.Connection, dn: str, password: str) -> None:
    _change(connection, dn, unicodePwd=f'"{password}"'.encode("utf-16-le"))


def _change(connection: ldap3.Connection, dn: str, **attributes: object) -> None:
    values = {name: value if isinstance(value, bytes) else str(value) for name, value in attributes.items()}
    changes = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in values.items()}
    _done(connection, connection.modify(dn, changes))


def _done(connection: ldap3.Connection, succeeded: bool) -> None:
    if not succeeded:
        raise LabError(f"the directory refuses it: {connection.result['description']}: {connection.result['message']}")
