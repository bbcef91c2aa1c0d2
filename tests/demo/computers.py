"""Instances that are only launched, as the computer table, the directory and they themselves say how they stand."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.aws import Aws, Stack
from demo.errors import DemoError
from demo.lab import Lab
from demo.wait import PAUSE_SECONDS, eventually

PATIENCE_SECONDS = 180
# With the operator's rights, of whom the directory hides nothing. $1 is where to look, $2 for what.
SEARCH = """
LDAPTLS_CACERT=$AD_CA_FILE ldapsearch -x -LLL -o ldif-wrap=no -H "$AD_LDAPS_URL" -D "$AD_OPERATOR_USER@$AD_DOMAIN" \\
  -y <(printf %s "$AD_OPERATOR_PASSWORD") -b "$1" "$2" description
"""
# What is under way, in the table's words and in ours.
WORDS = {
    ("requested", None): "is to be joined",
    ("sent", "prepare"): "a command makes a key pair on it",
    ("sent", "creating"): "its computer object is made, with a one-time password",
    ("sent", "joining"): "a command joins it: the password is sealed to its key",
    ("sent", "join"): "a command joins it: the password is sealed to its key",
    ("joined", None): "is a member",
    ("leaving", None): "its computer object is removed",
    ("left", None): "nothing of it is left",
}


@dataclass
class Computer:
    """An instance with the name of its tag; `steps` are what the table said of it, with seconds since it was awaited."""

    name: str
    id: str
    account: str
    region: str
    steps: list[tuple[float, str, str]] = field(default_factory=list)
    object: str = ""
    sid: str = ""
    marker: str = ""

    @property
    def place(self) -> str:
        return f"account {self.account}, {self.region}"


class Computers:
    """All that the demo launches."""

    def __init__(self, lab: Lab, stack: Stack, aws: Aws) -> None:
        self.lab, self.stack, self.aws = lab, stack, aws
        self.all: list[Computer] = []

    def launch(self, name: str, account: str, region: str, group: str) -> Computer:
        """As anybody launches an instance: nothing but a tag says who may log in."""
        place = ["--account", account, "--region", region]
        tags = ["--tag", f"Name={name}", "--tag", f"adGroupName={group}"]
        id = self.lab.run("instance", "run", "--unjoined", *place, *tags).strip()
        self.all.append(Computer(name, id, account, region))
        return self.all[-1]

    def until(self, state: str, computers: list[Computer], on_step: Callable[[Computer, str], None]) -> None:
        """Wait until the table has all of them in a state; tell of each step."""
        began, waiting = time.monotonic(), list(computers)
        while waiting:
            items = {item["pk"]: item for item in self.stack.items("ComputerTableName") if item["sk"] == "computer"}
            for computer in list(waiting):
                item = items.get(computer.id, {})
                self._note(computer, item, time.monotonic() - began, on_step)
                if item.get("state") == state:
                    waiting.remove(computer)
                elif item.get("state") == "failed":
                    raise DemoError(f"{computer.name} could not be joined: {item['reason']} {item['detail']}")
            if time.monotonic() - began > PATIENCE_SECONDS:
                names = ", ".join(computer.name for computer in waiting)
                raise DemoError(f"waited {PATIENCE_SECONDS} s in vain for {names} to be {state}")
            time.sleep(PAUSE_SECONDS)

    def _note(self, computer: Computer, item: dict, seconds: float, on_step: Callable[[Computer, str], None]) -> None:
        words = WORDS.get((item.get("state"), item.get("phase")))
        if words is None or (computer.steps and computer.steps[-1][2] == words):
            return
        computer.steps.append((seconds, item["state"], words))
        computer.object, computer.marker = item["name"], item["marker"]
        computer.sid = item["sid"] or computer.sid
        on_step(computer, words)

    def objects(self, computer: Computer) -> list[tuple[str, str]]:
        """The directory's computers of its name or its SID: where they are, and what their descriptions say."""
        base = self.lab.variables["JOIN_OU"].partition(",DC=")
        wanted = f"(&(objectClass=computer)(|(sAMAccountName={computer.object}$)(objectSid={computer.sid})))"
        found = self.lab.run("exec", "--", "bash", "-c", SEARCH, "search", f"DC={base[2]}", wanted)
        entries = [dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line) for entry in found.split("\n\n")]
        return [(entry["dn"], entry.get("description", "")) for entry in entries if "dn" in entry]

    def is_member(self, computer: Computer) -> bool:
        """Whether the domain takes the key that the instance has, as itself. No answer is asked for again."""
        kinit = ("kinit", "-k", "-c", "MEMORY:", f"{computer.object}$")

        def look() -> bool | None:
            ended = self.lab.try_run("instance", "exec", computer.id, "--", *kinit)
            return None if "Cannot contact" in ended.stderr else ended.returncode == 0

        return eventually(f"a domain controller to answer {computer.name}", look)

    def admits(self, computer: Computer, user: str) -> bool:
        """Whether a user's log-in passes PAM there, as with an SSH key."""
        ended = self.lab.try_run("instance", "exec", "--user", user, computer.id, "--", "id", "-un")
        if ended.returncode != 0 and "denied" not in ended.stderr:
            raise DemoError(f"the log-in of {user} on {computer.name} was neither taken nor denied: {ended.stderr.strip()}")
        return ended.returncode == 0 and ended.stdout.strip() == user

    def keys(self, computer: Computer) -> str:
        """The key pairs that are left on it."""
        return self.lab.run("instance", "exec", computer.id, "--", "find", "/run/adsteward", "-name", "key-*").strip()

    def join_command(self, computer: Computer) -> dict:
        """The last command on it, as everybody sees it who may look at Systems Manager's history."""
        history = self.aws.client("ssm").list_commands(InstanceId=computer.id)["Commands"]
        return next(command["Parameters"] for command in history if command["Parameters"]["Action"] == ["join"])

    def terminate(self, computer: Computer) -> None:
        self.lab.run("instance", "terminate", computer.id)


def shown(parameters: dict) -> str:
    """A command's parameters, one in a line; a long value as its beginning and its length."""
    values = {name: value[0] for name, value in sorted(parameters.items()) if value[0]}
    texts = {name: value if len(value) < 80 else f"{value[:60]}... ({len(value)} characters)" for name, value in values.items()}
    return "\n".join(f"{name:<14} {json.dumps(text)[1:-1]}" for name, text in texts.items())
