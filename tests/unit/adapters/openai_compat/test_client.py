"""The client asks one upstream with one key, and takes nothing else from its environment."""

import pytest

from proxy.adapters.openai_compat.client import open_client, request_options
from tests.support.openai_server import KEY, FakeOpenAI, openai_settings


async def headers_sent(fake: FakeOpenAI, **settings: str | None) -> dict[str, str]:
    chosen = openai_settings(fake.base_url, **settings)
    async with open_client(chosen) as client:
        await client.get("/models", cast_to=object, options=request_options(chosen))
    return fake.requests[-1].headers


async def test_the_key_is_sent(fake: FakeOpenAI) -> None:
    assert (await headers_sent(fake))["authorization"] == f"Bearer {KEY}"


async def test_a_server_without_a_key_is_sent_none(fake: FakeOpenAI) -> None:
    assert "authorization" not in await headers_sent(fake, OPENAI_API_KEY=None)


async def test_other_variables_of_the_package_count_for_nothing(
    fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-somebody")
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    sent = await headers_sent(fake, OPENAI_API_KEY=None)
    assert not {name for name in sent if name.startswith("openai-")}
    assert "authorization" not in sent
