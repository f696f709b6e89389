"""/v1/files and /v1/vector_stores with OpenAI's own client: books made, searched and deleted."""

from collections.abc import Generator

import httpx
import openai
import pytest

from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

PUMP = b"# The pump\n\nThe pump of Zanzibar is primed with **two litres** of water.\n"
GAUGE = b"# The gauge\n\nThe gauge is read twice a day, at dawn and at dusk.\n"


@pytest.fixture(scope="module")
def server() -> Generator[BookProxy]:
    """A server with the bundled model and nothing in its index."""
    with BookProxy() as running:
        yield running


@pytest.fixture
def client(server: BookProxy) -> Generator[openai.OpenAI]:
    """OpenAI's client; it does not retry."""
    with openai.OpenAI(base_url=server.v1, api_key="unused", max_retries=0) as opened:
        yield opened


def _upload(client: openai.OpenAI, store: str, name: str, text: bytes) -> str:
    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store, file=(name, text), max_wait_seconds=60
    )
    assert file.status == "completed", file.last_error
    return file.id


def test_a_file_is_uploaded_ingested_found_and_taken_out_again(client: openai.OpenAI) -> None:
    store = client.vector_stores.create(name="Field Notes")
    assert (store.id, store.name, store.file_counts.total) == ("field-notes", "Field Notes", 0)
    pump = _upload(client, store.id, "pump.md", PUMP)
    gauge = _upload(client, store.id, "guide/gauge.md", GAUGE)
    found = client.vector_stores.search(store.id, query="How is the pump primed?").data
    assert (found[0].file_id, found[0].filename) == (pump, "pump.md")
    assert "two litres" in found[0].content[0].text
    assert {one.filename for one in found} == {"pump.md", "guide/gauge.md"}
    counts = client.vector_stores.retrieve(store.id).file_counts
    assert (counts.completed, counts.total) == (2, 2)
    assert [one.id for one in client.vector_stores.files.list(store.id, order="asc")] == [
        pump,
        gauge,
    ]
    assert client.vector_stores.files.delete(gauge, vector_store_id=store.id).deleted
    assert client.vector_stores.delete(store.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.retrieve(store.id)
    assert client.files.retrieve(pump).filename == "pump.md"


def test_a_store_is_made_of_files_that_were_uploaded_before(client: openai.OpenAI) -> None:
    files = [
        client.files.create(file=(name, text), purpose="assistants")
        for name, text in (("pump.md", PUMP), ("gauge.md", GAUGE))
    ]
    assert [one.bytes for one in files] == [len(PUMP), len(GAUGE)]
    store = client.vector_stores.create(
        name="Of both", metadata={"book": "both"}, file_ids=[one.id for one in files]
    )
    assert (store.id, store.status) == ("both", "in_progress")
    for one in files:
        done = client.vector_stores.files.poll(one.id, vector_store_id="both", max_wait_seconds=60)
        assert done.status == "completed"
    store = client.vector_stores.retrieve("both")
    assert (store.name, store.status, store.metadata) == ("Of both", "completed", {"book": "both"})
    assert store.usage_bytes > 0
    both = client.vector_stores.search("both", query=["pump", "gauge"], max_num_results=1).data
    assert len(both) == 1
    none = client.vector_stores.search(
        "both", query="pump", ranking_options={"score_threshold": 1.0}
    )
    assert none.data == []
    with pytest.raises(openai.BadRequestError, match="already"):
        client.vector_stores.create(name="Another", metadata={"book": "both"})
    assert client.vector_stores.create(name="Both").id.startswith("both-")
    client.files.delete(files[0].id)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(files[0].id)
    assert len(client.vector_stores.search("both", query="pump").data) == 2


def test_lists_come_in_pages(client: openai.OpenAI) -> None:
    names = [client.vector_stores.create(name=f"Page {n}").id for n in range(3)]
    listed = [one.id for one in client.vector_stores.list(limit=2, order="asc")]
    assert [name for name in listed if name in names] == names
    mine = [client.files.create(file=(f"{n}.md", b"x"), purpose="user_data").id for n in range(3)]
    newest = client.files.list(limit=2, purpose="user_data")
    assert [one.id for one in newest.data] == [mine[2], mine[1]]
    assert [one.id for one in newest] == mine[::-1]


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"name": "x", "expires_after": {"anchor": "last_active_at", "days": 1}},
         "expires_after"),
        ("", {"name": "x", "metadata": {"book": "../x"}}, "book"),
        ("", {"name": "x", "chunking_strategy": {"type": "static"}}, "chunking_strategy.type"),
        ("/page-0/search", {"query": "x", "filters": {"type": "eq", "key": "a", "value": "b"}},
         "filters"),
        ("/page-0/search", {"query": "x", "max_num_results": 51}, "max_num_results"),
    ],
)  # fmt: skip
def test_what_books_cannot_do_is_refused(
    server: BookProxy, client: openai.OpenAI, path: str, body: dict[str, object], param: str
) -> None:
    client.vector_stores.create(name="Page 0")
    reply = httpx.post(f"{server.v1}/vector_stores{path}", json=body, timeout=LONG_ENOUGH_S)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


def test_what_is_not_there_is_a_404(server: BookProxy, client: openai.OpenAI) -> None:
    store = client.vector_stores.create(name="Empty")
    for method, path, body in (
        ("GET", "/vector_stores/nothing", None),
        ("DELETE", "/vector_stores/nothing", None),
        ("POST", "/vector_stores/nothing/search", {"query": "x"}),
        ("POST", "/vector_stores/nothing/files", {"file_id": "file-0"}),
        ("GET", "/vector_stores/nothing/files", None),
        ("POST", f"/vector_stores/{store.id}/files", {"file_id": "file-0"}),
        ("GET", f"/vector_stores/{store.id}/files/file-0", None),
        ("DELETE", f"/vector_stores/{store.id}/files/file-0", None),
        ("POST", "/vector_stores", {"name": "x", "file_ids": ["file-0"]}),
    ):
        assert (
            httpx.request(
                method, f"{server.v1}{path}", json=body, timeout=LONG_ENOUGH_S
            ).status_code
            == 404
        ), path
    purpose = httpx.post(
        f"{server.v1}/files",
        data={"purpose": "fine-tune"},
        files={"file": ("a.md", b"x")},
        timeout=LONG_ENOUGH_S,
    )
    assert purpose.json()["error"]["param"] == "purpose"
