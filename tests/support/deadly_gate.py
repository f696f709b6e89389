"""A way to a server on which whoever comes is killed at its n-th request."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

_PIECE_BYTES = 65_536


class DeadlyGate:
    """Passes bytes on in both directions, and counts what the client sends.

    A client of HTTP/1.1 sends no request before it has the answer to the one before, so that bytes
    behind an answer begin another one.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 0)
        self.url = ""
        self.requests = 0
        self.deadly = 0
        """The request at which `kill` is called, 0: none."""
        self.kill: Callable[[], None] = lambda: None
        self.passes_it_on = False
        """Whether the deadly request still reaches the server."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be the server of one connection."""
        up_reader, up_writer = await asyncio.open_connection(*self._target)
        answering = asyncio.create_task(_pass_on(up_reader, writer))
        try:
            while data := await reader.read(_PIECE_BYTES):
                if data.startswith((b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")):
                    self.requests += 1
                    if self.requests == self.deadly:
                        self.kill()
                        if not self.passes_it_on:
                            break
                up_writer.write(data)
                await up_writer.drain()
        except OSError:
            pass  # the client is gone, as it should be
        finally:
            up_writer.close()
            writer.close()
            await asyncio.wait({answering})


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_PIECE_BYTES):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # as above


@asynccontextmanager
async def deadly_gate(target: str) -> AsyncGenerator[DeadlyGate]:
    """Open a gate before the server at the URL `target`."""
    gate = DeadlyGate(target)
    server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    async with server:
        gate.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield gate
