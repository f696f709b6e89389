"""GET /v1/models: what can be asked for, hard-coded names included."""

import openai
import pytest

from tests.support.sample_books import NOTES, PUMPS
from tests.support.serving import BookProxy


async def test_the_list_names_the_models_and_one_variant_per_book(
    either_client: openai.AsyncOpenAI,
) -> None:
    listed = (await either_client.models.list()).data
    names = [model.id for model in listed]
    assert names[1:4] == [
        f"{names[0]}:book={NOTES}",
        f"{names[0]}:book={PUMPS}",
        f"{names[0]}:no-rag",
    ]
    assert len(set(names)) == len(names)
    assert all(model.created > 0 and model.owned_by for model in listed)


async def test_every_listed_model_can_be_retrieved(either_client: openai.AsyncOpenAI) -> None:
    for model in (await either_client.models.list()).data:
        found = await either_client.models.retrieve(model.id)
        assert (found.id, found.owned_by) == (model.id, model.owned_by)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "gpt-4o-mini",
        f"gpt-4o:book={PUMPS}",
        "gemini-3.8-flash",
        "models/gemini-3.8-flash",
        "text-embedding-3-small",
    ],
)
async def test_aliases_are_models_too(either_client: openai.AsyncOpenAI, name: str) -> None:
    assert (await either_client.models.retrieve(name)).id == name


@pytest.mark.parametrize("name", ["llama3:8b", "nobody"])
async def test_an_unknown_name_is_a_404(either_client: openai.AsyncOpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await either_client.models.retrieve(name)
    assert unknown.value.code == "model_not_found"
    assert unknown.value.param == "model"
    with pytest.raises(openai.NotFoundError):
        await either_client.chat.completions.create(
            model=name, messages=[{"role": "user", "content": "hi"}]
        )


async def test_the_offline_reader_says_what_it_is(offline_server: BookProxy) -> None:
    async with openai.AsyncOpenAI(base_url=offline_server.v1, api_key="unused") as client:
        first = (await client.models.list()).data[0]
    assert first.owned_by == "book-proxy"
    assert "GEMINI_API_KEY" in (first.model_extra or {})["description"]


async def test_a_variant_of_a_book_that_is_not_there_is_a_404(
    either_client: openai.AsyncOpenAI,
) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await either_client.models.retrieve("gpt-4o:book=nowhere")
    assert unknown.value.code == "model_not_found"
