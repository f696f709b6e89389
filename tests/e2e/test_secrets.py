"""Nothing secret and nothing a reader wrote reaches the log, whatever goes wrong."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from tests.support.command_line import CommandLine
from tests.support.gemini_errors import Status, overloaded
from tests.support.gemini_faults import BROKEN_STREAMS
from tests.support.gemini_replies import Body, Text, html
from tests.support.gemini_server import FakeGemini
from tests.support.raw_http import exchange, head
from tests.support.serving import BookProxy, free_port
from tests.support.waiting import LONG_ENOUGH_S

CANARY = "canary"
"""Stands in every secret and in everything that is said."""


@pytest.fixture(params=["console", "json"])
async def server(
    request: pytest.FixtureRequest, gemini_env: dict[str, str], tmp_path: Path
) -> AsyncGenerator[BookProxy]:
    """A server that logs all it can."""
    env = {
        **gemini_env,
        "GEMINI_API_KEY": f"{CANARY}-gemini-key",
        "PROXY_API_KEYS": f"{CANARY}-proxy-key",
        "QDRANT_URL": f"http://user:{CANARY}-password@127.0.0.1:{free_port()}",
        "QDRANT_API_KEY": f"{CANARY}-qdrant-key",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": request.param,
        "PROXY_DATA_DIR": str(tmp_path),
    }
    async with BookProxy(env) as running:
        yield running


async def test_no_canary_is_logged(server: BookProxy, threaded_gemini: FakeGemini) -> None:
    leaky = Status(500, f"upstream says {CANARY}-upstream")
    threaded_gemini.reply(
        leaky, leaky, Status(400, f"{CANARY}-upstream"), html(200, f"<p>{CANARY}-html</p>"),
        Body(f'{{"candidates": "{CANARY}"}}'.encode()), overloaded(), overloaded(),
        BROKEN_STREAMS["an event that is not JSON"](), Text(f"{CANARY}-answer"),
    )  # fmt: skip
    threaded_gemini.reply_to_embedding(leaky, leaky, html(200, f"{CANARY}-html"))
    said = {"role": "user", "content": f"{CANARY}-question"}
    headers = {"authorization": f"Bearer {CANARY}-proxy-key", "x-odd": f"{CANARY}-header"}
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S
    ) as http:
        for stream in (False, True) * 4:
            body = {"model": "gpt-4o", "messages": [said], "stream": stream}
            await http.post(f"/v1/chat/completions?q={CANARY}-query", json=body)
        for _ in range(2):
            embedding = {"model": "text-embedding-3-small", "input": f"{CANARY}-input"}
            await http.post("/v1/embeddings", json=embedding)
        bad = {"model": "gpt-4o", "messages": [said], "temperature": f"{CANARY}-hot"}
        replies = [
            await http.post("/v1/chat/completions", json=bad),
            await http.post("/v1/chat/completions", content=f"{CANARY}-no-json"),
            await http.get("/v1/models", headers={"authorization": f"Bearer {CANARY}-wrong"}),
            await http.get("/ready"),
        ]
    for reply in replies:
        assert CANARY not in reply.text
    key = f"Bearer {CANARY}-raw"
    raw = exchange(server.port, head("GET", "/v1/models", authorization=key, x_big="x" * 70_000))
    assert raw.status == 431
    await asyncio.to_thread(server.terminate)
    assert CANARY not in server.stdout + server.stderr
    assert "/v1/chat/completions" in server.stderr
    assert "Traceback" not in server.stderr


async def test_a_path_cannot_forge_lines_of_the_log(server: BookProxy) -> None:
    exchange(server.port, head("GET", "/v1/x%0Aforged%20line%1b[31m"))
    await asyncio.to_thread(server.terminate)
    assert "\nforged" not in server.stderr
    assert "\x1b" not in server.stderr
    assert "forged" in server.stderr


async def test_json_logs_are_one_object_a_line(gemini_env: dict[str, str]) -> None:
    async with BookProxy({**gemini_env, "LOG_FORMAT": "json"}) as server:
        exchange(server.port, head("GET", "/v1/models", x_request_id="the-one"))
        await asyncio.to_thread(server.terminate)
        events = [json.loads(line) for line in server.stderr.splitlines()]
    assert all({"timestamp", "level", "event"} <= event.keys() for event in events)
    (request,) = [event for event in events if event["event"] == "request"]
    assert request["request_id"] == "the-one"
    assert request["status"] == 200
    assert request["ms"] > 0


@pytest.mark.parametrize("command", [("doctor",), ("search", "pump"), ("books", "list")])
def test_commands_print_no_secret_either(
    command_line: CommandLine, command: tuple[str, ...]
) -> None:
    env = {
        "GEMINI_API_KEY": f"{CANARY}-key",
        "GEMINI_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "QDRANT_URL": f"http://user:{CANARY}-password@127.0.0.1:{free_port()}",
    }
    done = command_line(*command, env=env)
    assert done.returncode == 1
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
