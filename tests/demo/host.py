"""The instance: alice's session there, and what GuardDuty's agent sees of it."""

import json
import subprocess
import uuid
from dataclasses import dataclass

from demo import paths
from demo.errors import DemoError
from demo.lab import Lab

END_SECONDS = 5


@dataclass
class Process:
    pid: int
    parent: int
    uid: int
    euid: int
    started: int
    name: str
    executable: str
    sha256: str
    folder: str
    login_uid: int

    def details(self) -> dict:
        """In the members of GuardDuty's `LineageObject`."""
        return {
            "pid": self.pid,
            "namespacePid": self.pid,
            "userId": self.uid,
            "euid": self.euid,
            "startTime": self.started,
            "name": self.name,
            "executablePath": self.executable,
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.pid}:{self.started}")),
        }


class Host:
    """A joined instance."""

    def __init__(self, lab: Lab, instance_id: str) -> None:
        self.lab, self.id = lab, instance_id
        self.record = next(i for i in json.loads(lab.run("instance", "list")) if i["id"] == instance_id)

    def run(self, *argv: str, stdin: str = "") -> str:
        return self.lab.run("instance", "exec", self.id, "--", *argv, stdin=stdin)

    def observe(self, pid: int) -> list[Process]:
        """The process and its parents, outward."""
        script = (paths.PACKAGE / "observe.sh").read_text()
        rows = [line.split("\t") for line in self.run("bash", "-s", str(pid), stdin=script).splitlines()]
        return [Process(*map(int, row[:5]), *row[5:9], int(row[9])) for row in rows]

    def is_alive(self, process: Process) -> bool:
        return self.lab.try_run("instance", "exec", self.id, "--", "test", "-d", f"/proc/{process.pid}").returncode == 0


class Session:
    """A log-in of a user on the instance whose process keeps running until `end`."""

    def __init__(self, host: Host, user: str) -> None:
        script = (paths.PACKAGE / "beacon.sh").read_text()
        self.process = host.lab.start("instance", "exec", "--user", user, host.id, "--", "bash", "-c", script, "beacon")
        first = self.process.stdout.readline().strip()
        if not first.isdigit():
            self.end()
            raise DemoError(f"{user} could not log in on {host.id}; see {paths.shown(paths.LAB_LOG)}")
        self.chain = host.observe(int(first))

    def end(self) -> None:
        """The end of its input ends it; it is killed only if it does not."""
        self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
