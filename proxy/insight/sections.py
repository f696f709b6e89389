"""How the sections of the books serve: given to the model, cited, liked. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proxy.store import Interaction, RatedAnswer


@dataclass(slots=True)
class SectionUse:
    """How one section served."""

    book: str
    title: str
    url: str | None
    given: int = 0
    """How many answers could rest on it."""
    cited: int = 0
    """How many did."""
    liked: int = 0
    disliked: int = 0
    """How many readers thought so of an answer that cites it."""


def sections_used(
    interactions: Iterable[Interaction], ratings: Iterable[RatedAnswer]
) -> Sequence[SectionUse]:
    """Return the sections that were ever given to the model, the most cited first."""
    found: dict[tuple[str, str | None], SectionUse] = {}
    for one in interactions:
        if one.rag_status != "grounded":
            continue
        cited = {(seen.title, seen.url) for seen in one.passages if seen.is_cited}
        for seen in {(seen.title, seen.url): seen for seen in one.passages}.values():
            key = (seen.title, seen.url)
            section = found.setdefault(key, SectionUse(seen.book, seen.title, seen.url))
            section.given += 1
            section.cited += key in cited
    for rating in ratings:
        for key in {(str(one.get("title")), one.get("page_url")) for one in rating.citations}:
            if (section := found.get(key)) is not None:
                section.liked += rating.rating == "positive"
                section.disliked += rating.rating == "negative"
    return sorted(found.values(), key=lambda one: (-one.cited, -one.given, one.title))
