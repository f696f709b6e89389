"""/api/content: books put together over HTTP, by jobs that can be followed and cancelled."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command_line import CommandLine
from tests.support.gemini_replies import Stall
from tests.support.gemini_server import BAD_KEY, FakeGemini
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

PUMP = "# The pump\n\nThe pump of Zanzibar is primed with **two litres** of water.\n"
GAUGE = "# The gauge\n\nThe gauge is read twice a day, at dawn and at dusk.\n"
WAIT_S = 60


@pytest.fixture(scope="module")
def server() -> Generator[BookProxy]:
    """A server with the bundled model and nothing in its index."""
    with BookProxy() as running:
        yield running


@pytest.fixture
def http(server: BookProxy) -> Generator[httpx.Client]:
    """A client of the server."""
    with httpx.Client(base_url=server.url, timeout=LONG_ENOUGH_S) as opened:
        yield opened


def _form(files: Mapping[str, str | bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [
        ("files", (name, text if isinstance(text, bytes) else text.encode()))
        for name, text in files.items()
    ]


def _send(http: httpx.Client, book: str, files: Mapping[str, str | bytes], **fields: str) -> str:
    reply = http.post("/api/content/ingest", data={"book": book, **fields}, files=_form(files))
    assert reply.status_code == 202, reply.text
    job = reply.json()
    assert job["status"] == "queued"
    assert reply.headers["location"] == f"/api/content/jobs/{job['job_id']}"
    return job["job_id"]


def _follow(http: httpx.Client, job_id: str) -> dict[str, Any]:
    return http.get(f"/api/content/jobs/{job_id}", params={"wait_s": WAIT_S}).json()


def _put_in(
    http: httpx.Client, book: str, files: Mapping[str, str | bytes], **fields: str
) -> dict[str, Any]:
    done = _follow(http, _send(http, book, files, **fields))
    assert done["status"] == "completed", done
    return done["progress"]


def _counts(progress: Mapping[str, Any]) -> Sequence[int]:
    return [progress[name] for name in ("added", "updated", "unchanged", "deleted", "failed")]


def _found(http: httpx.Client, book: str, question: str) -> list[dict[str, Any]]:
    return http.get("/api/content/search", params={"q": question, "book": book}).json()


def _ids(http: httpx.Client, book: str) -> dict[str, str]:
    files = http.get(f"/v1/vector_stores/{book}/files").json()["data"]
    return {one["attributes"]["filename"]: one["id"] for one in files}


def test_files_become_pages_and_later_files_leave_the_others_alone(http: httpx.Client) -> None:
    first = _put_in(
        http, "add", {"pump.md": PUMP}, title="Of pumps", base_url="https://book.example/docs"
    )
    assert _counts(first) == [1, 0, 0, 0, 0]
    second = _put_in(http, "add", {"guide/gauge.md": GAUGE, "pump.md": PUMP})
    assert _counts(second) == [1, 0, 1, 0, 0]
    best = _found(http, "add", "When is the gauge read?")[0]
    assert best["url"] == "https://book.example/docs/guide/gauge"
    (book,) = [one for one in http.get("/api/content/books").json() if one["id"] == "add"]
    assert (book["title"], book["documents"]) == ("Of pumps", 2)


def test_replacing_makes_the_files_the_whole_book(http: httpx.Client) -> None:
    _put_in(http, "whole", {"pump.md": PUMP, "gauge.md": GAUGE})
    done = _put_in(http, "whole", {"gauge.md": GAUGE}, mode="replace")
    assert _counts(done) == [0, 0, 1, 1, 0]
    assert list(_ids(http, "whole")) == ["gauge.md"]


def test_a_page_is_changed_and_taken_out_by_its_id(http: httpx.Client) -> None:
    _put_in(http, "edit", {"pump.md": PUMP, "gauge.md": GAUGE})
    ids = _ids(http, "edit")
    new = {"content": "# The pump\n\nIt is primed with nine litres of oil.\n"}
    changed = http.put(f"/api/content/{ids['pump.md']}", json=new)
    assert changed.status_code == 202
    assert _counts(_follow(http, changed.json()["job_id"])["progress"]) == [0, 1, 1, 0, 0]
    assert "nine litres" in _found(http, "edit", "How is the pump primed?")[0]["text"]
    form = {"file": ("any.md", b"# The pump\n\nIt is primed with ten litres of tar.\n")}
    again = http.put(f"/api/content/{_ids(http, 'edit')['pump.md']}", files=form)
    assert _follow(http, again.json()["job_id"])["status"] == "completed"
    assert "ten litres" in _found(http, "edit", "How is the pump primed?")[0]["text"]
    gone = http.delete(f"/api/content/{ids['gauge.md']}")
    assert gone.status_code == 202
    assert _counts(_follow(http, gone.json()["job_id"])["progress"]) == [0, 0, 1, 1, 0]
    assert {one["filepath"] for one in _found(http, "edit", "gauge")} == {"pump.md"}


def test_the_pages_of_a_book_from_the_command_line_have_ids_too(
    server: BookProxy, http: httpx.Client, command_line: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "pump.md").write_text(PUMP)
    (tmp_path / "gauge.md").write_text(GAUGE)
    data = {"PROXY_DATA_DIR": str(server.data_dir)}
    assert command_line("ingest", str(tmp_path), "--book", "cli", env=data).returncode == 0
    ids = _ids(http, "cli")
    assert sorted(ids) == ["gauge.md", "pump.md"]
    gone = http.delete(f"/api/content/{ids['gauge.md']}").json()
    assert _counts(_follow(http, gone["job_id"])["progress"]) == [0, 0, 1, 1, 0]
    (back,) = [command_line("ingest", str(tmp_path), "--book", "cli", "--json", env=data)]
    assert '"added":1,"updated":0,"unchanged":1' in back.stdout


def test_taking_out_the_last_page_leaves_an_empty_book(http: httpx.Client) -> None:
    _put_in(http, "last", {"pump.md": PUMP})
    gone = http.delete(f"/api/content/{_ids(http, 'last')['pump.md']}").json()
    assert _follow(http, gone["job_id"])["status"] == "completed"
    assert _found(http, "last", "pump") == []
    assert _counts(_put_in(http, "last", {"gauge.md": GAUGE})) == [1, 0, 0, 0, 0]


def test_each_file_that_fails_says_why_and_the_others_go_in(http: httpx.Client) -> None:
    files = {"pump.md": PUMP, "nul.md": b"a\0b", "x.exe": b"MZ", "empty.md": b"", "bad.md": b"\xff"}
    progress = _put_in(http, "faulty", files)
    assert (progress["added"], progress["failed"]) == (1, 3)
    reasons = {one["path"]: one["reason"] for one in progress["failures"]}
    assert sorted(reasons) == ["bad.md", "nul.md", "x.exe"]
    assert "NUL" in reasons["nul.md"]
    assert reasons["x.exe"].startswith("unknown format")
    assert [one["path"] for one in progress["skipped"]] == ["empty.md"]
    listed = http.get("/v1/vector_stores/faulty/files", params={"filter": "failed"}).json()
    codes = {one["attributes"]["filename"]: one["last_error"]["code"] for one in listed["data"]}
    assert codes == {
        "bad.md": "invalid_file",
        "nul.md": "invalid_file",
        "x.exe": "unsupported_file",
        "empty.md": "invalid_file",
    }


@pytest.mark.parametrize(
    ("data", "files", "param"),
    [
        ({}, {"a.md": PUMP}, "book"),
        ({"book": "../x"}, {"a.md": PUMP}, "book"),
        ({"book": "b", "mode": "merge"}, {"a.md": PUMP}, "mode"),
        ({"book": "b", "base_url": "nowhere"}, {"a.md": PUMP}, "base_url"),
        ({"book": "b", "title": "x" * 600}, {"a.md": PUMP}, "title"),
        ({"book": "b"}, {"../../a.md": PUMP}, "file"),
        ({"book": "b"}, {"_hidden.md": PUMP}, "file"),
    ],
)
def test_a_wrong_order_is_refused(
    http: httpx.Client, data: dict[str, str], files: dict[str, str], param: str
) -> None:
    reply = http.post("/api/content/ingest", data=data, files=_form(files))
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


def test_a_form_without_files_and_a_body_that_is_no_form_are_refused(http: httpx.Client) -> None:
    no_file = http.post("/api/content/ingest", data={"book": "b"}, files={"other": ("a.md", b"x")})
    assert no_file.json()["error"]["param"] == "files"
    text = http.post("/api/content/ingest", data={"book": "b", "files": "x"}, files={"a": b"x"})
    assert text.json()["error"]["param"] == "files"
    assert http.post("/api/content/ingest", content=b"x").status_code == 415
    broken = http.post(
        "/api/content/ingest",
        content=b"nonsense",
        headers={"content-type": "multipart/form-data"},
    )
    assert broken.json()["error"]["code"] == "invalid_form"
    twice = [("files", ("a.md", b"x")), ("files", ("a.md", b"y"))]
    doubled = http.post("/api/content/ingest", data={"book": "b"}, files=twice)
    assert doubled.json()["error"]["param"] == "files"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"book": "b"}, "url"),
        ({"url": "https://book.example/"}, "book"),
        ({"url": "https://book.example/", "book": "../x"}, "book"),
        ({"url": "gopher://book.example/", "book": "b"}, "url"),
        ({"url": "https://book.example/", "book": "b", "mode": "merge"}, "mode"),
        ({"url": "https://book.example/", "book": "b", "base_url": "nowhere"}, "base_url"),
    ],
)
def test_a_wrong_order_for_a_site_is_refused(
    http: httpx.Client, fields: dict[str, str], param: str
) -> None:
    reply = http.post("/api/content/ingest", json=fields)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"])
def test_a_site_within_our_own_network_is_not_read(http: httpx.Client, host: str) -> None:
    url = f"http://{host}/docs/"
    sent = http.post("/api/content/ingest", json={"url": url, "book": "inside"})
    assert sent.status_code == 202
    done = _follow(http, sent.json()["job_id"])
    assert done["status"] == "completed"
    assert _counts(done["progress"]) == [0, 0, 0, 0, 1]
    assert done["progress"]["failures"][0]["path"] == url


@pytest.mark.parametrize("path", ["/api/content/jobs/job-0", "/v1/files/file-0"])
def test_what_is_not_there_is_a_404(http: httpx.Client, path: str) -> None:
    for method in ("GET", "DELETE"):
        assert http.request(method, path).status_code == 404
    assert http.put("/api/content/doc-0", json={"content": "x"}).status_code == 404
    assert http.delete("/api/content/doc-0").status_code == 404


def _gemini(fake: FakeGemini) -> dict[str, str]:
    return {"GEMINI_API_KEY": "key-of-the-tests", "GEMINI_BASE_URL": fake.url}


async def _begin(http: httpx.AsyncClient, fake: FakeGemini, book: str) -> str:
    """Begin an ingest that stands still while it embeds; return the job's id."""
    fake.reply_to_embedding(Stall())
    form = _form({"pump.md": PUMP})
    reply = await http.post("/api/content/ingest", data={"book": book}, files=form)
    await fake.wait_for_request("embedContent")
    return reply.json()["job_id"]


