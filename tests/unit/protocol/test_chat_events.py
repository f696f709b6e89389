"""What an answer says of itself before it begins is for headers, not for clients."""

from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta, Usage, model_in
from proxy.protocol.sse import ChunkEncoder

NAMED: list[ChatEvent] = [AnsweredBy("other"), TextDelta("a"), Finish("stop"), Usage()]


def test_another_model_is_named_first_or_not_at_all() -> None:
    assert model_in(NAMED) == "other"
    assert model_in(NAMED[1:]) is None


def test_no_client_sees_it_in_an_answer() -> None:
    encoder = ChunkEncoder(completion_id="c", created_unix_s=1, model="m", include_usage=True)
    assert encoder.encode(NAMED) == encoder.encode(NAMED[1:])
    assert encoder.encode(NAMED[:1]) == b""
    folds = [Accumulator(), Accumulator()]
    folds[0].feed(NAMED)
    folds[1].feed(NAMED[1:])
    results = [fold.result(completion_id="c", created_unix_s=1, model="m") for fold in folds]
    assert results[0] == results[1]
