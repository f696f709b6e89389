"""Settings become what runs, or one line that says why not."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.bootstrap.books import Endpoint, index_root, running_server
from proxy.bootstrap.serving import open_state
from proxy.errors import ConfigurationError, Conflict
from proxy.settings import Settings, load_settings
from tests.support.book_stores import IDENTITY, embedded_store
from tests.support.gemini_server import FakeGemini
from tests.support.google_credentials import TokenServer, write_service_account
from tests.support.openai_server import FakeOpenAI
from tests.support.waiting import LONG_ENOUGH_S, ample_time


def _settings(folder: Path, **environ: str) -> Settings:
    return load_settings({"PROXY_DATA_DIR": str(folder), **environ}, None)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (Endpoint("127.0.0.1", 8000), "http://127.0.0.1:8000"),
        (Endpoint("localhost", 80), "http://localhost:80"),
        (Endpoint("::1", 8000), "http://[::1]:8000"),
    ],
)
def test_a_server_is_reached_at_its_address(endpoint: Endpoint, url: str) -> None:
    assert endpoint.url == url


async def test_without_any_key_everything_is_local(tmp_path: Path) -> None:
    async with open_state(_settings(tmp_path)) as state:
        assert state.catalog.main == "offline-reader"
        assert state.embedder.dimensions == 384
        assert list(await state.index.books()) == []
        assert [await check.outcome() for check in state.checks.values()] == ["ok", "ok", "ok"]


async def test_with_a_key_gemini_answers_and_embeds(
    tmp_path: Path, fake_gemini: FakeGemini
) -> None:
    gemini = {"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": fake_gemini.url}
    async with open_state(_settings(tmp_path, **gemini, EMBEDDING_DIMENSIONS="256")) as state:
        assert state.catalog.main == "gemini-3.8-flash"
        assert (state.embedder.model, state.embedder.dimensions) == ("gemini-embedding-001", 256)
        assert state.catalog.native_embedding_dimensions == 3_072
        assert await state.checks["generator"].outcome() == "ok"


async def test_through_vertex_ai_no_key_is_needed(
    tmp_path: Path, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    vertex = {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "a-project"}
    with TokenServer() as tokens:
        write_service_account(tmp_path / "account.json", tokens)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
        settings = _settings(tmp_path, **vertex, GEMINI_BASE_URL=fake_gemini.url)
        async with open_state(settings) as state:
            assert state.catalog.main == "gemini-3.8-flash"
            assert await state.checks["generator"].outcome() == "ok"
            made = await state.embedder.embed(
                ["one", "two"], role="document", deadline=ample_time()
            )
            assert made.vectors.shape == (2, 768)
        assert len(tokens.exchanges) == 1
    assert {request.headers["authorization"] for request in fake_gemini.requests} == {
        "Bearer token-1"
    }
    assert {request.is_vertex for request in fake_gemini.requests} == {True}


async def test_the_models_of_the_upstream_are_listed_when_it_has_named_them(
    tmp_path: Path, fake_gemini: FakeGemini
) -> None:
    gemini = {"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": fake_gemini.url}
    async with open_state(_settings(tmp_path, **gemini)) as state:
        assert state.catalog.card("gpt-4o")["context_length"] == 1_048_576
        await fake_gemini.wait_for_answered()
        async with asyncio.timeout(LONG_ENOUGH_S):
            while not state.catalog.others():  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0)
        names = [card["id"] for card in state.catalog.listing([])]
        assert "gemini-2.5-pro" in names
        assert len(set(names)) == len(names)
    async with open_state(_settings(tmp_path, **gemini, GENERATOR="offline")) as state:
        assert "context_length" not in state.catalog.card("gpt-4o")
        assert state.catalog.longest_embedding_input("gemini-embedding-001") == 2_048


async def test_who_answers_and_who_embeds_can_be_chosen_apart(
    tmp_path: Path, fake_gemini: FakeGemini
) -> None:
    gemini = {"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": fake_gemini.url}
    async with open_state(_settings(tmp_path, **gemini, EMBEDDER="local")) as state:
        assert state.catalog.main == "gemini-3.8-flash"
        assert state.embedder.dimensions == 384
    async with open_state(_settings(tmp_path, **gemini, GENERATOR="offline")) as state:
        assert state.catalog.main == "offline-reader"
        assert state.embedder.dimensions == 768


@pytest.fixture
async def fake_openai() -> AsyncGenerator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


async def test_another_upstream_answers_while_the_bundled_model_embeds(
    tmp_path: Path, fake_openai: FakeOpenAI
) -> None:
    upstream = {"OPENAI_BASE_URL": fake_openai.base_url, "OPENAI_MODEL": "llama3.2:3b"}
    settings = _settings(tmp_path, GENERATOR="openai", **upstream)
    async with open_state(settings) as state:
        assert state.catalog.main == state.catalog.fast == "llama3.2:3b"
        assert state.catalog.resolve_chat("qwen3:8b").upstream == "qwen3:8b"
        assert state.embedder.dimensions == 384
        assert list(state.checks) == ["qdrant", "generator", "database"]
        assert await state.checks["generator"].outcome() == "ok"


@pytest.mark.parametrize("fallback", ["openai", "offline"])
async def test_a_fallback_is_checked_beside_the_first(
    tmp_path: Path, fake_gemini: FakeGemini, fake_openai: FakeOpenAI, fallback: str
) -> None:
    settings = _settings(
        tmp_path,
        GEMINI_API_KEY="bad-key",
        GEMINI_BASE_URL=fake_gemini.url,
        EMBEDDER="local",
        FALLBACK_GENERATOR=fallback,
        FALLBACK_OPENAI_BASE_URL=fake_openai.base_url,
        FALLBACK_OPENAI_MODEL="llama3.2:3b",
    )
    async with open_state(settings) as state:
        outcomes = {name: await check.outcome() for name, check in state.checks.items()}
        assert outcomes == {
            "qdrant": "ok",
            "generator": "upstream_auth_error",
            "database": "ok",
            "fallback": "ok",
        }
        assert state.checks["generator"].stand_in == "fallback"


async def test_the_embedded_index_has_one_owner_who_can_be_found(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert running_server(settings) is None
    async with open_state(settings, Endpoint("127.0.0.1", 4711)) as state:
        found = running_server(settings)
        assert found is not None
        assert (found.url, found.token) == ("http://127.0.0.1:4711", state.local_token)
        with pytest.raises(Conflict):
            async with open_state(settings):
                pass
    assert running_server(settings) is None


async def test_an_index_of_another_size_stops_the_start(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    async with open_state(settings) as state:
        identity = IndexIdentity(state.embedder.model, state.embedder.dimensions)
    async with embedded_store(index_root(settings, identity)) as store:
        await store.publish("manual", {"a.md": "text"})
        assert identity != IDENTITY
    with pytest.raises(ConfigurationError):
        async with open_state(settings):
            pass
