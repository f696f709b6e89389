"""What holds for the store, whatever database it is in."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from proxy.caller import Allowance, Background
from proxy.identity.api_keys import new_key
from proxy.store import DailyUsage, Feedback, Interaction, SeenPassage, Store, UsageCount
from tests.support.stores import (
    ANN,
    BEN,
    START,
    answer,
    conversation,
    kept_turn,
    opened_store,
    question,
    sqlite_url,
)

DAY = date(2026, 11, 20)
LINE = Interaction(
    when=datetime.now(UTC),
    caller_id="a",
    request_id="req_1",
    model="m",
    status="complete",
    question="q\0",
    answer="a",
    count=UsageCount(1, 5, 6),
    rag_status="grounded",
    passages=[SeenPassage("pumps", "Pumps › Priming", "https://x/y#z", is_cited=True)],
)


async def test_a_turn_is_there_again_as_it_was(kept: Store) -> None:
    asked = replace(question("q1", "Why?"), details={"page_url": "/pumps"})
    said = replace(
        answer("a1", "Because. [1]"),
        citations=({"index": 1, "text": "…"},),
        model="gemini",
        prompt_tokens=7,
        completion_tokens=3,
    )
    assert await kept.conversations.begin_turn(ANN, conversation(), asked, "a1")
    assert await kept.conversations.finish_turn(ANN, "conv_1", said)
    page = await kept.conversations.messages(ANN, "conv_1", limit=10)
    assert list(page.records) == [asked, said]
    assert not page.has_more
    found = await kept.conversations.find(ANN, "conv_1")
    assert found == conversation()


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "🧵 \u202e ü", "x" * 300_000, "'; DROP TABLE"])
async def test_any_text_is_kept_and_what_no_database_keeps_is_replaced(
    kept: Store, text: str
) -> None:
    asked = replace(question("q1", text), details={text[:9]: [text]})
    assert await kept.conversations.begin_turn(ANN, conversation(), asked, "a1")
    (found,) = (await kept.conversations.messages(ANN, "conv_1", limit=1)).records
    expected = text.replace("\0", "\N{REPLACEMENT CHARACTER}").replace(
        "\ud800", "\N{REPLACEMENT CHARACTER}"
    )
    assert found.text == expected
    assert found.details == {expected[:9]: [expected]}


async def test_nothing_of_another_reader_is_there(kept: Store) -> None:
    await kept_turn(kept)
    mine = kept.conversations
    assert await mine.find(BEN, "conv_1") is None
    assert (await mine.conversations(BEN, limit=9)).records == []
    assert (await mine.messages(BEN, "conv_1", limit=9)).records == []
    assert not await mine.begin_turn(BEN, conversation(), question("q2"), "a2")
    assert not await mine.finish_turn(BEN, "conv_1", answer("conv_1-a1", "Mine!"))
    assert not await mine.give_feedback(BEN, "conv_1", Feedback("conv_1-a1", "negative"))
    assert not await mine.delete(BEN, "conv_1")
    assert [one.text for one in (await mine.messages(ANN, "conv_1", limit=9)).records] == [
        "why?",
        "because",
    ]


@pytest.mark.parametrize("odd", ["conv_\0", "\ud800", "x" * 5_000, ""])
async def test_an_odd_id_is_an_unknown_one(kept: Store, odd: str) -> None:
    await kept_turn(kept)
    assert await kept.conversations.find(ANN, odd) is None
    assert (await kept.conversations.messages(ANN, "conv_1", limit=9, after=odd)).records == []
    assert (await kept.conversations.conversations(ANN, limit=9, after=odd)).records == []
    assert not await kept.conversations.delete(ANN, odd)
    assert not await kept.conversations.give_feedback(ANN, "conv_1", Feedback(odd, "positive"))
    assert await kept.readers.find(odd) is None
    assert await kept.keys.find(odd) is None


async def test_an_answer_goes_where_its_place_was_reserved(kept: Store) -> None:
    for n in (1, 2):
        assert await kept.conversations.begin_turn(ANN, conversation(), question(f"q{n}"), f"a{n}")
    for n in (2, 1, 2):
        assert await kept.conversations.finish_turn(ANN, "conv_1", answer(f"a{n}"))
    assert not await kept.conversations.finish_turn(ANN, "conv_1", answer("a3"))
    page = await kept.conversations.messages(ANN, "conv_1", limit=9)
    assert [one.message_id for one in page.records] == ["q1", "a1", "q2", "a2"]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_pages_follow_each_other_without_a_gap(kept: Store, *, newest_first: bool) -> None:
    for n in range(3):
        await kept_turn(kept, n=n)
    seen: list[str] = []
    after, has_more = None, True
    while has_more:
        page = await kept.conversations.messages(
            ANN, "conv_1", limit=4, after=after, newest_first=newest_first
        )
        seen += [one.message_id for one in page.records]
        after, has_more = seen[-1], page.has_more
    expected = [f"conv_1-{kind}{n}" for n in range(3) for kind in "qa"]
    assert seen == (expected[::-1] if newest_first else expected)
    unknown = await kept.conversations.messages(ANN, "conv_1", limit=4, after="nothing")
    assert (unknown.records, unknown.has_more) == ([], False)


async def test_the_conversation_used_last_is_listed_first(kept: Store) -> None:
    for minute, name in enumerate(["conv_1", "conv_2", "conv_3", "conv_1"]):
        await kept_turn(kept, name, minute, minute=minute)
    first = await kept.conversations.conversations(ANN, limit=2)
    assert [one.conversation_id for one in first.records] == ["conv_1", "conv_3"]
    assert first.has_more
    rest = await kept.conversations.conversations(ANN, limit=2, after="conv_3")
    assert [one.conversation_id for one in rest.records] == ["conv_2"]
    assert not rest.has_more
    assert (await kept.conversations.conversations(ANN, limit=2, after="?")).records == []


async def test_the_conversation_used_first_can_be_listed_first(kept: Store) -> None:
    for n in range(3):
        await kept_turn(kept, f"c{n}", minute=n)
    first = await kept.conversations.conversations(ANN, limit=2, oldest_first=True)
    assert ([one.conversation_id for one in first.records], first.has_more) == (["c0", "c1"], True)
    rest = await kept.conversations.conversations(ANN, limit=2, after="c1", oldest_first=True)
    assert ([one.conversation_id for one in rest.records], rest.has_more) == (["c2"], False)


async def test_one_message_is_found_by_its_owner_where_it_stands(kept: Store) -> None:
    await kept_turn(kept)
    await kept_turn(kept, "conv_2")
    of = kept.conversations.message
    assert await of(ANN, "conv_1", "conv_1-q1") == question("conv_1-q1")
    assert await of(ANN, "conv_2", "conv_1-q1") is None
    assert await of(BEN, "conv_1", "conv_1-q1") is None


async def test_a_conversation_goes_on_behind_a_message_and_forgets_what_came_after(
    kept: Store,
) -> None:
    for n in (1, 2, 3):
        await kept_turn(kept, n=n)
    again = replace(question("conv_1-q2"), text="Why really?", details={"a": 1}, status="pending")
    resumed = await kept.conversations.resume_turn(
        ANN, "conv_1", again, was="complete", answer_id="better"
    )
    assert resumed
    late = await kept.conversations.finish_turn(ANN, "conv_1", answer("conv_1-a2"))
    assert not late, "its place is another's now"
    assert await kept.conversations.finish_turn(ANN, "conv_1", answer("better"))
    await kept_turn(kept, n=4)
    page = await kept.conversations.messages(ANN, "conv_1", limit=20)
    assert [one.message_id for one in page.records] == [
        "conv_1-q1",
        "conv_1-a1",
        "conv_1-q2",
        "better",
        "conv_1-q4",
        "conv_1-a4",
    ]
    assert page.records[2] == again


async def test_only_a_message_that_is_as_it_was_is_resumed_and_only_by_its_owner(
    kept: Store,
) -> None:
    await kept_turn(kept)
    asked = question("conv_1-q1")
    resume = kept.conversations.resume_turn
    assert not await resume(BEN, "conv_1", asked, was="complete", answer_id="x")
    assert not await resume(ANN, "conv_2", asked, was="complete", answer_id="x")
    assert not await resume(ANN, "conv_1", question("gone"), was="complete", answer_id="x")
    assert not await resume(ANN, "conv_1", asked, was="pending", answer_id="x")
    page = await kept.conversations.messages(ANN, "conv_1", limit=20)
    assert [one.message_id for one in page.records] == ["conv_1-q1", "conv_1-a1"]


async def test_a_call_has_one_result_however_many_come_at_once(kept: Store) -> None:
    asked = replace(answer("conv_1-a1"), kind="call", status="pending")
    await kept.conversations.begin_turn(ANN, conversation(), question("q"), asked.message_id)
    await kept.conversations.finish_turn(ANN, "conv_1", asked)
    done = replace(asked, status="complete")
    resumed = await asyncio.gather(
        *(
            kept.conversations.resume_turn(
                ANN, "conv_1", done, was="pending", answer_id=f"after-{n}"
            )
            for n in range(5)
        )
    )
    assert sorted(resumed) == [False] * 4 + [True]


async def test_a_title_is_changed_by_its_owner_and_a_chosen_one_stays(kept: Store) -> None:
    await kept_turn(kept)
    rename = kept.conversations.rename
    assert not await rename(BEN, "conv_1", "Theirs")
    assert not await rename(ANN, "conv_2", "Mine")
    assert await rename(ANN, "conv_1", "Named", was="About conv_1")
    assert await rename(ANN, "conv_1", "Chosen")
    assert not await rename(ANN, "conv_1", "Named again", was="About conv_1")
    found = await kept.conversations.find(ANN, "conv_1")
    assert found is not None
    assert found.title == "Chosen"


async def test_deleting_takes_all_with_it(kept: Store) -> None:
    await kept_turn(kept)
    assert await kept.conversations.give_feedback(ANN, "conv_1", Feedback("conv_1-a1", "positive"))
    assert await kept.conversations.delete(ANN, "conv_1")
    assert not await kept.conversations.delete(ANN, "conv_1")
    assert await kept.conversations.find(ANN, "conv_1") is None
    assert (await kept.conversations.messages(ANN, "conv_1", limit=9)).records == []
    assert not await kept.conversations.finish_turn(ANN, "conv_1", answer("conv_1-a1"))


async def test_what_was_not_used_for_long_is_forgotten_and_nothing_else(kept: Store) -> None:
    for minute, name in enumerate(["conv_1", "conv_2", "conv_3", "conv_4"]):
        await kept_turn(kept, name, minute=minute)
    await kept_turn(kept, "conv_1", 2, minute=9)
    before = START + timedelta(minutes=3)
    assert [await kept.conversations.forget(before, 1) for _ in range(3)] == [1, 1, 0]
    listed = (await kept.conversations.conversations(ANN, limit=9)).records
    assert [one.conversation_id for one in listed] == ["conv_1", "conv_4"]
    assert len((await kept.conversations.messages(ANN, "conv_1", limit=9)).records) == 4
    assert (await kept.conversations.messages(ANN, "conv_2", limit=9)).records == []


async def test_old_lines_of_the_log_are_forgotten_and_what_was_used_is_not(kept: Store) -> None:
    lines = [replace(LINE, when=START + timedelta(minutes=n), request_id=str(n)) for n in range(4)]
    await kept.usage.record([DailyUsage(DAY, "a", "m", UsageCount(4, 4, 4))], lines)
    before = START + timedelta(minutes=3)
    assert [await kept.usage.forget(before, 2) for _ in range(3)] == [2, 1, 0]
    assert [one.request_id for one in await kept.usage.interactions(limit=9)] == ["3"]
    assert len(await kept.usage.usage(since=DAY)) == 1


async def test_what_is_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    canary = "zebra-canary " * 400
    async with opened_store(sqlite_url(tmp_path)) as store:
        asked = question("q1", canary)
        assert await store.conversations.begin_turn(ANN, conversation(), asked, "a1")
        assert await store.conversations.delete(ANN, "conv_1")
    files = list(tmp_path.iterdir())  # noqa: ASYNC240 - the database is closed
    assert [file.name for file in files if b"zebra-canary" in file.read_bytes()] == []


async def test_feedback_is_on_answers_and_the_last_word_counts(kept: Store) -> None:
    await kept_turn(kept)
    give = kept.conversations.give_feedback
    assert await give(ANN, "conv_1", Feedback("conv_1-a1", "positive"))
    assert await give(ANN, "conv_1", Feedback("conv_1-a1", "negative", "No.\0"))
    assert not await give(ANN, "conv_1", Feedback("conv_1-q1", "positive"))
    assert not await give(ANN, "conv_1", Feedback("nothing", "positive"))


async def test_turns_that_begin_at_the_same_time_follow_each_other_whole(kept: Store) -> None:
    async def turn(n: int) -> None:
        assert await kept.conversations.begin_turn(ANN, conversation(), question(f"q{n}"), f"a{n}")
        assert await kept.conversations.finish_turn(ANN, "conv_1", answer(f"a{n}"))

    await asyncio.gather(*(turn(n) for n in range(30)))
    page = await kept.conversations.messages(ANN, "conv_1", limit=100)
    ids = [one.message_id for one in page.records]
    assert sorted(ids) == sorted(f"{kind}{n}" for kind in "qa" for n in range(30))
    assert all(q[1:] == a[1:] and q[0] == "q" for q, a in zip(ids[::2], ids[1::2], strict=True))


async def test_two_hundred_conversations_at_once_lose_and_double_nothing(kept: Store) -> None:
    async def talk(n: int) -> None:
        name = f"conv_{n}"
        for turn in range(3):
            await kept_turn(kept, name, turn, minute=turn)

    await asyncio.gather(*(talk(n) for n in range(200)))
    expected = [f"-{kind}{turn}" for turn in range(3) for kind in "qa"]
    for n in range(200):
        page = await kept.conversations.messages(ANN, f"conv_{n}", limit=100)
        assert [one.message_id.removeprefix(f"conv_{n}") for one in page.records] == expected
    listed = await kept.conversations.conversations(ANN, limit=300)
    assert len({one.conversation_id for one in listed.records}) == 200


async def test_a_writer_that_goes_away_has_written(database_url: str) -> None:
    async with opened_store(database_url) as store:  # closing waits for what is being written
        writing = asyncio.create_task(
            store.conversations.begin_turn(ANN, conversation(), question("q1"), "a1")
        )
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    async with opened_store(database_url) as store:
        assert len((await store.conversations.messages(ANN, "conv_1", limit=9)).records) == 1


async def test_readers_are_remembered_and_shut_out(kept: Store) -> None:
    assert await kept.readers.find(ANN.caller_id) is None
    reader = await kept.readers.set_background(ANN, Background("expert", None))
    assert reader.background == Background("expert", None)
    assert reader.is_active
    shut = await kept.readers.set_active(ANN.caller_id, is_active=False)
    assert (shut.is_active, shut.background) == (False, Background("expert", None))
    assert not (await kept.readers.set_active("jwt:new", is_active=False)).is_active
    assert (await kept.readers.set_active("jwt:new", is_active=True)).is_active
    assert [one.reader_id for one in await kept.readers.readers()] == ["jwt:ann", "jwt:new"]
    assert await kept.readers.find(ANN.caller_id) == shut


async def test_keys_are_kept_whole_and_end_once(kept: Store) -> None:
    plain, _ = new_key("plain")
    full, _ = new_key(
        "full",
        role="author",
        books=["b", "a"],
        allowance=Allowance(1, 2, 3),
        expires=START + timedelta(days=1),
    )
    for key in (plain, full):
        await kept.keys.add(key)
    assert list(await kept.keys.keys()) == [plain, full]
    assert await kept.keys.find(full.key_id) == full
    assert await kept.keys.find("0" * 16) is None
    assert await kept.keys.revoke(full.key_id, START)
    assert await kept.keys.revoke(full.key_id, START + timedelta(days=9))
    assert not await kept.keys.revoke("0" * 16, START)
    assert await kept.keys.find(full.key_id) == replace(full, revoked=START)


async def test_use_adds_up(kept: Store) -> None:
    def used(caller: str, day: date, tokens: int) -> DailyUsage:
        return DailyUsage(day, caller, "m", UsageCount(1, tokens, 1))

    tomorrow = DAY + timedelta(days=1)
    await asyncio.gather(
        *(kept.usage.record([used("b", DAY, 2**31), used("a", DAY, n)], []) for n in range(10))
    )
    await kept.usage.record([used("a", tomorrow, 1)], [LINE, LINE])
    rows = await kept.usage.usage(since=DAY)
    assert [(row.day, row.caller_id) for row in rows] == [(DAY, "a"), (DAY, "b"), (tomorrow, "a")]
    assert rows[0].count == UsageCount(10, 45, 10)
    assert rows[1].count == UsageCount(10, 10 * 2**31, 10)
    assert await kept.usage.usage(since=tomorrow, caller_id="a") == [rows[2]]
    (newest,) = await kept.usage.interactions(limit=1)
    assert newest == replace(LINE, question="q\N{REPLACEMENT CHARACTER}")
    before, after = LINE.when - timedelta(seconds=1), LINE.when + timedelta(seconds=1)
    assert len(await kept.usage.interactions(limit=9, since=before)) == 2
    assert list(await kept.usage.interactions(limit=9, since=after)) == []


async def test_it_answers(kept: Store) -> None:
    await kept.check()


async def test_what_was_kept_is_there_after_a_restart(database_url: str) -> None:
    async with opened_store(database_url) as store:
        await kept_turn(store)
    async with opened_store(database_url) as store:
        assert len((await store.conversations.messages(ANN, "conv_1", limit=9)).records) == 2


async def test_many_processes_may_open_it_at_once(database_url: str) -> None:
    async def open_and_turn(n: int) -> None:
        async with opened_store(database_url) as store:
            await kept_turn(store, f"conv_{n}")

    await asyncio.gather(*(open_and_turn(n) for n in range(5)))
    async with opened_store(database_url) as store:
        assert len((await store.conversations.conversations(ANN, limit=9)).records) == 5
