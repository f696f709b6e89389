"""What a passage is called and where it can be read."""

from dataclasses import replace

from proxy.rag.sources import SourceLinks, title_of
from tests.support.builders import make_chunk

LINKS = SourceLinks("http://proxy.example")


def test_a_passage_is_read_on_the_books_own_site_where_it_has_one() -> None:
    assert LINKS.url(make_chunk()) == "https://book.example/ownership#rules"
    chunk = make_chunk(base_url=None)
    assert LINKS.url(chunk) == f"http://proxy.example/v1/sources/{chunk.chunk_id}"


def test_a_title_names_the_place_and_is_never_empty() -> None:
    chunk = make_chunk(heading_path=("Book", "Part", "Section"))
    assert title_of(chunk) == "Book › Part › Section"
    assert title_of(replace(chunk, heading_path=())) == "Book"
    assert title_of(replace(chunk, heading_path=(), title="")) == "ownership.md"
