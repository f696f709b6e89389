"""Real exchanges with Gemini, recorded, where the folder of them stands beside the checkout.

They belong to others and are not part of the repository; tests that want them skip without them::

    @pytest.mark.parametrize("recording", recordings(operation="streamGenerateContent"))
    async def test_…(fake_gemini: FakeGemini, recording: Recording) -> None:
        fake_gemini.reply(recording.replay())
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.gemini_replies import JSON_HEADERS, SSE_HEADERS
from tests.support.gemini_requests import RecordedRequest
from tests.support.http_wire import Wire

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY.parent / "shared" / "recordings"
WHY_ABSENT = "the recorded Gemini answers (../shared/recordings) are not on this machine"

# The transport's own business: how the recorded bytes were framed says nothing about ours.
_HOP_BY_HOP = {"transfer-encoding", "content-length", "content-encoding", "connection"}


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange."""

    recording_id: str
    category: str
    note: str
    model: str
    status: int
    operation: str
    """As in the URL; "" where the URL was not recorded."""
    is_stream: bool
    """Whether the answer is server-sent events."""
    chunks: int
    is_live: bool
    """Recorded from the real API, not written by hand nor quoted."""
    headers: Mapping[str, str]
    request: Any
    """The body that was sent, as JSON; None where it was not recorded."""
    body: bytes
    """The answer's body."""

    @property
    def json(self) -> Any:
        """The answer as JSON; of answers that are no stream."""
        return orjson.loads(self.body)

    def replay(self) -> "Replay":
        """Return the reply that gives exactly this answer."""
        return Replay(self)


@dataclass(frozen=True, slots=True)
class Replay:
    """Answer with a recording: its status, headers and, byte by byte, its body."""

    recording: Recording

    async def play(self, wire: Wire, _request: RecordedRequest) -> None:
        """Send it, a stream event by event."""
        recorded = self.recording
        usual = SSE_HEADERS if recorded.is_stream else JSON_HEADERS
        await wire.start(recorded.status, {**usual, **recorded.headers}, length_bytes=None)
        for line in recorded.body.splitlines(keepends=True) if recorded.is_stream else ():
            await wire.write(line)
        if not recorded.is_stream:
            await wire.write(recorded.body)
        await wire.finish()


def all_recordings(folder: Path = FOLDER) -> list[Recording] | None:
    """Return every recording, ordered by id; None where there is no folder of them."""
    index = folder / "INDEX.json"
    if not index.is_file():
        return None
    return [_recording(folder, entry) for entry in orjson.loads(index.read_bytes())]


def recordings(
    wanted: Callable[[Recording], bool] = lambda _recording: True,
    *,
    operation: str | None = None,
    folder: Path = FOLDER,
) -> list[pytest.ParameterSet]:
    """Return arguments for `pytest.mark.parametrize`; one skipped argument without the folder.

    `operation` keeps those of one operation, by their URL; `wanted` decides for itself.
    """
    found = all_recordings(folder)
    if found is None:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=WHY_ABSENT))]
    return [
        pytest.param(recording, id=recording.recording_id)
        for recording in found
        if wanted(recording) and operation in {None, recording.operation}
    ]


def _recording(folder: Path, entry: dict[str, Any]) -> Recording:
    url: str = entry["url"] or ""
    headers: dict[str, str] = entry["response_headers"]
    request: str | None = entry.get("request")
    return Recording(
        recording_id=entry["id"],
        category=entry["category"],
        note=entry["note"],
        model=entry["model"] or "",
        status=entry["status"],
        operation=_operation_in(url),
        is_stream=entry["response"].endswith(".sse"),
        chunks=entry["chunks"],
        is_live=entry["provenance"].startswith("recorded live"),
        headers={k: v for k, v in headers.items() if k.lower() not in _HOP_BY_HOP},
        request=orjson.loads((folder / request).read_bytes()) if request else None,
        body=(folder / entry["response"]).read_bytes(),
    )


def _operation_in(url: str) -> str:
    last = url.partition("?")[0].rpartition("/")[2]
    return "listModels" if last == "models" else last.partition(":")[2]
