"""Gives each chunk a context: a model's sentence or two on where in its page it stands.

It is found by and never shown, so that "it must be even" is found under what must be even. Written
once for a text at its place and kept from ingest to ingest; what it costs is told before it is paid
for. A document of which one context cannot be had fails, like a file that cannot be read.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from proxy.corpus import Chunk
from proxy.deadline import Deadline
from proxy.errors import ProxyError, QuotaExhausted, UpstreamAuthError
from proxy.ingest.chunker import CountTokens, TokenBudget
from proxy.ingest.patience import PATIENCE_S, patiently
from proxy.ingest.reading import Failure, Omission, Page
from proxy.ingest.report import ContextCost
from proxy.language.tokens import tokens_in
from proxy.ports import ContextAuthor, ContextStore

CONTEXT_VERSION = "1"
"""Raised when contexts are written otherwise, so that books are made anew."""
CONTEXT_TOKENS = 60
"""Of one context at most; what is more is cut."""
CONCURRENT_CALLS = 4
CALL_TIMEOUT_S = 30.0
_PAGES_AT_ONCE = 16

_MAX_PAGE_CHARS = 12_000
"""Of a longer page its headings and the text around the passage are shown."""
_RULES_TOKENS = 220
_PLAIN = TokenBudget()
SITUATED_BUDGET = TokenBudget(_PLAIN.target - CONTEXT_TOKENS, _PLAIN.maximum - CONTEXT_TOKENS)
"""Chunks leave room for their context in what the embedding model reads."""


@dataclass(slots=True)
class Situating:
    """Contexts of one book."""

    book_id: str
    store: ContextStore
    open_author: Callable[[], Awaitable[ContextAuthor]]
    """Called when the first context has to be written."""
    count_tokens: CountTokens
    """The embedding model's."""
    announce: Callable[[ContextCost], None] = lambda _cost: None
    """Told the cost before it is paid."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _author: ContextAuthor | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _calls: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENT_CALLS))

    async def add_cost(self, page: Page, cost: ContextCost) -> None:
        """Add to `cost` what the contexts of a page cost at most."""
        keys = [_key(chunk) for chunk in page.chunks]
        known = await self.store.known(self.book_id, keys)
        for place, key in enumerate(keys):
            if key in known:
                cost.known += 1
                continue
            shown = tokens_in(_shown(page.chunks, place)) + tokens_in(page.chunks[place].text)
            cost.add(_RULES_TOKENS + shown, CONTEXT_TOKENS)

    async def throughout(
        self, results: AsyncIterable[Page | Omission | Failure]
    ) -> AsyncGenerator[Page | Omission | Failure]:
        """Yield the results in order, chunks with their contexts, some pages at a time.

        Raises:
            ProxyError: as `situated`.
        """
        group: list[Page | Omission | Failure] = []
        async for result in results:
            group.append(result)
            if len(group) == _PAGES_AT_ONCE:
                for one in await self.situated(group):
                    yield one
                group = []
        for one in await self.situated(group):
            yield one

    async def situated(
        self, results: Sequence[Page | Omission | Failure]
    ) -> list[Page | Omission | Failure]:
        """Return the results in order, chunks with their contexts; a page without them has failed.

        Raises:
            UpstreamAuthError, QuotaExhausted: no page can have contexts now.
            RetrievalUnavailable: what was written cannot be kept.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._of_one(result)) for result in results]
        except ExceptionGroup as failed:  # the first cancelled the others: it is the reason
            raise failed.exceptions[0] from failed.exceptions[0].__cause__
        return [task.result() for task in tasks]

    async def _of_one(self, result: Page | Omission | Failure) -> Page | Omission | Failure:
        if not isinstance(result, Page):
            return result
        keys = [_key(chunk) for chunk in result.chunks]
        contexts = dict(await self.store.known(self.book_id, keys))
        missing = [place for place, key in enumerate(keys) if key not in contexts]
        writing = (self._write(result.chunks, place, keys[place]) for place in missing)
        written = await asyncio.gather(*writing, return_exceptions=True)
        for place, context in zip(missing, written, strict=True):
            if isinstance(context, str):
                contexts[keys[place]] = context
            elif isinstance(context, ProxyError) and not isinstance(
                context, UpstreamAuthError | QuotaExhausted
            ):
                reason = f"no context could be written for it: {context.message}"
                return Failure(result.file, reason)
            else:
                raise context
        chunks = [
            replace(chunk, context=contexts[key])
            for chunk, key in zip(result.chunks, keys, strict=True)
        ]
        return replace(result, chunks=chunks)

    async def _write(self, chunks: Sequence[Chunk], place: int, key: str) -> str:
        page, passage = _shown(chunks, place), chunks[place].text
        async with self._calls:
            author = await self._opened()
            patience = Deadline.after(PATIENCE_S)

            async def once() -> str:
                limit = Deadline.after(patience.within(CALL_TIMEOUT_S))
                return await author.write(page, passage, deadline=limit)

            said = await patiently(once, self.sleep, event="context_waits")
            context = self._cut(said)
            await self.store.add(self.book_id, {key: context})
            return context

    async def _opened(self) -> ContextAuthor:
        async with self._opening:
            self._author = self._author or await self.open_author()
            return self._author

    def _cut(self, context: str) -> str:
        """Return as many of its words as there is room for, the first always."""
        words = context.split()[:CONTEXT_TOKENS]
        while len(words) > 1 and self.count_tokens(" ".join(words)) > CONTEXT_TOKENS:
            del words[-max(1, len(words) // 8) :]
        return " ".join(words)


def _key(chunk: Chunk) -> str:
    """Return what a context is kept under: it holds for this text at this place."""
    parts = (CONTEXT_VERSION, chunk.document_id, chunk.header, chunk.text)
    return hashlib.sha256("\n\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _shown(chunks: Sequence[Chunk], place: int) -> str:
    """Return as much of the page as the model is shown to place one of its chunks."""
    pieces = [f"# {chunk.header}\n{chunk.text}" for chunk in chunks]
    whole = "\n\n".join(pieces)
    if len(whole) <= _MAX_PAGE_CHARS:
        return whole
    headings = "\n".join(dict.fromkeys(chunk.header for chunk in chunks))[: _MAX_PAGE_CHARS // 3]
    start = sum(len(piece) + 2 for piece in pieces[:place])
    room = _MAX_PAGE_CHARS - len(headings)
    begin = max(0, start + len(pieces[place]) // 2 - room // 2)
    return f"{headings}\n…\n{whole[begin : begin + room]}"