async def test_a_job_is_cancelled_and_leaves_the_book_as_it_was() -> None:
    with FakeGemini() as fake:
        async with (
            BookProxy(_gemini(fake)) as server,
            httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
        ):
            job_id = await _begin(http, fake, "pumps")
            path = f"/api/content/jobs/{job_id}"
            assert (await http.get(path)).json()["status"] == "running"
            assert (await http.delete(path)).json()["status"] == "cancelling"
            over = (await http.get(path, params={"wait_s": WAIT_S})).json()
            assert over["status"] == "cancelled"
            files = (await http.get("/v1/vector_stores/pumps/files")).json()
            assert files["error"]["code"] == "vector_store_not_found"
            fake.reset()
            again = await http.post(
                "/api/content/ingest", data={"book": "pumps"}, files=_form({"pump.md": PUMP})
            )
            follow = f"/api/content/jobs/{again.json()['job_id']}"
            done = (await http.get(follow, params={"wait_s": WAIT_S})).json()
            assert (done["status"], done["progress"]["added"]) == ("completed", 1)


@pytest.mark.parametrize("end", ["terminate", "kill"])
async def test_a_job_survives_the_server(end: str) -> None:
    with FakeGemini() as fake:
        async with (
            BookProxy(_gemini(fake)) as server,
            httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
        ):
            job_id = await _begin(http, fake, "pumps")
            await asyncio.to_thread(getattr(server, end))
            fake.reset()
            await asyncio.to_thread(server.start)
            path = f"/api/content/jobs/{job_id}"
            done = (await http.get(path, params={"wait_s": WAIT_S})).json()
            assert (done["status"], done["progress"]["added"]) == ("completed", 1)


