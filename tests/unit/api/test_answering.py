"""An answer on its way out: what goes into the headers, and what becomes of failures."""

import asyncio
from dataclasses import dataclass, field

import pytest
from starlette.types import Message

from proxy.api.answering import Answering, Question
from proxy.errors import ProxyError, UpstreamOverloaded, UpstreamUnreachable
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.lookup import Lookup
from proxy.rag.pipeline import Pipeline
from proxy.rag.retrieve import Retriever
from proxy.rag.sources import SourceLinks
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.asgi import Sent
from tests.support.builders import make_chat_request
from tests.support.chat_events import USAGE, text_in
from tests.support.core_ports import LengthEmbedder, ListIndex, ScriptedGenerator
from tests.support.gates import open_entry

WHOLE: list[list[ChatEvent]] = [[TextDelta("Two ")], [TextDelta("bar."), Finish("stop"), USAGE]]


@dataclass
class PlainForm:
    """Writes an answer as its text."""

    events: list[ChatEvent] = field(default_factory=list[ChatEvent])

    def start(self) -> bytes:
        """Open."""
        return b"<"

    def stream(self, batch: list[ChatEvent]) -> bytes:
        """Write the text."""
        return text_in(batch).encode()

    def end(self) -> bytes:
        """Close."""
        return b">"

    def fail(self, error: ProxyError) -> bytes:
        """Say why."""
        return f"!{error.code}".encode()

    def fold(self, batch: list[ChatEvent]) -> None:
        """Keep the batch."""
        self.events += batch

    def whole(self) -> bytes:
        """Write the text."""
        return text_in(self.events).encode()


def _answering(
    generator: ScriptedGenerator,
    *,
    stream: bool,
    places: int = 1,
    ignored_params: tuple[str, ...] = (),
    searches: bool = False,
    form: PlainForm | None = None,
) -> Answering:
    rag = RagSettings.model_validate({})
    embedding = EmbeddingSettings.model_validate({})
    lookup = Lookup(Retriever(LengthEmbedder(), ListIndex(), rag, embedding), rag, None)
    question = Question(
        make_chat_request("why?", stream=stream),
        ResolvedModel("gpt-4o", "gemini-3.8-flash"),
        RagOptions(enabled=searches),
        SourceLinks("http://proxy.example"),
        ignored_params,
    )
    return Answering(
        Pipeline(generator, lookup),
        open_entry(places=places),
        question,
        form or PlainForm(),
        timeout_s=60,
    )


@pytest.mark.parametrize(("stream", "body"), [(True, b"<Two bar.>"), (False, b"Two bar.")])
async def test_an_answer_goes_out_in_its_form(*, stream: bool, body: bytes) -> None:
    sent = Sent()
    await _answering(ScriptedGenerator(WHOLE), stream=stream).send(sent)
    assert (sent.status, sent.body) == (200, body)
    assert sent.headers["x-rag-status"] == "off"
    assert sent.headers["x-upstream-model"] == "gemini-3.8-flash"
    assert sent.headers["content-type"].startswith(
        "text/event-stream" if stream else "application/json"
    )


@pytest.mark.parametrize("stream", [True, False])
async def test_the_header_names_the_model_that_answers(*, stream: bool) -> None:
    sent = Sent()
    generator = ScriptedGenerator([[AnsweredBy("other-model"), *WHOLE[0]], *WHOLE[1:]])
    await _answering(generator, stream=stream).send(sent)
    assert sent.headers["x-upstream-model"] == "other-model"
    assert b"Two bar." in sent.body


async def test_the_headers_say_why_there_are_no_passages() -> None:
    sent = Sent()
    await _answering(ScriptedGenerator(WHOLE), stream=False, searches=True).send(sent)
    assert sent.headers["x-rag-status"] == "no-match"
    assert sent.headers["x-rag-reason"]


async def test_ignored_parameters_are_named_in_letters_a_header_can_hold() -> None:
    sent = Sent()
    ignored = ("novelty", "ümläut", "new\nline")
    await _answering(ScriptedGenerator(WHOLE), stream=False, ignored_params=ignored).send(sent)
    assert sent.headers["x-ignored-params"] == "novelty,?ml?ut,new?line"


async def test_a_failure_half_way_is_the_last_thing_a_stream_says() -> None:
    sent = Sent()
    generator = ScriptedGenerator(WHOLE[:1], fails_with=UpstreamUnreachable("Gone."))
    await _answering(generator, stream=True).send(sent)
    assert sent.body == b"<Two !upstream_unreachable"
    assert not sent.messages[-1]["more_body"]
    assert generator.closed == 1


@pytest.mark.parametrize(
    ("batches", "stream"), [(WHOLE[:1], False), ([], True)], ids=["whole", "first event"]
)
async def test_a_failure_before_anything_was_sent_is_raised(
    batches: list[list[ChatEvent]], *, stream: bool
) -> None:
    sent = Sent()
    generator = ScriptedGenerator(batches, fails_with=UpstreamUnreachable("Gone."))
    with pytest.raises(UpstreamUnreachable):
        await _answering(generator, stream=stream).send(sent)
    assert sent.messages == []


class Stopping(Sent):
    """Is told to stop as soon as something of the body was sent."""

    async def __call__(self, message: Message) -> None:
        """Take a message."""
        await super().__call__(message)
        task = asyncio.current_task()
        if task is not None and self.body and not task.cancelling():
            task.cancel()


async def test_a_stream_that_is_cancelled_says_so_before_it_ends() -> None:
    sent, generator = Stopping(), ScriptedGenerator(WHOLE)
    sending = asyncio.create_task(_answering(generator, stream=True).send(sent))
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert sent.body == b"<Two !server_stopping"
    assert not sent.messages[-1]["more_body"]
    assert generator.closed == 1


class UnwritableForm(PlainForm):
    """Cannot write a word."""

    def start(self) -> bytes:
        """Fail."""
        raise ZeroDivisionError


async def test_a_stream_that_cannot_be_opened_is_a_failure_before_anything_was_sent() -> None:
    sent = Sent()
    with pytest.raises(ZeroDivisionError):
        await _answering(ScriptedGenerator(WHOLE), stream=True, form=UnwritableForm()).send(sent)
    assert sent.messages == []


async def test_without_a_place_nothing_is_begun() -> None:
    generator = ScriptedGenerator(WHOLE)
    with pytest.raises(UpstreamOverloaded):
        await _answering(generator, stream=False, places=0).send(Sent())
    assert generator.request is None
