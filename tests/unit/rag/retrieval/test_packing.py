"""What fits into a prompt."""

from proxy.rag.budget import tokens_in
from proxy.rag.retrieval.expansion import Reading
from proxy.rag.retrieval.packing import packed
from tests.support.builders import make_chunk


def reading(text: str, *, page: str = "a.md", position: int = 0, alone: str = "") -> Reading:
    """Return a passage; `alone` is the found chunk without its neighbours."""
    chunk = make_chunk(alone or text, document_id=page, anchor=f"at-{position}", position=position)
    return Reading(chunk, text, 0.5, (chunk.chunk_id,))


def texts(*readings: Reading, top_k: int = 9, max_tokens: int = 1_000) -> list[str]:
    """Return what was packed."""
    pack = packed(readings, top_k=top_k, max_tokens=max_tokens)
    return [passage.chunk.text for passage in pack.passages]


def test_the_best_are_taken_and_those_of_a_page_put_in_reading_order() -> None:
    found = [
        reading("b, late", page="b.md", position=7),
        reading("a", page="a.md"),
        reading("b, early", page="b.md", position=2),
        reading("too many"),
    ]
    assert texts(*found, top_k=3) == ["b, early", "b, late", "a"]


def test_what_is_too_large_with_its_neighbours_goes_without_them() -> None:
    found = reading("neighbour " * 50 + "found", alone="found")
    assert texts(found, max_tokens=tokens_in("found")) == ["found"]


def test_what_is_too_large_is_left_out_and_smaller_ones_still_fit() -> None:
    large = reading("large " * 100, position=1)
    pack = packed([large, reading("small", position=2)], top_k=2, max_tokens=20)
    assert [p.chunk.text for p in pack.passages] == ["small"]
    assert pack.left_out == (large.found.chunk_id,)


def test_the_budget_is_never_exceeded() -> None:
    found = [reading("word " * n, position=n) for n in range(1, 30)]
    for budget in (10, 50, 200):
        assert sum(map(tokens_in, texts(*found, top_k=50, max_tokens=budget))) <= budget
