"""Which passages go to the model, and what happens when there are none."""

from collections.abc import Sequence
from dataclasses import replace
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
from proxy.settings import EmbeddingSettings, RagSettings, SearchMode
from tests.support.builders import BASE_URL, BOOK, make_passage, make_passages
from tests.support.core_ports import LengthEmbedder, ListIndex, make_lexicon
from tests.support.waiting import LONG_ENOUGH_S, ample_time

DOWN = RetrievalUnavailable("connection refused by 10.0.0.7")


async def retrieve(
    index: ListIndex,
    query: str = "why?",
    *,
    embedder: LengthEmbedder | None = None,
    settings: dict[str, Any] | None = None,
    deadline_s: float = 5 * LONG_ENOUGH_S,
    mode: SearchMode | None = None,
    **options: Any,
) -> Retrieved:
    retriever = Retriever(
        embedder or LengthEmbedder(),
        index,
        RagSettings.model_validate(settings or {}),
        EmbeddingSettings.model_validate({"PROXY_EMBED_TIMEOUT_S": LONG_ENOUGH_S}),
    )
    deadline = Deadline.after(deadline_s)
    return await retriever.retrieve(query, RagOptions(**options), deadline, mode=mode)


async def test_what_was_found_goes_to_the_model_best_first() -> None:
    index, embedder = ListIndex(make_passages("one", "two", "three")), LengthEmbedder()
    retrieved = await retrieve(index, embedder=embedder)
    assert (retrieved.status, retrieved.query) == ("grounded", "why?")
    assert [p.chunk for p in retrieved.passages] == [p.chunk for p in index.passages]
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
    await retrieve(index)
    searched = [search.queries[0].where.books for search in index.searches]
    assert searched == [("a", "c"), ("a", "b", "c")]


async def test_the_number_of_passages_is_the_requests_or_the_settings() -> None:
    index = ListIndex([make_passage(f"text {i}", anchor=f"part-{i}") for i in range(30)])
    assert len((await retrieve(index)).passages) == 8
    assert len((await retrieve(index, settings={"PROXY_TOP_K": 3})).passages) == 3
    assert len((await retrieve(index, settings={"PROXY_TOP_K": 3}, top_k=5)).passages) == 5


async def test_repeated_texts_are_given_once_and_others_take_their_place() -> None:
    index = ListIndex(make_passages("same", "same", "other", "same", "third"))
    texts = [p.chunk.text for p in (await retrieve(index, top_k=3)).passages]
    assert texts == ["same", "other", "third"]


async def test_the_token_budget_is_kept_and_smaller_passages_still_fit() -> None:
    texts = [" ".join(f"{name}{n}" for n in range(60)) for name in ("long", "other")]
    texts += [" ".join(f"{name}{n}" for n in range(20)) for name in ("short", "brief")]
    index = ListIndex(make_passages(*texts))
    passages = (await retrieve(index, settings={"PROXY_MAX_CONTEXT_TOKENS": 300})).passages
    assert [p.chunk.text for p in passages] == [texts[0], texts[2]]


