"""The fake Gemini: that it answers as the real one does, and remembers."""

import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
import pytest

from tests.support import gemini_errors as errors
from tests.support.gemini_defaults import Embedded
from tests.support.gemini_replies import Stream, Text
from tests.support.gemini_server import FakeGemini

KEY = {"x-goog-api-key": "test"}
MODEL = "/v1beta/models/gemini-3.8-flash"
EMBEDDER = "/v1beta/models/gemini-embedding-001"


@pytest.fixture
async def client(fake_gemini: FakeGemini) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(fake_gemini.url, headers=KEY) as session:
        yield session


def question(text: str) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}]}


def embeds(*texts: str, **fields: Any) -> dict[str, Any]:
    return {"requests": [{"content": {"parts": [{"text": text}]}, **fields} for text in texts]}


def events_of(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in body.split(b"\r\n") if line.startswith(b"data: ")]


def text_of(events: list[dict[str, Any]]) -> str:
    candidates = [candidate for event in events for candidate in event.get("candidates", ())]
    return "".join(
        part["text"]
        for candidate in candidates
        for part in candidate.get("content", {}).get("parts", ())
    )


async def post(
    client: aiohttp.ClientSession, path: str, body: Mapping[str, Any], **kwargs: Any
) -> tuple[int, Any]:
    async with client.post(path, json=body, **kwargs) as response:
        return response.status, json.loads(await response.read())


async def test_without_a_script_it_echoes_the_question(client: aiohttp.ClientSession) -> None:
    status, answer = await post(client, f"{MODEL}:generateContent", question("Why?\n"))
    assert status == 200
    assert text_of([answer]) == "You asked: Why?"
    assert answer["candidates"][0]["finishReason"] == "STOP"
    counted = answer["usageMetadata"]
    assert counted["totalTokenCount"] == (
        counted["promptTokenCount"] + counted["candidatesTokenCount"]
    )


@pytest.mark.parametrize(
    "passage", ["[1] A rule.", '<passage number="1" from="Rules">A rule.</passage>']
)
async def test_the_echo_cites_the_first_of_numbered_passages(
    client: aiohttp.ClientSession, passage: str
) -> None:
    body = question(f"{passage}\nWhich rule?")
    _, answer = await post(client, f"{MODEL}:generateContent", body)
    assert text_of([answer]) == "You asked: Which rule? [1]"


async def test_a_stream_says_the_same_in_pieces(client: aiohttp.ClientSession) -> None:
    async with client.post(
        f"{MODEL}:streamGenerateContent?alt=sse", json=question("Why not?")
    ) as response:
        assert response.content_type == "text/event-stream"
        events = events_of(await response.read())
    assert text_of(events) == "You asked: Why not?"
    assert len(events) == 4
    finishes = [event["candidates"][0].get("finishReason") for event in events]
    assert finishes == [None, None, None, "STOP"]
    assert all("usageMetadata" in event for event in events)


async def test_a_stream_without_sse_is_a_json_array(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply(Stream(["one ", "two"]))
    _, answer = await post(client, f"{MODEL}:streamGenerateContent", question("?"))
    assert text_of(answer) == "one two"
    assert answer[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_every_request_is_remembered(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    body = {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "first"}]},
            {"role": "model", "parts": [{"text": "yes"}]},
            {"role": "user", "parts": [{"text": "se"}, {"text": "cond"}]},
        ],
    }
    began_s = time.monotonic()
    await post(client, f"{MODEL}:generateContent", body)
    await post(client, f"{EMBEDDER}:batchEmbedContents", embeds("a", "b"))
    chat, embedding = fake_gemini.requests
    assert (chat.api_version, chat.model, chat.operation) == (
        "v1beta",
        "gemini-3.8-flash",
        "generateContent",
    )
    assert (chat.system_text, chat.last_user_text, chat.json) == ("Be brief.", "se\ncond", body)
    assert chat.all_text == "Be brief.\nfirst\nyes\nse\ncond"
    assert began_s <= chat.received_s <= time.monotonic()
    assert chat.connection_id == embedding.connection_id == 1
    assert embedding.embedded_texts == ["a", "b"]
    assert fake_gemini.generating_requests == [chat]
    assert fake_gemini.embedding_requests == [embedding]
    assert "generateContent" in str(chat)


