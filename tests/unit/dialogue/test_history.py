"""What the model hears of earlier turns: whole ones, the newest, within the budget."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.dialogue.history import within_budget
from proxy.protocol.messages import Message
from proxy.store import Message as KeptMessage
from tests.support.stores import answer, question


def heard(kept: list[KeptMessage], max_tokens: int = 1_000) -> list[str]:
    """Return what is heard of messages in their order, a token a letter."""
    found: list[Message] = within_budget(kept[::-1], max_tokens=max_tokens, count_tokens=len)
    assert [one.role for one in found] == ["user", "assistant"] * (len(found) // 2)
    return [str(one.content) for one in found]


def turns(n: int, size: int = 10) -> list[KeptMessage]:
    """Return turns whose messages have that many letters."""
    return [
        made(f"{kind}{i}", f"{kind}{i}".ljust(size, "."))
        for i in range(n)
        for kind, made in (("q", question), ("a", answer))
    ]


def test_all_is_heard_in_its_order_where_there_is_room() -> None:
    assert [one[:2] for one in heard(turns(2))] == ["q0", "a0", "q1", "a1"]


def test_the_oldest_turns_are_left_out_whole() -> None:
    assert [one[:2] for one in heard(turns(3), max_tokens=45)] == ["q1", "a1", "q2", "a2"]
    assert heard(turns(3), max_tokens=19) == []
    assert heard(turns(3), max_tokens=0) == []


def test_a_question_without_its_answer_and_an_answer_without_text_are_not_heard() -> None:
    kept = [
        question("q1", "lost"),
        question("q2", "failed"),
        answer("a2", ""),
        question("q3", "good"),
        answer("a3", "well"),
        question("q4", "under way"),
    ]
    assert heard(kept) == ["good", "well"]


def test_what_a_client_interface_keeps_for_itself_is_not_the_models() -> None:
    hidden = KeptMessage(
        message_id="h", kind="hidden_context", text="secret", created=question("q").created
    )
    assert heard([question("q", "why"), hidden, answer("a", "so")]) == ["why", "so"]


@given(st.integers(0, 8), st.integers(1, 30), st.integers(0, 300))
def test_the_budget_is_never_exceeded(n: int, size: int, budget: int) -> None:
    assert sum(len(one) for one in heard(turns(n, size), budget)) <= budget


def test_what_was_said_around_a_call_is_one_answer() -> None:
    call = KeptMessage(message_id="c", kind="call", text="", created=question("q").created)
    kept = [question("q", "where?"), answer("a1", "I look."), call, answer("a2", "Here.")]
    assert heard(kept) == ["where?", "I look.\n\nHere."]
