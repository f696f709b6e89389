"""What only the operator may open is closed until they do."""

import contextlib
from typing import Any

import pytest

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.permissions import Permissions, check_permitted
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import InvalidRequest
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of
from tests.support.gemini_client import MODEL
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

SAFETY = [{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}]
TEXT = {"type": "text", "text": "gs://bucket is only words"}


def seen(kind: str, url: str) -> dict[str, Any]:
    looked_at = [TEXT, {"type": kind, kind: {"url": url}}]
    return {"messages": [{"role": "user", "content": looked_at}]}


CLOSED: list[tuple[dict[str, Any], str, Permissions]] = [
    ({"safety_settings": SAFETY}, "safety_settings", Permissions(safety_settings=True)),
    (
        {"google": {"safety_settings": SAFETY}},
        "google.safety_settings",
        Permissions(safety_settings=True),
    ),
    (
        {"extra_body": {"google": {"safety_settings": SAFETY}}},
        "google.safety_settings",
        Permissions(safety_settings=True),
    ),
    (
        seen("image_url", "gs://bucket/a.png"),
        "messages[0].content[1].image_url.url",
        Permissions(cloud_storage=True),
    ),
    (
        seen("video_url", "gs://bucket/a.mp4"),
        "messages[0].content[1].video_url.url",
        Permissions(cloud_storage=True),
    ),
]


@pytest.mark.parametrize(("fields", "param", "opened"), CLOSED)
def test_what_is_closed_is_refused_by_name_and_what_is_open_passes(
    fields: dict[str, Any], param: str, opened: Permissions
) -> None:
    chat = make_chat_request(**fields)
    with pytest.raises(InvalidRequest) as refused:
        check_permitted(chat, Permissions())
    assert refused.value.param == param
    check_permitted(chat, opened)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"safety_settings": [], "google": {"safety_settings": []}},
        seen("image_url", "https://a.example/a.png"),
        seen("video_url", "https://youtu.be/abc"),
    ],
)
def test_everything_else_needs_no_permission(fields: dict[str, Any]) -> None:
    chat = make_chat_request(**fields)
    before = chat.model_copy(deep=True)
    check_permitted(chat, Permissions())
    assert chat == before


async def test_the_upstream_is_not_asked_for_what_is_closed(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    chat = make_chat_request(safety_settings=SAFETY)
    for permissions, calls in ((Permissions(), 0), (Permissions(safety_settings=True), 1)):
        generator = GeminiGenerator(transport, SignatureCache(), permissions=permissions)
        answer = generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
        with contextlib.suppress(InvalidRequest):
            await events_of(answer)
        assert len(fake_gemini.generating_requests) == calls
