"""A raw TCP server on loopback that notices at once when a client closes.

Runs in the caller's event loop (`async with`) or on a thread of its own (`with`). The fakes are
made of it; asyncio's own `start_server` tells of a closed client only to who reads.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from tests.support.http_wire import HttpRequest, Wire, new_reader, read_request
from tests.support.waiting import LONG_ENOUGH_S

Serve = Callable[["Peer"], Awaitable[None]]
OnPeer = Callable[["Peer"], None]


class Peer(asyncio.StreamReaderProtocol):
    """One client's connection."""

    def __init__(self, server: "LoopbackServer", number: int) -> None:
        self.number = number
        """From 1, in the order of connecting."""
        self.gone = asyncio.Event()
        """Set when the client has closed its side or reset the connection."""
        self.lost = asyncio.Event()
        """Set when nothing of the connection is left."""
        self.by_reset = False
        self._server = server
        super().__init__(new_reader(), self._connected)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        # Then `drain` returns when the kernel has everything, and what was sent can be counted.
        writer.transport.set_write_buffer_limits(high=0)
        self._server.opened(self)

    async def read_request(self) -> HttpRequest | None:
        """Return the client's next request, None when it has closed."""
        return await read_request(self.reader)

    def new_wire(self) -> Wire:
        """Return what the answer to one request is written to."""
        return Wire(self.writer, self.gone)

    def eof_received(self) -> bool | None:
        """Note that the client has sent its last byte."""
        if not self.writer.transport.is_closing():
            self._note_gone()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end; `exc` None means it was ours."""
        if exc is not None and not self.gone.is_set():
            self.by_reset = True
            self._note_gone()
        super().connection_lost(exc)
        self.lost.set()

    def _note_gone(self) -> None:
        self.gone.set()
        self._server.on_gone(self)


class LoopbackServer:
    """Calls `serve` for each connection on a free port of 127.0.0.1."""

    def __init__(self, serve: Serve, *, on_opened: OnPeer, on_gone: OnPeer) -> None:
        self.on_gone = on_gone
        self.port = 0
        self._serve = serve
        self._on_opened = on_opened
        self._peers: dict[asyncio.Task[None], Peer] = {}
        self._count = 0
        self._failures: list[Exception] = []
        self._server: asyncio.Server | None = None
        self._thread: threading.Thread | None = None
        self._stop_thread: Callable[[], object] = lambda: None

    @property
    def open_connections(self) -> int:
        """Connections being served right now."""
        return len(self._peers)

    def opened(self, peer: Peer) -> None:
        """Begin to serve a connection."""
        self._on_opened(peer)
        task = asyncio.ensure_future(self._serve_and_close(peer))
        self._peers[task] = peer
        task.add_done_callback(self._ended)

    async def _serve_and_close(self, peer: Peer) -> None:
        try:
            await self._serve(peer)
        finally:
            peer.writer.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._peers[task]
        if not task.cancelled() and isinstance(failure := task.exception(), Exception):
            self._failures.append(failure)

    def _new_peer(self) -> Peer:
        self._count += 1
        return Peer(self, self._count)

    async def start(self) -> None:
        """Listen, in the running event loop."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new_peer, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        assert self._server is not None
        self._server.close()
        peers = dict(self._peers)
        for task, peer in peers.items():
            task.cancel()
            peer.writer.transport.abort()
        await asyncio.gather(*peers, return_exceptions=True)
        for peer in peers.values():
            await peer.lost.wait()
        await self._server.wait_closed()

    def raise_failures(self) -> None:
        """Raise what went wrong while serving, which a client saw only as a broken connection.

        Raises:
            ExceptionGroup: something did.
        """
        failures, self._failures = self._failures, []
        if failures:
            raise ExceptionGroup("the fake server failed", failures)

    def start_thread(self) -> None:
        """Listen, on a thread with an event loop of its own."""
        started = Future[None]()

        async def run() -> None:
            stop = asyncio.Event()
            loop = asyncio.get_running_loop()
            self._stop_thread = lambda: loop.call_soon_threadsafe(stop.set)
            await self.start()
            started.set_result(None)
            await stop.wait()
            await self.stop()

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), name="fake", daemon=True)
        self._thread.start()
        started.result(timeout=LONG_ENOUGH_S)

    def join_thread(self) -> None:
        """Stop the thread and wait for its end."""
        assert self._thread is not None
        self._stop_thread()
        self._thread.join(timeout=LONG_ENOUGH_S)
