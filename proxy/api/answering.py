"""An answer on its way out, whichever endpoint asked: a place, headers, then one body or a stream.

What the bytes say is the business of the endpoint's `AnswerForm`.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Send

from proxy.api.entry import Entry
from proxy.api.errors import as_proxy_error
from proxy.api.passages import note_lookup
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, ProxyError, ServerStopping
from proxy.limits.gate import Use
from proxy.protocol.chat_events import ChatEvent, model_in
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.models import ModelCatalog, ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.pipeline import Answer
from proxy.rag.sources import SourceLinks
from proxy.telemetry.metrics import BROKEN_STREAMS
from proxy.telemetry.requests import current_request

CACHE_HIT = (b"x-cache", b"hit")
"""The header of an answer that was written for somebody before."""
_UNFIT_FOR_HEADERS = re.compile(rb"[^!-~]")
_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class AnswerForm(Protocol):
    """How an endpoint writes an answer.

    As a stream: `start`, `stream` every batch, then `end` or `fail`. As JSON: `fold` every batch,
    then `whole`.
    """

    def start(self) -> bytes:
        """Return what opens a stream."""
        ...

    def stream(self, batch: list[ChatEvent]) -> bytes:
        """Return a batch, maybe nothing."""
        ...

    def end(self) -> bytes:
        """Return what ends a stream that is complete."""
        ...

    def fail(self, error: ProxyError) -> bytes:
        """Return what ends a stream that cannot go on."""
        ...

    def fold(self, batch: list[ChatEvent]) -> None:
        """Take a batch."""
        ...

    def whole(self) -> bytes:
        """Return the JSON of all that was taken."""
        ...


class Answerer(Protocol):
    """Whoever begins an answer: the pipeline, or a turn of a conversation around it."""

    async def answer(
        self,
        chat: ChatCompletionRequest,
        model: ResolvedModel,
        options: RagOptions,
        *,
        links: SourceLinks,
        deadline: Deadline,
    ) -> Answer:
        """See `Pipeline.answer`."""
        ...


@dataclass(slots=True)
class Question:
    """What an endpoint was asked, in the words of the core."""

    chat: ChatCompletionRequest
    model: ResolvedModel
    options: RagOptions
    links: SourceLinks
    ignored_params: Sequence[str]
    headers: Sequence[tuple[bytes, bytes]] = ()
    """What the endpoint adds to those of the answer."""


class Answering:
    """Answers one question in one form."""

    def __init__(
        self,
        answerer: Answerer,
        entry: Entry,
        question: Question,
        form: AnswerForm,
        *,
        timeout_s: float,
    ) -> None:
        self._answerer = answerer
        self._entry = entry
        self._timeout_s = timeout_s
        self._question = question
        self._form = form
        self._upstream = question.model.upstream

    async def send(self, send: Send) -> None:
        """Answer; headers go out with the first event, so that earlier failures keep a status.

        Raises:
            ProxyError: it failed before anything was sent.
        """
        deadline = Deadline.after(self._timeout_s)
        asked = self._question
        async with self._entry as use:
            answer = await self._answerer.answer(
                asked.chat, asked.model, asked.options, links=asked.links, deadline=deadline
            )
            note_lookup(use, answer, asked.links)
            record = current_request()
            record.rag_status, record.rag_reason = answer.rag_status, answer.rag_reason or ""
            async with aclosing(answer.events):
                try:
                    await (self._send_stream if asked.chat.stream else self._send_whole)(
                        answer, use, send
                    )
                except InvalidRequest as exc:
                    exc.param = answer.clients_param(exc.param)
                    raise

    async def _send_whole(self, answer: Answer, use: Use, send: Send) -> None:
        async for batch in answer.events:
            use.feed(batch)
            self._form.fold(batch)
            self._note_model(batch)
        body = self._form.whole()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *self._headers(answer),
            *use.headers,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _send_stream(self, answer: Answer, use: Use, send: Send) -> None:
        first = await anext(answer.events)
        use.feed(first)
        self._note_model(first)
        current_request().first_token()
        headers = [*_STREAM_HEADERS, *self._headers(answer), *use.headers]
        piece = self._form.start() + self._form.stream(first)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            await _send_piece(send, piece)
            async for batch in answer.events:
                use.feed(batch)
                await _send_piece(send, self._form.stream(batch))
        except asyncio.CancelledError:
            # Either the server stops, or the client has gone and nothing is sent any more.
            last = self._form.fail(ServerStopping("The server is stopping; the answer ends here."))
            await send({"type": "http.response.body", "body": last, "more_body": False})
            raise
        except Exception as exc:  # noqa: BLE001 - the tail of a stream: the status is out already
            use.has_failed = True
            error = as_proxy_error(exc)
            current_request().failure = error.code
            BROKEN_STREAMS.add(error.code)
            last = self._form.fail(error)
        else:
            last = self._form.end()
        await send({"type": "http.response.body", "body": last, "more_body": False})

    def _note_model(self, batch: list[ChatEvent]) -> None:
        """Note which model answers, if that is another."""
        if other := model_in(batch):
            self._upstream = current_request().model = other

    def _headers(self, answer: Answer) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"x-rag-status", answer.rag_status.encode()),
            (b"x-upstream-model", self._upstream.encode()),
            *self._question.headers,
        ]
        if answer.is_recalled:
            headers.append(CACHE_HIT)
        if answer.is_lost:
            headers.append((b"x-persisted", b"false"))
        if answer.rag_reason:
            headers.append((b"x-rag-reason", answer.rag_reason.encode()))
        if ignored := self._question.ignored_params:
            names = ",".join(ignored)[:512].encode("ascii", "replace")
            headers.append((b"x-ignored-params", _UNFIT_FOR_HEADERS.sub(b"?", names)))
        return headers


def ignored_params(
    unknown: Sequence[str],
    chat: ChatCompletionRequest,
    model: ResolvedModel,
    catalog: ModelCatalog,
) -> Sequence[str]:
    """Return the parameters without effect, sorted: `unknown` ones and those the model ignores."""
    if not (tuning := chat.tuning):
        return unknown
    return sorted([*unknown, *(tuning & catalog.params_without_effect(model.upstream))])


async def _send_piece(send: Send, piece: bytes) -> None:
    if piece:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        # Lets a cancellation in: with a fast upstream and a blocked client there is no other
        # suspension, and a client that is gone would be served on for seconds.
        await asyncio.sleep(0)
