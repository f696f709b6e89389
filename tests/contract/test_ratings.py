"""What readers thought of answers, in whatever database."""

from proxy.store import Feedback, Rating, Store
from tests.support.stores import ANN, kept_turn, question


async def test_what_readers_thought_is_told_with_the_question_and_without_the_reader(
    kept: Store,
) -> None:
    await kept_turn(kept, n=1)
    await kept_turn(kept, n=2, minute=1)
    ratings: list[tuple[int, Rating]] = [(1, "positive"), (2, "negative")]
    for n, rating in ratings:
        given = Feedback(f"conv_1-a{n}", rating, comment=f"comment {n}")
        assert await kept.conversations.give_feedback(ANN, "conv_1", given)
    rated = await kept.conversations.rated_answers(limit=9)
    asked = question("conv_1-q1").text
    assert {(one.rating, one.comment, one.question) for one in rated} == {
        ("positive", "comment 1", asked),
        ("negative", "comment 2", asked),
    }
    assert len(await kept.conversations.rated_answers(limit=1)) == 1
    assert ANN.caller_id not in repr(rated)
