"""Chunks, books and manifests survive being stored, whatever they hold."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant import payload as stored
from proxy.corpus import Book, Chunk, DocumentRecord, Manifest
from proxy.errors import RetrievalUnavailable
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


def test_damaged_catalogues_and_manifests_are_reported() -> None:
    with pytest.raises(RetrievalUnavailable, match="catalogue"):
        stored.editions_from_json({"live": {"unknown": 1}})
    for damaged in ({}, {"recipe": "r", "documents": {"a.md": {"unknown": 1}}}):
        with pytest.raises(RetrievalUnavailable, match="manifest"):
            stored.manifest_from_json(damaged)


def test_an_entry_without_a_writer_has_none() -> None:
    assert stored.payload_to_writer({}) == stored.NO_WRITER
