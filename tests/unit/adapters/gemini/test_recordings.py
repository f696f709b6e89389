"""Real refusals, vectors and lists of Gemini, replayed byte by byte over a socket.

Answers are the business of `test_recorded_answers.py`.
"""

from typing import Any

import numpy as np
import pytest

from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import ProxyError
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of
from tests.support.gemini_client import MODEL
from tests.support.gemini_server import FakeGemini
from tests.support.recordings import Recording, all_recordings, recordings
from tests.support.waiting import ample_time


async def replayed(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> list[Any]:
    # Twice: what is worth a retry is asked for again.
    fake_gemini.reply(recording.replay(), recording.replay())
    chat = make_chat_request("anything", stream=recording.is_stream)
    generator = GeminiGenerator(transport, SignatureCache())
    return await events_of(
        generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
    )


REFUSED = {
    "064_errors_404_model_batchEmbed": (404, "model_not_found"),
    "065_errors_400_api_key_invalid": (502, "upstream_auth_error"),
    "067_errors_400_input_too_long_vertex": (400, "context_length_exceeded"),
    "068_errors_400_url_roboted_vertex": (400, "invalid_image_url"),
    "077_errors_429_retry_info_vercel": (429, "rate_limit_exceeded"),
    "086_finish_prompt_blocked_safety_stream": (200, "content_filter"),
    "092_finish_empty_content": (502, "upstream_truncated"),
    "094_errors_malformed_content": (502, "upstream_truncated"),
    "095_errors_invalid_json": (502, "upstream_truncated"),
    "097_errors_400_failed_precondition_location": (403, "unsupported_country_region_territory"),
    "098_errors_403_iam": (502, "upstream_auth_error"),
    "100_errors_400_api_key_firebase": (502, "upstream_auth_error"),
    "101_errors_400_image_rejected": (400, "invalid_request"),
    "103_errors_503_high_demand": (503, "upstream_overloaded"),
}


def test_every_recorded_failure_is_in_the_table() -> None:
    failed = [r.recording_id for r in all_recordings() or () if r.status != 200]
    assert set(failed) <= set(REFUSED)


@pytest.mark.parametrize("recording", recordings(lambda r: r.recording_id in REFUSED))
async def test_a_recorded_failure_has_its_place(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    try:
        finish = (await replayed(transport, fake_gemini, recording))[-2]
        outcome = (200, finish.reason)
    except ProxyError as failure:
        outcome = (failure.status, failure.code)
    assert outcome == REFUSED[recording.recording_id]


def holds_vectors(recording: Recording) -> bool:
    """Whether it answers what we ask: one text alone, or a batch of several."""
    if recording.category != "embeddings" or recording.status != 200:
        return False
    return "embedding" in recording.json or len(recording.json["embeddings"]) > 1


@pytest.mark.parametrize("recording", recordings(holds_vectors))
async def test_recorded_vectors_are_read_and_normalised(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    found = recording.json.get("embeddings") or [recording.json["embedding"]]
    values = np.array([item["values"] for item in found])
    fake_gemini.reply_to_embedding(recording.replay())
    embedder = GeminiEmbedder(transport, model=recording.model, dimensions=values.shape[1])
    made = await embedder.embed(["text"] * len(found), role="document", deadline=ample_time())
    expected = values / np.linalg.norm(values, axis=1, keepdims=True)
    assert np.allclose(made.vectors, expected, atol=1e-6)
    assert made.tokens > 0


@pytest.mark.parametrize("recording", recordings(operation="listModels"))
async def test_a_recorded_list_of_models_passes_the_check(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    fake_gemini.reply_by(lambda _request: recording.replay())
    await transport.check(ample_time())
