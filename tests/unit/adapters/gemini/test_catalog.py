"""The upstream's own list of models: asked for in the background, never waited for."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from proxy.adapters.gemini.catalog import UpstreamModels, models_in
from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.profiles import profile_of
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import UpstreamInvalidResponse, UpstreamOverloaded
from proxy.protocol.chat_request import PENALTIES, SAMPLING
from tests.support import gemini_errors as errors
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of
from tests.support.gemini_client import open_transport
from tests.support.gemini_replies import After, Text, json_body
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.recordings import Recording, recordings
from tests.support.waiting import LONG_ENOUGH_S, ample_time


def listed(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "displayName": name.upper(),
        "inputTokenLimit": 1_000,
        "outputTokenLimit": 100,
        "supportedGenerationMethods": ["generateContent"],
        **fields,
    }


HIGH = {"thinkingLevel": "HIGH", "includeThoughts": True}


@pytest.fixture
def models(transport: GeminiTransport) -> UpstreamModels:
    return UpstreamModels(transport)


async def test_before_an_answer_the_built_in_table_stands(models: UpstreamModels) -> None:
    assert models.names() == []
    assert models.profile_of("gemini-2.5-pro") is profile_of("gemini-2.5-pro")
    known = models.details("gemini-2.5-pro")
    assert (known.context_length, known.max_output_tokens) == (1_048_576, 65_536)
    assert known.shutdown_date == "2026-12-01"
    assert known.title is None
    assert models.embedding_details("gemini-embedding-001").context_length == 2_048
    assert models.embedding_details("gemini-embedding-2").context_length == 8_192


async def test_all_pages_are_read_and_those_who_answer_are_named(
    models: UpstreamModels, fake_gemini: FakeGemini
) -> None:
    pages = {
        "": {"models": [listed("gemini-a"), listed("gemini-b-tts")], "nextPageToken": "a/b c"},
        "a/b c": {
            "models": [
                listed("gemini-c"),
                listed("gemini-embedding-9", supportedGenerationMethods=["embedContent"]),
            ]
        },
    }
    fake_gemini.reply_by(lambda request: json_body(pages[request.query.get("pageToken", "")]))
    await models.refresh(ample_time())
    assert models.names() == ["gemini-a", "gemini-c"]
    assert [request.query.get("pageSize") for request in fake_gemini.requests] == ["1000", "1000"]


async def test_limits_are_the_upstreams_and_the_rest_is_the_tables(
    models: UpstreamModels, fake_gemini: FakeGemini
) -> None:
    page = {
        "models": [
            listed("gemini-2.5-pro"),
            listed("gemini-embedding-9", inputTokenLimit=99, supportedGenerationMethods=[]),
            listed("gemini-broken", inputTokenLimit="many", outputTokenLimit=-1, displayName=1),
        ]
    }
    fake_gemini.reply_by(lambda _request: json_body(page))
    await models.refresh(ample_time())
    refined, built_in = models.profile_of("gemini-2.5-pro"), profile_of("gemini-2.5-pro")
    assert (refined.input_token_limit, refined.output_token_limit) == (1_000, 100)
    assert refined.budget == built_in.budget
    known = models.details("gemini-2.5-pro")
    assert known.title == "GEMINI-2.5-PRO"
    assert (known.context_length, known.max_output_tokens) == (1_000, 100)
    broken = models.profile_of("gemini-broken")
    assert broken == replace(profile_of("gemini-broken"), levels=(), default_level=None)
    assert models.embedding_details("gemini-embedding-9").context_length == 99
    assert models.embedding_details("gemini-embedding-9").title == "GEMINI-EMBEDDING-9"


@pytest.mark.parametrize(
    ("name", "fields", "thinks"),
    [
        ("gemini-9-new", {"thinking": True}, True),
        ("gemini-9-new", {}, False),
        ("gemini-9-new", {"thinking": "yes"}, False),
        ("gemini-2.5-pro", {}, True),  # the table knows how it is set
    ],
)
async def test_whether_a_model_thinks_is_believed_where_the_table_has_no_entry(
    models: UpstreamModels,
    fake_gemini: FakeGemini,
    name: str,
    fields: dict[str, Any],
    *,
    thinks: bool,
) -> None:
    fake_gemini.reply_by(lambda _request: json_body({"models": [listed(name, **fields)]}))
    await models.refresh(ample_time())
    assert models.profile_of(name).thinks is thinks
    assert models.details(name).capabilities["reasoning"] is thinks


async def test_a_request_keeps_to_what_the_upstream_said(
    transport: GeminiTransport, models: UpstreamModels, fake_gemini: FakeGemini
) -> None:
    generator = GeminiGenerator(transport, SignatureCache(), profile=models.profile_of)
    chat = make_chat_request("Why?", max_tokens=5_000, reasoning_effort="high")
    before = {"maxOutputTokens": 5_000, "thinkingConfig": HIGH}
    for config in (before, {"maxOutputTokens": 100}):
        fake_gemini.reply(Text("So."))
        await events_of(
            generator.stream(chat, model="gemini-9-new", grounding=None, deadline=ample_time())
        )
        assert fake_gemini.generating_requests[-1].json["generationConfig"] == config
        fake_gemini.reply_by(lambda _request: json_body({"models": [listed("gemini-9-new")]}))
        await models.refresh(ample_time())


async def test_what_a_model_can_do_is_told(models: UpstreamModels) -> None:
    image, text = models.details("gemini-2.5-flash-image"), models.details("gemini-3.8-flash")
    assert image.capabilities["image_output"]
    assert not image.capabilities["function_calling"]
    assert not image.capabilities["reasoning"]
    assert text.capabilities["reasoning"]
    assert text.capabilities["function_calling"]
    assert not text.capabilities["image_output"]


async def test_parameters_without_effect_are_told(models: UpstreamModels) -> None:
    assert models.params_without_effect("gemini-3.8-flash") == SAMPLING | PENALTIES
    assert models.params_without_effect("gemini-2.5-flash") == PENALTIES
    assert models.params_without_effect("gemini-2.0-flash") == frozenset()


async def test_a_failure_keeps_the_list_there_is(
    models: UpstreamModels, fake_gemini: FakeGemini
) -> None:
    await models.refresh(ample_time())
    names = models.names()
    assert "gemini-3.8-flash" in names
    assert "gemini-embedding-001" not in names

    def second_page_fails(request: RecordedRequest) -> Any:
        if "pageToken" in request.query:
            return errors.overloaded()
        return json_body({"models": [listed("gemini-new")], "nextPageToken": "2"})

    fake_gemini.reply_by(second_page_fails)
    with pytest.raises(UpstreamOverloaded):
        await models.refresh(ample_time())
    assert models.names() == names


async def test_a_list_without_an_end_is_not_read_for_ever(
    models: UpstreamModels, fake_gemini: FakeGemini
) -> None:
    page = {"models": [listed("gemini-a")], "nextPageToken": "again"}
    fake_gemini.reply_by(lambda _request: json_body(page))
    await models.refresh(ample_time())
    assert models.names() == ["gemini-a"]
    assert len(fake_gemini.requests) == 20


@pytest.mark.parametrize(
    "page", [{}, {"models": None}, {"models": {}}, {"models": [1, None, {}, {"name": 5}]}]
)
def test_what_is_no_list_of_models_is_none(page: dict[str, Any]) -> None:
    assert models_in(page) == []


async def test_starting_waits_for_nothing_and_stopping_ends_the_question(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    gate = Gate()
    fake_gemini.reply_by(lambda _request: After(gate, json_body({"models": []})))
    models = UpstreamModels(transport)
    async with models.kept_fresh():
        assert models.names() == []
        await fake_gemini.wait_for_request("listModels")
    await fake_gemini.wait_for_peer_closed()


async def test_a_failure_is_told_once_and_the_upstream_is_asked_again(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    script = [json_body([]), json_body([]), None]
    fake_gemini.reply_by(lambda _request: script.pop(0) if script else None)
    with capture_logs() as logs:
        models = UpstreamModels(transport, retry_s=0.01, fresh_s=60)
        async with models.kept_fresh():
            await fake_gemini.wait_for_answered(nth=3)
            async with asyncio.timeout(LONG_ENOUGH_S):
                await until_named(models)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("model_list_unavailable", "info")
    ]
    assert logs[0]["code"] == UpstreamInvalidResponse.code


async def test_vertex_has_no_such_list_and_is_not_asked(fake_gemini: FakeGemini) -> None:
    vertex = {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "a-project"}
    async with open_transport(fake_gemini, **vertex) as transport:
        models = UpstreamModels(transport)
        await models.refresh(ample_time())
        assert models.names() == []
    assert fake_gemini.requests == []


async def until_named(models: UpstreamModels) -> None:
    """Return when the list is there; the answer is on its way already."""
    while not models.names():  # noqa: ASYNC110 - nobody announces it: nobody waits for it
        await asyncio.sleep(0)


@pytest.mark.parametrize("recording", recordings(operation="listModels"))
async def test_a_recorded_list_is_read(
    models: UpstreamModels, fake_gemini: FakeGemini, recording: Recording
) -> None:
    def once(request: RecordedRequest) -> Any:
        return json_body({}) if "pageToken" in request.query else recording.replay()

    fake_gemini.reply_by(once)
    await models.refresh(ample_time())
    names = models.names()
    assert "gemini-3.6-flash" in names
    assert "gemini-embedding-001" not in names
    assert not any("tts" in name for name in names)
    for entry in recording.json["models"]:
        name = entry["name"].removeprefix("models/")
        if name not in names:
            continue
        # What is built in agrees with what Google says, wherever it is known.
        assert models.profile_of(name).output_token_limit == entry["outputTokenLimit"]
        if name.startswith("gemini-") and "robotics" not in name and "omni" not in name:
            assert profile_of(name).output_token_limit == entry["outputTokenLimit"], name
            assert profile_of(name).input_token_limit <= max(entry["inputTokenLimit"], 1_048_576)
