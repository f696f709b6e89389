"""The door: each limit says its own no, and what was used is counted whatever happened."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from proxy.caller import Allowance, Caller
from proxy.errors import QuotaExhausted, RateLimited
from proxy.limits.accounts import Accounts
from proxy.limits.fair_share import FairShare
from proxy.limits.gate import Gate, QuestionLog
from proxy.limits.windows import RateWindows
from proxy.protocol.chat_events import Sources, TextDelta, Usage
from proxy.store import Store
from tests.support.gates import demand
from tests.support.interactions import passage
from tests.support.stores import ANN, lazily, opened_store, sqlite_url


def gate(
    store: Store,
    allowance: Allowance | None = None,
    *,
    share: FairShare | None = None,
    question_log: QuestionLog = "off",
) -> tuple[Gate, Accounts]:
    accounts = Accounts(lazily(store), always=True)
    door = Gate(
        RateWindows(),
        accounts,
        allowance=allowance or Allowance(),
        share=share,
        question_log=question_log,
    )
    return door, accounts


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """A store with nothing in it."""
    async with opened_store(sqlite_url(tmp_path)) as opened:
        yield opened


async def test_without_limits_nothing_is_said_of_them(store: Store) -> None:
    door, _ = gate(store)
    assert (await door.enter(demand())).headers == []


async def test_both_limits_are_told_with_every_answer_and_every_refusal(store: Store) -> None:
    door, _ = gate(store, Allowance(1, 100))
    told = dict((await door.enter(demand(text="x" * 40))).headers)
    assert told[b"x-ratelimit-limit-requests"] == b"1"
    assert told[b"x-ratelimit-remaining-requests"] == b"0"
    assert told[b"x-ratelimit-limit-tokens"] == b"100"
    assert told[b"x-ratelimit-remaining-tokens"] == b"90"
    assert told[b"x-ratelimit-reset-tokens"].endswith(b"s")
    with pytest.raises(RateLimited, match="requests per minute") as refused:
        await door.enter(demand())
    assert dict(refused.value.headers)[b"x-ratelimit-remaining-requests"] == b"0"
    assert refused.value.retry_after_s is not None


async def test_a_callers_own_allowance_goes_before_the_default(store: Store) -> None:
    door, _ = gate(store, Allowance(1, 1))
    free = Caller("key:free", "reader", allowance=Allowance(0, 0))
    for _ in range(3):
        assert (await door.enter(demand(free))).headers == []
    tight = Caller("key:tight", "reader", allowance=Allowance(None, 0))
    await door.enter(demand(tight))
    with pytest.raises(RateLimited):
        await door.enter(demand(tight))


async def test_anonymous_callers_are_their_address(store: Store) -> None:
    door, _ = gate(store, Allowance(1))
    for name, address, is_let_in in (("a", "1", True), ("b", "1", False), ("c", "2", True)):
        caller = Caller(f"anon:{name}", "reader", is_anonymous=True)
        if is_let_in:
            await door.enter(demand(caller, address=address))
        else:
            with pytest.raises(RateLimited):
                await door.enter(demand(caller, address=address))


async def test_what_an_answer_cost_counts_against_the_next_minute_s_tokens(store: Store) -> None:
    door, _ = gate(store, Allowance(0, 100))
    use = await door.enter(demand(text="x" * 40))
    use.feed([TextDelta("two"), Usage(prompt_tokens=500, completion_tokens=3)])
    use.end("complete")
    for _ in range(50):  # the account is settled behind the answer
        await asyncio.sleep(0)
    with pytest.raises(RateLimited, match="tokens per minute"):
        await door.enter(demand())


async def test_a_days_budget_ends_the_day(store: Store) -> None:
    door, _ = gate(store)
    caller = Caller("key:b", "reader", allowance=Allowance(None, None, 10))
    use = await door.enter(demand(caller))
    use.feed([Usage(prompt_tokens=8, completion_tokens=2)])
    use.end("complete")
    with pytest.raises(QuotaExhausted) as refused:
        await door.enter(demand(caller))
    assert refused.value.code == "daily_budget_exhausted"
    assert 0 < (refused.value.retry_after_s or 0) <= 86_400


async def test_a_shared_quota_is_asked_last(store: Store) -> None:
    door, _ = gate(store, share=FairShare(60, max_wait_s=0.0))
    asked = [door.enter(demand()) for _ in range(20)]
    seen = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in seen if isinstance(one, RateLimited)]
    assert {one.code for one in refused} == {"upstream_quota_shared"}
    assert 0 < len(refused) < 20


async def test_a_shared_quota_counts_what_answers_cost(store: Store) -> None:
    door, _ = gate(store, Allowance(9), share=FairShare(0, 6_000, max_wait_s=0.0))
    use = await door.enter(demand())
    use.feed([Usage(prompt_tokens=5_000, completion_tokens=100)])
    use.end("complete")
    with pytest.raises(RateLimited) as refused:
        await door.enter(demand())
    assert refused.value.code == "upstream_quota_shared"
    told = dict(refused.value.headers)
    assert told[b"x-ratelimit-limit-tokens"] == b"6000"
    assert told[b"x-ratelimit-remaining-requests"] == b"7"


@pytest.mark.parametrize("setting", ["off", "hashed", "full"])
async def test_the_log_keeps_what_privacy_allows(store: Store, setting: QuestionLog) -> None:
    door, accounts = gate(store, question_log=setting)
    use = await door.enter(demand(ANN))
    use.feed([TextDelta("Because")])
    use.end("interrupted")
    await accounts.flush()
    lines = await store.usage.interactions(limit=9)
    kept = [(line.question, line.answer, line.caller_id) for line in lines]
    assert [line.status for line in lines] == ([] if setting == "off" else ["interrupted"])
    hashes = [tuple(hashlib.sha256(t.encode()).hexdigest() for t in ("why?", "Because", "jwt:ann"))]
    assert kept == {"off": [], "hashed": hashes, "full": [("why?", "Because", "jwt:ann")]}[setting]


@pytest.mark.parametrize("setting", ["hashed", "full"])
async def test_the_log_knows_what_the_book_had_whoever_asked(
    store: Store, setting: QuestionLog
) -> None:
    door, accounts = gate(store, question_log=setting)
    use = await door.enter(demand(ANN))
    assert use.noted is not None
    use.noted.looked_up("grounded", "why does it start?", {1: passage("Start"), 2: passage("End")})
    place = {"url_citation": {"start_index": 8, "end_index": 11}}
    use.feed([TextDelta("Because [1]."), Sources([place], {})])
    use.end("complete")
    await accounts.flush()
    (line,) = await store.usage.interactions(limit=9)
    assert line.rag_status == "grounded"
    assert list(line.passages) == [passage("Start", cited=True), passage("End")]
    asked = "why does it start?"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    assert line.question == {"hashed": digest, "full": asked}[setting]


async def test_without_a_log_nothing_is_noted(store: Store) -> None:
    door, _ = gate(store, question_log="off")
    assert (await door.enter(demand(ANN))).noted is None