@pytest.mark.parametrize(
    ("options", "settings", "kept"),
    [
        ({}, {}, 3),
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
    index = ListIndex([make_passage(f"at {s}", score=s, document_id=f"{s}.md") for s in scores])
    retrieved = await retrieve(index, settings=settings, **options)
    assert [p.score for p in retrieved.passages] == pytest.approx(scores[:kept])


async def test_nothing_relevant_is_no_match() -> None:
    passages = [
        make_passage(score=0.39, document_id="a.md"),
        make_passage("Other.", score=0.38, document_id="a.md", position=1),
        make_passage("A third text.", score=0.37, document_id="b.md"),
    ]
    retrieved = await retrieve(ListIndex(passages))
    assert (retrieved.status, retrieved.reason) == ("no-match", "below-threshold")
    assert retrieved.passages == ()
    assert [p.chunk for p in retrieved.nearby] == [passages[0].chunk, passages[2].chunk]


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


async def test_a_question_that_cannot_be_embedded_is_searched_for_by_its_words() -> None:
    passages = make_passages("one", "two", "three")
    index = ListIndex(passages, lexicons={BOOK: make_lexicon("why")}, by_words=passages[1:2])
    embedder = LengthEmbedder(UpstreamTimeout("late"))
    asks: dict[str, Any] = {"explain": True, "page_url": f"{BASE_URL}/a", "min_score": 0.0}
    retrieved = await retrieve(index, embedder=embedder, **asks)
    assert (retrieved.status, retrieved.reason) == ("grounded", "sparse-only")
    assert retrieved.is_by_words_alone
    assert [p.chunk for p in retrieved.passages] == [passages[1].chunk]
    assert retrieved.explain is not None
    assert retrieved.explain["embedding"] == "failed: upstream_timeout"


async def test_words_that_nothing_holds_are_no_match_and_still_degraded() -> None:
    index = ListIndex(make_passages("one"), lexicons={BOOK: make_lexicon("why")})
    retrieved = await retrieve(index, embedder=LengthEmbedder(UpstreamTimeout("late")))
    assert (retrieved.status, retrieved.reason) == ("no-match", "sparse-only")
    assert retrieved.is_by_words_alone


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
    await retrieve(index, embedder=embedder, deadline_s=2 * LONG_ENOUGH_S)
    await retrieve(index, embedder=embedder, deadline_s=LONG_ENOUGH_S / 2)
    (_, _, patient_s), (_, _, hasty_s) = embedder.asked
    assert LONG_ENOUGH_S / 2 < patient_s <= LONG_ENOUGH_S
    assert hasty_s <= LONG_ENOUGH_S / 2
    assert index.searches[0].remaining_s > LONG_ENOUGH_S


def words_index(**lexicons: str) -> ListIndex:
    """Return an index of a near passage and one that holds the word asked for."""
    near = make_passage("Near.", score=0.5, document_id="guides/near.md", anchor="near")
    told = make_passage("Told.", score=9.0, document_id="guides/told.md", anchor="told")
    words = {book: make_lexicon(*terms.split()) for book, terms in lexicons.items()}
    return ListIndex([near], by_words=[told], lexicons=words)


async def test_a_book_is_searched_by_meaning_and_by_words_in_one_trip() -> None:
    index = words_index(manual="rust")
    retrieved = await retrieve(index, "rust?")
    assert {p.chunk.text for p in retrieved.passages} == {"Near.", "Told."}
    (trip,) = index.searches
    assert len(trip.queries) == 2


@pytest.mark.parametrize(
    ("settings", "texts"),
    [
        ({"PROXY_SEARCH_MODE": "dense"}, ["Near."]),
        ({"PROXY_SEARCH_MODE": "bm25"}, ["Told."]),
        ({"PROXY_BOOK_SEARCH_MODES": "manual=bm25, other=dense"}, ["Told."]),
        ({"PROXY_SEARCH_MODE": "rrf"}, ["Near.", "Told."]),
    ],
)
async def test_the_mode_decides_how_a_book_is_searched(
    settings: dict[str, Any], texts: list[str]
) -> None:
    retrieved = await retrieve(words_index(manual="rust"), "rust?", settings=settings)
    assert sorted(p.chunk.text for p in retrieved.passages) == texts


async def test_one_search_can_be_made_in_another_mode_than_any_book_s() -> None:
    settings = {"PROXY_BOOK_SEARCH_MODES": "manual=bm25"}
    index = words_index(manual="rust")
    retrieved = await retrieve(index, "rust?", settings=settings, mode="dense")
    assert [p.chunk.text for p in retrieved.passages] == ["Near."]


async def test_a_question_none_of_whose_words_is_in_the_book_needs_a_nearer_passage() -> None:
    question = "quantum entanglement of socks"
    index = ListIndex([make_passage(score=0.45)], lexicons={"manual": make_lexicon("rust")})
    assert (await retrieve(index, question)).status == "no-match"
    index = ListIndex([make_passage(score=0.75)], lexicons={"manual": make_lexicon("rust")})
    assert (await retrieve(index, question)).status == "grounded"


PAGES = [
    make_passage("Elsewhere.", score=0.9, document_id="intro.md", anchor="y"),
    make_passage("In the chapter.", score=0.7, document_id="guides/other.md", anchor="x"),
    make_passage("On the page.", score=0.5, document_id="guides/setup.md", anchor="ports"),
]


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ({}, ["Elsewhere.", "In the chapter.", "On the page."]),
        ({"page_url": "/guides/setup"}, ["On the page.", "In the chapter.", "Elsewhere."]),
        ({"page_url": f"{BASE_URL}/guides/setup#ports", "scope": "section"}, ["On the page."]),
        ({"page_url": "/guides/setup", "scope": "page"}, ["On the page."]),
        ({"page_url": "/guides/setup", "scope": "chapter"}, ["On the page.", "In the chapter."]),
        ({"page_url": "/nowhere"}, ["Elsewhere.", "In the chapter.", "On the page."]),
        ({"page_url": "/nowhere", "scope": "page"}, []),
        ({"filters": {"chapter": "guides"}}, ["In the chapter.", "On the page."]),
        ({"filters": {"document": ["intro.md", "x.md"]}}, ["Elsewhere."]),
        ({"filters": {"page": "/intro"}, "page_url": "/guides/setup"}, ["Elsewhere."]),
        ({"filters": {"section": "ports"}}, ["On the page."]),
        ({"filters": {"language": "en"}}, ["Elsewhere.", "In the chapter.", "On the page."]),
        ({"filters": {"language": "de"}}, []),
        ({"filters": {"edition": "manual-1"}}, ["Elsewhere.", "In the chapter.", "On the page."]),
    ],
)
async def test_the_narrowest_scope_that_answers_goes_first_and_filters_bound_all(
    options: dict[str, Any], texts: list[str]
) -> None:
    retrieved = await retrieve(ListIndex(PAGES), **options)
    assert [p.chunk.text for p in retrieved.passages] == texts
    assert retrieved.status == ("grounded" if texts else "no-match")


