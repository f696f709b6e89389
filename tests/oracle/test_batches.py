"""Batches of texts are those of google-genai, and it reads what the fake answers.

One thing differs: we give a batch a name of ours to be shown by.
"""

import pytest
from google.genai import types

from proxy.adapters.gemini.batch_embedder import GeminiBatchEmbedder
from tests.oracle.differences import spelled
from tests.oracle.sdk import IGNORED_WARNING, open_sdk
from tests.support.gemini_batches import GeminiBatches
from tests.support.gemini_client import open_transport
from tests.support.gemini_server import FakeGemini

pytestmark = [
    pytest.mark.filterwarnings(IGNORED_WARNING),
    pytest.mark.filterwarnings("ignore:batches.create_embeddings"),
]

MODEL = "gemini-embedding-001"
TEXTS = ["Größe 😀", "b"]


async def test_we_send_what_the_sdk_sends_and_read_what_it_reads(fake_gemini: FakeGemini) -> None:
    batches = GeminiBatches()
    fake_gemini.reply_by(batches.reply)
    async with open_transport(fake_gemini) as transport:
        embedder = GeminiBatchEmbedder(transport, model=MODEL, dimensions=128)
        name = await embedder.submit(TEXTS)
        answer = await embedder.answer(name, len(TEXTS))
    ours, our_look = fake_gemini.requests
    config = types.EmbedContentConfig(task_type="RETRIEVAL_DOCUMENT", output_dimensionality=128)
    contents = [types.Content(parts=[types.Part(text=text)]) for text in TEXTS]
    async with open_sdk(fake_gemini) as sdk:
        source = types.EmbeddingsBatchJobSource(
            inlined_requests=types.EmbedContentBatch(contents=list(contents), config=config)
        )
        job = await sdk.batch(MODEL, source, ours.json["batch"]["displayName"])
        looked = await sdk.look(job.name or "")
    theirs, their_look = fake_gemini.requests[2:]
    assert (ours.method, ours.path, ours.query) == (theirs.method, theirs.path, theirs.query)
    assert spelled(ours.json) == spelled(theirs.json)
    assert (our_look.method, our_look.path.rpartition("/")[0]) == (
        their_look.method,
        their_look.path.rpartition("/")[0],
    )
    assert looked.state == types.JobState.JOB_STATE_SUCCEEDED
    assert looked.dest is not None
    read = looked.dest.inlined_embed_content_responses or []
    assert answer is not None
    assert [one.response is not None for one in read] == [True] * len(answer.vectors)
