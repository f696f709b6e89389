"""The same in quite other words."""

from collections.abc import Iterator

import pytest

from proxy.adapters.local.embedder import LocalEmbedder
from proxy.errors import UpstreamTimeout
from proxy.rag.markers import MarkerScanner
from proxy.rag.verification.answer import CheckedAnswer, check_answer
from proxy.rag.verification.meaning import heard_again
from tests.support.builders import make_passages
from tests.support.core_ports import LengthEmbedder

PASSAGES = make_passages("The physician examined the infant.", "The keeper is called Ada.", "")
SAME = "A doctor checked that baby [1]."
OTHER = "Whales sing in warm oceans [1]."


@pytest.fixture(scope="module")
def embedder() -> Iterator[LocalEmbedder]:
    opened = LocalEmbedder(threads=1)
    yield opened
    opened.close()


def checked(answer: str) -> CheckedAnswer:
    scanner = MarkerScanner(len(PASSAGES))
    text = scanner.feed(answer) + scanner.finish()
    return check_answer(text, scanner.markers, PASSAGES)


async def test_what_means_the_same_is_cleared_and_nothing_else(embedder: LocalEmbedder) -> None:
    doubted = checked(f"{SAME} {OTHER} Whales dance in cold rivers [2].")
    assert len(doubted.unsupported) == 3
    outcome = await heard_again(doubted, PASSAGES, embedder)
    assert [bool(claim.reasons) for claim in outcome.claims] == [False, True, True]
    assert outcome.lines == doubted.lines


async def test_an_empty_passage_means_nothing(embedder: LocalEmbedder) -> None:
    doubted = checked("Whales dance [3].")
    assert await heard_again(doubted, PASSAGES, embedder) is doubted


async def test_an_embedder_that_fails_clears_nothing() -> None:
    doubted = checked(SAME)
    failing = LengthEmbedder(fails_with=UpstreamTimeout("slow"))
    assert await heard_again(doubted, PASSAGES, failing) is doubted


async def test_where_nothing_is_in_doubt_nothing_is_embedded() -> None:
    embedder = LengthEmbedder()
    fine = checked("The keeper is called Ada [2].")
    assert await heard_again(fine, PASSAGES, embedder) is fine
    assert embedder.asked == []
