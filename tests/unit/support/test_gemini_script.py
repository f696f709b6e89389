"""The fake Gemini: that it is scripted, and tells of clients that leave."""

import asyncio
import http.client
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
import pytest

from tests.support.gemini_replies import After, Answer, Pause, Reply, Stall, Stream, Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini, Script
from tests.support.journal import Gate
from tests.support.waiting import LONG_ENOUGH_S

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


async def test_a_client_that_leaves_is_noticed(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply(Stream(["one ", Stall()]))
    response = await client.post(f"{MODEL}:streamGenerateContent?alt=sse", json=question("?"))
    await response.content.readuntil(b"\r\n\r\n")
    response.close()
    closed = await fake_gemini.wait_for_peer_closed()
    assert closed.mid_reply


async def test_a_client_that_leaves_before_the_headers_is_noticed(
    fake_gemini: FakeGemini, client: aiohttp.ClientSession
) -> None:
    fake_gemini.reply(Stall())
    asking = asyncio.create_task(post(client, f"{MODEL}:generateContent", question("?")))
    await fake_gemini.wait_for_request("generateContent")
    asking.cancel()
    closed = await fake_gemini.wait_for_peer_closed()
    assert closed.connection_id == 1


async def test_a_client_that_leaves_between_answers_is_told_apart(fake_gemini: FakeGemini) -> None:
    async with aiohttp.ClientSession(fake_gemini.url, headers=KEY) as client:
        await post(client, f"{MODEL}:generateContent", question("?"))
        assert fake_gemini.open_connections == 1
    closed = await fake_gemini.wait_for_peer_closed(mid_reply=False)
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
    await fake_gemini.wait_for_peer_closed()
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
    connection = http.client.HTTPConnection(fake.url.removeprefix("http://"), timeout=LONG_ENOUGH_S)
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
    request = await threaded_gemini.wait_for_request()
    assert request.last_user_text == "Sync?"
    await gate.wait_until_reached()
    gate.open()
    assert text_of([await asking]) == "late"
    await threaded_gemini.wait_for_answered()
