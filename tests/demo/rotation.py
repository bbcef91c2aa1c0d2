"""Secrets and their rotation, as a person starts and sees them."""

import json
from dataclasses import dataclass, field

from demo.aws import Aws, Directory
from demo.kerberos import Login, log_in
from demo.lab import Lab
from demo.wait import eventually

LABELS = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
RULES = {"AutomaticallyAfterDays": 30}


@dataclass
class Row:
    """A staging label; `number` counts the secret's versions as they were seen. A version without a value has no log-in."""

    label: str
    number: int
    version: str
    login: Login | None

    @property
    def words(self) -> str:
        return self.login.verdict if self.login else "has no value"


@dataclass
class Step:
    attempt: int
    name: str
    words: str
    ok: bool


@dataclass
class Rotation:
    """One rotation as the report shows it: `tables` are the labels at times."""

    title: str
    secret: str
    steps: list[Step] = field(default_factory=list)
    tables: list[tuple[str, list[Row]]] = field(default_factory=list)


class Secret:
    """A secret with the password of a directory user. Every password that is read is added to `passwords`."""

    def __init__(self, lab: Lab, aws: Aws, arn: str, user: str, realm: str, passwords: list[str]) -> None:
        self.lab, self.aws, self.arn, self.user, self.realm = lab, aws, arn, user, realm
        self.passwords = passwords
        self.numbers: dict[str, int] = {}
        self.service = aws.client("secretsmanager")

    @classmethod
    def store(
        cls, lab: Lab, directory: Directory, realm: str, user: str, password: str, passwords: list[str]
    ) -> "Secret":
        """A new secret in the form of AWS's article, under a name that the stack lets the function rotate."""
        value = json.dumps({"Directory ID": directory.id, "UserName": user, "Password": password})
        service = directory.aws.client("secretsmanager")
        created = service.create_secret(Name=f"rotated/{user}", SecretString=value)
        return cls(lab, directory.aws, created["ARN"], user, realm, passwords)

    @property
    def name(self) -> str:
        return self.arn.split(":")[6]

    def turn_on(self, function: str) -> None:
        """Have it rotated by the function from now on: Secrets Manager rotates at once."""
        self.service.rotate_secret(SecretId=self.arn, RotationLambdaARN=function, RotationRules=RULES)

    def rotate(self) -> None:
        """The console's button "Rotate secret immediately"."""
        self.service.rotate_secret(SecretId=self.arn)

    def labels(self) -> list[Row]:
        """The labels, and whether the password of each logs in: one try for each version."""
        described = self.service.describe_secret(SecretId=self.arn)["VersionIdsToStages"]
        holders = {label: version for version, labels in described.items() for label in labels}
        for label in reversed(LABELS):
            if label in holders:
                self.numbers.setdefault(holders[label], len(self.numbers) + 1)
        logins: dict[str, Login | None] = {}
        for label in LABELS:
            if label in holders and holders[label] not in logins:
                logins[holders[label]] = self._log_in(holders[label])
        return [
            Row(label, self.numbers[holders[label]], holders[label], logins[holders[label]])
            for label in LABELS
            if label in holders
        ]

    def remember(self, label: str) -> None:
        """A password that will be given up is looked for in the end, too."""
        self._password(VersionStage=label)

    def _log_in(self, version: str) -> Login | None:
        try:
            password = self._password(VersionId=version)
        except self.service.exceptions.ResourceNotFoundException:
            return None
        return log_in(self.lab, self.user, password, self.realm)

    def _password(self, **which: str) -> str:
        text = self.service.get_secret_value(SecretId=self.arn, **which)["SecretString"]
        password = json.loads(text)["Password"]
        self.passwords.append(password)
        return password

    def wait_for_step(self, step: str, attempt: int = 1) -> None:
        """Until its last rotation has begun a step."""

        def look() -> bool | None:
            taken = self._rotations()[-1]["steps"]
            return any((one["step"], one["attempt"]) == (step, attempt) for one in taken) or None

        eventually(f"{step} of {self.name}, attempt {attempt}", look)

    def ended(self) -> tuple[str, list[Step]]:
        """Wait for the end of its rotation: the outcome, and the steps with what the function said of each."""

        def look() -> dict | None:
            last = self._rotations()[-1]
            return last if last["outcome"] != "InProgress" else None

        run = eventually(f"the end of the rotation of {self.name}", look)
        said = self._said(run)
        steps = []
        for taken in run["steps"]:
            attempt, name, error = taken["attempt"], taken["step"], taken["error"]
            words = error or next((said.pop(i)[1] for i, line in enumerate(said) if line[0] == name), "")
            steps.append(Step(attempt, name, words, error is None))
        return run["outcome"], steps

    def _said(self, run: dict) -> list[tuple[str, str]]:
        """Step and message of each log line about a step of the rotation that ended well, oldest first."""
        group = f"/aws/lambda/{run['function'].rpartition(':')[2]}"
        events = self.aws.client("logs").filter_log_events(logGroupName=group)["events"]
        lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
        ours = [line for line in lines if line.get("secret.version") == run["version"] and line.get("level") == "INFO"]
        return [(line["step"], line["message"]) for line in ours]

    def _rotations(self) -> list[dict]:
        """As the lab's Secrets Manager has made them; on AWS, CloudTrail tells of them."""
        runs = [json.loads(line) for line in self.lab.run("rotations").splitlines()]
        return [run for run in runs if run["secret"] == self.arn]


def standing(rows: list[Row]) -> str:
    """In a line. AWSPENDING on AWSCURRENT's version says only that no rotation is under way, and is left out."""
    current = next((row.version for row in rows if row.label == "AWSCURRENT"), "")
    told = [row for row in rows if row.label != "AWSPENDING" or row.version != current]
    return "; ".join(f"{row.label} version {row.number}, {row.words}" for row in told)


def shown(rows: list[Row]) -> str:
    """The labels as a table."""
    return "\n".join(f"{row.label:<12} version {row.number}  {row.version}  {row.words}" for row in rows)
