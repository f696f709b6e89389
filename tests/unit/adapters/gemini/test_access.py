"""Two ways to one Gemini: with a key, and through Vertex AI; everything behind them is the same."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from proxy.adapters.gemini.access import (
    KeyAccess,
    VertexAccess,
    access_for,
    vertex_host,
)
from proxy.adapters.gemini.credentials import BearerHeaders
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import ProxyError, UpstreamAuthError, UpstreamTimeout
from tests.support import gemini_errors as errors
from tests.support.gemini_client import KEY, MODEL, gemini_settings, open_session, open_transport
from tests.support.gemini_replies import Text
from tests.support.gemini_server import FakeGemini
from tests.support.google_credentials import FakeCredentials, vertex_sdk
from tests.support.recordings import Recording, recordings
from tests.support.waiting import ample_time

VERTEX = {
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_CLOUD_PROJECT": "a-project",
    "GOOGLE_CLOUD_LOCATION": "europe-west4",
}
MODELS = "/v1beta1/projects/a-project/locations/europe-west4/publishers/google/models"
BODY = b'{"contents": []}'


@pytest.fixture
def credentials() -> FakeCredentials:
    return FakeCredentials()


@pytest.fixture
async def vertex(
    fake_gemini: FakeGemini, credentials: FakeCredentials
) -> AsyncGenerator[GeminiTransport]:
    settings = gemini_settings(fake_gemini.url, **VERTEX)
    bearer = BearerHeaders(lambda: credentials, clock=credentials.clock)
    async with open_session() as session:
        yield GeminiTransport(session, settings, VertexAccess(settings, bearer))


async def outcome(transport: GeminiTransport, *, is_stream: bool) -> Any:
    """Return what comes out of a transport: responses, or the failure's name and message."""
    deadline = ample_time()
    try:
        if not is_stream:
            return await transport.call(MODEL, "generateContent", BODY, deadline)
        batches = transport.stream(MODEL, BODY, deadline)
        return [response async for batch in batches for response in batch]
    except ProxyError as failure:
        return failure.status, failure.code, failure.message, failure.retry_after_s


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "https://aiplatform.googleapis.com"),
        ("us", "https://aiplatform.us.rep.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        ("us-central1", "https://us-central1-aiplatform.googleapis.com"),
        ("europe-west4", "https://europe-west4-aiplatform.googleapis.com"),
    ],
)
def test_a_location_has_its_host(location: str, host: str) -> None:
    assert vertex_host(location) == host
    settings = gemini_settings(
        "https://generativelanguage.googleapis.com", **VERTEX | {"GOOGLE_CLOUD_LOCATION": location}
    )
    url = VertexAccess(settings).url("m", "streamGenerateContent", "?alt=sse")
    assert str(url) == (
        f"{host}/v1beta1/projects/a-project/locations/{location}"
        "/publishers/google/models/m:streamGenerateContent?alt=sse"
    )


def test_the_settings_choose_the_access() -> None:
    with_key = access_for(gemini_settings("http://127.0.0.1:1"))
    assert isinstance(with_key, KeyAccess)
    assert not with_key.is_vertex
    # With both, Vertex AI is used, as google-genai has it.
    through_vertex = access_for(gemini_settings("http://127.0.0.1:1", **VERTEX))
    assert isinstance(through_vertex, VertexAccess)
    assert through_vertex.is_vertex


async def test_a_key_needs_no_waiting_and_no_new_headers() -> None:
    access = KeyAccess(gemini_settings("http://127.0.0.1:1"))
    headers = access.headers()
    assert headers is access.headers()
    assert headers is await access.renewed_headers(Deadline.after(0))
    access.refused()
    assert access.headers() is headers
    assert headers is not None
    assert headers["x-goog-api-key"] == KEY


