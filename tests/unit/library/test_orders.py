"""What a job is asked to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import InvalidRequest
from proxy.library.orders import Order, PlacedFile, page_path

NAMES = st.text(max_size=8)


@given(st.builds(Order, st.lists(st.builds(PlacedFile, NAMES, NAMES)).map(tuple)))
def test_an_order_is_read_as_it_was_kept(order: Order) -> None:
    assert Order.from_json(order.to_json()) == order


def test_an_order_speaks_for_its_files_and_for_what_it_takes_out() -> None:
    order = Order(files=(PlacedFile("a.md", "file-1"),), removed=("old",), title="T")
    assert order.within == ["a.md", "old"]
    assert Order(is_whole=True).within is None
    assert Order.from_json(order.to_json()) == order


def test_an_order_for_a_site_takes_nothing_out_and_is_read_as_it_was_kept() -> None:
    order = Order(site="https://book.example/docs/")
    order.check()
    assert order.within == []
    assert Order.from_json(order.to_json()) == order


def test_an_order_of_a_release_without_sites_is_read() -> None:
    kept = {name: value for name, value in Order(title="T").to_json().items() if name != "site"}
    assert Order.from_json(kept) == Order(title="T")


@pytest.mark.parametrize(
    ("order", "param"),
    [
        (Order(base_url="ftp://x"), "base_url"),
        (Order(edition="../x"), "edition"),
        (Order(site="file:///etc/passwd"), "url"),
        (Order(site="https://"), "url"),
        (Order(site="https://ann:secret@book.example/"), "url"),
        (Order(site="https://[book.example/"), "url"),
        (Order(site="https://book.example:99999/"), "url"),
    ],
)
def test_an_order_that_cannot_be_done_is_refused_before_anything_is_kept(
    order: Order, param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        order.check()
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("filename", "path"),
    [
        ("a.md", "a.md"),
        ("/guide//setup.md", "guide/setup.md"),
        ("C:\\books\\a.md", "C:/books/a.md"),
        ("über uns.md", "über uns.md"),
    ],
)
def test_a_clients_name_for_a_file_is_a_path_in_the_book(filename: str, path: str) -> None:
    assert page_path(filename) == path


@pytest.mark.parametrize(
    "filename",
    ["", "/", "..", "../a.md", "a/../../b.md", ".env", "_partial.md", "a/.git/b.md", "a\0.md",
     "a\nb.md", "a\u202eb.md", "x" * 600 + ".md"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_or_is_left_out_of_books_is_refused(filename: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        page_path(filename)
    assert refused.value.code == "invalid_filename"


@given(st.text(max_size=600))
def test_whatever_is_accepted_stays_within_its_folder(filename: str) -> None:
    try:
        path = page_path(filename)
    except InvalidRequest:
        return
    assert not path.startswith("/")
    assert not {"", ".", ".."}.intersection(path.split("/"))
    assert "\0" not in path
