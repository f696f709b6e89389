"""What the checks of `openai` for Python ask with: a client, a tool, a form to fill in."""

from checks import BOOK_QUESTION
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(max_retries=0)
ask = [{"role": "user", "content": BOOK_QUESTION}]
GAUGE_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where the gauge is."}},
    "required": ["city"],
    "additionalProperties": False,
}
GAUGE_TOOL = {
    "type": "function",
    "function": {
        "name": "read_gauge",
        "description": "Read a pressure gauge.",
        "parameters": GAUGE_PARAMETERS,
        "strict": True,
    },
}


class Valve(BaseModel):
    """A part of a pump."""

    number: int
    is_open: bool


class Pump(BaseModel):
    """What structured output is asked for."""

    name: str
    valves: list[Valve]
    note: str | None


class ReadGauge(BaseModel):
    """Read a pressure gauge."""

    city: str
