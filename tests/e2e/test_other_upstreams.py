"""The proxy in front of another upstream than Gemini, and behind a fallback."""

import asyncio
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.support import gemini_errors
from tests.support.chat import MODES, Mode, ask, question
from tests.support.command_line import CommandLine
from tests.support.gemini_replies import Reply, Reset, Stall, Stream
from tests.support.gemini_server import FakeGemini
from tests.support.openai_server import MODEL, Chunks, FakeOpenAI, completion, error, finish, say
from tests.support.sample_books import PUMPS, PUMPS_URL, write_pumps
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
NO_RAG = {"rag": {"enabled": False}}
OFFLINE = "offline-reader"


@pytest.fixture(scope="module")
def upstream() -> Generator[FakeOpenAI]:
    """An Ollama-like server on a thread."""
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
def fake(upstream: FakeOpenAI) -> FakeOpenAI:
    """The same, started afresh."""
    upstream.reset()
    return upstream


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, command_line: CommandLine) -> Path:
    """A data folder with one book, embedded by the bundled model."""
    folder = tmp_path_factory.mktemp("others")
    pumps = write_pumps(folder / PUMPS)
    args = ("ingest", str(pumps), "--book", PUMPS, "--base-url", PUMPS_URL)
    done = command_line(*args, env={"PROXY_DATA_DIR": str(folder / "data")})
    assert done.returncode == 0, done.stderr
    return folder / "data"


@pytest.fixture(scope="module")
def proxy(upstream: FakeOpenAI, books: Path) -> Generator[BookProxy]:
    """A proxy of that upstream; the offline reader is its fallback."""
    env: Mapping[str, str] = {
        **PATIENT,
        "GENERATOR": "openai",
        "OPENAI_BASE_URL": upstream.base_url,
        "OPENAI_MODEL": MODEL,
        "FALLBACK_GENERATOR": "offline",
    }
    with BookProxy(env, data_dir=books) as server:
        yield server
        assert "Traceback" not in server.stderr


def client_of(proxy: BookProxy) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=proxy.v1, api_key="unused", max_retries=0)


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_of_another_upstream_is_grounded_and_cited(
    proxy: BookProxy, fake: FakeOpenAI, mode: Mode
) -> None:
    text = "It starts by itself at nine. [1]"
    whole = Chunks([say("", role="assistant"), say(text[:30]), say(text[30:]), finish("stop")])
    fake.reply(completion(text) if mode == "json" else whole)
    async with client_of(proxy) as client:
        said = await ask(client, QUESTION, mode)
    assert said.text == text
    assert said.headers["x-rag-status"] == "grounded"
    assert said.headers["x-upstream-model"] == MODEL
    assert said.annotations[0]["url_citation"]["url"].startswith(PUMPS_URL)
    (sent,) = fake.chats
    assert "reasoning_effort" not in sent
    system, user = sent["messages"]
    assert system["role"] == "system"
    assert user["content"].startswith("<book_passages>")
    assert user["content"].endswith(QUESTION)


async def test_a_first_upstream_that_hangs_leaves_time_for_the_second(
    fake: FakeOpenAI, tmp_path: Path
) -> None:
    env = {
        "GENERATOR": "openai",
        "OPENAI_BASE_URL": fake.base_url,
        "OPENAI_MODEL": MODEL,
        "FALLBACK_GENERATOR": "offline",
        "PROXY_REQUEST_TIMEOUT_S": "15",
    }
    fake.reply(*[Stall()] * len(MODES))
    with BookProxy(env, data_dir=tmp_path) as server:
        async with client_of(server) as client:
            heard = await asyncio.gather(*(ask(client, QUESTION, mode) for mode in MODES))
    for said in heard:
        assert said.headers["x-upstream-model"] == OFFLINE
        assert said.text


@pytest.mark.parametrize(("name", "upstream_name"), [("qwen3:8b", "qwen3:8b"), ("gpt-4o", MODEL)])
async def test_names_with_colons_are_passed_on(
    proxy: BookProxy, fake: FakeOpenAI, name: str, upstream_name: str
) -> None:
    async with client_of(proxy) as client:
        said = await ask(client, QUESTION, model=f"{name}:no-rag")
        listed = [model.id for model in (await client.models.list()).data]
    assert fake.chats[-1]["model"] == said.headers["x-upstream-model"] == upstream_name
    assert said.model == f"{name}:no-rag"
    assert listed[:2] == [MODEL, f"{MODEL}:book={PUMPS}"]


