"""Recorded answers: found, listed and replayed byte by byte."""

from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.support.gemini_server import FakeGemini
from tests.support.recordings import Recording, all_recordings, recordings


@pytest.mark.parametrize("recording", recordings())
async def test_a_replay_is_the_recording(fake_gemini: FakeGemini, recording: Recording) -> None:
    fake_gemini.reply_by(lambda _request: recording.replay())
    operation = recording.operation or "generateContent"
    async with (
        aiohttp.ClientSession(headers={"x-goog-api-key": "test"}) as client,
        client.post(
            f"{fake_gemini.url}/v1beta/models/{recording.model or 'm'}:{operation}",
            json=recording.request,
        ) as response,
    ):
        assert response.status == recording.status
        assert await response.read() == recording.body
        for name, value in recording.headers.items():
            assert response.headers[name] == value


@pytest.mark.parametrize("recording", recordings(operation="streamGenerateContent"))
def test_recordings_can_be_chosen_by_operation(recording: Recording) -> None:
    assert recording.is_stream
    assert recording.chunks >= 1


@pytest.mark.parametrize("recording", recordings(lambda one: one.status == 429))
def test_recordings_can_be_chosen_by_anything(recording: Recording) -> None:
    assert recording.json["error"]["status"] == "RESOURCE_EXHAUSTED"


def entry(**fields: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "id": "001",
        "category": "text",
        "note": "",
        "model": None,
        "status": 200,
        "url": None,
        "response": "001.response.json",
        "response_headers": {"content-type": "application/json", "transfer-encoding": "chunked"},
        "chunks": 1,
        "provenance": "recorded live (cassette)",
    }
    return {**usual, **fields}


def test_a_folder_of_recordings_is_read(tmp_path: Path) -> None:
    index = [entry(url="https://host/v1beta/models?pageSize=5"), entry(id="002")]
    (tmp_path / "INDEX.json").write_bytes(orjson.dumps(index))
    (tmp_path / "001.response.json").write_bytes(b'{"a": 1}')
    found = all_recordings(tmp_path)
    assert found is not None
    listed, bare = found
    assert (listed.operation, listed.json, listed.is_live) == ("listModels", {"a": 1}, True)
    assert listed.headers == {"content-type": "application/json"}
    assert (bare.operation, bare.request, bare.model) == ("", None, "")


def test_without_the_folder_there_is_one_skipped_argument(tmp_path: Path) -> None:
    assert all_recordings(tmp_path) is None
    (argument,) = recordings(folder=tmp_path)
    assert argument.id == "absent"
    assert "not on this machine" in str(argument.marks)
