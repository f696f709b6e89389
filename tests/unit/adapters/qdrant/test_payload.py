"""Chunks, books and manifests survive being stored, whatever they hold."""

from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant import payload as stored
from proxy.corpus import Book, Chunk, DocumentRecord, Manifest
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit
from tests.support.builders import make_chunk

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
chunks = st.builds(
    Chunk,
    chunk_id=texts,
    book=texts,
    document_id=texts,
    title=texts,
    heading_path=st.lists(texts, min_size=1, max_size=3).map(tuple),
    anchor=texts,
    url=st.none() | texts,
    position=st.integers(0, 2**31),
    text=texts,
    chapter=texts,
    ordinal=st.integers(0, 2**31),
    route=texts,
)
books = st.builds(
    Book,
    book_id=texts,
    title=texts,
    edition=texts,
    base_url=st.none() | texts,
    embedding_model=texts,
    dimensions=st.integers(1, 3072),
    created_unix_s=st.integers(0, 2**40),
    documents=st.integers(0, 2**31),
    chunks=st.integers(0, 2**31),
    language=texts,
)
manifests = st.builds(
    Manifest,
    recipe=texts,
    documents=st.dictionaries(
        texts, st.builds(DocumentRecord, content_hash=texts, chunks=st.integers(0, 99)), max_size=4
    ),
)


@given(chunks)
def test_a_chunk_comes_back_as_it_was_stored(chunk: Chunk) -> None:
    payload = orjson.loads(orjson.dumps(stored.chunk_to_payload(chunk, "book/edition")))
    assert stored.payload_to_chunk(payload) == chunk
    assert payload[stored.EDITION] == "book/edition"
    assert payload[stored.TEXT_HASH] == chunk.text_hash


@given(chunks)
def test_a_chunk_moved_to_another_edition_differs_in_that_alone(chunk: Chunk) -> None:
    moved = stored.moved_to_edition(stored.chunk_to_payload(chunk, "book/first"), "book/second")
    assert moved == stored.chunk_to_payload(chunk, "book/second")


@given(st.builds(stored.BookEditions, live=st.none() | books, previous=st.none() | books))
def test_editions_come_back_as_they_were_stored(editions: stored.BookEditions) -> None:
    encoded = orjson.loads(orjson.dumps(stored.editions_to_json(editions)))
    assert stored.editions_from_json(encoded) == editions


@given(manifests, books)
def test_a_manifest_comes_back_as_it_was_stored(manifest: Manifest, book: Book) -> None:
    for encode in (stored.manifest_to_json(manifest), stored.manifest_to_payload(manifest, book)):
        assert stored.manifest_from_json(orjson.loads(orjson.dumps(encode))) == manifest


def test_a_chunk_that_something_else_stored_is_named_and_not_guessed_at() -> None:
    payload = stored.chunk_to_payload(make_chunk(), "book/edition")
    del payload["anchor"]
    with pytest.raises(RetrievalUnavailable, match="anchor"):
        stored.payload_to_chunk(payload)


def test_a_chunk_of_an_older_edition_lacks_what_came_later() -> None:
    payload = stored.chunk_to_payload(make_chunk(), "book/edition")
    for key in ("chapter", "ordinal", "route", "folder"):
        del payload[key]
    assert stored.payload_to_chunk(payload) == replace(make_chunk(), route="")


def test_hits_are_read_of_what_a_search_asks_for() -> None:
    payload = stored.chunk_to_payload(make_chunk(), "book/edition")
    asked = {key: payload[key] for key in stored.HIT_KEYS}
    hits = stored.payloads_to_hits([asked, {**asked, "chunk_id": "x"}], [0.5, 0.25])
    assert hits[0] == Hit(make_chunk().chunk_id, "manual", "ownership.md", 0.5)
    assert (hits[1].chunk_id, hits[1].score) == ("x", 0.25)
    assert stored.payloads_to_hits([], []) == []
    with pytest.raises(RetrievalUnavailable, match="book"):
        stored.payloads_to_hits([asked, {"chunk_id": "x"}], [0.5, 0.25])


@given(st.dictionaries(st.integers(0, 2**32 - 1), st.integers(1, 2**31), max_size=9), books)
def test_a_lexicon_comes_back_as_it_was_stored(counts: dict[int, int], book: Book) -> None:
    ordered = sorted(counts.items())
    lexicon = Lexicon(
        chunks=7,
        average_terms=12.5,
        term_ids=np.array([term for term, _ in ordered], np.uint32),
        frequencies=np.array([count for _, count in ordered], np.uint32),
    )
    for encode in (stored.lexicon_to_json(lexicon), stored.lexicon_to_payload(lexicon, book)):
        back = stored.lexicon_from_json(orjson.loads(orjson.dumps(encode)))
        assert (back.chunks, back.average_terms) == (7, 12.5)
        assert {term: back.frequency(term) for term in counts} == counts


@pytest.mark.parametrize("damaged", [{}, {"chunks": 1, "average_terms": 1, "term_ids": "?"}])
def test_a_damaged_lexicon_is_reported(damaged: dict[str, object]) -> None:
    with pytest.raises(RetrievalUnavailable, match="lexicon"):
        stored.lexicon_from_json(damaged)


def test_damaged_catalogues_and_manifests_are_reported() -> None:
    with pytest.raises(RetrievalUnavailable, match="catalogue"):
        stored.editions_from_json({"live": {"unknown": 1}})
    for damaged in ({}, {"recipe": "r", "documents": {"a.md": {"unknown": 1}}}):
        with pytest.raises(RetrievalUnavailable, match="manifest"):
            stored.manifest_from_json(damaged)


def test_an_entry_without_a_writer_has_none() -> None:
    assert stored.payload_to_writer({}) == stored.NO_WRITER
