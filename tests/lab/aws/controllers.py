"""The addresses that DescribeDirectories shows, and those of the trusted forest's domain: two for each, as on AWS, both carried
to its domain controller.

A connection to port 88 is a call that meets faults and is written down, like one to AWS: `scripts/lab fault kerberos Exchange
KIND`. Kerberos over TCP puts four bytes of length before each message (RFC 4120, 7.2.2). LDAPS of all but the Simple
AD, to which nothing of the product speaks by LDAP: `ldap_calls`.
"""

import asyncio
import contextlib
import secrets
import socket
import struct

from lab import domains
from lab.aws import faults, ldap_calls, ledger, workers
from lab.aws.request import Request

KERBEROS = 88
# DNS, LDAP, changes of passwords.
PLAIN = (53, 389, 464)
CHUNK = 1 << 16


async def serve():
    """Listen; the lab's endpoint answers only when its directories do."""
    servers = []
    for domain in domains.ALL:
        for address in domain.dns_addresses:
            servers += [await _listen(domain, address, port) for port in (KERBEROS, *PLAIN)]
            observed = domain is not domains.SIMPLE
            servers.append(ldap_calls.Listener(domain, address) if observed else await _listen(domain, address, ldap_calls.PORT))
    return servers


async def _listen(domain, address, port):
    async def carry(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if port != KERBEROS or await _meet(domain, reader, writer):
                await _carry(domain, port, reader, writer)
        writer.close()

    return await asyncio.start_server(carry, address, port)


async def _meet(domain, reader, writer):
    """Write the call down and let it meet its fault; whether the connection is to be carried then."""
    client, server = (writer.get_extra_info(end) for end in ("peername", "sockname"))
    process = await asyncio.to_thread(workers.connecting, client, server)
    request = Request("kerberos", "Exchange", {"realm": domain.realm, "address": server[0]})
    event = process.event if process else ""
    fault = faults.due(request, event, process)
    ledger.record_call(request, process.function if process else "operator", domain.realm, None, fault, event)
    if fault is None:
        return True
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return True
    if fault.kind == "error-before":
        _reset(writer)
        return False
    message = await _message(reader)
    if fault.kind == "silent":
        await reader.read()  # until the client has had enough
    elif fault.kind == "garbage":
        writer.write(struct.pack(">I", 64) + secrets.token_bytes(64))
        await writer.drain()
    else:
        await _ask(domain, message)
        if fault.kind == "kill-after":
            process.kill()
    return False


def _reset(writer):
    """The client sees its connection refused or reset, not ended."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _message(reader):
    head = await reader.readexactly(4)
    return head + await reader.readexactly(*struct.unpack(">I", head))


async def _ask(domain, message):
    """The domain controller does what it does, and its answer is lost."""
    reader, writer = await asyncio.open_connection(domain.address, KERBEROS)
    writer.write(message)
    await writer.drain()
    await _message(reader)
    writer.close()


async def _carry(domain, port, reader, writer):
    inner_reader, inner_writer = await asyncio.open_connection(domain.address, port)
    try:
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
    finally:
        inner_writer.close()


async def _copy(reader, writer):
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
