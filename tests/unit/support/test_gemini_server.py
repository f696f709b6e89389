"""The fake Gemini: that it answers, is scripted, remembers, and tells of clients that leave."""

import asyncio
import http.client
import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
import pytest

from tests.support import gemini_errors as errors
from tests.support.gemini_defaults import Embedded
from tests.support.gemini_replies import After, Answer, Pause, Reply, Stall, Stream, Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini, Script
from tests.support.journal import Gate

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


async def test_queued_replies_come_one_each_then_the_script_then_the_default(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    def script(request: RecordedRequest) -> Reply | None:
        return Text("scripted", thoughts=5) if request.last_user_text == "script" else None

    fake_gemini.reply(Text("queued"), Answer([{"candidates": [], "odd": True}]))
    fake_gemini.reply_by(script)
    path = f"{MODEL}:generateContent"
    answers = [await post(client, path, question(text)) for text in ("a", "b", "script", "d")]
    assert text_of([answers[0][1]]) == "queued"
    assert answers[1][1] == {"candidates": [], "odd": True}
    assert text_of([answers[2][1]]) == "scripted"
    assert answers[2][1]["usageMetadata"]["thoughtsTokenCount"] == 5
    assert text_of([answers[3][1]]) == "You asked: d"


async def test_a_gate_in_a_stream_lets_a_test_look_in_between(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    gate = Gate()
    fake_gemini.reply(Stream(["one ", gate, "two"], gate=asyncio.Event(), gap_s=0.001))
    fake_gemini.reset()
    fake_gemini.reply(Stream(["one ", gate, "two"], gap_s=0.001))
    async with client.post(
        f"{MODEL}:streamGenerateContent?alt=sse", json=question("?")
    ) as response:
        first = await response.content.readuntil(b"\r\n\r\n")
        await gate.wait_until_reached()
        assert text_of(events_of(first)) == "one "
        assert not fake_gemini.exchanges[0].is_answered
        gate.open()
        assert text_of(events_of(await response.read())) == "two"
    exchange = await fake_gemini.wait_for_answered()
    assert exchange.is_answered
    assert exchange.bytes_sent > 100


async def test_the_gate_of_a_stream_stands_after_its_first_item(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    event = asyncio.Event()
    fake_gemini.reply(After(Pause(0.001), Stream(["one ", "two"], gate=event)))
    async with client.post(
        f"{MODEL}:streamGenerateContent?alt=sse", json=question("?")
    ) as response:
        assert text_of(events_of(await response.content.readuntil(b"\r\n\r\n"))) == "one "
        event.set()
        assert text_of(events_of(await response.read())) == "two"


async def test_a_client_that_leaves_is_noticed_within_100_ms(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply(Stream(["one ", Stall()]))
    response = await client.post(f"{MODEL}:streamGenerateContent?alt=sse", json=question("?"))
    await response.content.readuntil(b"\r\n\r\n")
    left_s = time.monotonic()
    response.close()
    closed = await fake_gemini.wait_for_peer_closed(timeout_s=1)
    assert closed.mid_reply
    assert closed.at_s - left_s < 0.1


async def test_a_client_that_leaves_before_the_headers_is_noticed(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply(Stall())
    asking = asyncio.create_task(post(client, f"{MODEL}:generateContent", question("?")))
    await fake_gemini.wait_for_request("generateContent", timeout_s=1)
    asking.cancel()
    closed = await fake_gemini.wait_for_peer_closed(timeout_s=1)
    assert closed.connection_id == 1


async def test_a_client_that_leaves_between_answers_is_told_apart(fake_gemini: FakeGemini) -> None:
    async with aiohttp.ClientSession(fake_gemini.url, headers=KEY) as client:
        await post(client, f"{MODEL}:generateContent", question("?"))
        assert fake_gemini.open_connections == 1
    closed = await fake_gemini.wait_for_peer_closed(mid_reply=False, timeout_s=1)
    assert not closed.mid_reply
    with pytest.raises(AssertionError, match="no close during answers"):
        await fake_gemini.wait_for_peer_closed(timeout_s=0.01)


async def test_an_endless_stream_waits_for_a_slow_reader_and_ends_with_it(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    def endless() -> Any:
        while True:
            yield "x" * 60_000

    fake_gemini.reply(Stream(endless()))
    response = await client.post(f"{MODEL}:streamGenerateContent?alt=sse", json=question("?"))
    await response.content.readuntil(b"\r\n\r\n")
    response.close()
    await fake_gemini.wait_for_peer_closed(timeout_s=5)
    assert fake_gemini.exchanges[0].bytes_sent < 20_000_000


async def test_a_request_that_does_not_come_fails_the_test(fake_gemini: FakeGemini) -> None:
    with pytest.raises(AssertionError, match="no request 1 to countTokens"):
        await fake_gemini.wait_for_request("countTokens", timeout_s=0.01)


async def fail_by(*replies: Reply, script: Script = lambda _request: None) -> None:
    """Use a fake whose script is wrong; the client sees only a broken connection."""
    async with FakeGemini() as fake, aiohttp.ClientSession(fake.url, headers=KEY) as client:
        fake.reply(*replies)
        fake.reply_by(script)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(client, f"{MODEL}:generateContent", question("?"))


async def test_a_script_that_fails_fails_the_test() -> None:
    def script(_request: RecordedRequest) -> Reply:
        raise LookupError("a mistake in the test")

    with pytest.raises(ExceptionGroup) as caught:
        await fail_by(script=script)
    assert isinstance(caught.value.exceptions[0], LookupError)


async def test_a_stream_for_a_request_without_one_is_a_mistake_of_the_script() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await fail_by(Stream(["one"]))
    assert "generateContent" in str(caught.value.exceptions[0])


async def test_leaving_drops_open_connections() -> None:
    async with aiohttp.ClientSession(headers=KEY) as client:
        async with FakeGemini() as fake:
            fake.reply(Stall())
            url = f"{fake.url}{MODEL}:generateContent"
            asking = asyncio.create_task(post(client, url, question("?")))
            await fake.wait_for_request()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_chunked_requests_and_connection_close_are_understood(
    fake_gemini: FakeGemini,
) -> None:
    async def body() -> AsyncGenerator[bytes]:
        yield b'{"contents": [{"parts": '
        yield b'[{"text": "in pieces"}]}]}'

    headers = {**KEY, "connection": "close", "content-type": "application/json"}
    async with (
        aiohttp.ClientSession(fake_gemini.url, headers=headers) as client,
        client.post(f"{MODEL}:generateContent", data=body()) as response,
    ):
        assert text_of([json.loads(await response.read())]) == "You asked: in pieces"
    assert fake_gemini.requests[0].json["contents"][0]["parts"][0]["text"] == "in pieces"


async def test_a_body_that_is_not_json_is_kept_as_bytes(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    async with client.post(f"{MODEL}:generateContent", data=b"\xff{") as response:
        assert response.status == 200
    assert (fake_gemini.requests[0].json, fake_gemini.requests[0].body) == (None, b"\xff{")


def ask_synchronously(fake: FakeGemini) -> Any:
    connection = http.client.HTTPConnection(fake.url.removeprefix("http://"), timeout=5)
    connection.request("POST", f"{MODEL}:generateContent", json.dumps(question("Sync?")), KEY)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_synchronous_clients_are_served_from_a_thread(threaded_gemini: FakeGemini) -> None:
    threaded_gemini.reply(Text("from a thread"))
    assert text_of([ask_synchronously(threaded_gemini)]) == "from a thread"
    assert [request.last_user_text for request in threaded_gemini.requests] == ["Sync?"]


def test_the_threaded_fake_starts_afresh_for_each_test(threaded_gemini: FakeGemini) -> None:
    assert threaded_gemini.requests == []
    assert text_of([ask_synchronously(threaded_gemini)]) == "You asked: Sync?"


async def test_what_a_threaded_fake_sees_can_be_awaited(threaded_gemini: FakeGemini) -> None:
    gate = Gate()
    threaded_gemini.reply(After(gate, Text("late")))
    asking = asyncio.create_task(asyncio.to_thread(ask_synchronously, threaded_gemini))
    request = await threaded_gemini.wait_for_request(timeout_s=2)
    assert request.last_user_text == "Sync?"
    await gate.wait_until_reached()
    gate.open()
    assert text_of([await asking]) == "late"
    await threaded_gemini.wait_for_answered()
