"""The settings of ChatKit: what a site's panel shows, and what its page can do for the model."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from proxy.settings.fields import Group


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON: {exc.msg}") from None


class ClientTool(BaseModel):
    """A function of the page that embeds ChatKit, as the model is told of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = Field(min_length=1, max_length=2_000)
    parameters: dict[str, Any] = Field(
        default_factory=lambda: {"type": "object", "properties": dict[str, Any]()}
    )
    """JSON Schema of the arguments."""


ClientTools = Annotated[tuple[ClientTool, ...], BeforeValidator(_json), Field(max_length=32)]
Prompt = Annotated[str, Field(min_length=1, max_length=512)]
Prompts = Annotated[tuple[Prompt, ...], BeforeValidator(_json), Field(max_length=20)]


class ChatKitSettings(Group):
    """ChatKit.js, embedded in a book's site."""

    domain_key: str = Field(
        "local-dev",
        min_length=1,
        max_length=256,
        pattern=r"^[!-~]+$",
        alias="PROXY_CHATKIT_DOMAIN_KEY",
        description="Key of your site's domain, from OpenAI's list of allowed domains; anything "
        "does on localhost.",
    )
    greeting: str = Field(
        "What would you like to know?",
        max_length=256,
        alias="PROXY_CHATKIT_GREETING",
        description="What the panel says before the first question.",
    )
    prompts: Prompts = Field(
        (),
        alias="PROXY_CHATKIT_PROMPTS",
        description='Questions to begin with, as a JSON list: `["What is this book about?"]`.',
    )
    titles: Literal["model", "question"] = Field(
        "model",
        alias="PROXY_CHATKIT_TITLES",
        description="`model` has the fast model name each thread; `question` names it by its "
        "first question, as the offline reader does.",
    )
    client_tools: ClientTools = Field(
        (),
        alias="PROXY_CHATKIT_CLIENT_TOOLS",
        description="Functions of the embedding page that the model may call, as a JSON list of "
        "`{name, description, parameters}`.",
    )
    asks_back: bool = Field(
        False,
        alias="PROXY_CHATKIT_ASKS_BACK",
        description="Let the model ask the reader back, with answers to choose from.",
    )
