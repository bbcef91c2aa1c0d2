"""A domain as one of its accounts sees it, by LDAPS."""

import base64
import subprocess

from lab import paths, settings, state
from lab.domains import MANAGED

ZONE = f"DC={MANAGED.name},CN=MicrosoftDNS,DC=DomainDnsZones,{MANAGED.base_dn}"


class Account:
    """With the password that the lab has for it."""

    def __init__(self, name, password_of, domain=MANAGED):
        self._login = ["-x", "-H", f"ldaps://{domain.dc_host}", "-D", f"{name}@{domain.name}"]
        self._login += ["-w", domain.password(state.load(), password_of)]
        self._base = domain.base_dn

    def search(self, ldap_filter, *attributes, base=None):
        """The objects, as attribute -> values; `dn` is one of them."""
        tool = ["ldapsearch", *self._login, "-LLL", "-o", "ldif-wrap=no", "-b", base or self._base, ldap_filter, *attributes]
        blocks = _run(tool).stdout.split("\n\n")
        found = [_attributes(block) for block in blocks]
        return [entry for entry in found if "dn" in entry]

    def add(self, dn, **attributes):
        """Whether the directory takes the new object."""
        return self._change("ldapadd", f"dn: {dn}\n" + _lines(attributes))

    def replace(self, dn, name, value):
        return self._change("ldapmodify", f"dn: {dn}\nchangetype: modify\nreplace: {name}\n" + _lines({name: value}))

    def delete(self, dn, *options):
        return _run(["ldapdelete", *self._login, *options, dn]).returncode == 0

    def _change(self, tool, ldif):
        return _run([tool, *self._login], ldif).returncode == 0


def operator():
    return Account(settings.OPERATOR_USER, "operator")


def joiner():
    return Account(settings.JOIN_USER, "join")


def leaver():
    return Account(settings.LEAVE_USER, "leave")


def computer(name):
    """What an LDAP client writes for a computer account."""
    return {"objectClass": "computer", "sAMAccountName": f"{name}$", "userAccountControl": "4096"}


def is_there(dn):
    return bool(operator().search("(objectClass=*)", "objectClass", base=dn))


def _run(tool, stdin=""):
    command = [paths.ROOT / "scripts" / "lab", "exec", "--", *tool]
    return subprocess.run(command, input=stdin, capture_output=True, text=True)


def _attributes(block):
    found = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        if line.startswith("#") or not value:
            continue
        value = base64.b64decode(value[2:]) if value.startswith(": ") else value.strip()
        found.setdefault(name, []).append(value)
    return found


def _lines(attributes):
    lines = []
    for name, value in attributes.items():
        if isinstance(value, bytes):
            lines.append(f"{name}:: {base64.b64encode(value).decode()}")
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines) + "\n"
