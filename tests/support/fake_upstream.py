"""A fake upstream on a real loopback socket: answers as it is told, remembers what was asked.

In the test's own event loop, or on a thread of its own for synchronous clients::

    async with FakeGemini() as fake: ...
    with FakeGemini() as fake: ...

What it answers is the business of who derives from it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support.gemini_replies import Reply
from tests.support.gemini_requests import RecordedRequest
from tests.support.http_wire import HungUp, Wire
from tests.support.journal import Journal
from tests.support.loopback import LoopbackServer, Peer
from tests.support.waiting import LONG_ENOUGH_S


@dataclass(frozen=True, slots=True)
class Opened:
    """A client has connected."""

    connection_id: int
    at_s: float


@dataclass(slots=True)
class Exchange:
    """A request, and how far its answer has come."""

    request: RecordedRequest
    wire: Wire = field(repr=False)
    is_answered: bool = False
    """Whether the answer was sent to its end."""

    @property
    def bytes_sent(self) -> int:
        """Bytes of body that were handed over so far."""
        return self.wire.bytes_sent


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer was sent to its end."""

    exchange: Exchange
    at_s: float


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """A client has closed its connection."""

    connection_id: int
    at_s: float
    """On the monotonic clock."""
    mid_reply: bool
    """Whether an answer was under way, or owed."""
    by_reset: bool


Event = Opened | Exchange | Answered | PeerClosed


class FakeUpstream:
    """An HTTP server that notices everything."""

    def __init__(self) -> None:
        self.journal = Journal[Event]()
        self._request_count = 0
        self._owed: dict[int, Exchange] = {}
        self._server = LoopbackServer(
            self._serve, on_opened=self._note_opened, on_gone=self._note_gone
        )

    def choose(self, request: RecordedRequest) -> Reply:
        """Return what a request is answered with."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Root of the server."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def exchanges(self) -> list[Exchange]:
        """Everything that was asked, oldest first."""
        return [entry for entry in self.journal.entries() if isinstance(entry, Exchange)]

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests, oldest first."""
        return [exchange.request for exchange in self.exchanges]

    @property
    def open_connections(self) -> int:
        """Connections open right now."""
        return self._server.open_connections

    async def wait_for_request(
        self, operation: str | None = None, *, nth: int = 1, timeout_s: float = LONG_ENOUGH_S
    ) -> RecordedRequest:
        """Return the `nth` request (to `operation`), waiting for it if it has not come yet.

        Raises:
            AssertionError: it did not come in time.
        """

        def wanted(entry: Event) -> bool:
            return isinstance(entry, Exchange) and operation in {None, entry.request.operation}

        what = f"request {nth} to {operation or 'anything'}"
        found = await self.journal.find(wanted, what=what, nth=nth, timeout_s=timeout_s)
        assert isinstance(found, Exchange)
        return found.request

    async def wait_for_peer_closed(
        self, *, mid_reply: bool = True, nth: int = 1, timeout_s: float = LONG_ENOUGH_S
    ) -> PeerClosed:
        """Return how the client closed a connection (in the middle of an answer).

        Raises:
            AssertionError: it did not do so in time.
        """

        def wanted(entry: Event) -> bool:
            return isinstance(entry, PeerClosed) and entry.mid_reply is mid_reply

        what = f"close {'during' if mid_reply else 'between'} answers"
        found = await self.journal.find(wanted, what=what, nth=nth, timeout_s=timeout_s)
        assert isinstance(found, PeerClosed)
        return found

    async def wait_for_answered(
        self, *, nth: int = 1, timeout_s: float = LONG_ENOUGH_S
    ) -> Exchange:
        """Return the `nth` exchange whose answer was sent to its end.

        Raises:
            AssertionError: it was not in time.
        """
        found = await self.journal.find(
            lambda entry: isinstance(entry, Answered),
            what=f"complete answer {nth}",
            nth=nth,
            timeout_s=timeout_s,
        )
        assert isinstance(found, Answered)
        return found.exchange

    async def wait_until_left(self) -> None:
        """Return when nobody waits for an answer any more: given, or the client has closed.

        Raises:
            AssertionError: somebody does.
        """

        def is_left(entries: Sequence[Event]) -> bool:
            owed = sum(isinstance(one, Exchange) and not one.is_answered for one in entries)
            return owed == sum(isinstance(one, PeerClosed) and one.mid_reply for one in entries)

        await self.journal.until(is_left, what="end of every answer")

    async def _serve(self, peer: Peer) -> None:
        while (sent := await peer.read_request()) is not None:
            self._request_count += 1
            request = RecordedRequest.of(
                sent,
                number=self._request_count,
                connection_id=peer.number,
                received_s=time.monotonic(),
            )
            exchange = Exchange(request, peer.new_wire())
            self._owed[peer.number] = exchange
            self.journal.add(exchange)
            try:
                await self.choose(request).play(exchange.wire, request)
            except (HungUp, ConnectionError):
                return
            finally:
                del self._owed[peer.number]
            exchange.is_answered = True
            self.journal.add(Answered(exchange, time.monotonic()))
            if request.headers.get("connection", "").lower() == "close":
                return

    def _note_opened(self, peer: Peer) -> None:
        self.journal.add(Opened(peer.number, time.monotonic()))

    def _note_gone(self, peer: Peer) -> None:
        closed = PeerClosed(
            connection_id=peer.number,
            at_s=time.monotonic(),
            mid_reply=peer.number in self._owed,
            by_reset=peer.by_reset,
        )
        self.journal.add(closed)

    async def __aenter__(self) -> Self:
        """Serve in the running event loop."""
        await self._server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop all connections; a script that failed fails the test."""
        await self._server.stop()
        if error is None:
            self._server.raise_failures()

    def __enter__(self) -> Self:
        """Serve on a thread of its own."""
        self._server.start_thread()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop all connections; a script that failed fails the test."""
        self._server.join_thread()
        if error is None:
            self._server.raise_failures()
