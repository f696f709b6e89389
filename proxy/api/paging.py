"""OpenAI's lists: a page of objects, and where the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query

from proxy.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted."""

    limit: Annotated[int, Query(ge=1, le=100)] = 20
    order: Literal["asc", "desc"] = "desc"
    after: Annotated[str | None, Query(max_length=64)] = None
    before: Annotated[str | None, Query(max_length=64)] = None

    def page(self, objects: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the page of objects that are in ascending order.

        Raises:
            InvalidRequest: `after` or `before` is none of them.
        """
        ordered = list(objects if self.order == "asc" else reversed(objects))
        ids = [one["id"] for one in ordered]
        start = 0 if self.after is None else _place(ids, self.after, "after") + 1
        end = len(ids) if self.before is None else _place(ids, self.before, "before")
        if self.before is not None and self.after is None:
            start = max(0, end - self.limit)
        shown = ordered[start:end][: self.limit]
        return list_object(shown, has_more=start + len(shown) < end)


def list_object(objects: Sequence[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """Return a page as OpenAI's clients read it."""
    return {
        "object": "list",
        "data": list(objects),
        "first_id": objects[0]["id"] if objects else None,
        "last_id": objects[-1]["id"] if objects else None,
        "has_more": has_more,
    }


def _place(ids: Sequence[str], wanted: str, param: str) -> int:
    if wanted not in ids:
        raise InvalidRequest(f"'{param}' is no id of this list.", param=param)
    return ids.index(wanted)
