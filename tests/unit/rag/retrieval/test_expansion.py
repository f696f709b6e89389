"""What is read around what was found."""

from dataclasses import replace

from proxy.corpus import Chunk
from proxy.rag.retrieval.expansion import PASSAGE_TOKENS, REACH, expanded, neighbour_ids
from tests.support.builders import make_chunk


def part(ordinal: int, text: str = "") -> Chunk:
    """Return a piece of one section."""
    return make_chunk(text or f"Part {ordinal}.", position=ordinal, ordinal=ordinal)


def around(*parts: Chunk) -> dict[str, Chunk]:
    """Return chunks by id."""
    return {chunk.chunk_id: chunk for chunk in parts}


def test_neighbours_are_known_by_their_ids_alone() -> None:
    ids = neighbour_ids(part(3))
    assert ids == [part(n).chunk_id for n in (1, 2, 4, 5)]
    assert len(neighbour_ids(part(0))) == REACH


def test_no_neighbours_are_looked_for_beyond_the_end_of_a_section() -> None:
    last = replace(part(3), section_chunks=4)
    assert neighbour_ids(last) == [part(1).chunk_id, part(2).chunk_id]
    assert neighbour_ids(replace(part(0), section_chunks=1)) == []


def test_a_chunk_is_read_with_what_stands_around_it_in_order() -> None:
    (reading,) = expanded([(part(2), 0.9)], around(part(1), part(3)))
    assert reading.text == "Part 1.\n\nPart 2.\n\nPart 3."
    assert reading.found == part(2)
    assert reading.chunk.chunk_id == part(2).chunk_id
    assert reading.score == 0.9


def test_a_gap_ends_the_passage() -> None:
    (reading,) = expanded([(part(2), 0.9)], around(part(4), part(0)))
    assert reading.text == "Part 2."


def test_a_passage_grows_to_its_limit_and_no_further() -> None:
    long = "x" * (PASSAGE_TOKENS * 3 // 2 - 3)
    (reading,) = expanded([(part(2, long), 0.9)], around(part(1, long), part(3, long)))
    assert reading.parts == (part(2).chunk_id, part(3).chunk_id)


def test_what_stands_in_a_better_passage_makes_none_of_its_own() -> None:
    found = [(part(2), 0.9), (part(3), 0.8), (part(9), 0.7)]
    readings = expanded(found, around(part(1), part(8)))
    assert [reading.text for reading in readings] == [
        "Part 1.\n\nPart 2.\n\nPart 3.",
        "Part 8.\n\nPart 9.",
    ]


def test_nothing_is_read_twice() -> None:
    readings = expanded([(part(1), 0.9), (part(4), 0.8)], around(*map(part, range(7))))
    parts = [chunk_id for reading in readings for chunk_id in reading.parts]
    assert len(parts) == len(set(parts))
