"""What settings are made of: lists, addresses, keys; and the frozen base of their groups."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _split_commas(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def _strip_slash(value: object) -> object:
    return value.rstrip("/") if isinstance(value, str) else value


def _fits_a_header(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", key.get_secret_value()):
        raise ValueError("a key has no spaces, line breaks or letters beyond ASCII")
    return key


def _without_prefix(value: object) -> object:
    return value.removeprefix("models/") if isinstance(value, str) else value


def _bare_origins(value: object) -> object:
    """Return a list of origins as browsers write them: without a slash at the end."""
    parts = _split_commas(value)
    if not isinstance(parts, list):
        return value
    return [origin.rstrip("/") for origin in cast("list[str]", parts)]


OriginList = Annotated[tuple[str, ...], BeforeValidator(_bare_origins)]
StringList = Annotated[tuple[str, ...], BeforeValidator(_split_commas)]
SecretList = Annotated[tuple[SecretStr, ...], BeforeValidator(_split_commas)]
BaseUrl = Annotated[
    str, BeforeValidator(_strip_slash), Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")
]
Key = Annotated[SecretStr, AfterValidator(_fits_a_header)]
ModelName = Annotated[str, Field(pattern=r"^[!-~]{1,256}$")]
"""It goes into a response header."""
GeminiModelName = Annotated[ModelName, BeforeValidator(_without_prefix)]
CloudProject = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
CloudLocation = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
"""It becomes part of a host's name."""


SearchMode = Literal["hybrid", "rrf", "dense", "bm25"]
"""By meaning and by words (scores or ranks added up), by meaning alone, by words alone."""


def _split_assignments(value: object) -> object:
    """Return `a=x, b=y` as a mapping; what has no `=` stays, and is refused as no mode."""
    parts = _split_commas(value)
    if not isinstance(parts, list):
        return value
    pairs = [part.partition("=") for part in cast("list[str]", parts)]
    return {name.strip(): mode.strip() for name, _, mode in pairs}


SearchModes = Annotated[Mapping[str, SearchMode], BeforeValidator(_split_assignments)]


class Group(BaseModel):
    """Base of every group: frozen; an environment has more in it than our variables."""

    model_config = ConfigDict(
        frozen=True, populate_by_name=False, extra="ignore", allow_inf_nan=False
    )
