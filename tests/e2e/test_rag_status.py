"""What the book said is told in a header, and to the model in its instructions."""

import shutil
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support.chat import MODES, Mode, ask, question
from tests.support.gemini_errors import overloaded
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy, free_port

QUESTION = "When does the Quillon pump start by itself?"
ELSEWHERE = "Who painted the ceiling of the Sistine Chapel?"
NOTHING_NEAR = {"rag": {"min_score": 0.999}}


@pytest.mark.parametrize("mode", MODES)
async def test_passages_stand_beside_the_question_and_the_system_message_is_kept(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    history = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": "Good morning."},
        {"role": "assistant", "content": "Ahoy."},
        {"role": "user", "content": QUESTION},
    ]
    said = await ask(client, "", mode, messages=history)
    assert said.headers["x-rag-status"] == "grounded"
    (sent,) = threaded_gemini.generating_requests
    assert sent.system_text.startswith("Speak like a pirate.")
    assert "[1]" in sent.system_text
    contents = sent.json["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert contents[0]["parts"] == [{"text": "Good morning."}]
    assert sent.last_user_text.startswith("<book_passages>")
    assert "below two bar" in sent.last_user_text
    assert sent.last_user_text.endswith(QUESTION)


@pytest.mark.parametrize("mode", MODES)
async def test_no_match_is_told_to_the_client_and_to_the_model(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    said = await ask(client, QUESTION, mode, extra_body=NOTHING_NEAR)
    assert said.headers["x-rag-status"] == "no-match"
    assert said.headers["x-rag-reason"] == "below-threshold"
    assert said.annotations == []
    assert said.context is None
    (sent,) = threaded_gemini.generating_requests
    assert "nothing in it fits" in sent.system_text
    near, _, asked = sent.last_user_text.partition("</book_nearby>\n")
    assert "Starting the pump" in near
    assert "two bar" not in near
    assert asked == QUESTION


@pytest.mark.parametrize("mode", MODES)
async def test_the_offline_reader_says_that_the_book_has_nothing(
    offline_server: BookProxy, mode: Mode
) -> None:
    async with openai.AsyncOpenAI(base_url=offline_server.v1, api_key="unused") as client:
        said = await ask(client, ELSEWHERE, mode)
    assert said.headers["x-rag-status"] == "no-match"
    assert said.annotations == []
    assert said.text


@pytest.mark.parametrize(
    "options",
    [
        {"extra_body": {"rag": {"enabled": False}}},
        {"extra_headers": {"x-rag-enabled": "false"}},
        {"metadata": {"rag_enabled": "false"}},
        {"model": "gpt-4o:no-rag"},
    ],
    ids=["body", "header", "metadata", "suffix"],
)
async def test_off_leaves_the_request_as_it_came(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, options: dict[str, Any]
) -> None:
    messages = question(QUESTION, system="Be brief.")
    said = await ask(client, "", messages=messages, **options)
    assert said.headers["x-rag-status"] == "off"
    assert said.context is None
    (sent,) = threaded_gemini.requests
    assert sent.system_text == "Be brief."
    assert sent.last_user_text == QUESTION


async def test_the_body_wins_over_header_metadata_and_suffix(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    del threaded_gemini
    said = await ask(
        client,
        QUESTION,
        model="gpt-4o:no-rag",
        metadata={"rag_enabled": "false"},
        extra_headers={"x-rag-enabled": "false"},
        extra_body={"rag": {"enabled": True}},
    )
    assert said.headers["x-rag-status"] == "grounded"


@pytest.mark.parametrize("mode", MODES)
async def test_without_embeddings_the_words_of_a_question_find_passages_and_the_client_hears_of_it(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply_to_embedding(overloaded(), overloaded())
    never_asked = (
        f"{'When' if mode == 'json' else 'So when'} will the Quillon pump start by itself?"
    )
    said = await ask(client, never_asked, mode)
    assert said.headers["x-rag-status"] == "degraded"
    assert said.headers["x-rag-reason"] == "sparse-only"
    assert said.text
    (sent,) = threaded_gemini.generating_requests
    assert sent.last_user_text.startswith("<book_passages>")
    assert "below two bar" in sent.last_user_text
    assert "cannot be searched" not in sent.system_text


@pytest.mark.parametrize("mode", MODES)
async def test_or_that_is_an_error_where_the_policy_says_so(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini, gemini_server: BookProxy, mode: Mode
) -> None:
    threaded_gemini.reply_to_embedding(overloaded(), overloaded())
    env = {**gemini_env, "PROXY_RETRIEVAL_POLICY": "fail"}
    data_dir = shutil.copytree(
        gemini_server.data_dir / "index", gemini_server.home / mode / "index"
    )
    async with (
        BookProxy(env, data_dir=data_dir.parent) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as refused:
            await ask(client, f"When will the Quillon pump start ({mode})?", mode)
    assert refused.value.code == "retrieval_unavailable"
    assert threaded_gemini.generating_requests == []


async def test_a_qdrant_server_that_is_down_degrades_the_answer_quickly(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    env = {**gemini_env, "QDRANT_URL": f"http://127.0.0.1:{free_port()}"}
    async with (
        BookProxy(env) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        for mode in MODES:
            said = await ask(client, QUESTION, mode)
            assert said.headers["x-rag-status"] == "degraded"
            assert said.headers["x-rag-reason"] == "retrieval-unavailable"
        assert "cannot be searched" in threaded_gemini.generating_requests[-1].system_text
        assert (await client.models.list()).data
        with pytest.raises(openai.InternalServerError) as not_ready:
            await client.get("/../ready", cast_to=object)
        assert not_ready.value.status_code == 503
        assert "qdrant" in not_ready.value.response.text


async def test_a_qdrant_server_that_is_down_is_a_503_where_the_policy_says_so(
    gemini_env: dict[str, str], tmp_path: Path
) -> None:
    env = {
        **gemini_env,
        "QDRANT_URL": f"http://127.0.0.1:{free_port()}",
        "PROXY_RETRIEVAL_POLICY": "fail",
        "PROXY_DATA_DIR": str(tmp_path),
    }
    async with (
        BookProxy(env) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        for mode in MODES:
            with pytest.raises(openai.InternalServerError) as failed:
                await ask(client, QUESTION, mode)
            assert failed.value.status_code == 503
            assert failed.value.code == "retrieval_unavailable"
            assert failed.value.response.headers["retry-after"] == "2"


async def test_no_book_at_all_is_a_no_match(gemini_env: dict[str, str]) -> None:
    async with (
        BookProxy(gemini_env) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused") as client,
    ):
        said = await ask(client, QUESTION)
    assert said.headers["x-rag-status"] == "no-match"
    assert said.headers["x-rag-reason"] == "no-books"
