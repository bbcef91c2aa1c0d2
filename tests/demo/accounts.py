"""What a person has in Amazon WorkSpaces, Amazon Connect and groups, as those services themselves say it."""

from dataclasses import dataclass, field

from demo.aws import Aws, Directory
from demo.wait import eventually

DEFAULT_GROUP = "Domain Users"


@dataclass
class Accounts:
    """At one time. Ids are by what it is; `agent` is the name that Connect knows."""

    workspaces: dict[str, str]
    agents: dict[str, str]
    groups: list[str]

    @property
    def words(self) -> str:
        """In a line, without ids."""
        workspace = ", ".join(f"WorkSpace {state}" for state in self.workspaces.values()) or "no WorkSpace"
        agent = ", ".join(f"Connect user {name}" for name in self.agents.values()) or "no Connect user"
        return f"{workspace}; {agent}; {self.groups_words}"

    @property
    def groups_words(self) -> str:
        return f"in {', '.join(self.groups)}" if self.groups else "in no group"

    @property
    def shown(self) -> str:
        """As a table, with ids."""
        rows = [("Amazon WorkSpaces", state, id) for id, state in self.workspaces.items()]
        rows = rows or [("Amazon WorkSpaces", "none", "")]
        rows += [("Amazon Connect", name, id) for id, name in self.agents.items()] or [("Amazon Connect", "none", "")]
        rows += [("groups", ", ".join(self.groups) or "none", "")]
        return "\n".join(f"{service:<18} {what:<22} {id}".rstrip() for service, what, id in rows)


@dataclass
class Person:
    """A user of the directory; `seen` are his accounts at times, as the report shows them."""

    name: str
    directory: Directory
    instance: str
    domain: str
    seen: list[tuple[str, Accounts]] = field(default_factory=list)

    @property
    def aws(self) -> Aws:
        return self.directory.aws

    def look(self, when: str) -> Accounts:
        """What he has now; it is kept for the report."""
        accounts = self.accounts()
        self.seen.append((when, accounts))
        return accounts

    def settled(self, when: str) -> Accounts:
        """The same, once a WorkSpace that is told to stop or start has done it."""

        def look() -> Accounts | None:
            accounts = self.accounts()
            return None if any(state.endswith("ING") for state in accounts.workspaces.values()) else accounts

        accounts = eventually(f"the WorkSpace of {self.name} to change no more", look)
        self.seen.append((when, accounts))
        return accounts

    def at(self, when: str) -> Accounts:
        """What was seen then."""
        return dict(self.seen)[when]

    def accounts(self) -> Accounts:
        return Accounts(self._workspaces(), self._agents(), self._groups())

    def _workspaces(self) -> dict[str, str]:
        asked = {"DirectoryId": self.directory.id, "UserName": self.name}
        found = self.aws.client("workspaces").describe_workspaces(**asked)["Workspaces"]
        return {workspace["WorkspaceId"]: workspace["State"] for workspace in found}

    def _agents(self) -> dict[str, str]:
        named = {"FieldName": "Username", "Value": f"{self.name}@{self.domain}", "ComparisonType": "EXACT"}
        criteria = {"StringCondition": named}
        service = self.aws.client("connect")
        found = service.search_users(InstanceId=self.instance, SearchCriteria=criteria)["Users"]
        identities = {user["Id"]: user["IdentityInfo"] for user in found}
        return {id: f"{known['FirstName']} {known['LastName']}" for id, known in identities.items()}

    def _groups(self) -> list[str]:
        asked = {"DirectoryId": self.directory.id, "SAMAccountName": self.name}
        found = self.aws.client("ds-data").list_groups_for_member(**asked)["Groups"]
        return sorted(group["SAMAccountName"] for group in found if group["SAMAccountName"] != DEFAULT_GROUP)
