"""Carry the AWS endpoint across the border: the same address answers outside the lab's network and inside it."""

import asyncio
import contextlib
import socket

CHUNK = 1 << 16


async def serve(listening: socket.socket) -> asyncio.Server:
    """Accept on a socket of the host's network; connect to the same address in the network of this process."""
    host, port = listening.getsockname()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        for end in (writer, inner_writer):
            end.close()

    return await asyncio.start_server(carry, sock=listening)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the end of the stream and pass the end on; a broken connection is one that has ended."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
