"""The tools of a `/v1/responses` request: functions and custom tools, flat, and `file_search`.

`file_search` is this proxy's own trade: it means the books, its `vector_store_ids` are book ids.
OpenAI's other hosted tools are refused by name.

Source: `openai.types.responses.tool_param`, `.tool_choice_*_param` (3.51).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StrictFloat, StrictInt, Tag, model_validator
from pydantic_core import PydanticCustomError

from proxy.protocol.rag_options import MAX_TOP_K
from proxy.protocol.tags import type_tag
from proxy.protocol.tools import MAX_TOOLS, CustomDefinition, FunctionDefinition, choice_tag
from proxy.protocol.wire import Name, Wire


class FlatFunctionTool(FunctionDefinition):
    """A function as a tool."""

    type: Literal["function"]


class FlatCustomTool(CustomDefinition):
    """A tool that takes free text."""

    type: Literal["custom"]


class RankingOptions(Wire):
    """Which passages are good enough."""

    score_threshold: Annotated[StrictFloat, Field(ge=0.0, le=1.0)] | None = None


class FileSearchTool(Wire):
    """The books."""

    type: Literal["file_search"]
    vector_store_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=64)
    ]
    """Ids of books; none: all of them."""
    max_num_results: Annotated[StrictInt, Field(ge=1, le=MAX_TOP_K)] | None = None
    ranking_options: RankingOptions | None = None
    filters: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _has_no_filters(self) -> Self:
        if self.filters:
            raise PydanticCustomError(
                "unsupported_parameter",
                "Filters cannot be applied: name the books to search",
                {"param": "filters"},
            )
        return self

    @property
    def rag(self) -> dict[str, Any]:
        """Return it as retrieval options."""
        ranking = self.ranking_options
        options = {
            "enabled": True,
            "books": list(self.vector_store_ids) or None,
            "top_k": self.max_num_results,
            "min_score": (ranking.score_threshold if ranking else None) or None,
        }
        return {name: value for name, value in options.items() if value is not None}


FlatTool = Annotated[
    Annotated[FlatFunctionTool, Tag("<function>")]
    | Annotated[FlatCustomTool, Tag("<custom>")]
    | Annotated[FileSearchTool, Tag("<file_search>")],
    Discriminator(
        type_tag,
        custom_error_type="unsupported_tool",
        custom_error_message="Tools are of the type function, custom or file_search here",
    ),
]
FlatTools = Annotated[list[FlatTool], Field(max_length=MAX_TOOLS, fail_fast=True)]


class FlatChoice(Wire):
    """`tool_choice` as an object."""

    type: Literal["function", "custom", "allowed_tools", "file_search"]
    name: Name | None = None
    mode: Literal["auto", "required"] = "auto"
    tools: Annotated[list[dict[str, Any]], Field(max_length=MAX_TOOLS)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        wanted = {"function": "name", "custom": "name", "allowed_tools": "tools"}.get(self.type)
        if wanted is not None and getattr(self, wanted) is None:
            raise PydanticCustomError("missing", "Field required", {"param": wanted})
        if self.type == "allowed_tools" and self.mode == "required" and not self.tools:
            raise PydanticCustomError(
                "invalid_value", "A tool is required and none is allowed", {"param": "tools"}
            )
        return self


FlatChoiceParam = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("<word>")]
    | Annotated[FlatChoice, Tag("<object>")],
    Discriminator(choice_tag),
]
