"""A fake Gemini on a real loopback socket: answers, is scripted, breaks on request, remembers.

In the test's own event loop, or on a thread of its own for synchronous clients::

    async with FakeGemini() as fake: ...
    with FakeGemini() as fake: ...

Unscripted it answers as `gemini_defaults.py` says; `gemini_replies.py` has what it can be told.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support import gemini_errors as errors
from tests.support.gemini_defaults import default_reply
from tests.support.gemini_replies import Reply
from tests.support.gemini_requests import (
    EMBEDDING_OPERATIONS,
    GENERATING_OPERATIONS,
    RecordedRequest,
)
from tests.support.http_wire import HungUp, Wire
from tests.support.journal import Journal
from tests.support.loopback import LoopbackServer, Peer

BAD_KEY = "bad-key"
"""The API key that is refused as an invalid one."""

Script = Callable[[RecordedRequest], Reply | None]


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


class FakeGemini:
    """Gemini's REST API as far as a proxy uses it."""

    def __init__(self) -> None:
        self.journal = Journal[Event]()
        self._request_count = 0
        self._owed: dict[int, Exchange] = {}
        self._server = LoopbackServer(
            self._serve, on_opened=self._note_opened, on_gone=self._note_gone
        )
        self.reset()

    def reply(self, *replies: Reply) -> None:
        """Answer the next requests to generate with these, one each, then as usual again."""
        self._generating.extend(replies)

    def reply_to_embedding(self, *replies: Reply) -> None:
        """Answer the next embedding requests with these, one each, then as usual again."""
        self._embedding.extend(replies)

    def reply_by(self, script: Script) -> None:
        """Ask `script` about every request that no queued reply is for; None: as usual.

        In a threaded fake it runs on the fake's thread.
        """
        self._script = script

    def reset(self) -> None:
        """Forget the script and all that has happened; connections stay open."""
        self._generating = deque[Reply]()
        self._embedding = deque[Reply]()
        self._script: Script = lambda _request: None
        self.journal.clear()

    @property
    def url(self) -> str:
        """Root of the API, without version: what GEMINI_BASE_URL wants."""
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
    def generating_requests(self) -> list[RecordedRequest]:
        """The requests to generate, oldest first."""
        return [one for one in self.requests if one.operation in GENERATING_OPERATIONS]

    @property
    def embedding_requests(self) -> list[RecordedRequest]:
        """The requests to embed, oldest first."""
        return [one for one in self.requests if one.operation in EMBEDDING_OPERATIONS]

    @property
    def open_connections(self) -> int:
        """Connections open right now."""
        return self._server.open_connections

    async def wait_for_request(
        self, operation: str | None = None, *, nth: int = 1, timeout_s: float = 5.0
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
        self, *, mid_reply: bool = True, nth: int = 1, timeout_s: float = 5.0
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

    async def wait_for_answered(self, *, nth: int = 1, timeout_s: float = 5.0) -> Exchange:
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
                await self._choose(request).play(exchange.wire, request)
            except (HungUp, ConnectionError):
                return
            finally:
                del self._owed[peer.number]
            exchange.is_answered = True
            self.journal.add(Answered(exchange, time.monotonic()))
            if request.headers.get("connection", "").lower() == "close":
                return

    def _choose(self, request: RecordedRequest) -> Reply:
        if not request.api_key:
            return errors.api_key_missing()
        if request.api_key == BAD_KEY:
            return errors.api_key_invalid()
        if request.operation in GENERATING_OPERATIONS and self._generating:
            return self._generating.popleft()
        if request.operation in EMBEDDING_OPERATIONS and self._embedding:
            return self._embedding.popleft()
        return self._script(request) or default_reply(request)

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
