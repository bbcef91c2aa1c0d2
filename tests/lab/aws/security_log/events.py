"""The events of Windows' security log for a change of an account.

Source: Microsoft's pages "Audit User Account Management" and "Audit Computer Account Management" with one page per event:
which there are, their fields in order, `-` for what does not apply or did not change, %%1793 `<value not set>`, %%1794
`<never>`. Which a change brings: an account is made (4720), then enabled (4722) when it was not made disabled; a new
password (4723 its owner's, 4724 an administrator's); enabled (4722) or disabled (4725), computers too; what else changed
(4738); deleted (4726).
"""

from dataclasses import dataclass
from datetime import datetime

from lab.aws.security_log import uac

NOTHING, NOT_SET, NEVER = "-", "%%1793", "%%1794"
# Well-known: the domain controller itself, and its log-on.
SYSTEM, SYSTEM_LOGON = "S-1-5-18", "0x3e7"
_PASSWORDS = ("unicodePwd", "userPassword", "clearTextPassword")

# A field of the events -> the attribute that it shows.
_SHOWN = {
    "SamAccountName": "sAMAccountName",
    "DisplayName": "displayName",
    "UserPrincipalName": "userPrincipalName",
    "HomeDirectory": "homeDirectory",
    "HomePath": "homeDrive",
    "ScriptPath": "scriptPath",
    "ProfilePath": "profilePath",
    "UserWorkstations": "userWorkstations",
    "PasswordLastSet": "pwdLastSet",
    "AccountExpires": "accountExpires",
    "PrimaryGroupId": "primaryGroupID",
    "AllowedToDelegateTo": "msDS-AllowedToDelegateTo",
    "UserParameters": "userParameters",
    "SidHistory": "sIDHistory",
    "LogonHours": "logonHours",
}
_FLAGS = ("OldUacValue", "NewUacValue", "UserAccountControl")
_FIELDS = (*list(_SHOWN)[:12], *_FLAGS, *list(_SHOWN)[12:])
_WATCHED = ("userAccountControl", *_PASSWORDS, *_SHOWN.values())
_MOMENTS = ("PasswordLastSet", "AccountExpires")
# Samba's own where the request gives none (MS-ADTS 3.1.1.8.1).
_NEW_USER, _NEW_COMPUTER = 0x222, 0x1022


@dataclass(frozen=True)
class Event:
    id: int
    at: datetime
    data: dict


