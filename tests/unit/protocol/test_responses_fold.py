"""A JSON answer is what its stream comes to."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.responses_fold import ResponseFold
from tests.support.chat_events import cut
from tests.support.responses import (
    COMPLETED_UNIX_S,
    answers,
    checked_response,
    writer,
    written,
)


@given(st.data(), answers())
def test_the_fold_is_the_last_event_of_the_stream(
    data: st.DataObject, said: list[ChatEvent]
) -> None:
    fold = ResponseFold(writer())
    for batch in data.draw(cut(said)):
        fold.feed(batch)
    whole = fold.result(completed_unix_s=COMPLETED_UNIX_S)
    assert whole == written(data.draw(cut(said)))[-1]["response"]
    checked_response(whole)
