"""One long-running process of the lab, with its log."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from lab import paths
from lab.errors import LabError

STOP_SECONDS = 5

# Nothing of the caller's environment reaches the lab's services.
ENVIRONMENT = {
    "PATH": f"{paths.BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(paths.PACKAGE.parent),
    "PYTHONUNBUFFERED": "1",
    paths.VARIABLE: paths.NAME,
}


class Service:
    """`command` gives the command line at each start; `ready` returns once the service answers."""

    def __init__(self, name: str, command: Callable[[], list[str]], ready: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self.command = command
        self.ready = ready
        self.log = paths.LOGS / f"{name}.log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command(), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT,
                start_new_session=True,
            )

    async def wait_until_ready(self) -> None:
        ready, ended = asyncio.ensure_future(self.ready()), asyncio.ensure_future(self.process.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise LabError(f"{self.name} ended with exit code {ended.result()} while starting; see {self.log}")
            ready.result()
        finally:
            ready.cancel()
            ended.cancel()

    async def stop(self) -> None:
        """End the process and all that it started."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    def describe(self) -> dict:
        ended = self.process is not None and self.process.returncode is not None
        state = "not started" if self.process is None else f"ended ({self.process.returncode})" if ended else "running"
        return {"name": self.name, "state": state, "pid": self.process.pid if self.process else None,
                "log": str(self.log)}