class Log:
    """Derives the events of one domain controller, whose accounts it follows."""

    def __init__(self, domain, accounts):
        self._domain, self._accounts = domain, accounts

    def of(self, change):
        """The events of a change, in their order."""
        derive = {"Add": self._made, "Modify": self._changed, "Delete": self._deleted}
        return derive.get(change.operation, lambda _change: [])(change)

    def _made(self, change):
        classes = [name.lower() for _, values in change.attributes.get("objectclass", []) for name in values or []]
        if not {"user", "computer", "inetorgperson"} & set(classes):
            return []
        default = _NEW_COMPUTER if "computer" in classes else _NEW_USER
        flags = int(change.value("userAccountControl") or default)
        account = self._accounts.add(change.dn, change.value("sAMAccountName"), flags)
        if account is None:
            raise LookupError(f"{change.dn} was made and cannot be found")
        shown = {**_of_new_account(change, account), "SamAccountName": account.name}
        flagged = _flags(0, flags)
        data = self._target(account) | self._subject(change) | {"PrivilegeList": NOTHING} | _in_order(shown, flagged)
        if account.is_computer:
            names = {"DnsHostName": change.value("dNSHostName") or NOTHING, "ServicePrincipalNames": NOTHING}
            return [Event(4741, change.at, data | names)]
        made = [Event(4720, change.at, data)]
        if change.touches(_PASSWORDS[0]):
            made.append(self._plain(4724, change, account))
        return made if flags & uac.DISABLED else [*made, self._plain(4722, change, account)]

    def _changed(self, change):
        watched = any(change.touches(attribute) for attribute in _WATCHED)
        account = self._accounts.of(change.dn) if watched else None
        if account is None:
            return []
        events = []
        old, new = account.flags, int(change.value("userAccountControl") or account.flags)
        account.flags = new
        if (old ^ new) & uac.DISABLED:
            events.append(self._plain(4725 if new & uac.DISABLED else 4722, change, account))
        shown = {name: _value(name, change) for name, attribute in _SHOWN.items() if change.touches(attribute)}
        if number := _new_password(change):
            events.append(self._plain(number, change, account))
            shown["PasswordLastSet"] = _moment(change.at)
        if new_name := change.value("sAMAccountName"):
            events += self._renamed(change, account, new_name)
        if shown or old != new or events:
            events.append(self._described(change, account, shown, old, new))
        return events

    def _renamed(self, change, account, new_name):
        old_name, account.name = account.name, new_name
        if old_name == new_name:
            return []
        names = {"OldTargetUserName": old_name, "NewTargetUserName": new_name}
        where = {name: value for name, value in self._target(account).items() if name != "TargetUserName"}
        data = names | where | self._subject(change) | {"PrivilegeList": NOTHING}
        return [Event(4781, change.at, data)]

    def _described(self, change, account, shown, old, new):
        """What changed."""
        flagged = _flags(old, new) if old != new else {}
        head = {"ComputerAccountChange" if account.is_computer else "Dummy": NOTHING}
        data = head | self._target(account) | self._subject(change) | {"PrivilegeList": NOTHING} | _in_order(shown, flagged)
        if not account.is_computer:
            return Event(4738, change.at, data)
        names = {"DnsHostName": change.value("dNSHostName") or NOTHING, "ServicePrincipalNames": NOTHING}
        return Event(4742, change.at, data | names)

    def _deleted(self, change):
        account = self._accounts.remove(change.dn)
        if account is None:
            return []
        data = self._target(account) | self._subject(change) | {"PrivilegeList": NOTHING}
        return [Event(4743 if account.is_computer else 4726, change.at, data)]

    def _plain(self, number, change, account):
        return Event(number, change.at, self._target(account) | self._subject(change))

    def _target(self, account):
        return {"TargetUserName": account.name, "TargetDomainName": self._domain.netbios, "TargetSid": account.sid}

    def _subject(self, change):
        """Who asked for it. The log-on's number is the session's, as far as it has room."""
        own = f"{self._domain.dc_host.partition('.')[0].upper()}$"
        name = own if change.subject == SYSTEM else self._accounts.named(change.subject)
        logon = SYSTEM_LOGON if change.subject == SYSTEM else f"0x{int(change.session[:8] or '0', 16):x}"
        return {
            "SubjectUserSid": change.subject,
            "SubjectUserName": name or change.subject,
            "SubjectDomainName": self._domain.netbios,
            "SubjectLogonId": logon,
        }


def _new_password(change):
    """A reset replaces the password, its owner's change deletes the old one and adds the new (MS-ADTS 3.1.1.3.1.5.1)."""
    for attribute in _PASSWORDS:
        if change.touches(attribute):
            actions = [action for action, _values in change.attributes[attribute.lower()]]
            return 4723 if "delete" in actions else 4724
    return None


def _of_new_account(change, account):
    shown = {name: change.value(attribute) or NOTHING for name, attribute in _SHOWN.items()}
    primary = change.value("primaryGroupID") or ("515" if account.is_computer else "513")
    return shown | {"PasswordLastSet": NEVER, "AccountExpires": NEVER, "PrimaryGroupId": primary, "LogonHours": NOT_SET}


def _value(name, change):
    """As 4738 shows an attribute's new value; binary ones it does not show."""
    value = change.value(_SHOWN[name])
    if value is None:
        return NOT_SET
    if name in _MOMENTS:
        return NEVER if value in ("0", "9223372036854775807") else _moment(change.at)
    return NOT_SET if name == "LogonHours" else value


def _moment(at):
    return at.strftime("%-m/%-d/%Y %-I:%M:%S %p")


def _flags(old, new):
    values = {"OldUacValue": f"0x{uac.sam(old):x}", "NewUacValue": f"0x{uac.sam(new):x}"}
    return values | {"UserAccountControl": uac.messages(old, new)}


def _in_order(shown, flagged):
    """The fields that 4720, 4738, 4741 and 4742 share, in the order of all four."""
    return {name: (shown | flagged).get(name, NOTHING) for name in _FIELDS}
