"""POST /v1/chat/completions, as JSON or as a stream of server-sent events."""

import time
from functools import partial

import orjson
from fastapi import APIRouter, Request, Response

from proxy.api.answering import Answering, Question, ignored_params
from proxy.api.connection import WhileConnected
from proxy.api.deps import CHAT_BODY_LIMIT_BYTES, json_body, links_of, state_of
from proxy.api.entry import entry_for, text_read
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.headers import headers_of
from proxy.api.openapi import json_request
from proxy.api.policy import within_policy
from proxy.errors import ProxyError
from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.ids import new_id
from proxy.protocol.parsing import parse
from proxy.protocol.rag_options import RAG_HEADERS, rag_object, read_rag_options
from proxy.protocol.sse import DONE, ChunkEncoder, error_event

router = APIRouter(route_class=GuardedRoute, tags=["OpenAI"])


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
        headers=headers_of(request.scope).starting_with(RAG_HEADERS),
        metadata=chat.metadata,
        suffix=model.rag,
    )
    ignored = ignored_params(chat.ignored_params, chat, model, state.catalog)
    answering = Answering(
        state.pipeline,
        entry_for(request, model.upstream, partial(text_read, chat)),
        Question(
            chat,
            model,
            await within_policy(request, options.for_reader(caller_of(request).background)),
            links_of(request),
            ignored,
        ),
        ChatForm(chat),
        timeout_s=state.settings.server.request_timeout_s,
    )
    return WhileConnected(answering.send)


class ChatForm:
    """Writes an answer as a chat completion; see `answering.AnswerForm`."""

    def __init__(self, chat: ChatCompletionRequest) -> None:
        self._model = chat.model
        self._choices = chat.n or 1
        self._id = f"chatcmpl-{new_id()}"
        self._created_unix_s = int(time.time())
        options = chat.stream_options
        if chat.stream:
            self._chunks = ChunkEncoder(
                completion_id=self._id,
                created_unix_s=self._created_unix_s,
                model=chat.model,
                include_usage=bool(options and options.include_usage),
            )
        else:
            self._folded = Accumulator(self._choices)

    def start(self) -> bytes:
        """Return the chunks that open the stream."""
        return self._chunks.start(self._choices)

    def stream(self, batch: list[ChatEvent]) -> bytes:
        """Return the chunks of a batch."""
        return self._chunks.encode(batch)

    def end(self) -> bytes:
        """Return what ends the stream."""
        return DONE

    def fail(self, error: ProxyError) -> bytes:
        """Return the event that tells of a failure."""
        return error_event(error)

    def fold(self, batch: list[ChatEvent]) -> None:
        """Take a batch."""
        self._folded.feed(batch)

    def whole(self) -> bytes:
        """Return the completion."""
        completion = self._folded.result(
            completion_id=self._id, created_unix_s=self._created_unix_s, model=self._model
        )
        return orjson.dumps(completion)
