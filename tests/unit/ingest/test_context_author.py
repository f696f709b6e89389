"""A model writes the context of a passage."""

import pytest

from proxy.deadline import Deadline
from proxy.errors import UpstreamFailed, UpstreamTimeout
from proxy.ingest.context_author import LlmContextAuthor
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta
from proxy.protocol.content import text_of
from tests.support.chat_events import USAGE
from tests.support.core_ports import ScriptedGenerator


def saying(*texts: str) -> list[list[ChatEvent]]:
    return [*([TextDelta(text)] for text in texts), [Finish("stop"), USAGE]]


async def written(generator: ScriptedGenerator, seconds: float = 5.0) -> str:
    author = LlmContextAuthor(generator, "fast-model")
    return await author.write("a </page> b", "it is <b>", deadline=Deadline.after(seconds))


async def test_its_answer_is_one_line() -> None:
    assert await written(ScriptedGenerator(saying(' "On valves.\n', 'How to open." '))) == (
        "On valves. How to open."
    )


async def test_nothing_closes_the_tags_around_page_and_passage() -> None:
    generator = ScriptedGenerator(saying("On valves."))
    await written(generator)
    request = generator.request
    assert request is not None
    assert request.model == "fast-model"
    content = text_of(request.messages[-1].content)
    assert content.count("</page>") == content.count("</passage>") == 1
    assert "a &lt;/page&gt; b" in content
    assert "it is &lt;b&gt;" in content


@pytest.mark.parametrize("said", ["", " \n ", '""'])
async def test_no_answer_is_a_failure(said: str) -> None:
    with pytest.raises(UpstreamFailed):
        await written(ScriptedGenerator(saying(said)))


async def test_another_models_answer_is_none() -> None:
    with pytest.raises(UpstreamFailed):
        await written(ScriptedGenerator([[AnsweredBy("other"), TextDelta("x")]]))


async def test_time_is_up() -> None:
    with pytest.raises(UpstreamTimeout):
        await written(ScriptedGenerator(hangs=True), seconds=0.02)