@pytest.mark.parametrize("where", ["header", "query", "bearer"])
async def test_a_bad_key_gets_googles_answer_for_one(fake_gemini: FakeGemini, where: str) -> None:
    headers = {
        "header": {"x-goog-api-key": "bad-key"},
        "query": {},
        "bearer": {"authorization": "Bearer bad-key"},
    }[where]
    query = "?key=bad-key" if where == "query" else ""
    fake_gemini.reply(Text("never sent"))
    async with aiohttp.ClientSession(fake_gemini.url, headers=headers) as client:
        status, answer = await post(client, f"{MODEL}:generateContent{query}", question("?"))
    assert status == 400
    assert answer["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_no_key_is_refused(fake_gemini: FakeGemini) -> None:
    async with aiohttp.ClientSession(fake_gemini.url) as client:
        status, _ = await post(client, f"{MODEL}:generateContent", question("?"))
    assert status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/v1beta/models/gemini-0:generateContent",
        "/v1beta/models/gemini-3.8-flash:embedContent",
        "/v1beta/models/gemini-embedding-001:generateContent",
        "/v1beta/models/gemini-3.8-flash:sing",
        "/elsewhere",
    ],
)
async def test_what_does_not_exist_is_not_found(client: aiohttp.ClientSession, path: str) -> None:
    status, answer = await post(client, path, {})
    assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")


async def test_vertex_paths_are_understood(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    path = "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3.8-flash"
    status, _ = await post(client, f"{path}:generateContent", question("?"))
    assert status == 200
    assert fake_gemini.requests[0].api_version == "v1beta1"


async def test_models_are_listed_page_by_page(client: aiohttp.ClientSession) -> None:
    names, token = list[str](), ""
    while True:
        async with client.get(
            "/v1beta/models", params={"pageSize": "5", "pageToken": token or "0"}
        ) as response:
            page = await response.json()
        names += [model["name"] for model in page["models"]]
        if not (token := page.get("nextPageToken", "")):
            break
    assert len(names) == len(set(names)) == 13
    async with client.get(f"/v1beta/{names[-1]}") as response:
        assert (await response.json())["supportedGenerationMethods"][0] == "embedContent"


async def test_tokens_are_counted(client: aiohttp.ClientSession) -> None:
    _, answer = await post(client, f"{MODEL}:countTokens", question("12345678"))
    assert answer == {"totalTokens": 3}


async def test_a_batch_gets_a_vector_for_each_text_in_order(client: aiohttp.ClientSession) -> None:
    path = f"{EMBEDDER}:batchEmbedContents"
    _, both = await post(client, path, embeds("a b", "c", outputDimensionality=256))
    _, one = await post(
        client, f"{EMBEDDER}:embedContent", embeds("c", outputDimensionality=256)["requests"][0]
    )
    assert [len(embedding["values"]) for embedding in both["embeddings"]] == [256, 256]
    assert one["embedding"] == both["embeddings"][1]
    assert "usageMetadata" not in both


async def test_only_the_newer_embedding_model_reports_usage(client: aiohttp.ClientSession) -> None:
    path = "/v1beta/models/gemini-embedding-2:batchEmbedContents"
    _, answer = await post(client, path, embeds("12345678"))
    assert answer["usageMetadata"] == {"promptTokenCount": 2}
    assert len(answer["embeddings"][0]["values"]) == 3072


async def test_a_batch_above_a_hundred_is_refused(client: aiohttp.ClientSession) -> None:
    status, _ = await post(client, f"{EMBEDDER}:batchEmbedContents", embeds(*["a"] * 101))
    assert status == 400


async def test_embedding_answers_can_be_wrong_in_number_and_size(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply_to_embedding(
        Embedded(missing=1), Embedded(dimensions=7), errors.rate_limited("3.5s")
    )
    path = f"{EMBEDDER}:batchEmbedContents"
    _, fewer = await post(client, path, embeds("a", "b"))
    assert len(fewer["embeddings"]) == 1
    _, smaller = await post(client, path, embeds("a", outputDimensionality=768))
    assert len(smaller["embeddings"][0]["values"]) == 7
    status, refused = await post(client, path, embeds("a"))
    assert status == 429
    details = {detail["@type"].rpartition(".")[2]: detail for detail in refused["error"]["details"]}
    assert details["RetryInfo"]["retryDelay"] == "3.5s"
    assert "PerMinute" in details["QuotaFailure"]["violations"][0]["quotaId"]
    assert "retry in 3.5s" in refused["error"]["message"]