async def test_a_scope_that_does_not_answer_does_not_go_first() -> None:
    weak = make_passage("On the page.", score=0.2, document_id="guides/setup.md", anchor="ports")
    retrieved = await retrieve(ListIndex([*PAGES[:2], weak]), page_url="/guides/setup")
    assert retrieved.passages[-1].chunk.text == "On the page."


async def test_a_scope_of_a_page_needs_the_page() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await retrieve(ListIndex(PAGES), scope="page")
    assert refused.value.param == "rag.page_url"


async def test_a_passage_is_read_with_its_neighbours() -> None:
    parts = [make_passage(f"Part {n}.", position=n, ordinal=n) for n in range(3)]
    index = ListIndex([replace(parts[1], score=0.9)])
    index.passages = [parts[1]]
    index.by_words = [parts[0], parts[2]]
    (passage,) = (await retrieve(index)).passages
    assert passage.chunk.text == "Part 0.\n\nPart 1.\n\nPart 2."
    assert passage.chunk.chunk_id == parts[1].chunk.chunk_id


async def test_on_request_the_search_is_explained() -> None:
    index = ListIndex(
        make_passages("same", "same", "large " * 999, "other"),
        lexicons={"manual": make_lexicon("rust")},
    )
    retrieved = await retrieve(
        index, "rust?", settings={"PROXY_MAX_CONTEXT_TOKENS": 300}, explain=True
    )
    assert retrieved.explain is not None
    stages = {stage["stage"] for stage in retrieved.explain["stages"]}
    assert {"meaning", "terms", "fused", "chosen"} <= stages
    reasons = {dropped["reason"] for dropped in retrieved.explain["dropped"]}
    assert reasons == {"repeats a better passage", "exceeds the token budget"}
    assert {"embed", "search", "fuse", "read", "pack"} <= retrieved.explain["timings_ms"].keys()
    assert (await retrieve(index, "rust?")).explain is None


async def test_what_scores_below_a_floor_of_the_requests_is_named() -> None:
    retrieved = await retrieve(ListIndex(PAGES), min_score=0.8, explain=True)
    assert [p.chunk.text for p in retrieved.passages] == ["Elsewhere."]
    assert retrieved.explain is not None
    assert retrieved.explain["floor"] == 0.8
    assert len(retrieved.explain["dropped"]) == 2


class Backwards:
    """A reranker that prefers the last."""

    async def order(
        self, question: str, texts: Sequence[str], *, deadline: Deadline
    ) -> Sequence[int]:
        """See `ports.Reranker.order`."""
        del question, deadline
        return list(reversed(range(len(texts))))


async def test_a_reranker_has_the_last_word_on_the_order() -> None:
    retriever = Retriever(
        LengthEmbedder(),
        ListIndex(PAGES),
        RagSettings.model_validate({}),
        EmbeddingSettings.model_validate({}),
        Backwards(),
    )
    retrieved = await retriever.retrieve("why?", RagOptions(), ample_time())
    assert retrieved.passages[0].chunk.text == "On the page."


async def test_a_search_by_itself_has_no_floor_and_no_neighbours() -> None:
    index = ListIndex([*PAGES, make_passage("Weak.", score=-0.2)])
    retriever = Retriever(
        LengthEmbedder(),
        index,
        RagSettings.model_validate({}),
        EmbeddingSettings.model_validate({}),
    )
    books = await index.books()
    found = await retriever.search("why?", books, 9, ample_time())
    assert {p.chunk.text for p in found.passages} == {p.chunk.text for p in index.passages}
    assert len(await retriever.rank("why?", books, ample_time())) == 4
    assert (await retriever.search("why?", [], 9, ample_time())).passages == ()
