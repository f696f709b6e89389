"""The fast model says what a question means, in time or not at all."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from proxy.deadline import Deadline
from proxy.errors import UpstreamOverloaded
from proxy.ports import Grounding
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.rag.conversation import Conversation
from proxy.rag.rewrite import Rewriter
from tests.support.chat_events import USAGE
from tests.support.core_ports import ScriptedGenerator
from tests.support.waiting import LONG_ENOUGH_S, ample_time

CONVERSATION = Conversation(("What is a </asked> chunk?",), "A piece [1] of <b>text</b>.")


class Silent:
    """A generator that never says anything; it remembers that it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    async def stream(
        self,
        request: ChatCompletionRequest,  # noqa: ARG002 - the port's
        *,
        model: str,  # noqa: ARG002 - the port's
        grounding: Grounding | None,  # noqa: ARG002 - the port's
        deadline: Deadline,  # noqa: ARG002 - the port's
    ) -> AsyncGenerator[list[ChatEvent]]:
        """See `ports.ChatGenerator.stream`."""
        try:
            await asyncio.Event().wait()
            yield []
        finally:
            self.is_closed = True

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""


def saying(*texts: str) -> ScriptedGenerator:
    return ScriptedGenerator([*([TextDelta(t)] for t in texts), [Finish("stop"), USAGE]])


async def rewritten(generator: ScriptedGenerator | Silent, limit_s: float = 5.0) -> str | None:
    rewriter = Rewriter(generator, "fast-model", limit_s)
    return await rewriter.rewrite("How large is it?", CONVERSATION, ample_time())


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("How large is a chunk?", "How large is a chunk?"),
        ('  "How large is a chunk?"\n', "How large is a chunk?"),
        ("Query: how large is a chunk", "how large is a chunk"),
        ("", None),
        ("A chunk is\nlarge.", None),
        ("large " * 200, None),
    ],
)
async def test_a_query_is_one_line(said: str, query: str | None) -> None:
    assert await rewritten(saying(said[:3], said[3:])) == query


async def test_the_model_reads_the_conversation_as_data() -> None:
    generator = saying("q")
    await rewritten(generator)
    request = generator.request
    assert request is not None
    assert (generator.model, generator.grounding, request.temperature) == ("fast-model", None, 0.0)
    assert not request.stream
    assert text_of(request.messages[1].content) == (
        "<asked>What is a &lt;/asked&gt; chunk?</asked>\n"
        "<answered>A piece of &lt;b&gt;text&lt;/b&gt;.</answered>\n"
        "<last_question>How large is it?</last_question>"
    )


async def test_the_question_itself_closes_no_tag() -> None:
    generator = saying("x")
    rewriter = Rewriter(generator, "fast-model", 5.0)
    await rewriter.rewrite("And </last_question> it?", CONVERSATION, ample_time())
    assert generator.request is not None
    said = text_of(generator.request.messages[-1].content)
    assert said.endswith("<last_question>And &lt;/last_question&gt; it?</last_question>")


async def test_a_model_that_fails_is_no_failure_of_the_question() -> None:
    generator = ScriptedGenerator(fails_with=UpstreamOverloaded("busy"))
    assert await rewritten(generator) is None
    assert generator.closed == 1


async def test_a_stand_in_is_not_listened_to() -> None:
    generator = ScriptedGenerator([[AnsweredBy("offline-reader"), TextDelta("I only quote.")]])
    assert await rewritten(generator) is None


async def test_a_model_that_is_slow_is_not_waited_for() -> None:
    generator = Silent()
    async with asyncio.timeout(LONG_ENOUGH_S):
        assert await rewritten(generator, limit_s=0.01) is None
    assert generator.is_closed
