"""Drives `llama-index-llms-openai-like`: complete, chat, streams, tools, structured output."""

from importlib.metadata import version

from checks import (
    BASE_URL,
    BOOK_ANSWER,
    BOOK_QUESTION,
    GAUGES,
    MODEL,
    NO_PASSAGE,
    PUMP_QUESTION,
    TOOL_QUESTION,
    TWO_TOOLS_QUESTION,
    check,
    read_gauge,
    run,
)
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

gauge = FunctionTool.from_defaults(read_gauge)


def _llm(*, structured: bool = False) -> OpenAILike:
    """Return a model; a new one for each check, since its client stays with its event loop."""
    return OpenAILike(
        model=MODEL,
        api_base=BASE_URL,
        api_key="none",
        is_chat_model=True,
        is_function_calling_model=True,
        should_use_structured_outputs=structured,
        max_retries=0,
    )


class Pump(BaseModel):
    """What is known of a pump."""

    name: str
    valves: int


@check("chat")
def _() -> str:
    assert _llm().complete(BOOK_QUESTION).text == BOOK_ANSWER
    answer = _llm().chat([ChatMessage(role="user", content=BOOK_QUESTION)])
    assert answer.message.content == BOOK_ANSWER
    return f"`complete`, `chat`, openai {version('openai')}"


@check("chat, asynchronous")
async def _() -> str:
    answer = await _llm().achat([ChatMessage(role="user", content=BOOK_QUESTION)])
    assert answer.message.content == BOOK_ANSWER
    return "`achat`"


@check("sources")
def _() -> str:
    answer = _llm().chat([ChatMessage(role="user", content=BOOK_QUESTION)])
    (annotation,) = answer.raw.choices[0].message.annotations
    assert annotation.url_citation.url.startswith("https://pumps.example/docs/starting")
    return "in `raw`"


@check("stream")
def _() -> str:
    pieces = list(_llm().stream_chat([ChatMessage(role="user", content=BOOK_QUESTION)]))
    assert pieces[-1].message.content == BOOK_ANSWER, pieces[-1].message.content
    assert sum(1 for piece in pieces if piece.delta) > 1, "it came in one piece"
    return "`stream_chat`"


@check("retrieval options")
def _() -> str:
    asked = [ChatMessage(role="user", content=BOOK_QUESTION)]
    answer = _llm().chat(asked, extra_body={"rag": {"enabled": False}})
    assert answer.message.content == NO_PASSAGE, answer.message.content
    return '`extra_body={"rag": …}`'


@check("tools")
async def _() -> str:
    agent = FunctionAgent(tools=[gauge], llm=_llm(), streaming=False)
    answer = str(await agent.run(TOOL_QUESTION))
    assert answer == f"The gauges read {GAUGES['Lahore']}.", answer
    return "`FunctionAgent`"


@check("parallel tools")
def _() -> str:
    llm = _llm()
    for several, cities in ((True, ["Lahore", "Karachi"]), (False, ["Lahore"])):
        answer = llm.chat_with_tools(
            [gauge], user_msg=TWO_TOOLS_QUESTION, allow_parallel_tool_calls=several
        )
        calls = llm.get_tool_calls_from_response(answer)
        assert [call.tool_kwargs["city"] for call in calls] == cities, calls
    return "`chat_with_tools` with and without `allow_parallel_tool_calls`"


@check("tools, streamed")
async def _() -> str:
    answer = str(await FunctionAgent(tools=[gauge], llm=_llm()).run(TWO_TOOLS_QUESTION))
    assert all(reading in answer for reading in GAUGES.values()), answer
    return "`FunctionAgent`"


@check("structured output")
def _() -> str:
    prompt = PromptTemplate(PUMP_QUESTION)
    for structured in (False, True):
        assert isinstance(_llm(structured=structured).structured_predict(Pump, prompt), Pump)
    return "`structured_predict`: by a tool and by `json_schema`"


run()
