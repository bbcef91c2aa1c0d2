"""The lab, through its command line."""

import json
import re
import shlex
import shutil
import subprocess
from collections import deque
from collections.abc import Callable

from demo import paths
from demo.errors import DemoError

END_SECONDS = 10
LAST_LINES = 12
# The time in front of what the lab reports: the demo shows its own.
PROGRESS = re.compile(r"^\[ *[\d.]+s\] ")

# A mail names the execution that sent it.
ABOUT_ACCOUNTS = re.compile(r"^ *execution +\S+-(?:on|off)board-user:", re.IGNORECASE | re.MULTILINE)


class Lab:
    """Runs `scripts/lab`; what it says besides its results goes to a log."""

    def __init__(self) -> None:
        shutil.rmtree(paths.OUTPUT, ignore_errors=True)
        paths.LOGS.mkdir(parents=True)
        paths.LAB_LOG.touch()
        self.variables: dict[str, str] = {}

    def run(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints; it must succeed."""
        ended = self.try_run(*arguments, stdin=stdin)
        if ended.returncode != 0:
            shown = shlex.join(arguments[:3])
            raise DemoError(f"`scripts/lab {shown}` ended with {ended.returncode}: {ended.stderr.strip()[-2000:]}")
        return ended.stdout

    def try_run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        ended = subprocess.run([paths.LAB, *arguments], input=stdin, capture_output=True, text=True, check=False)
        self._log(ended.stderr)
        return ended

    def follow(self, *arguments: str, on_line: Callable[[str], None]) -> None:
        """Run a long command and pass on what it reports; it ends with us when we are interrupted."""
        process = subprocess.Popen(
            [paths.LAB, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            last = deque(maxlen=LAST_LINES)
            for line in process.stdout:
                self._log(line)
                if line := PROGRESS.sub("", line.strip()):
                    last.append(line)
                    on_line(line)
            if process.wait() != 0:
                raise DemoError("\n".join([f"`scripts/lab {shlex.join(arguments)}` failed:", *last]))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(END_SECONDS)

    def start(self, *arguments: str) -> subprocess.Popen:
        """A command that goes on; it is told to end by the end of its input."""
        with open(paths.LAB_LOG, "ab") as log:
            return subprocess.Popen(
                [paths.LAB, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def down(self) -> None:
        """End the lab even while somebody presses Ctrl-C again: in a session of its own."""
        subprocess.run(
            [paths.LAB, "down"], stdin=subprocess.DEVNULL, capture_output=True, check=True, start_new_session=True
        )

    def load_variables(self) -> None:
        """The values of `env`; they hold the operator's password."""
        words = shlex.split(self.run("env"))
        self.variables = dict(word.split("=", 1) for word in words if "=" in word)

    def _log(self, text: str) -> None:
        with open(paths.LAB_LOG, "a") as log:
            log.write(text)


class Journal:
    """The lab's journal of a kind (`calls` or `mail`) from now on."""

    def __init__(self, lab: Lab, kind: str) -> None:
        self.lab, self.kind = lab, kind
        self.cursor = self._entries("0")[-1]["cursor"]

    def read(self) -> list[dict]:
        return self._entries(self.cursor)[:-1]

    def _entries(self, since: str) -> list[dict]:
        return [json.loads(line) for line in self.lab.run(self.kind, "--since", since).splitlines()]


class Mail(Journal):
    """All mail from now on. What is told of people's accounts comes in its own time, between the mails of the other flows."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "mail")

    def read(self) -> list[dict]:
        """Without what is told of accounts."""
        return [mail for mail in self.all() if not ABOUT_ACCOUNTS.search(mail["body"])]

    def of_accounts(self, user: str) -> list[dict]:
        """What was told of this user's accounts."""
        return [mail for mail in self.all() if ABOUT_ACCOUNTS.search(mail["body"]) and f" {user} " in mail["body"]]

    def all(self) -> list[dict]:
        return super().read()
