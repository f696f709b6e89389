"""Which passages go to the model, and what happens when there are none."""

from typing import Any

import pytest

from proxy.deadline import Deadline
from proxy.errors import (
    InvalidRequest,
    ModelNotFound,
    ProxyError,
    RetrievalUnavailable,
    UpstreamTimeout,
)
from proxy.protocol.rag_options import RagOptions
from proxy.rag.retrieve import Retriever
from proxy.rag.turn import Retrieved
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.builders import make_passage, make_passages
from tests.support.core_ports import LengthEmbedder, ListIndex

DOWN = RetrievalUnavailable("connection refused by 10.0.0.7")


async def retrieve(
    index: ListIndex,
    query: str = "why?",
    *,
    embedder: LengthEmbedder | None = None,
    settings: dict[str, Any] | None = None,
    deadline_s: float = 60,
    **options: Any,
) -> Retrieved:
    retriever = Retriever(
        embedder or LengthEmbedder(),
        index,
        RagSettings.model_validate(settings or {}),
        EmbeddingSettings.model_validate({"PROXY_EMBED_TIMEOUT_S": 1.5}),
    )
    return await retriever.retrieve(query, RagOptions(**options), Deadline.after(deadline_s))


async def test_what_was_found_goes_to_the_model_best_first() -> None:
    index, embedder = ListIndex(make_passages("one", "two", "three")), LengthEmbedder()
    retrieved = await retrieve(index, embedder=embedder)
    assert retrieved == Retrieved("grounded", "why?", tuple(index.passages))
    ((texts, role, _),) = embedder.asked
    assert (texts, role) == (["why?"], "query")


async def test_switched_off_nothing_is_asked() -> None:
    index, embedder = ListIndex(make_passages("one")), LengthEmbedder()
    assert (await retrieve(index, embedder=embedder, enabled=False)).status == "off"
    assert (embedder.asked, index.searches) == ([], [])


async def test_without_a_question_there_is_no_match() -> None:
    retrieved = await retrieve(ListIndex(make_passages("one")), "")
    assert (retrieved.status, retrieved.reason) == ("no-match", "no-question")


async def test_without_books_there_is_no_match_and_nothing_is_embedded() -> None:
    embedder = LengthEmbedder()
    retrieved = await retrieve(ListIndex(book_ids=()), embedder=embedder)
    assert (retrieved.status, retrieved.reason) == ("no-match", "no-books")
    assert embedder.asked == []


@pytest.mark.parametrize("books", [[], ["manual"], ["manual", "other"]])
async def test_an_unknown_book_is_the_clients_mistake(books: list[str]) -> None:
    index = ListIndex(make_passages("one"), book_ids=books)
    with pytest.raises(InvalidRequest) as refused:
        await retrieve(index, books=["manual", "zzz"] if books else ["zzz"])
    assert (refused.value.param, refused.value.code) == ("rag.books", "book_not_found")
    assert index.searches == []


async def test_named_books_alone_are_searched() -> None:
    index = ListIndex(make_passages("one"), book_ids=["a", "b", "c"])
    await retrieve(index, books=["a", "c"])
    assert index.searches[0].books == ["a", "c"]
    await retrieve(index)
    assert index.searches[1].books is None


async def test_the_number_of_passages_is_the_requests_or_the_settings() -> None:
    index = ListIndex([make_passage(f"text {i}", position=i) for i in range(30)])
    assert len((await retrieve(index)).passages) == 8
    assert len((await retrieve(index, settings={"PROXY_TOP_K": 3})).passages) == 3
    assert len((await retrieve(index, settings={"PROXY_TOP_K": 3}, top_k=5)).passages) == 5
    assert [search.limit for search in index.searches] == [16, 6, 10]


async def test_repeated_texts_are_given_once_and_others_take_their_place() -> None:
    index = ListIndex(make_passages("same", "same", "other", "same", "third"))
    texts = [p.chunk.text for p in (await retrieve(index, top_k=3)).passages]
    assert texts == ["same", "other", "third"]


