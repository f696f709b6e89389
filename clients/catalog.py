"""Which clients are driven, and which limits of theirs are known: data.

A limit is the client's own doing and has its reason here; a check that fails without one fails the
run, and so does a limit that is none any more.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
DRIVERS: Final = HERE / "drivers"
CHECKING: Final = HERE / "checking"

_DROPS_ANNOTATIONS: Final = "it drops annotations: take the sources from `[n]` in the text"


@dataclass(frozen=True, slots=True)
class Client:
    """A client as one row of the table."""

    title: str
    """As readers know it; Markdown."""
    folder: str
    """Of its driver and its lock below `drivers`, and of its environment."""
    package: str
    """Whose version the table shows."""
    arguments: tuple[str, ...] = ()
    """What its driver is called with."""
    is_over_responses: bool = False
    """Whether all it does goes to `/v1/responses`."""
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    """Reasons why a check cannot pass, by the check's name."""

    @property
    def source(self) -> Path:
        """The folder with driver and lock."""
        return DRIVERS / self.folder

    @property
    def is_node(self) -> bool:
        """Whether it runs on Node; Python otherwise."""
        return (self.source / "package.json").is_file()

    @property
    def version(self) -> str:
        """The pinned version.

        Raises:
            LookupError: the lock does not pin the package.
        """
        if self.is_node:
            manifest: Any = json.loads((self.source / "package.json").read_text(encoding="utf-8"))
            return str(manifest["dependencies"][self.package])
        lock = (self.source / "requirements.txt").read_text(encoding="utf-8")
        if found := re.search(rf"(?m)^{re.escape(self.package)}==(\S+)", lock):
            return found[1]
        raise LookupError(f"{self.folder} does not pin {self.package}")


CLIENTS: Final = (
    Client("openai, Python", "openai_python", "openai"),
    Client("openai, Node", "openai_node", "openai"),
    Client(
        "langchain-openai", "langchain", "langchain-openai", limits={"sources": _DROPS_ANNOTATIONS}
    ),
    Client("llama-index-llms-openai-like", "llama_index", "llama-index-llms-openai-like"),
    Client("pydantic-ai", "pydantic_ai", "pydantic-ai-slim"),
    Client("instructor", "instructor", "instructor"),
    Client("openai-agents", "openai_agents", "openai-agents"),
    Client("llm, command line", "llm", "llm"),
    Client("gradio `load_chat`", "gradio", "gradio"),
    Client(
        "Vercel `ai`, @ai-sdk/openai, responses",
        "vercel",
        "@ai-sdk/openai",
        arguments=("responses",),
        is_over_responses=True,
    ),
    Client(
        "Vercel `ai`, @ai-sdk/openai, `.chat()`", "vercel", "@ai-sdk/openai", arguments=("chat",)
    ),
    Client(
        "Vercel `ai`, @ai-sdk/openai-compatible",
        "vercel",
        "@ai-sdk/openai-compatible",
        arguments=("compatible",),
        limits={"sources": _DROPS_ANNOTATIONS},
    ),
)
