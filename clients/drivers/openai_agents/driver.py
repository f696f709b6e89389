"""Drives `openai-agents`: runs over responses, its default, and over chat completions."""

from importlib.metadata import version

from agents import (
    Agent,
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    SQLiteSession,
    function_tool,
    set_tracing_disabled,
)
from checks import (
    BOOK_ANSWER,
    BOOK_QUESTION,
    GAUGES,
    MODEL,
    NO_PASSAGE,
    PUMP_QUESTION,
    TWO_TOOLS_QUESTION,
    check,
    read_gauge,
    run,
)
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent
from pydantic import BaseModel

set_tracing_disabled(disabled=True)
gauge = function_tool(read_gauge)


class Pump(BaseModel):
    """What is known of a pump."""

    name: str
    valves: int


def _chat() -> Model:
    return OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(max_retries=0))


def _responses() -> Model:
    return OpenAIResponsesModel(MODEL, AsyncOpenAI(max_retries=0))


async def _streamed(model: Model) -> list[str]:
    result = Runner.run_streamed(Agent("reader", model=model), BOOK_QUESTION)
    pieces = [
        event.data.delta
        async for event in result.stream_events()
        if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent)
    ]
    assert result.final_output == BOOK_ANSWER, result.final_output
    assert "".join(pieces) == BOOK_ANSWER, pieces
    return pieces


async def _with_tools(model: Model) -> None:
    agent = Agent("reader", model=model, tools=[gauge])
    result = await Runner.run(agent, TWO_TOOLS_QUESTION)
    assert all(reading in result.final_output for reading in GAUGES.values()), result.final_output
    streamed = Runner.run_streamed(agent, TWO_TOOLS_QUESTION)
    async for _ in streamed.stream_events():
        pass
    assert all(reading in str(streamed.final_output) for reading in GAUGES.values())


async def _structured(model: Model) -> None:
    result = await Runner.run(Agent("reader", model=model, output_type=Pump), PUMP_QUESTION)
    assert isinstance(result.final_output, Pump), result.final_output


@check("chat")
async def _() -> str:
    result = await Runner.run(Agent("reader", model=_chat()), BOOK_QUESTION)
    assert result.final_output == BOOK_ANSWER, result.final_output
    return f"`OpenAIChatCompletionsModel`, openai {version('openai')}"


@check("stream")
async def _() -> str:
    assert len(await _streamed(_chat())) > 1, "it came in one piece"
    return "`run_streamed`"


@check("retrieval options")
async def _() -> str:
    settings = ModelSettings(extra_body={"rag": {"enabled": False}})
    for model in (_chat(), _responses()):
        agent = Agent("reader", model=model, model_settings=settings)
        result = await Runner.run(agent, BOOK_QUESTION)
        assert result.final_output == NO_PASSAGE, result.final_output
    return '`ModelSettings(extra_body={"rag": …})`'


@check("parallel tools")
async def _() -> str:
    await _with_tools(_chat())
    return "`function_tool`, whole and streamed"


@check("structured output")
async def _() -> str:
    await _structured(_chat())
    return "`output_type`"


@check("responses")
async def _() -> str:
    session = SQLiteSession("reader")
    agent = Agent("reader", instructions="Be brief.", model=MODEL)
    for question in (BOOK_QUESTION, BOOK_QUESTION):
        result = await Runner.run(agent, question, session=session)
        assert result.final_output == BOOK_ANSWER, result.final_output
    return "the default: a session of two turns"


@check("responses, streamed")
async def _() -> str:
    assert len(await _streamed(_responses())) > 1, "it came in one piece"
    return "`run_streamed`"


@check("responses, tools")
async def _() -> str:
    await _with_tools(_responses())
    return "`function_tool`, whole and streamed"


@check("responses, structured output")
async def _() -> str:
    await _structured(_responses())
    return "`output_type`"


run()
