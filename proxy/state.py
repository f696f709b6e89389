"""What a running proxy is made of."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from proxy.deadline import CHECK_TIMEOUT_S
from proxy.dialogue.turn import Dialogue
from proxy.errors import ProxyError
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.recognition import Recognition
from proxy.library.desk import Desk
from proxy.limits.accounts import Accounts
from proxy.limits.gate import Gate
from proxy.ports import BookIndex, Embedder, IndexWriter
from proxy.protocol.models import ModelCatalog
from proxy.rag.pipeline import Pipeline
from proxy.rag.retrieve import Retriever
from proxy.settings import Settings
from proxy.store import LazyStore
from proxy.telemetry.tracing import Tracing
from proxy.upstream import Upstream

_FRESH_S = 5.0
"""An outcome stands this long, so that probes cost an upstream nothing to speak of."""

IN_PROCESS = "in-process"
"""What stands in for a dependency where this process does its work as well, if less well."""


@dataclass(slots=True)
class Admission:
    """How many answers this process is writing, and how many it may."""

    limit: int
    open: int = 0


@dataclass(slots=True)
class DependencyCheck:
    """Asks one dependency whether it works, not more often than makes sense and once at a time."""

    check: Callable[[], Awaitable[None]]
    stand_in: str | None = None
    """The dependency that does the work of this one while this one cannot."""
    _outcome: str = ""
    _checked_at_s: float = field(default=-_FRESH_S)
    _asking: asyncio.Task[str] | None = None

    async def outcome(self) -> str:
        """Return "ok", or the reason in a word."""
        if time.monotonic() - self._checked_at_s < _FRESH_S:
            return self._outcome
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)  # who goes away leaves the others their answer

    async def _ask(self) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self.check()
            self._outcome = "ok"
        except TimeoutError:
            self._outcome = "timeout"
        except ProxyError as exc:
            self._outcome = exc.code
        finally:
            self._asking = None
        self._checked_at_s = time.monotonic()
        return self._outcome


@dataclass(frozen=True, slots=True)
class AppState:
    """Opened by `bootstrap.py`, read by `api/`."""

    settings: Settings
    catalog: ModelCatalog
    pipeline: Pipeline
    retriever: Retriever
    index: BookIndex
    embedder: Embedder
    decode_tokens: Callable[[Sequence[Sequence[int]]], Awaitable[list[str]]]
    """Return the texts that lists of `cl100k_base` tokens stand for."""
    checks: Mapping[str, "DependencyCheck"]
    """By the name of the dependency."""
    admission: "Admission"
    refresh_index: Callable[[], Awaitable[None]]
    """Called when another process published an edition."""
    open_writer: Callable[[], AbstractAsyncContextManager[IndexWriter]]
    """Opens what changes the books; the index is told of each change."""
    desk: Desk
    local_token: str
    """What the command line of this machine identifies itself with."""
    store: LazyStore
    dialogue: Dialogue
    gate: Gate
    accounts: Accounts
    recognition: Recognition
    anonymous_ids: AnonymousIds
    upstreams: Sequence[Upstream]
    tracing: Tracing | None
    has_stored_keys: bool
    """Whether a key was ever created; then callers need one, whatever the settings say."""
