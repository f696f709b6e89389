"""Drives `instructor`: structured output in its modes, lists, streams of partial objects."""

from importlib.metadata import version

import instructor
from checks import MODEL, PUMP_QUESTION, check, run
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

ask = [{"role": "user", "content": PUMP_QUESTION}]


class Valve(BaseModel):
    """A part of a pump."""

    number: int
    material: str


class Pump(BaseModel):
    """What is known of a pump."""

    name: str
    valves: list[Valve]


def _client(mode: instructor.Mode) -> instructor.Instructor:
    return instructor.from_openai(OpenAI(max_retries=0), mode=mode)


@check("structured output")
def _() -> str:
    for mode in (instructor.Mode.TOOLS, instructor.Mode.TOOLS_STRICT):
        pump = _client(mode).create(model=MODEL, messages=ask, response_model=Pump, max_retries=0)
        assert pump.valves[0].number == 3, pump
    return f"`TOOLS`, `TOOLS_STRICT`, openai {version('openai')}"


@check("structured output, as JSON schema")
def _() -> str:
    client = _client(instructor.Mode.JSON_SCHEMA)
    pump = client.create(model=MODEL, messages=ask, response_model=Pump, max_retries=0)
    assert pump.valves[0].number == 3, pump
    return "`JSON_SCHEMA`"


@check("structured output, streamed")
def _() -> str:
    client = _client(instructor.Mode.TOOLS)
    partial = list(client.create_partial(model=MODEL, messages=ask, response_model=Pump))
    assert partial[-1].valves[0].number == 3, partial
    valves = list(client.create_iterable(model=MODEL, messages=ask, response_model=Valve))
    assert [valve.number for valve in valves] == [3], valves
    return "`create_partial`, `create_iterable`"


@check("structured output, asynchronous")
async def _() -> str:
    client = instructor.from_openai(AsyncOpenAI(max_retries=0))
    pump = await client.create(model=MODEL, messages=ask, response_model=Pump, max_retries=0)
    assert pump.name, pump
    return "`AsyncInstructor`"


@check("responses, structured output")
def _() -> str:
    client = _client(instructor.Mode.RESPONSES_TOOLS)
    pump = client.create(model=MODEL, messages=ask, response_model=Pump, max_retries=0)
    assert pump.valves[0].number == 3, pump
    return "`RESPONSES_TOOLS`"


run()
