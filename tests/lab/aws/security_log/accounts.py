"""What the domain controller knows of its accounts and the security log must tell, but the audit stream does not: security
identifiers, and the flags that an account had before a change.

Followed change by change, because the directory itself may have moved on when a change is looked at.
"""

from dataclasses import dataclass, field

from lab.aws.security_log import names, uac


@dataclass
class Account:
    """A user or computer; `made` grows with each object of the domain controller."""

    dn: str
    sid: str
    name: str
    flags: int
    kinds: list = field(default_factory=list)
    deleted: bool = False
    made: int = 0

    @property
    def is_computer(self):
        """A computer's events are others (4741 to 4743); trusts and gMSAs do not exist in the lab."""
        return "computer" in self.kinds or bool(self.flags & uac.COMPUTERS)


class Accounts:
    """`directory` is asked for what is not known yet: see `search`."""

    def __init__(self, directory):
        self._directory = directory
        found = directory.everyone()
        self._by_place = {names.key(account.dn): account for account in found if not account.deleted}
        self._by_sid = {account.sid: account for account in found}

    def of(self, dn):
        return self._by_place.get(names.key(dn)) or self._moved(dn)

    def named(self, sid):
        """The name of the account with the security identifier."""
        account = self._by_sid.get(sid)
        return account.name if account else None

    def add(self, dn, name, flags):
        """The account that was just made; None when it is no account, or cannot be told any more.

        It may have been deleted or renamed already: it is the first made of those that were unknown."""
        unknown = [account for account in self._directory.made(dn, name) if account.sid not in self._by_sid]
        if not unknown:
            return None
        account = min(unknown, key=lambda account: account.made)
        account.dn, account.name, account.flags, account.deleted = dn, name or account.name, flags, False
        self._by_place[names.key(dn)] = self._by_sid[account.sid] = account
        return account

    def remove(self, dn):
        """The account that is gone with this; its security identifier stays known, for it is never given again."""
        account = self.of(dn)
        if account:
            account.deleted = True
            del self._by_place[names.key(dn)]
        return account

    def _moved(self, dn):
        """A known account at another place: Samba does not audit that an object is renamed or moved. It may be deleted by now."""
        found = self._directory.at(dn) or self._directory.deleted_from(dn)
        known = [self._by_sid[account.sid] for account in found if account.sid in self._by_sid]
        account = next((account for account in known if not account.deleted), None)
        if account:
            if self._by_place.get(names.key(account.dn)) is account:
                del self._by_place[names.key(account.dn)]
            account.dn = dn
            self._by_place[names.key(dn)] = account
        return account
