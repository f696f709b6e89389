"""Settings become what runs, or one line that says why not."""

from pathlib import Path

import pytest

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.bootstrap import Endpoint, index_root, open_state, running_server
from proxy.errors import ConfigurationError, Conflict
from proxy.settings import Settings, load_settings
from tests.support.book_stores import IDENTITY, embedded_store
from tests.support.gemini_server import FakeGemini


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
        assert [await check.outcome() for check in state.checks.values()] == ["ok", "ok"]


async def test_with_a_key_gemini_answers_and_embeds(
    tmp_path: Path, fake_gemini: FakeGemini
) -> None:
    gemini = {"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": fake_gemini.url}
    async with open_state(_settings(tmp_path, **gemini, EMBEDDING_DIMENSIONS="256")) as state:
        assert state.catalog.main == "gemini-3.8-flash"
        assert (state.embedder.model, state.embedder.dimensions) == ("gemini-embedding-001", 256)
        assert state.catalog.native_embedding_dimensions == 3_072
        assert await state.checks["generator"].outcome() == "ok"


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
