"""What we send for a chat is what google-genai sends for the same request."""

import copy
from collections import Counter
from typing import Any

import pytest

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.permissions import Permissions
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from tests.oracle.case import Case, ask, chat, message
from tests.oracle.differences import DIFFERENCES, spelled
from tests.oracle.media_requests import image
from tests.oracle.requests import REQUESTS
from tests.oracle.sdk import IGNORED_WARNING, open_sdk
from tests.support.chat_events import events_of
from tests.support.gemini_client import open_transport
from tests.support.gemini_replies import Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

pytestmark = pytest.mark.filterwarnings(IGNORED_WARNING)


async def sent_by_us(fake: FakeGemini, case: Case, *, stream: bool) -> RecordedRequest:
    body = {"model": case.model, "stream": stream, **case.chat}
    request = ChatCompletionRequest.model_validate(body)
    request.check_supported()
    fake.reply(Text("So."))
    async with open_transport(fake) as transport:
        permissions = Permissions(safety_settings=True, cloud_storage=True)
        generator = GeminiGenerator(transport, SignatureCache(), permissions=permissions)
        await events_of(
            generator.stream(request, model=case.model, grounding=None, deadline=ample_time())
        )
    return fake.requests[-1]


async def sent_by_sdk(fake: FakeGemini, case: Case, *, stream: bool) -> RecordedRequest:
    fake.reply(Text("So."))
    async with open_sdk(fake) as sdk:
        await sdk.generate(case.model, case.contents, case.config, stream=stream)
    return fake.requests[-1]


def compared(ours: Any, sdk: Any, differs: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the two bodies with what is allowed to differ evened out."""
    bodies = {"ours": copy.deepcopy(spelled(ours)), "sdk": copy.deepcopy(spelled(sdk))}
    for name in differs:
        difference = DIFFERENCES[name]
        for side in difference.sides:
            difference.change(bodies[side])
    return bodies["ours"], bodies["sdk"]


@pytest.mark.parametrize("case", REQUESTS, ids=str)
async def test_we_send_what_the_sdk_sends(fake_gemini: FakeGemini, case: Case) -> None:
    ours = await sent_by_us(fake_gemini, case, stream=False)
    sdk = await sent_by_sdk(fake_gemini, case, stream=False)
    assert (ours.method, ours.path, ours.query) == (sdk.method, sdk.path, sdk.query)
    assert ours.api_key == sdk.api_key

    mine, theirs = compared(ours.json, sdk.json, case.differs)
    assert mine == theirs
    for place, name in enumerate(case.differs):
        kept = (*case.differs[:place], *case.differs[place + 1 :])
        mine, theirs = compared(ours.json, sdk.json, kept)
        assert mine != theirs, f"{name!r} makes no difference here"


@pytest.mark.parametrize("case", REQUESTS[::20], ids=str)
async def test_a_stream_is_asked_for_as_the_sdk_asks(fake_gemini: FakeGemini, case: Case) -> None:
    ours = await sent_by_us(fake_gemini, case, stream=True)
    sdk = await sent_by_sdk(fake_gemini, case, stream=True)
    assert (ours.method, ours.path, ours.query) == (sdk.method, sdk.path, sdk.query)
    mine, theirs = compared(ours.json, sdk.json, case.differs)
    assert mine == theirs


@pytest.mark.parametrize("case", REQUESTS[::6], ids=str)
async def test_a_stream_is_asked_the_same_as_a_whole_answer(
    fake_gemini: FakeGemini, case: Case
) -> None:
    whole = await sent_by_us(fake_gemini, case, stream=False)
    streamed = await sent_by_us(fake_gemini, case, stream=True)
    assert whole.json == streamed.json


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "the Gemini API gives no log probabilities": (ask(logprobs=True), "logprobs"),
    "no model that chats speaks": (ask(modalities=["text", "audio"]), "modalities"),
    "tokens cannot be made likelier": (ask(logit_bias={"1": 5}), "logit_bias"),
    "the web is not searched": (ask(web_search_options={}), "web_search_options"),
    "nothing is moderated": (ask(moderation={"model": "m"}), "moderation"),
    "a cache excludes instructions": (
        ask(google={"cached_content": "cachedContents/a"}),
        "google.cached_content",
    ),
    "no image is fetched unless the operator allows it": (
        ask([image("https://example.com/a.png")]),
        "messages[0].content[0].image_url.url",
    ),
    "no files are stored": (
        ask([{"type": "file", "file": {"file_id": "file-a"}}]),
        "messages[0].content[0].file.file_id",
    ),
    "no earlier sound is kept": (
        chat(message("user", "Why?"), message("assistant", audio={"id": "a"})),
        "messages[1].audio",
    ),
}
"""What the SDK could be made to send, or Gemini has not: why not, the chat, what is blamed."""


@pytest.mark.parametrize("why", REFUSED)
async def test_what_is_not_translated_is_refused_by_name(fake_gemini: FakeGemini, why: str) -> None:
    asked, param = REFUSED[why]
    with pytest.raises(InvalidRequest) as refusal:
        await sent_by_us(fake_gemini, Case(why, asked, ""), stream=False)
    assert refusal.value.param == param
    assert fake_gemini.requests == []


def test_the_table_is_long_and_every_row_is_another() -> None:
    assert len(REQUESTS) >= 60
    assert [name for name, times in Counter(map(str, REQUESTS)).items() if times > 1] == []


def test_every_difference_occurs_and_says_why() -> None:
    named = {name for case in REQUESTS for name in case.differs}
    assert named == set(DIFFERENCES)
    assert all(difference.why for difference in DIFFERENCES.values())
