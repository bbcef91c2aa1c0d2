"""What the scenes share: the stage, the people, and what has been gathered for the report."""

import secrets
import string
from dataclasses import dataclass, field

from demo.accounts import Person
from demo.aws import Aws, Directory, Stack
from demo.computers import Computers
from demo.execution import Execution, Executions
from demo.host import Host, Session
from demo.kerberos import Login
from demo.lab import Journal, Lab, Mail
from demo.rotation import Rotation, Secret
from demo.story import Story

USER = "alice"
RELEASER_ROLE, RELEASER = "identity-engineers", "martha.rivera"


@dataclass
class Gathered:
    """The evidence of the run, as the report shows it."""

    logins: list[tuple[str, Login]] = field(default_factory=list)
    mails: list[dict] = field(default_factory=list)
    calls: list[dict] = field(default_factory=list)
    contained: Execution | None = None
    released: Execution | None = None
    others: list[tuple[str, Execution]] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    account_flows: list[tuple[str, Execution]] = field(default_factory=list)
    answer: dict = field(default_factory=dict)
    record: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    disabled_after: float = 0.0
    told_after: float = 0.0
    rotated_after: float = 0.0
    onboarded_after: float = 0.0
    joined_after: float = 0.0


@dataclass
class Play:
    lab: Lab
    story: Story
    gathered: Gathered = field(default_factory=Gathered)
    passwords: list[str] = field(default_factory=list)
    given_passwords: dict[str, str] = field(default_factory=dict)
    aws: Aws | None = None
    stack: Stack | None = None
    directory: Directory | None = None
    host: Host | None = None
    session: Session | None = None
    executions: Executions | None = None
    calls: Journal | None = None
    mail: Mail | None = None
    onboardings: Executions | None = None
    offboardings: Executions | None = None
    service_secret: Secret | None = None
    computers: Computers | None = None
    mails_before_joining: int = 0
    event: dict = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """A user whose accounts are looked at, the same whoever asks."""
        for person in self.gathered.people:
            if person.name == name:
                return person
        variables = self.lab.variables
        person = Person(name, self.directory, variables["CONNECT_INSTANCE_ID"], variables["AD_DOMAIN"])
        self.gathered.people.append(person)
        return person

    def new_password(self) -> str:
        """One that Active Directory takes as complex. It is remembered only to prove that it is shown nowhere."""
        letters = string.ascii_letters + string.digits
        password = "Aa1-" + "".join(secrets.choice(letters) for _ in range(20))
        self.passwords.append(password)
        return password

    def detector(self) -> str:
        """The account's GuardDuty detector."""
        return self.aws.client("guardduty").list_detectors()["DetectorIds"][0]

    def disable_calls(self) -> list[dict]:
        """Every DisableUser that anyone has called since the finding."""
        return [call for call in self.calls.read() if call["operation"] == "DisableUser"]

    def made(self, operation: str) -> int:
        return len([call for call in self.calls.read() if call["operation"] == operation])


def enabled(user: dict) -> str:
    return "enabled" if user["Enabled"] else "disabled"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