async def test_the_token_budget_is_kept_and_smaller_passages_still_fit() -> None:
    long, short = "word " * 80, "word " * 30
    index = ListIndex(make_passages(long, long + "again", short, short + "again"))
    passages = (await retrieve(index, settings={"PROXY_MAX_CONTEXT_TOKENS": 200})).passages
    assert [p.chunk.text for p in passages] == [long, short]


@pytest.mark.parametrize(
    ("options", "settings", "kept"),
    [
        ({}, {}, 2),
        ({}, {"PROXY_MIN_SCORE": 0.75}, 1),
        ({"min_score": 0.2}, {"PROXY_MIN_SCORE": 0.75}, 3),
        ({"min_score": 0.0}, {}, 3),
        ({"min_score": 0.5}, {}, 2),
    ],
)
async def test_what_is_not_relevant_is_left_out(
    options: dict[str, Any], settings: dict[str, Any], kept: int
) -> None:
    scores = (0.8, 0.5, 0.3)
    index = ListIndex([make_passage(f"at {s}", score=s) for s in scores])
    retrieved = await retrieve(index, settings=settings, **options)
    assert [p.score for p in retrieved.passages] == list(scores[:kept])


async def test_nothing_relevant_is_no_match() -> None:
    passages = [
        make_passage(score=0.39, document_id="a.md"),
        make_passage("Other.", score=0.38, document_id="a.md", position=1),
        make_passage(score=0.37, document_id="b.md"),
    ]
    retrieved = await retrieve(ListIndex(passages))
    nearby = (passages[0], passages[2])
    assert retrieved == Retrieved("no-match", "why?", reason="below-threshold", nearby=nearby)


FAILURES: list[tuple[ListIndex, LengthEmbedder, str]] = [
    (ListIndex(fails_with=DOWN, is_gone=True), LengthEmbedder(), "retrieval-unavailable"),
    (ListIndex(fails_with=DOWN), LengthEmbedder(), "retrieval-unavailable"),
    (ListIndex(), LengthEmbedder(UpstreamTimeout("late")), "upstream-timeout"),
    (ListIndex(), LengthEmbedder(ModelNotFound("gone")), "model-not-found"),
    # What the upstream says of our own embedding request is not the client's mistake.
    (ListIndex(), LengthEmbedder(InvalidRequest("bad", code="invalid_request")), "invalid-request"),
]


@pytest.mark.parametrize(("index", "embedder", "reason"), FAILURES)
async def test_a_book_that_cannot_be_searched_is_done_without(
    index: ListIndex, embedder: LengthEmbedder, reason: str
) -> None:
    retrieved = await retrieve(index, embedder=embedder)
    assert retrieved == Retrieved("degraded", "why?", reason=reason)


@pytest.mark.parametrize(("index", "embedder", "_reason"), FAILURES)
async def test_or_it_is_an_error_where_that_is_the_policy(
    index: ListIndex, embedder: LengthEmbedder, _reason: str
) -> None:
    with pytest.raises(RetrievalUnavailable) as failure:
        await retrieve(index, embedder=embedder, settings={"PROXY_RETRIEVAL_POLICY": "fail"})
    assert failure.value.status == 503
    assert "10.0.0.7" not in failure.value.message
    assert isinstance(failure.value.__cause__, ProxyError)


async def test_embedding_a_question_has_a_limit_of_its_own_within_the_deadline() -> None:
    embedder = LengthEmbedder()
    index = ListIndex(make_passages("one"))
    await retrieve(index, embedder=embedder, deadline_s=60)
    await retrieve(index, embedder=embedder, deadline_s=0.5)
    (_, _, patient_s), (_, _, hasty_s) = embedder.asked
    assert 1.0 < patient_s <= 1.5
    assert hasty_s <= 0.5
    assert index.searches[0].remaining_s > 50
