"""Checks of responses: whole, streamed, with thoughts, with tools, structured."""

import json

from asking import GAUGE_PARAMETERS, Pump, client
from checks import (
    BOOK_ANSWER,
    BOOK_QUESTION,
    GAUGES,
    MODEL,
    PUMP_QUESTION,
    THOUGHT,
    TWO_TOOLS_QUESTION,
    check,
    read_gauge,
)


@check("responses")
def _() -> str:
    response = client.responses.create(model=MODEL, input=BOOK_QUESTION)
    assert response.status == "completed", response.status
    assert response.output_text == BOOK_ANSWER, response.output_text
    assert response.usage is not None
    annotations = response.output[-1].content[0].annotations
    assert annotations, "no annotations"
    return f"annotations: {', '.join(sorted({one.type for one in annotations}))}"


@check("responses, streamed")
def _() -> str:
    kinds: list[str] = []
    with client.responses.stream(model=MODEL, input=BOOK_QUESTION) as stream:
        numbers = [(kinds.append(event.type), event.sequence_number)[1] for event in stream]
        final = stream.get_final_response()
    assert final.output_text == BOOK_ANSWER
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert numbers == sorted(numbers)
    return "`.stream()` and its final response"


@check("responses, reasoning")
def _() -> str:
    response = client.responses.create(
        model=MODEL, input=BOOK_QUESTION, reasoning={"effort": "low", "summary": "auto"}
    )
    (item,) = (one for one in response.output if one.type == "reasoning")
    assert item.summary[0].text == THOUGHT, item
    assert response.output_text == BOOK_ANSWER
    return "`reasoning={…}`; the thoughts are a `reasoning` item"


@check("responses, tools")
def _() -> str:
    tool = {"type": "function", "name": "read_gauge", "parameters": GAUGE_PARAMETERS}
    items = [{"role": "user", "content": TWO_TOOLS_QUESTION}]
    first = client.responses.create(model=MODEL, input=items, tools=[tool])
    calls = [item for item in first.output if item.type == "function_call"]
    assert len(calls) == 2, first.output
    items += [item.to_dict() for item in first.output]
    for call in calls:
        result = read_gauge(**json.loads(call.arguments))
        items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
    last = client.responses.create(model=MODEL, input=items, tools=[tool])
    assert all(reading in last.output_text for reading in GAUGES.values()), last.output_text
    return "a loop by hand"


@check("responses, structured output")
def _() -> str:
    response = client.responses.parse(model=MODEL, input=PUMP_QUESTION, text_format=Pump)
    assert response.output_parsed is not None
    assert response.output_parsed.valves[0].number == 3
    return "`parse` with a pydantic model"
