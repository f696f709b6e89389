"""Drives `pydantic-ai-slim[openai]`: agents over chat completions and over responses."""

from importlib.metadata import version

from checks import (
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
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel

chat = OpenAIChatModel(MODEL)
responses = OpenAIResponsesModel(MODEL)


class Pump(BaseModel):
    """What is known of a pump."""

    name: str
    valves: int


@check("chat")
async def _() -> str:
    result = await Agent(chat).run(BOOK_QUESTION)
    assert result.output == BOOK_ANSWER, result.output
    return f"`Agent.run`, openai {version('openai')}"


@check("stream")
async def _() -> str:
    async with Agent(chat).run_stream(BOOK_QUESTION) as result:
        pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
    assert "".join(pieces) == BOOK_ANSWER, pieces
    assert len(pieces) > 1, "it came in one piece"
    return "`run_stream`"


@check("retrieval options")
async def _() -> str:
    for model in (chat, responses):
        settings = {"extra_body": {"rag": {"enabled": False}}}
        result = await Agent(model, model_settings=settings).run(BOOK_QUESTION)
        assert result.output == NO_PASSAGE, result.output
    return '`model_settings={"extra_body": {"rag": …}}`'


@check("tools")
async def _() -> str:
    result = await Agent(chat, tools=[read_gauge]).run(TOOL_QUESTION)
    assert result.output == f"The gauges read {GAUGES['Lahore']}.", result.output
    return "`Agent(tools=…)`"


@check("parallel tools")
async def _() -> str:
    result = await Agent(chat, tools=[read_gauge]).run(TWO_TOOLS_QUESTION)
    assert all(reading in result.output for reading in GAUGES.values()), result.output
    return "two calls in one turn"


@check("tools, streamed")
async def _() -> str:
    async with Agent(chat, tools=[read_gauge]).run_stream(TWO_TOOLS_QUESTION) as result:
        answer = await result.get_output()
    assert all(reading in answer for reading in GAUGES.values()), answer
    return "`run_stream`"


@check("structured output")
async def _() -> str:
    for output in (ToolOutput(Pump), NativeOutput(Pump)):
        result = await Agent(chat, output_type=output, retries=0).run(PUMP_QUESTION)
        assert isinstance(result.output, Pump), result.output
    return "`ToolOutput`, `NativeOutput`"


@check("structured output with tools")
async def _() -> str:
    for output in (ToolOutput(Pump), NativeOutput(Pump)):
        agent = Agent(chat, output_type=output, tools=[read_gauge], retries=0)
        result = await agent.run(TOOL_QUESTION)
        assert isinstance(result.output, Pump), result.output
    return "a tool first, then `ToolOutput` or `NativeOutput`"


@check("responses")
async def _() -> str:
    result = await Agent(responses).run(BOOK_QUESTION)
    assert result.output == BOOK_ANSWER, result.output
    return "`OpenAIResponsesModel`"


@check("responses, streamed")
async def _() -> str:
    async with Agent(responses).run_stream(BOOK_QUESTION) as result:
        assert await result.get_output() == BOOK_ANSWER
    return "`run_stream`"


@check("responses, tools")
async def _() -> str:
    result = await Agent(responses, tools=[read_gauge]).run(TWO_TOOLS_QUESTION)
    assert all(reading in result.output for reading in GAUGES.values()), result.output
    return "two calls in one turn"


@check("responses, structured output")
async def _() -> str:
    result = await Agent(responses, output_type=NativeOutput(Pump), retries=0).run(PUMP_QUESTION)
    assert isinstance(result.output, Pump)
    return "`NativeOutput`"


run()
