"""Which passages the markers of a text name, found by the places that annotations tell."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_NUMBER = re.compile(r"\d+")


def numbers_cited(text: str, annotation: Mapping[str, Any]) -> Sequence[int]:
    """Return the numbers in one annotation's place in the text; `[n]` is the n-th passage."""
    place = annotation.get("url_citation", {})
    marker = text[place.get("start_index", 0) : place.get("end_index", 0)]
    return [int(number) for number in _NUMBER.findall(marker)]
