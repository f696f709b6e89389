"""A TCP relay that can be told to fail: what stands between the proxy and a server behind it."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Literal

Fault = Literal["none", "down", "silent", "slow", "wrong"]
_SLOW_S = 2.0
_END_LIMIT_S = 5.0
_NONSENSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n\x00nonsense"
)
Connect = Callable[[], Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Relay:
    """`fault` says how connections fare from now on; open ones end when it changes."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._fault: Fault = "none"
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    def set_fault(self, fault: Fault) -> None:
        """Change how connections fare; open ones have ended when it returns."""
        self._fault = fault
        if self._loop is None:
            return
        done = threading.Event()

        def end() -> None:
            self.end_all()
            done.set()

        self._loop.call_soon_threadsafe(end)
        done.wait(_END_LIMIT_S)

    def end_all(self) -> None:
        """End the open connections; on the relay's own thread."""
        for writer in list(self._writers):
            _reset(writer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection."""
        self._loop = asyncio.get_running_loop()
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # it was reset, or the relay ends
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._fault == "down":
            _reset(writer)
        elif self._fault == "silent":
            while await reader.read(65_536):
                pass
        elif self._fault == "wrong":
            while await reader.read(65_536):
                writer.write(_NONSENSE)
        else:
            behind, to_behind = await self._connect()
            self._writers.add(to_behind)
            try:
                await asyncio.gather(_pump(reader, to_behind, 0.0), self._back(behind, writer))
            finally:
                self._writers.discard(to_behind)
                to_behind.close()

    async def _back(self, behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _pump(behind, writer, _SLOW_S if self._fault == "slow" else 0.0)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    while data := await reader.read(65_536):
        if delay_s:
            await asyncio.sleep(delay_s)
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def relay_to(connect: Connect) -> Generator[Relay]:
    """Run a relay on a thread of its own."""
    relay = Relay(connect)
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
        relay.port = server.sockets[0].getsockname()[1]
        ready.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()
        server.close()
        relay.end_all()
        await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    loop, stop = ready.result(timeout=10)
    try:
        yield relay
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