async def test_vertex_gets_a_token_and_no_key(
    vertex: GeminiTransport, fake_gemini: FakeGemini, credentials: FakeCredentials
) -> None:
    credentials.quota_project_id = "payer"
    for is_stream in (False, True, False):
        await outcome(vertex, is_stream=is_stream)
    unary, streamed, _ = fake_gemini.requests
    assert (unary.path, streamed.path) == (
        f"{MODELS}/{MODEL}:generateContent",
        f"{MODELS}/{MODEL}:streamGenerateContent",
    )
    assert streamed.query == {"alt": "sse"}
    for request in fake_gemini.requests:
        assert request.headers["authorization"] == "Bearer token-1"
        assert request.headers["x-goog-user-project"] == "payer"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["accept-encoding"] == "identity"
        assert "x-goog-api-key" not in request.headers
    assert credentials.refreshes == 1


async def test_headers_are_made_once_per_token(credentials: FakeCredentials) -> None:
    bearer = BearerHeaders(lambda: credentials, clock=credentials.clock)
    access = VertexAccess(gemini_settings("http://127.0.0.1:1", **VERTEX), bearer)
    first = await access.renewed_headers(ample_time())
    assert access.headers() is first
    access.refused()
    assert access.headers() is None
    second = await access.renewed_headers(ample_time())
    assert second["authorization"] != first["authorization"]


async def test_a_token_that_is_refused_is_not_sent_again(
    vertex: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(errors.Status(401, "expired"), Text("fine"))
    assert (await outcome(vertex, is_stream=False))[:2] == (502, "upstream_auth_error")
    await outcome(vertex, is_stream=False)
    sent = [request.headers["authorization"] for request in fake_gemini.requests]
    assert sent == ["Bearer token-1", "Bearer token-2"]


async def test_without_credentials_the_upstream_is_not_asked(
    vertex: GeminiTransport, fake_gemini: FakeGemini, credentials: FakeCredentials
) -> None:
    credentials.failures = [OSError("no metadata server")]
    with pytest.raises(UpstreamAuthError):
        await vertex.call(MODEL, "generateContent", BODY, ample_time())
    assert fake_gemini.requests == []


async def test_waiting_for_credentials_counts_towards_the_deadline(
    vertex: GeminiTransport, fake_gemini: FakeGemini, credentials: FakeCredentials
) -> None:
    credentials.may_go_on.clear()
    with pytest.raises(UpstreamTimeout):
        await vertex.call(MODEL, "generateContent", BODY, Deadline.after(0.05))
    credentials.may_go_on.set()
    assert fake_gemini.requests == []


async def test_vertex_is_checked_by_counting_which_is_free(
    vertex: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    await vertex.check(ample_time())
    (request,) = fake_gemini.requests
    assert request.path == f"{MODELS}/{MODEL}:countTokens"
    assert await vertex.model_page("", ample_time()) is None


@pytest.mark.parametrize(
    "recording", recordings(lambda recording: "enerateContent" in recording.operation)
)
async def test_every_recording_passes_through_vertex_as_it_does_with_a_key(
    vertex: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    # Half a second's wait that a recording asks for is no part of what is compared.
    fake_gemini.reply_by(lambda _request: recording.replay())
    async with open_transport(fake_gemini) as with_key:
        expected = await outcome(with_key, is_stream=recording.is_stream)
    assert await outcome(vertex, is_stream=recording.is_stream) == expected
    assert {request.is_vertex for request in fake_gemini.requests} == {True, False}


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize("location", ["global", "europe-west4", "us"])
def test_paths_are_those_of_googles_own_client(threaded_gemini: FakeGemini, location: str) -> None:
    with vertex_sdk(threaded_gemini, location) as client:
        client.models.generate_content(model=MODEL, contents="?")
        list(client.models.generate_content_stream(model=MODEL, contents="?"))
    settings = gemini_settings(threaded_gemini.url, **VERTEX | {"GOOGLE_CLOUD_LOCATION": location})
    access = VertexAccess(settings)
    assert [request.path for request in threaded_gemini.requests] == [
        access.url(MODEL, "generateContent").path,
        access.url(MODEL, "streamGenerateContent", "?alt=sse").path,
    ]
