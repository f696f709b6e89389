"""Two hundred readers at once over HTTP, in SQLite and in PostgreSQL: nothing lost or doubled."""

import asyncio
import contextlib
import itertools
from pathlib import Path

import httpx
import pytest

from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN
from tests.support.tokens import shared_secret_token
from tests.support.waiting import LONG_ENOUGH_S

READERS, TURNS = 200, 2
OPEN_AT_ONCE = 100
"""Connections of the client: above it, its own line would be measured."""


class Late(Exception):
    """A machine that stops for seconds keeps the database from answering in time."""


async def _talk(http: httpx.AsyncClient, name: str) -> None:
    """Ask a few times in one conversation, then read it.

    Raises:
        Late: the database was, and the reader was told.
    """
    headers = {"authorization": f"Bearer {shared_secret_token(sub=name)}"}
    chat: dict[str, str] = {}
    said: list[str] = []
    for turn in range(TURNS):
        body = {"message": f"{name} asks {turn}", **chat}
        reply = await http.post("/api/chat", json=body, headers=headers)
        answer = reply.json()
        if reply.status_code == 503 and answer["error"]["code"] == "database_unavailable":
            raise Late
        if not reply.raise_for_status().json()["saved"]:
            raise Late
        chat = {"conversation_id": answer["conversation_id"]}
        said += [body["message"], answer["response"]]
    path = f"/api/chat/history/{chat['conversation_id']}"
    reply = await http.get(path, headers=headers)
    if reply.status_code == 503:
        raise Late
    kept = reply.raise_for_status().json()["messages"]
    assert [one["content"] for one in kept] == said
    assert len({one["id"] for one in kept}) == 2 * TURNS


async def _talk_to_the_end(http: httpx.AsyncClient, name: str) -> None:
    """Have readers of that name talk, one after another, until one was told of no delay."""
    async with asyncio.timeout(LONG_ENOUGH_S):
        for number in itertools.count():
            with contextlib.suppress(Late):
                await _talk(http, f"{name}-{number}")
                break


async def _check(env: dict[str, str]) -> None:
    env = {**env, **SIGNS_IN, "RATE_LIMIT_RPM": "0", "RATE_LIMIT_TPM": "0"}
    limits = httpx.Limits(max_connections=OPEN_AT_ONCE)
    async with (
        BookProxy(env) as server,
        httpx.AsyncClient(base_url=server.url, limits=limits, timeout=LONG_ENOUGH_S) as http,
    ):
        await asyncio.gather(*(_talk_to_the_end(http, f"reader-{n}") for n in range(READERS)))
        assert "Traceback" not in server.stderr


async def test_in_sqlite(gemini_env: dict[str, str]) -> None:
    await _check(gemini_env)


async def test_in_postgresql(gemini_env: dict[str, str], postgres_url: str) -> None:
    await _check({**gemini_env, "DATABASE_URL": postgres_url})


@pytest.mark.parametrize("turns", [20])
async def test_turns_at_once_in_one_conversation_follow_each_other_whole(
    gemini_env: dict[str, str], tmp_path: Path, turns: int
) -> None:
    env = {**gemini_env, **SIGNS_IN, "RATE_LIMIT_RPM": "0"}
    headers = {"authorization": f"Bearer {shared_secret_token()}"}
    async with (
        BookProxy(env, data_dir=tmp_path / "data") as server,
        httpx.AsyncClient(base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S) as http,
    ):
        bodies = [{"message": f"Question {n}?", "session_id": "tab"} for n in range(turns)]
        answers = await asyncio.gather(*(http.post("/api/chat", json=body) for body in bodies))
        ids = {one.json()["conversation_id"] for one in answers}
        assert len(ids) == 1
        history = await http.get(f"/api/chat/history/{ids.pop()}", params={"limit": 100})
        kept = history.json()["messages"]
    assert [one["role"] for one in kept] == ["user", "assistant"] * turns
    assert sorted(one["content"] for one in kept[::2]) == sorted(one["message"] for one in bodies)
