"""Whatever has an id: to a second reader it is as if it did not exist. Found by the API's document.

An id that is new in the document is in no list here, and fails the test until somebody says whose
it is.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from proxy.app import create_app
from proxy.settings import load_settings
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, ask, messages, reader

OWNED = {"conversation_id", "session_id", "message_id", "file_id", "after"}
"""Names of what belongs to one reader."""
SHARED = {
    "chunk_id",
    "model_id",
    "response_id",
    "content_id",
    "job_id",
    "vector_store_id",
    "book_id",
}
"""Names of what belongs to nobody: passages of books, models, responses, which are not kept, and
books with what is done to them, which authors share."""
STORE = "shared"
BODIES: dict[str, dict[str, Any]] = {
    "SiteChatRequest": {"message": "Where does the pump start?"},
    "FeedbackRequest": {"rating": "negative"},
    "VectorStoreFileRequest": {},
}
"""By its schema: the least that a body with an id in it must have."""

_BETWEEN_DELTAS = '"}\n\ndata: {"type":"delta","text":"'
"""Where a stream is cut into events is chance."""

CANARY = "zebra-canary-42"
_MADE_ANEW = re.compile(r"(conv|msg|req)_[0-9a-f]{24}|\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass(frozen=True)
class Place:
    """Where an id can be put."""

    method: str
    path: str
    name: str
    kind: str
    """`path`, `query` or the name of the body's schema."""

    def send(self, http: httpx.Client, value: str) -> tuple[int, str]:
        """Return what comes back for an id: the status, and the body without what is ever new."""
        path = self.path.replace(f"{{{self.name}}}", value)
        body, params = None, None
        for schema, least in BODIES.items():
            if self.kind == schema:
                body = {**least, self.name: value}
        if self.kind == "query":
            params = {self.name: value}
        elif self.kind == "path" and path.endswith("/feedback"):
            body = BODIES["FeedbackRequest"]
        path = path.replace("{conversation_id}", "conv_" + "0" * 24)
        path = path.replace("{vector_store_id}", STORE)
        reply = http.request(self.method, path, json=body, params=params)
        text = _MADE_ANEW.sub("NEW", reply.text.replace(value, "ID"))
        return reply.status_code, text.replace(_BETWEEN_DELTAS, "")


def _places() -> Iterator[Place]:
    document = create_app(load_settings({}, None)).openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                yield Place(method.upper(), path, parameter["name"], parameter["in"])
            content = operation.get("requestBody", {}).get("content", {})
            for media in content.values():
                schema = media["schema"].get("$ref", "").rpartition("/")[2]
                for name in document["components"]["schemas"][schema].get("properties", {}):
                    yield Place(method.upper(), path, name, schema)


PLACES = [
    place
    for place in _places()
    if (place.name.endswith("_id") or place.name == "after") and place.name not in SHARED
]


@pytest.fixture(scope="module")
def site(gemini_env: dict[str, str]) -> Generator[BookProxy]:
    """A proxy whose readers sign in, without limits that would come between."""
    with BookProxy({**gemini_env, **SIGNS_IN, "RATE_LIMIT_RPM": "0"}) as server:
        yield server


@dataclass(frozen=True)
class Anns:
    """What Ann has."""

    http: httpx.Client
    ids: dict[str, str]
    before: list[dict[str, Any]]


@pytest.fixture(scope="module")
def anns(site: BookProxy) -> Generator[Anns]:
    """A conversation of Ann's, and a file."""
    with reader(site, "ann", role="author") as http:
        http.post("/v1/vector_stores", json={"name": STORE, "metadata": {"book": STORE}})
        upload = {"file": ("canary.md", CANARY.encode())}
        file = http.post("/v1/files", data={"purpose": "assistants"}, files=upload).json()
        answer = ask(http, f"Remember {CANARY}.")
        ask(http, f"Remember {CANARY} too.", session_id="anns-session")
        ids = {
            "conversation_id": answer["conversation_id"],
            "session_id": "anns-session",
            "message_id": answer["message_id"],
            "file_id": file["id"],
        }
        yield Anns(http, ids, messages(http, answer["conversation_id"]))


def test_every_id_of_the_api_is_known_to_this_test() -> None:
    assert {place.name for place in PLACES} == OWNED
    assert {p.kind for p in PLACES} - {"path", "query"} == BODIES.keys()
    assert len(PLACES) >= 10


@pytest.mark.parametrize("place", PLACES, ids=lambda p: f"{p.method} {p.path} {p.name}")
def test_a_foreign_id_is_as_an_unknown_one(site: BookProxy, anns: Anns, place: Place) -> None:
    name = place.name
    if name == "after":
        name = "file_id" if place.path.endswith("/files") else "conversation_id"
        name = "message_id" if "history" in place.path else name
    foreign = anns.ids[name]
    unknown = foreign[:-4] + ("0000" if not foreign.endswith("0000") else "1111")
    with reader(site, "ben", role="author") as ben:
        got, expected = place.send(ben, foreign), place.send(ben, unknown)
    assert got == expected
    assert CANARY not in got[1]


def test_after_all_that_nothing_of_anns_has_changed(anns: Anns) -> None:
    assert messages(anns.http, anns.ids["conversation_id"]) == anns.before
    assert CANARY in anns.before[0]["content"]
    assert anns.http.get(f"/v1/files/{anns.ids['file_id']}").json()["filename"] == "canary.md"


def test_her_own_ids_are_hers(anns: Anns) -> None:
    path = f"/api/chat/{anns.ids['conversation_id']}/feedback"
    body = {"rating": "positive", "message_id": anns.ids["message_id"]}
    assert anns.http.post(path, json=body).status_code == 200


def test_lists_hold_nobody_elses(site: BookProxy, anns: Anns) -> None:
    with reader(site, "carl", role="author") as carl:
        assert carl.get("/v1/files").json()["data"] == []
        assert carl.get("/api/chat/conversations").json()["conversations"] == []
        assert carl.get("/api/me").json()["id"] == "jwt:carl"
    assert len(anns.http.get("/api/chat/conversations").json()["conversations"]) == 2
