"""The lab's first processes. Pid 1 only collects orphans; when its one child, the supervisor, ends, the kernel ends all
that runs in the lab. The supervisor prepares the network, runs the directories and AWS, and answers on the control socket."""

import asyncio
import json
import os
import signal
import socket
import sys
import traceback

from lab import aws_service, domains, forwarder, instances, network, paths, settings, state
from lab.directory import server, snapshot
from lab.domains import Domain
from lab.errors import LabError


def main() -> None:
    """Split into pid 1 and the supervisor."""
    supervisor = os.fork()
    if supervisor == 0:
        asyncio.run(Supervisor(socket.socket(fileno=int(sys.argv[1]))).live())
        return
    while True:
        ended, status = os.wait()
        if ended == supervisor:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


class Supervisor:
    def __init__(self, endpoint: socket.socket) -> None:
        self.endpoint = endpoint
        self.directories = {domain: server.service(domain) for domain in domains.ALL}
        self.services = list(self.directories.values())
        self.ended = asyncio.Event()
        self.requests = {"status": self._status, "restore": self._restore, "down": self._down}

    async def live(self) -> None:
        """Start everything; stay until told to stop, or until `up` goes away before it was content."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.ended.set)
        lifeline = asyncio.create_task(self._watch_lifeline())
        starting, ended = asyncio.create_task(self._start()), asyncio.create_task(self.ended.wait())
        await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and _report(starting):
            await ended
        for task in (lifeline, starting):
            task.cancel()
        for file in (paths.CONTROL, paths.STATE):
            file.unlink(missing_ok=True)

    async def _watch_lifeline(self) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        if await reader.readline() != b"keep\n":
            self.ended.set()

    async def _start(self) -> None:
        await asyncio.to_thread(network.prepare)
        await asyncio.gather(*(asyncio.to_thread(_prepare_directory, domain) for domain in domains.ALL))
        _collect_authorities()
        port = self.endpoint.getsockname()[1]
        _write_state(port)
        await asyncio.start_unix_server(self._answer, paths.CONTROL)
        os.chown(paths.CONTROL, *_owner())
        await forwarder.serve(self.endpoint)
        if aws_service.present():
            self.services.append(aws_service.service(port))
        _tell(progress="starting " + " and ".join(service.name for service in self.services))
        for service in self.services:
            await service.start()
        await asyncio.gather(*(service.wait_until_ready() for service in self.services))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line with a request's name, one JSON line back. A caller that only looks who answers sends nothing."""
        request = (await reader.readline()).decode().strip()
        try:
            answer = await self.requests[request]() if request else {}
        except LabError as error:
            answer = {"error": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    async def _status(self) -> dict:
        return {"services": [service.describe() for service in self.services]}

    async def _restore(self) -> dict:
        """Discard the instances and give the directories the snapshots' content; everything else goes on running."""
        await asyncio.to_thread(instances.discard_all)
        await asyncio.gather(*(self._restore_directory(domain) for domain in self.directories))
        return {}

    async def _restore_directory(self, domain: Domain) -> None:
        process = self.directories[domain]
        await process.stop()
        await asyncio.to_thread(snapshot.restore, domain)
        await process.start()
        await process.wait_until_ready()

    async def _down(self) -> dict:
        self.ended.set()
        return {}


def _prepare_directory(domain: Domain) -> None:
    if snapshot.archive(domain).exists():
        snapshot.restore(domain)
    else:
        _tell(progress=f"making the Active Directory {domain.name} (once; a few seconds)")
        snapshot.make(domain)


def _collect_authorities() -> None:
    authorities = [domain.home / "private" / "tls" / "ca.pem" for domain in domains.ALL]
    paths.CA_FILE.write_text("".join(file.read_text() for file in authorities))


def _write_state(port: int) -> None:
    state.write_private(paths.STATE, json.dumps({
        "endpoint": f"http://127.0.0.1:{port}", "port": port, "account_id": settings.ACCOUNT_ID,
        "region": settings.REGION, "directory_id": settings.DIRECTORY_ID, "stack_name": settings.STACK_NAME,
        "access_key_id": settings.ACCESS_KEY_ID, "secret_access_key": settings.SECRET_ACCESS_KEY,
        **snapshot.passwords(),
    }))


def _owner() -> tuple[int, int]:
    """Who called `up`: the owner of the folder that it made."""
    folder = paths.RUN.stat()
    return folder.st_uid, folder.st_gid


def _report(starting: asyncio.Task) -> bool:
    """Tell `up` how the start went."""
    error = starting.exception()
    if error is None:
        _tell(ready=True)
        return True
    if not isinstance(error, LabError):
        traceback.print_exception(error)
        error = f"the supervisor failed ({error}); see {paths.LOGS / 'supervisor.log'}"
    _tell(failed=str(error))
    return False


def _tell(**message: object) -> None:
    # In one piece: several threads tell.
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
