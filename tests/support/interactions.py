"""Lines of a log of questions."""

from datetime import UTC, datetime, timedelta

from proxy.store import Interaction, SeenPassage, UsageCount

LAST = datetime(2026, 11, 20, 12, tzinfo=UTC)


def interaction(
    question: str, rag_status: str = "no-match", *passages: SeenPassage, hours_ago: int = 0
) -> Interaction:
    """Return a line."""
    return Interaction(
        when=LAST - timedelta(hours=hours_ago),
        caller_id="a",
        request_id="req_1",
        model="m",
        status="complete",
        question=question,
        answer="An answer.",
        count=UsageCount(1, 5, 6),
        rag_status=rag_status,
        passages=passages,
    )


def passage(title: str, *, cited: bool = False) -> SeenPassage:
    """Return a passage of the book `pumps`."""
    return SeenPassage("pumps", title, f"https://pumps.example/{title.lower()}", cited)
