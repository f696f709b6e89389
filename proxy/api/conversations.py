"""/api/chat/…: the conversations that are kept, for the reader whose they are."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.deps import json_body, state_of
from proxy.api.guard import GuardedRoute
from proxy.api.identified import Headers, identified
from proxy.api.openapi import json_request
from proxy.caller import Caller
from proxy.errors import NotFound
from proxy.protocol.parsing import parse
from proxy.protocol.site_chat import FeedbackRequest, timestamp
from proxy.store import Conversation, Conversations, Feedback, Message

router = APIRouter(route_class=GuardedRoute, prefix="/api/chat", tags=["Conversations"])

_LAST_MESSAGES = 20
Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[str | None, Query(max_length=128, description="Id of the last one you have")]


@router.get("/conversations", summary="List your conversations")
async def list_conversations(request: Request, limit: Limit = 20, after: After = None) -> Response:
    """List the caller's conversations, the last one used first."""
    caller, headers = identified(request)
    page = await (await _conversations(request)).conversations(caller, limit=limit, after=after)
    shown = [_conversation_object(one) for one in page.records]
    return _json({"conversations": shown, "has_more": page.has_more}, headers)


@router.get("/history/{conversation_id}", summary="Read a conversation")
async def history(
    request: Request, conversation_id: str, limit: Limit = 50, after: After = None
) -> Response:
    """Return a page of a conversation's messages, in their order."""
    caller, headers = identified(request)
    conversations = await _conversations(request)
    found = await _found(conversations, caller, conversation_id)
    page = await conversations.messages(caller, conversation_id, limit=limit, after=after)
    shown = [_message_object(one) for one in page.records]
    body = {**_conversation_object(found), "messages": shown, "has_more": page.has_more}
    return _json(body, headers)


@router.delete("/{conversation_id}", summary="Delete a conversation")
async def delete(request: Request, conversation_id: str) -> Response:
    """Remove a conversation with its messages and their feedback."""
    caller, headers = identified(request)
    if not await (await _conversations(request)).delete(caller, conversation_id):
        raise _unknown()
    return _json({"conversation_id": conversation_id, "deleted": True}, headers)


@router.post(
    "/{conversation_id}/feedback",
    summary="Say whether an answer helped",
    openapi_extra=json_request(FeedbackRequest),
)
async def give_feedback(request: Request, conversation_id: str) -> Response:
    """Keep what the reader thinks of an answer; a second opinion replaces the first."""
    given = parse(FeedbackRequest, await json_body(request))
    caller, headers = identified(request)
    conversations = await _conversations(request)
    message_id = given.message_id
    if message_id is None:
        message_id = await _last_answer(conversations, caller, conversation_id)
    feedback = Feedback(message_id, given.rating, given.comment)
    if not await conversations.give_feedback(caller, conversation_id, feedback):
        raise _unknown()
    return _json({"message_id": message_id, "rating": given.rating}, headers)


async def _conversations(request: Request) -> Conversations:
    return (await state_of(request).store()).conversations


async def _found(
    conversations: Conversations, caller: Caller, conversation_id: str
) -> Conversation:
    found = await conversations.find(caller, conversation_id)
    if found is None:
        raise _unknown()
    return found


async def _last_answer(conversations: Conversations, caller: Caller, conversation_id: str) -> str:
    last = await conversations.messages(
        caller, conversation_id, limit=_LAST_MESSAGES, newest_first=True
    )
    answers = [one.message_id for one in last.records if one.kind == "assistant"]
    if not answers:
        raise _unknown()
    return answers[0]


def _unknown() -> NotFound:
    return NotFound("There is no such conversation.", code="conversation_not_found")


def _conversation_object(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": conversation.conversation_id,
        "title": conversation.title,
        "created_at": timestamp(conversation.created),
        "updated_at": timestamp(conversation.updated),
    }


def _message_object(message: Message) -> dict[str, Any]:
    return {
        **message.details,
        "id": message.message_id,
        "role": message.kind,
        "content": message.text,
        "citations": list(message.citations),
        "status": message.status,
        "model_used": message.model,
        "created_at": timestamp(message.created),
    }


def _json(body: dict[str, Any], headers: Headers) -> Response:
    named = {name.decode(): value.decode() for name, value in headers}
    return JSONResponse(body, headers=named)
