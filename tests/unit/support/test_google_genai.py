"""Google's own SDK reads what the fake Gemini sends: the fake speaks the protocol."""

from typing import Any

import pytest

from tests.support.gemini_errors import overloaded
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini

# A docstring in google-genai 3.3 has `\/` in it, which the first compilation of it complains of.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


def sdk(fake: FakeGemini) -> Any:
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=fake.url, api_version="v1beta")
    return genai.Client(api_key="test", http_options=options)


def test_the_sdk_generates_embeds_counts_and_lists(threaded_gemini: FakeGemini) -> None:
    with sdk(threaded_gemini) as client:
        answer = client.models.generate_content(model="gemini-3.8-flash", contents="Why?")
        assert answer.text == "You asked: Why?"
        embedded = client.models.embed_content(
            model="gemini-embedding-001",
            contents=["one", "two"],
            config={"output_dimensionality": 256},
        )
        assert [len(one.values) for one in embedded.embeddings] == [256, 256]
        counted = client.models.count_tokens(model="gemini-3.8-flash", contents="12345678")
        assert counted.total_tokens == 3
        names = [model.name for model in client.models.list(config={"page_size": 4})]
        assert "models/gemini-3.8-flash" in names


def test_the_sdk_reads_the_stream_and_the_error(threaded_gemini: FakeGemini) -> None:
    from google.genai import errors, types

    threaded_gemini.reply(Stream(["one ", "two"]), overloaded())
    with sdk(threaded_gemini) as client:
        chunks = list(client.models.generate_content_stream(model="gemini-3.8-flash", contents="?"))
        assert [chunk.text for chunk in chunks] == ["one ", "two"]
        assert chunks[-1].candidates[0].finish_reason is types.FinishReason.STOP
        with pytest.raises(errors.ServerError) as caught:
            client.models.generate_content(model="gemini-3.8-flash", contents="?")
    assert caught.value.status == "UNAVAILABLE"