async def test_a_tool_call_in_pieces_arrives_whole(proxy: BookProxy, fake: FakeOpenAI) -> None:
    pieces = [
        say(None, tool_calls=[{"index": 0, "id": "c1", "function": {"name": "look_up"}}]),
        say(None, tool_calls=[{"index": 0, "function": {"arguments": '{"word": '}}]),
        say(None, tool_calls=[{"index": 0, "function": {"arguments": '"pump"}'}}]),
    ]
    fake.reply(Chunks([*pieces, finish("stop")]))
    function = {"name": "look_up", "parameters": {"type": "object"}}
    tool: Any = {"type": "function", "function": function}
    async with client_of(proxy) as client:
        stream = await client.chat.completions.create(
            model=f"{MODEL}:no-rag",
            messages=question(QUESTION),
            tools=[tool],
            stream=True,
        )
        choices = [choice async for chunk in stream for choice in chunk.choices]
    calls = [call for choice in choices for call in choice.delta.tool_calls or ()]
    assert [call.function and call.function.arguments for call in calls] == ['{"word": "pump"}']
    assert choices[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", [error(401), error(429), error(402), Reset()], ids=repr)
async def test_the_fallback_answers_before_the_first_token_and_says_so(
    proxy: BookProxy, fake: FakeOpenAI, fault: Reply, mode: Mode
) -> None:
    fake.reply(fault, fault)
    async with client_of(proxy) as client:
        said = await ask(client, QUESTION, mode)
    assert said.headers["x-upstream-model"] == OFFLINE
    assert said.headers["x-rag-status"] == "grounded"
    assert said.text
    assert said.finish_reason == "stop"
    assert said.model == "gpt-4o"
    assert "falling_back" in proxy.stderr


async def test_the_fallback_does_not_answer_after_the_first_token(
    proxy: BookProxy, fake: FakeOpenAI
) -> None:
    fake.reply(Chunks([say("one "), error(500)], done=False))
    texts: list[str] = []
    async with client_of(proxy) as client:
        stream = await client.chat.completions.create(
            model="gpt-4o:no-rag", messages=question(QUESTION), stream=True
        )

        async def read() -> None:
            async for chunk in stream:
                texts.extend(choice.delta.content or "" for choice in chunk.choices)

        with pytest.raises(openai.APIError):
            await read()
    assert "".join(texts) == "one "


@pytest.mark.parametrize(("fault", "status"), [(error(400), 400), (error(404), 404)])
async def test_the_fallback_does_not_answer_a_wrong_request(
    proxy: BookProxy, fake: FakeOpenAI, fault: Reply, status: int
) -> None:
    fake.reply(fault)
    async with client_of(proxy) as client:
        with pytest.raises(openai.APIStatusError) as refused:
            await ask(client, QUESTION, extra_body=NO_RAG)
    assert refused.value.status_code == status


async def test_a_proxy_whose_fallback_works_is_ready(proxy: BookProxy, fake: FakeOpenAI) -> None:
    fake.refuse_key = True
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http:
        ready = await http.get(f"{proxy.url}/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {
        "qdrant": "ok",
        "database": "ok",
        "generator": "upstream_auth_error",
        "fallback": "ok",
    }


def test_doctor_reaches_both_and_says_where_they_are(
    command_line: CommandLine, fake: FakeOpenAI, tmp_path: Path
) -> None:
    env = {
        "PROXY_DATA_DIR": str(tmp_path),
        "GENERATOR": "openai",
        "OPENAI_BASE_URL": fake.url,
        "OPENAI_MODEL": MODEL,
        "FALLBACK_GENERATOR": "offline",
    }
    done = command_line("doctor", env=env)
    assert done.returncode == 1
    assert f"{MODEL} at 127.0.0.1" in done.stdout
    assert "generator  upstream_wrong_url" in done.stdout
    assert "fallback   ok" in done.stdout


async def test_gemini_falls_back_to_another_upstream(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini, fake: FakeOpenAI, tmp_path: Path
) -> None:
    env = {
        **gemini_env,
        "EMBEDDER": "local",
        "FALLBACK_GENERATOR": "openai",
        "FALLBACK_OPENAI_BASE_URL": fake.base_url,
        "FALLBACK_OPENAI_MODEL": MODEL,
    }
    async with BookProxy(env, data_dir=tmp_path) as server, client_of(server) as client:
        for mode in MODES:
            threaded_gemini.reply(gemini_errors.daily_quota_exhausted())
            said = await ask(client, QUESTION, mode, extra_body=NO_RAG)
            assert said.headers["x-upstream-model"] == MODEL
            assert said.text.startswith("The lever")
            assert fake.chats[-1]["model"] == MODEL
        threaded_gemini.reply(Stream(["Gemini's own."]))
        said = await ask(client, QUESTION, "stream", extra_body=NO_RAG)
        assert said.headers["x-upstream-model"] == "gemini-3.8-flash"


async def test_a_schema_may_hold_integers_of_any_size(proxy: BookProxy, fake: FakeOpenAI) -> None:
    fake.reply(completion("Two bar."))
    parameters = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 2**128}}}
    tool: Any = {"type": "function", "function": {"name": "count", "parameters": parameters}}
    async with client_of(proxy) as client:
        said = await ask(client, QUESTION, model=f"{MODEL}:no-rag", tools=[tool])
    assert said.text == "Two bar."
    assert fake.chats[-1]["tools"] == [tool]
