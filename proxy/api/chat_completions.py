"""POST /v1/chat/completions, as JSON or as a stream of server-sent events."""

import asyncio
import os
import re
import time
from contextlib import aclosing

import orjson
from fastapi import APIRouter, Request, Response
from starlette.types import Send

from proxy.api.admission import Admitted
from proxy.api.connection import WhileConnected
from proxy.api.deps import CHAT_BODY_LIMIT_BYTES, json_body, links_of, state_of
from proxy.api.errors import as_proxy_error
from proxy.api.guard import GuardedRoute
from proxy.api.openapi import json_request
from proxy.deadline import Deadline
from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.models import ResolvedModel
from proxy.protocol.parsing import parse
from proxy.protocol.rag_options import RagOptions, rag_object, read_rag_options
from proxy.protocol.sse import DONE, ChunkEncoder, error_event
from proxy.rag.pipeline import Answer
from proxy.rag.sources import SourceLinks
from proxy.state import AppState

router = APIRouter(route_class=GuardedRoute, tags=["OpenAI"])

_UNFIT_FOR_HEADERS = re.compile(rb"[^!-~]")
_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


@router.post(
    "/v1/chat/completions",
    summary="Answer a chat from the books",
    openapi_extra=json_request(ChatCompletionRequest),
)
async def create_chat_completion(request: Request) -> Response:
    """Continue a chat; the answer is grounded in the books unless `rag.enabled` is false."""
    state = state_of(request)
    chat = parse(ChatCompletionRequest, await json_body(request, CHAT_BODY_LIMIT_BYTES))
    model = state.catalog.resolve_chat(chat.model)
    options = read_rag_options(
        body=rag_object(chat.rag, chat.extra_body),
        headers=request.headers,
        metadata=chat.metadata,
        suffix=model.rag,
    )
    completion = ChatCompletion(state, chat, model, options, links_of(request))
    return WhileConnected(completion.send)


class ChatCompletion:
    """One answer on its way out."""

    def __init__(
        self,
        state: AppState,
        chat: ChatCompletionRequest,
        model: ResolvedModel,
        options: RagOptions,
        links: SourceLinks,
    ) -> None:
        self._state = state
        self._chat = chat
        self._model = model
        self._options = options
        self._links = links
        self._id = f"chatcmpl-{os.urandom(12).hex()}"
        self._created_unix_s = int(time.time())

    async def send(self, send: Send) -> None:
        """Answer; headers go out with the first event, so that earlier failures keep a status."""
        deadline = Deadline.after(self._state.settings.server.request_timeout_s)
        with Admitted(self._state.admission):
            answer = await self._state.pipeline.answer(
                self._chat, self._model, self._options, links=self._links, deadline=deadline
            )
            async with aclosing(answer.events):
                if self._chat.stream:
                    await self._send_stream(answer, send)
                else:
                    await self._send_whole(answer, send)

    async def _send_whole(self, answer: Answer, send: Send) -> None:
        fold = Accumulator()
        async for batch in answer.events:
            fold.feed(batch)
        completion = fold.result(
            completion_id=self._id, created_unix_s=self._created_unix_s, model=self._chat.model
        )
        body = orjson.dumps(completion)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *self._headers(answer),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _send_stream(self, answer: Answer, send: Send) -> None:
        options = self._chat.stream_options
        encoder = ChunkEncoder(
            completion_id=self._id,
            created_unix_s=self._created_unix_s,
            model=self._chat.model,
            include_usage=bool(options and options.include_usage),
        )
        first = await anext(answer.events)
        headers = [*_STREAM_HEADERS, *self._headers(answer)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _send_piece(send, encoder.start() + encoder.encode(first))
        try:
            async for batch in answer.events:
                await _send_piece(send, encoder.encode(batch))
        except Exception as exc:  # noqa: BLE001 - the tail of a stream: the status is out already
            last = error_event(as_proxy_error(exc))
        else:
            last = DONE
        await send({"type": "http.response.body", "body": last, "more_body": False})

    def _headers(self, answer: Answer) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"x-rag-status", answer.rag_status.encode()),
            (b"x-upstream-model", self._model.upstream.encode()),
        ]
        if answer.rag_reason:
            headers.append((b"x-rag-reason", answer.rag_reason.encode()))
        if ignored := self._chat.ignored_params:
            names = ",".join(ignored)[:512].encode("ascii", "replace")
            headers.append((b"x-ignored-params", _UNFIT_FOR_HEADERS.sub(b"?", names)))
        return headers


async def _send_piece(send: Send, piece: bytes) -> None:
    if piece:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        # Lets a cancellation in: with a fast upstream and a blocked client there is no other
        # suspension, and a client that is gone would be served on for seconds.
        await asyncio.sleep(0)
