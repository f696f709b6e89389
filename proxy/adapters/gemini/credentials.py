"""Google's application-default credentials, as far as a bearer token goes.

The one user of google-auth, which blocks: finding the credentials may ask a metadata server,
renewing them asks Google. So both run in a worker thread, one at a time, and a token is renewed
before it ends, while the calls go on with the one there is.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from proxy.deadline import Deadline
from proxy.errors import UpstreamAuthError, UpstreamTimeout
from proxy.telemetry.logs import log

RENEWED_AHEAD_S = 300.0
"""google-auth itself takes a token for stale 225 s before its end."""
RETRY_AFTER_S = 10.0
"""Between two attempts to renew a token that still holds."""

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class Credentials(Protocol):
    """The part of `google.auth.credentials.Credentials` that is used here."""

    @property
    def token(self) -> str | None:
        """The access token, None before the first refresh."""
        ...

    @property
    def expiry(self) -> datetime | None:
        """When the token ends, in UTC and without a time zone; None: never."""
        ...

    @property
    def quota_project_id(self) -> str | None:
        """The project that pays where it is not the one in the URL."""
        ...

    def refresh(self, request: Any, /) -> None:
        """Fetch a new token; blocks.

        Raises:
            GoogleAuthError: there is none to be had.
        """
        ...


def default_credentials() -> Credentials:
    """Return what this machine identifies itself with; blocks.

    Raises:
        DefaultCredentialsError: with nothing.
    """
    import google.auth  # noqa: PLC0415 - only those who use Vertex AI pay for the import

    find = cast("Callable[..., tuple[Credentials, str | None]]", google.auth.default)  # pyright: ignore[reportUnknownMemberType]
    return find(scopes=_SCOPES)[0]


class BearerHeaders:
    """The headers that carry a valid token; safe to ask from any number of tasks.

    `find` is called once, in a thread. `clock` returns Unix time in seconds.
    """

    def __init__(
        self,
        find: Callable[[], Credentials] = default_credentials,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._find = find
        self._clock = clock
        self._credentials: Credentials | None = None
        self._headers: Mapping[str, str] = {}
        self._renew_at_s = self._ends_at_s = 0.0
        self._renewal: asyncio.Task[UpstreamAuthError | None] | None = None

    def current(self) -> Mapping[str, str] | None:
        """Return the headers, None where there is no valid token; begins to renew one that ends."""
        now_s = self._clock()
        if now_s < self._renew_at_s:
            return self._headers
        if now_s >= self._ends_at_s:
            return None
        self._renew()
        return self._headers

    async def get(self, deadline: Deadline) -> Mapping[str, str]:
        """Return the headers, waiting for a token where there is none.

        Raises:
            UpstreamAuthError: Google gave none.
            UpstreamTimeout: it did not come before the deadline.
        """
        if (headers := self.current()) is not None:
            return headers
        try:
            async with asyncio.timeout(deadline.remaining_s()):
                failure = await asyncio.shield(self._renew())
        except TimeoutError as exc:
            raise UpstreamTimeout("Google's credentials could not be renewed in time.") from exc
        if failure is not None:
            raise UpstreamAuthError(failure.message) from failure
        return self._headers

    def forget(self) -> None:
        """Take the token for invalid: the upstream did."""
        self._renew_at_s = self._ends_at_s = 0.0

    def _renew(self) -> "asyncio.Task[UpstreamAuthError | None]":
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renewed())
        return self._renewal

    async def _renewed(self) -> UpstreamAuthError | None:
        """Fetch a token; return why there is none instead of raising it to nobody."""
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - as above

        try:
            credentials = await asyncio.to_thread(self._fetch)
        except (GoogleAuthError, OSError) as exc:
            self._renew_at_s = min(self._clock() + RETRY_AFTER_S, self._ends_at_s)
            log.warning("google_credentials_failed", error=type(exc).__name__)
            failure = UpstreamAuthError("This server could not get credentials from Google.")
            failure.__cause__ = exc
            return failure
        self._adopt(credentials)
        return None

    def _fetch(self) -> Credentials:
        from google.auth.transport.requests import Request  # noqa: PLC0415 - as above

        if self._credentials is None:
            self._credentials = self._find()
        self._credentials.refresh(Request())
        return self._credentials

    def _adopt(self, credentials: Credentials) -> None:
        headers = {"authorization": f"Bearer {credentials.token}"}
        if credentials.quota_project_id:
            headers["x-goog-user-project"] = credentials.quota_project_id
        self._headers = headers
        ends = credentials.expiry
        self._ends_at_s = ends.replace(tzinfo=UTC).timestamp() if ends else float("inf")
        # A token too short to be renewed ahead is used until its end.
        ahead_s = self._ends_at_s - RENEWED_AHEAD_S
        self._renew_at_s = ahead_s if ahead_s > self._clock() else self._ends_at_s