async def test_an_upstream_that_refuses_is_a_failed_job_that_says_why() -> None:
    with FakeGemini() as fake:
        async with (
            BookProxy({**_gemini(fake), "GEMINI_API_KEY": BAD_KEY}) as server,
            httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
        ):
            form = _form({"pump.md": PUMP})
            reply = await http.post("/api/content/ingest", data={"book": "pumps"}, files=form)
            path = f"/api/content/jobs/{reply.json()['job_id']}"
            done = (await http.get(path, params={"wait_s": WAIT_S})).json()
            assert done["status"] == "failed"
            assert done["progress"]["error"]["code"] == "upstream_auth_error"


def test_readers_may_search_their_books_and_change_none(command_line: CommandLine) -> None:
    with BookProxy({"PROXY_API_KEYS": "reader-key"}) as server:
        data = {"PROXY_DATA_DIR": str(server.data_dir)}
        made = command_line("keys", "create", "--name", "a", "--role", "author", "--json", env=data)
        assert made.returncode == 0, made.stderr
        headers = {"authorization": "Bearer reader-key"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S) as http:
            for method, path in (
                ("POST", "/api/content/ingest"),
                ("GET", "/api/content/jobs/job-1"),
                ("DELETE", "/api/content/jobs/job-1"),
                ("PUT", "/api/content/doc-1"),
                ("DELETE", "/api/content/doc-1"),
                ("POST", "/v1/files"),
                ("GET", "/v1/files"),
                ("GET", "/v1/files/file-1"),
                ("DELETE", "/v1/files/file-1"),
                ("POST", "/v1/vector_stores"),
                ("DELETE", "/v1/vector_stores/pumps"),
                ("POST", "/v1/vector_stores/pumps/files"),
                ("DELETE", "/v1/vector_stores/pumps/files/file-1"),
            ):
                reply = http.request(method, path)
                assert reply.status_code == 403, (method, path, reply.text)
            assert http.get("/v1/vector_stores").json()["data"] == []
