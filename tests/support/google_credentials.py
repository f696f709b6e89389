"""Credentials of Google's kind without Google: tokens are numbered, refreshing can fail or hang.

And Google's own client for Vertex AI, pointed at the fake, to compare with, and the service that
gives tokens to a service account.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.fake_upstream import FakeUpstream
from tests.support.gemini_replies import Reply, json_body
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import LONG_ENOUGH_S


@dataclass
class FakeCredentials:
    """What `google.auth.default` would return; `refresh` is called on a worker thread.

    `now` makes up the time from which a token lives `lifetime_s`; None: it never ends.
    """

    lifetime_s: float | None = 3_600.0
    quota_project_id: str | None = None
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    token: str | None = None
    expiry: datetime | None = None
    refreshes: int = 0
    threads: set[int] = field(default_factory=set[int])
    failures: list[Exception] = field(default_factory=list[Exception])
    """Raised by the next refreshes, one each."""
    may_go_on: threading.Event = field(default_factory=threading.Event)
    """A refresh waits for it; set at the start."""
    has_begun: threading.Event = field(default_factory=threading.Event)
    """Set by the first refresh."""

    def __post_init__(self) -> None:
        """Let refreshes go on."""
        self.may_go_on.set()

    def refresh(self, _request: Any, /) -> None:
        """Make the next token."""
        self.threads.add(threading.get_ident())
        self.refreshes += 1
        self.has_begun.set()
        if not self.may_go_on.wait(LONG_ENOUGH_S):
            raise AssertionError("nobody let the refresh go on")
        if self.failures:
            raise self.failures.pop(0)
        self.token = f"token-{self.refreshes}"
        self.expiry = None
        if self.lifetime_s is not None:
            # google-auth's times have no zone and mean UTC.
            self.expiry = (self.now + timedelta(seconds=self.lifetime_s)).replace(tzinfo=None)

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(seconds=seconds)

    def clock(self) -> float:
        """Return the Unix time."""
        return self.now.timestamp()


def vertex_sdk(fake: FakeGemini, location: str = "global") -> Any:
    """Return google-genai's client of Vertex AI, for the project `a-project`."""
    from google import genai
    from google.auth.credentials import AnonymousCredentials

    anonymous: Any = AnonymousCredentials()
    anonymous.token = "token"
    return genai.Client(
        enterprise=True,
        project="a-project",
        location=location,
        credentials=anonymous,
        http_options={"base_url": fake.url},
    )


class TokenServer(FakeUpstream):
    """Gives a token to whoever asks."""

    def choose(self, request: RecordedRequest) -> Reply:
        """Answer as Google's OAuth service."""
        token = f"token-{request.number}"
        return json_body({"access_token": token, "expires_in": 3_600, "token_type": "Bearer"})


def write_service_account(file: Path, tokens: TokenServer) -> None:
    """Write the key file of a service account whose tokens come from `tokens`."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "reader@a-project.example",
        "token_uri": f"{tokens.url}/token",
    }
    file.write_bytes(orjson.dumps(account))
