"""POST /api/chat and /api/chat/stream: the book site's own REST API, with kept conversations.

`/chat` and `/api/v1/…` are what the first documents of such sites called it.
"""

import hashlib
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.types import Send

from proxy.api.answering import Answering, Question
from proxy.api.connection import WhileConnected
from proxy.api.deps import json_body, links_of, state_of
from proxy.api.entry import entry_for
from proxy.api.guard import GuardedRoute
from proxy.api.headers import headers_of
from proxy.api.identified import identified
from proxy.api.openapi import json_request
from proxy.api.policy import within_policy
from proxy.caller import Caller
from proxy.dialogue.turn import Asked, Resumed, Turn
from proxy.errors import InvalidRequest, NotFound, ProxyError
from proxy.protocol.chat_events import ChatEvent, TextDelta
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import UserMessage
from proxy.protocol.parsing import parse
from proxy.protocol.rag_options import RAG_HEADERS, read_rag_options
from proxy.protocol.site_chat import SiteChatRequest, error_event, event, timestamp
from proxy.state import AppState

router = APIRouter(route_class=GuardedRoute, tags=["Conversations"])
_BODY = json_request(SiteChatRequest)


@router.post("/api/chat", summary="Ask within a conversation", openapi_extra=_BODY)
@router.post("/chat", include_in_schema=False)
@router.post("/api/v1/chat", include_in_schema=False)
@router.post("/api/v1/chat_with_selection", include_in_schema=False)
@router.post("/api/v1/chat_conversation", include_in_schema=False)
async def chat(request: Request) -> Response:
    """Answer a question from the books; the conversation is kept."""
    return await _answer(request, is_stream=False)


@router.post("/api/chat/stream", summary="The same, as a stream", openapi_extra=_BODY)
async def chat_stream(request: Request) -> Response:
    """Answer a question from the books as server-sent events; the conversation is kept."""
    return await _answer(request, is_stream=True)


async def _answer(request: Request, *, is_stream: bool) -> Response:
    state = state_of(request)
    body = parse(SiteChatRequest, await json_body(request))
    caller, headers = identified(request)
    name = body.model or state.catalog.main
    model = state.catalog.resolve_chat(name)
    options = read_rag_options(
        body=body.rag,
        headers=headers_of(request.scope).starting_with(RAG_HEADERS),
        metadata=None,
        suffix=model.rag,
    )
    asked = _asked(body, caller)
    if body.replaces is not None:
        asked = await _asked_anew(asked, body.replaces, caller, state)
    turn = state.dialogue.turn(caller, asked)
    chat = ChatCompletionRequest(
        model=name,
        messages=[UserMessage(role="user", content=body.message)],
        stream=is_stream,
    )
    with _own_words(body):
        options = await within_policy(request, options)
    answering = Answering(
        turn,
        entry_for(request, model.upstream, lambda: body.message),
        Question(chat, model, options, links_of(request), body.ignored_params, headers),
        SiteForm(turn),
        timeout_s=state.settings.server.request_timeout_s,
    )

    async def send(send: Send) -> None:
        with _own_words(body):
            await answering.send(send)

    return WhileConnected(send)


@contextmanager
def _own_words(body: SiteChatRequest) -> Generator[None]:
    """Have errors name what the client sent, and not what became of it."""
    try:
        yield
    except InvalidRequest as exc:
        body.in_own_words(exc)
        raise


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _asked(body: SiteChatRequest, caller: Caller) -> Asked:
    given = body.conversation_id
    if given is None and body.session_id is not None:
        given = _named_by_client(body.session_id, caller)
    return Asked(
        conversation_id=given or _new_id("conv"),
        is_new=given is None,
        may_create=body.conversation_id is None,
        question_id=_new_id("msg"),
        answer_id=_new_id("msg"),
        text=body.message,
        details={name: value for name, value in body.rag.items() if name != "books"},
    )


async def _asked_anew(asked: Asked, question_id: str, caller: Caller, state: AppState) -> Asked:
    """Return what is asked in place of an earlier question, which takes up its place and id.

    Raises:
        NotFound: the caller has no such conversation, or no such question in it.
        StoreUnavailable: it cannot be read.
    """
    conversations = (await state.store()).conversations
    earlier = await conversations.message(caller, asked.conversation_id, question_id)
    if earlier is None or earlier.kind != "user":
        raise NotFound("There is no such question.", param="replaces", code="question_not_found")
    question = replace(earlier, text=asked.text, details=asked.details)
    return replace(
        asked,
        is_new=False,
        question_id=question_id,
        resumes=Resumed(question, was=earlier.status),
    )


def _named_by_client(session_id: str, caller: Caller) -> str:
    """Return the conversation that a client's own name for it stands for.

    Two readers may make up the same name; it means a conversation of each.
    """
    name = f"{caller.caller_id}\n{session_id}".encode("utf-8", "replace")
    return f"conv_{hashlib.sha256(name).hexdigest()[:24]}"


class SiteForm:
    """Writes an answer for the site's own page; see `answering.AnswerForm`."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def start(self) -> bytes:
        """Return the event that opens the stream."""
        return event("start", self._ids())

    def stream(self, batch: list[ChatEvent]) -> bytes:
        """Return the text of a batch as one event."""
        text = "".join([one.text for one in batch if isinstance(one, TextDelta)])
        return event("delta", {"text": text}) if text else b""

    def end(self) -> bytes:
        """Return the citations and what else is known at the end."""
        citations = self._turn.so_far.citations()
        return event("citations", {"citations": citations}) + event("done", self._known_at_end())

    def fail(self, error: ProxyError) -> bytes:
        """Return the event that tells of a failure."""
        return error_event(error)

    def fold(self, batch: list[ChatEvent]) -> None:
        """Take a batch; the turn has it already."""

    def whole(self) -> bytes:
        """Return the answer."""
        so_far = self._turn.so_far
        answer = {"response": so_far.whole_text, "citations": so_far.citations()}
        return orjson.dumps({**answer, **self._known_at_end()})

    def _ids(self) -> dict[str, Any]:
        asked = self._turn.asked
        return {
            "conversation_id": asked.conversation_id,
            "question_id": asked.question_id,
            "message_id": asked.answer_id,
        }

    def _known_at_end(self) -> dict[str, Any]:
        turn = self._turn
        return {
            **self._ids(),
            "model_used": turn.so_far.model,
            "grounded": turn.rag_status == "grounded",
            "rag_status": turn.rag_status,
            "nearby": turn.nearby,
            "finish_reason": turn.so_far.finish_reason,
            "saved": turn.is_saved,
            "timestamp": timestamp(datetime.now(UTC)),
        }
