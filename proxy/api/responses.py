"""POST /v1/responses, as JSON or as a stream of server-sent events; nothing is stored."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.types import Send

from proxy.api.answering import Answering, Question, ignored_params
from proxy.api.connection import WhileConnected
from proxy.api.deps import CHAT_BODY_LIMIT_BYTES, json_body, links_of, state_of
from proxy.api.entry import entry_for, text_read
from proxy.api.errors import printable
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.headers import headers_of
from proxy.api.openapi import json_request
from proxy.api.policy import within_policy
from proxy.errors import InvalidRequest, NotFound, ProxyError
from proxy.protocol.as_json import as_json
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.ids import new_id
from proxy.protocol.parsing import parse
from proxy.protocol.rag_options import RAG_HEADERS, read_rag_options
from proxy.protocol.responses_fold import ResponseFold
from proxy.protocol.responses_object import response_object
from proxy.protocol.responses_request import ResponsesRequest
from proxy.protocol.responses_stream import ResponseWriter, encode
from proxy.protocol.responses_to_chat import ResponsesChat, responses_to_chat

router = APIRouter(route_class=GuardedRoute, tags=["OpenAI"])


@router.post(
    "/v1/responses",
    summary="Answer from the books, as a response",
    openapi_extra=json_request(ResponsesRequest),
)
async def create_response(request: Request) -> Response:
    """Make a response; it is grounded in the books unless `rag.enabled` is false."""
    state = state_of(request)
    asked = parse(ResponsesRequest, await json_body(request, CHAT_BODY_LIMIT_BYTES))
    translated = responses_to_chat(asked)
    chat = translated.chat
    model = state.catalog.resolve_chat(chat.model)
    try:
        asked_for = read_rag_options(
            body=chat.rag,
            headers=headers_of(request.scope).starting_with(RAG_HEADERS),
            metadata=chat.metadata,
            suffix=model.rag,
        )
        options = await within_policy(request, asked_for.for_reader(caller_of(request).background))
    except InvalidRequest as exc:
        exc.param = translated.param_of(exc.param)
        raise
    ignored = ignored_params(asked.ignored_params, chat, model, state.catalog)
    question = Question(chat, model, options, links_of(request), ignored)
    answering = Answering(
        state.pipeline,
        entry_for(request, model.upstream, partial(text_read, chat)),
        question,
        ResponseForm(asked),
        timeout_s=state.settings.server.request_timeout_s,
    )
    return WhileConnected(_in_the_clients_words(answering.send, translated))


@router.get("/v1/responses/{response_id}", summary="Find no response: none are stored")
@router.delete("/v1/responses/{response_id}", summary="Delete no response: none are stored")
async def refuse_stored_response(response_id: str) -> Response:
    """Answer 404: responses are not kept."""
    raise NotFound(
        f"No response '{printable(response_id)[:100]}': responses are not stored here.",
        param="response_id",
        code="response_not_found",
    )


class ResponseForm:
    """Writes an answer as a response; see `answering.AnswerForm`."""

    def __init__(self, asked: ResponsesRequest) -> None:
        response = response_object(
            asked, response_id=f"resp_{new_id()}", created_unix_s=int(time.time())
        )
        self._writer = ResponseWriter(response, shows_signatures=asked.wants_signatures)
        self._fold = ResponseFold(self._writer)

    def start(self) -> bytes:
        """Return the events that open the response."""
        return encode(self._writer.start())

    def stream(self, batch: list[ChatEvent]) -> bytes:
        """Return the events of a batch."""
        return encode(self._writer.feed(batch))

    def end(self) -> bytes:
        """Return the event that ends the response."""
        return encode(self._writer.finish(completed_unix_s=int(time.time())))

    def fail(self, error: ProxyError) -> bytes:
        """Return the events that tell of a failure."""
        return encode(self._writer.fail(error))

    def fold(self, batch: list[ChatEvent]) -> None:
        """Take a batch."""
        self._fold.feed(batch)

    def whole(self) -> bytes:
        """Return the response."""
        return as_json(self._fold.result(completed_unix_s=int(time.time())))


def _in_the_clients_words(
    work: Callable[[Send], Awaitable[None]], translated: ResponsesChat
) -> Callable[[Send], Awaitable[None]]:
    """Return `work` with `param` of its errors named as in the client's request."""

    async def send(send: Send) -> None:
        try:
            await work(send)
        except InvalidRequest as exc:
            exc.param = translated.param_of(exc.param)
            raise

    return send
