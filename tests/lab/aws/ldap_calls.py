"""LDAPS of a domain at the addresses that `controllers` listens at: each connection and each operation is a call that meets
faults and is written down (`scripts/lab fault ldap Delete lost-answer`).

TLS ends here, with the domain controller's own certificate, and begins anew towards it.
"""

import asyncio
import contextlib
import secrets
import socket
import ssl
import struct

from lab import paths
from lab.aws import faults, ldap_messages, ledger, workers
from lab.aws.request import Request

PORT = 636


class Listener:
    """One address. The sockets are accepted by hand: TLS begins only when the connection has met its fault."""

    def __init__(self, domain, address):
        self._domain = domain
        self._listening = socket.create_server((address, PORT), backlog=100)
        self._listening.setblocking(False)
        self._connections = set()
        self._accepting = asyncio.create_task(self._accept())

    async def _accept(self):
        while True:
            accepted, peer = await asyncio.get_running_loop().sock_accept(self._listening)
            connection = asyncio.create_task(Connection(self._domain, accepted).serve(peer))
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)

    def close(self):
        self._accepting.cancel()
        self._listening.close()


class Ended(Exception):
    """The fault ends the connection."""


class Connection:
    def __init__(self, domain, accepted):
        self._domain, self._socket = domain, accepted
        self._address = accepted.getsockname()[0]
        self._process = self._reader = self._writer = None
        # Id of a message whose answer is not to arrive -> the kind of the fault.
        self._watched = {}

    async def serve(self, peer):
        self._process = await asyncio.to_thread(workers.connecting, peer[:2], self._socket.getsockname()[:2])
        with contextlib.suppress(Ended, OSError, asyncio.IncompleteReadError):
            if await self._may_connect():
                await self._begin_tls()
                await self._carry()
        (self._writer or self._socket).close()

    async def _may_connect(self):
        fault, loop = self._due("Connect", self._domain.dc_host), asyncio.get_running_loop()
        if fault is None:
            return True
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return True
        if fault.kind == "error-before":  # the client sees its connection reset, not ended
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif fault.kind == "garbage":
            await loop.sock_sendall(self._socket, secrets.token_bytes(64))
        if fault.kind != "error-before":
            while await loop.sock_recv(self._socket, 4096):
                pass
        return False

    async def _begin_tls(self):
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(self._reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, self._socket, ssl=_own_context(self._domain))
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)

    async def _carry(self):
        context = ssl.create_default_context(cafile=str(paths.CA_FILE))
        inner, outer = await asyncio.open_connection(
            self._domain.address, PORT, ssl=context, server_hostname=self._domain.dc_host
        )
        answering = asyncio.ensure_future(self._answer(inner))
        asking = asyncio.ensure_future(self._ask(outer))
        try:
            done, _ = await asyncio.wait({answering, asking}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            answering.cancel()
            asking.cancel()
            outer.close()

    async def _ask(self, outer):
        while True:
            message = await ldap_messages.read(self._reader)
            if await self._may_pass(message, outer):
                outer.write(message.raw)
                await outer.drain()

    async def _may_pass(self, message, outer):
        fault = self._due(message.operation, message.dn) if message.operation else None
        if fault is None:
            return True
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind in ("lost-answer", "kill-after"):
            self._watched[message.id] = fault.kind
        elif fault.kind == "late-effect":
            self._writer.close()
            await asyncio.sleep(fault.seconds)
            self._watched[message.id] = "lost-answer"
            outer.write(message.raw)
            await asyncio.Future()  # until the answer, which is lost
        elif fault.kind in ("error-before", "throttle"):
            code = ldap_messages.BUSY if fault.kind == "throttle" else ldap_messages.UNAVAILABLE
            await self._send(message.result(code))
            return False
        else:
            if fault.kind == "garbage":
                await self._send(secrets.token_bytes(64))
            return False
        return True

    async def _answer(self, inner):
        while True:
            message = await ldap_messages.read(inner)
            if kind := self._watched.get(message.id):
                if kind == "kill-after":
                    self._process.kill()
                raise Ended
            await self._send(message.raw)

    async def _send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    def _due(self, operation, dn):
        request = Request("ldap", operation, {"address": self._address, "dn": dn})
        event = self._process.event if self._process else ""
        fault = faults.due(request, event, self._process)
        ledger.record_call(request, self._process.function if self._process else "operator", dn, None, fault, event)
        return fault


def _own_context(domain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = domain.home / "private" / "tls"
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
