"""Google's bearer tokens: fetched off the event loop, one at a time, ahead of their end."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from proxy.adapters.gemini.credentials import (
    RENEWED_AHEAD_S,
    RETRY_AFTER_S,
    BearerHeaders,
    default_credentials,
)
from proxy.deadline import Deadline
from proxy.errors import UpstreamAuthError, UpstreamTimeout
from tests.support.google_credentials import FakeCredentials
from tests.support.waiting import LONG_ENOUGH_S, ample_time


@pytest.fixture
def credentials() -> FakeCredentials:
    return FakeCredentials()


@pytest.fixture
def bearer(credentials: FakeCredentials) -> BearerHeaders:
    return BearerHeaders(lambda: credentials, clock=credentials.clock)


async def token_of(bearer: BearerHeaders, deadline: Deadline | None = None) -> str:
    return (await bearer.get(deadline or ample_time()))["authorization"]


async def the_renewal_is_over() -> None:
    """Return when whatever runs beside this test has ended."""
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})


async def test_a_token_is_fetched_once_and_off_the_event_loop(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    assert bearer.current() is None
    assert await token_of(bearer) == "Bearer token-1"
    assert await token_of(bearer) == "Bearer token-1"
    assert bearer.current() is bearer.current()
    assert credentials.refreshes == 1
    assert threading.get_ident() not in credentials.threads


async def test_many_who_wait_wait_for_one_refresh(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    credentials.may_go_on.clear()
    waiting = [asyncio.create_task(token_of(bearer)) for _ in range(50)]
    await asyncio.to_thread(credentials.has_begun.wait, LONG_ENOUGH_S)
    waiting[0].cancel()
    credentials.may_go_on.set()
    tokens = await asyncio.gather(*waiting[1:])
    assert set(tokens) == {"Bearer token-1"}
    assert waiting[0].cancelled()
    assert credentials.refreshes == 1


async def test_a_token_is_renewed_ahead_of_its_end_while_it_is_still_used(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    await token_of(bearer)
    credentials.pass_time(3_600 - RENEWED_AHEAD_S - 1)
    assert await token_of(bearer) == "Bearer token-1"
    assert credentials.refreshes == 1
    credentials.pass_time(2)
    credentials.may_go_on.clear()
    for _ in range(10):
        assert await token_of(bearer) == "Bearer token-1"
    credentials.may_go_on.set()
    await the_renewal_is_over()
    assert await token_of(bearer) == "Bearer token-2"
    assert credentials.refreshes == 2


async def test_a_token_that_has_ended_is_not_sent(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    await token_of(bearer)
    credentials.pass_time(3_600)
    assert bearer.current() is None
    assert await token_of(bearer) == "Bearer token-2"


async def test_a_short_token_is_used_until_its_end(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    credentials.lifetime_s = RENEWED_AHEAD_S / 2
    await token_of(bearer)
    credentials.pass_time(RENEWED_AHEAD_S / 2 - 1)
    assert await token_of(bearer) == "Bearer token-1"
    assert credentials.refreshes == 1


async def test_a_token_without_an_end_is_kept(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    credentials.lifetime_s = None
    await token_of(bearer)
    credentials.pass_time(10_000_000)
    assert await token_of(bearer) == "Bearer token-1"


async def test_a_forgotten_token_is_fetched_anew(bearer: BearerHeaders) -> None:
    await token_of(bearer)
    bearer.forget()
    assert bearer.current() is None
    assert await token_of(bearer) == "Bearer token-2"


@pytest.mark.parametrize(
    "failure", [RefreshError("secret"), TransportError("secret"), OSError("secret")]
)
async def test_a_refresh_that_fails_is_ours_and_is_tried_again_by_the_next(
    bearer: BearerHeaders, credentials: FakeCredentials, failure: Exception
) -> None:
    credentials.failures = [failure]
    with pytest.raises(UpstreamAuthError) as refused:
        await token_of(bearer)
    assert "secret" not in refused.value.message
    assert await token_of(bearer) == "Bearer token-2"


async def test_credentials_that_are_not_found_are_looked_for_again() -> None:
    credentials, attempts = FakeCredentials(), list[int]()

    def find() -> FakeCredentials:
        attempts.append(1)
        if len(attempts) == 1:
            raise DefaultCredentialsError("none")
        return credentials

    bearer = BearerHeaders(find, clock=credentials.clock)
    with pytest.raises(UpstreamAuthError):
        await token_of(bearer)
    assert await token_of(bearer) == "Bearer token-1"
    bearer.forget()
    await token_of(bearer)
    assert len(attempts) == 2


async def test_a_renewal_that_fails_leaves_the_token_in_use_and_waits_before_the_next(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    await token_of(bearer)
    credentials.pass_time(3_600 - RENEWED_AHEAD_S + 1)
    credentials.failures = [RefreshError("down")]
    assert await token_of(bearer) == "Bearer token-1"
    await the_renewal_is_over()
    assert await token_of(bearer) == "Bearer token-1"
    assert credentials.refreshes == 2
    credentials.pass_time(RETRY_AFTER_S)
    assert await token_of(bearer) == "Bearer token-1"
    await the_renewal_is_over()
    assert await token_of(bearer) == "Bearer token-3"


async def test_nobody_waits_beyond_a_deadline(
    bearer: BearerHeaders, credentials: FakeCredentials
) -> None:
    credentials.may_go_on.clear()
    with pytest.raises(UpstreamTimeout):
        await token_of(bearer, Deadline.after(0.05))
    credentials.may_go_on.set()
    assert await token_of(bearer) == "Bearer token-1"
    assert credentials.refreshes == 1


async def test_the_project_that_pays_is_named() -> None:
    credentials = FakeCredentials(quota_project_id="payer")
    headers = await BearerHeaders(lambda: credentials, clock=credentials.clock).get(ample_time())
    assert headers == {"authorization": "Bearer token-1", "x-goog-user-project": "payer"}


def test_a_machine_identifies_itself_by_its_application_default_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "adc.json"
    file.write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": "id",
                "client_secret": "secret",
                "refresh_token": "refresh",
                "quota_project_id": "payer",
            }
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    found = default_credentials()
    assert found.token is None
    assert found.quota_project_id == "payer"
