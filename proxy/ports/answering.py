"""What answers a chat, and what it may need on the way."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from proxy.corpus import Passage
from proxy.deadline import Deadline
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest


@dataclass(frozen=True, slots=True)
class Grounding:
    """What the book says to a question, beside the request that already carries it as text."""

    question: str
    passages: tuple[Passage, ...]
    """In the order of their numbers: `[n]` is `passages[n - 1]`."""
    was_searched: bool = True
    """False when the book could not be searched: then no passages mean nothing."""
    nearby: tuple[Passage, ...] = ()
    """Where nothing fits: what comes closest, for its titles only."""
    effort: str | None = None
    """How much thinking is enough, in OpenAI's words, where the client says nothing of it; a model
    that thinks no more than that by itself is left alone."""


class ChatGenerator(Protocol):
    """Answers a chat."""

    def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events in batches, never empty: what is known to have come together.

        `model` is the resolved upstream name. Messages in `request` are complete: `grounding` only
        repeats in structured form what they hold. The last events are one `Finish` per choice and
        one `Usage`; an answer that ends without them raises instead. Where another model answers,
        `AnsweredBy` is the first event of all. Nothing is retried once an event was yielded.
        Closing the generator closes the upstream call at once.

        Raises:
            ProxyError: the upstream refused, failed or took too long.
        """
        ...

    async def check(self) -> None:
        """Return when the upstream is usable as configured, without spending tokens.

        Raises:
            ProxyError: with the reason.
        """
        ...


class ImageFetcher(Protocol):
    """Gets images that a chat names by their web address, where the operator allows it."""

    async def fetch_image(self, url: str, *, deadline: Deadline) -> tuple[bytes, str]:
        """Return the image and its media type: png, jpeg, webp, heic or heif, at most 10 MB.

        Only the public internet is reached. `url` is a client's, well-formed or not.

        Raises:
            InvalidRequest: the URL is not allowed (`code="invalid_image_url"`), nothing came from
                it in time (the same), or no such image (`code="invalid_image_format"`). Without
                `param`, which the caller knows.
        """
        ...


class Reranker(Protocol):
    """Puts passages in the order in which they answer a question."""

    async def order(
        self, question: str, texts: Sequence[str], *, deadline: Deadline
    ) -> Sequence[int]:
        """Return indices of `texts`, the best first; what is left out stays behind, as it was.

        Raises:
            ProxyError: it failed, or did not answer within its own limit.
        """
        ...


class Cache(Protocol):
    """Remembers values for a while.

    It may forget any of them at any time; a failure of what is behind it is a value forgotten, so
    that nothing here raises.
    """

    async def get(self, key: str) -> bytes | None:
        """Return a value, None where there is none any more."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Remember a value, in place of the one before."""
        ...
