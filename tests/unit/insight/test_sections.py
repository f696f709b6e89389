"""How the sections of a book serve."""

from proxy.insight.sections import SectionUse, sections_used
from proxy.store import RatedAnswer
from proxy.store.conversations import Rating
from tests.support.interactions import LAST, interaction, passage


def rated(rating: Rating, title: str) -> RatedAnswer:
    cited = {"title": title, "page_url": f"https://pumps.example/{title.lower()}"}
    return RatedAnswer(
        when=LAST, rating=rating, comment=None, question="?", answer="!", citations=(cited, cited)
    )


def section(title: str, given: int, cited: int, liked: int = 0, disliked: int = 0) -> SectionUse:
    url = f"https://pumps.example/{title.lower()}"
    return SectionUse("pumps", title, url, given, cited, liked, disliked)


def test_sections_are_counted_once_an_answer() -> None:
    asked = [
        interaction("?", "grounded", passage("Valves", cited=True), passage("Valves")),
        interaction("?", "grounded", passage("Valves"), passage("Seals")),
    ]
    assert list(sections_used(asked, [])) == [section("Valves", 2, 1), section("Seals", 1, 0)]


def test_what_only_came_close_was_not_given() -> None:
    assert list(sections_used([interaction("?", "no-match", passage("Valves"))], [])) == []


def test_ratings_count_for_the_sections_that_an_answer_cites() -> None:
    asked = [interaction("?", "grounded", passage("Valves", cited=True))]
    ratings = [rated("positive", "Valves"), rated("negative", "Valves"), rated("negative", "Else")]
    assert list(sections_used(asked, ratings)) == [section("Valves", 1, 1, 1, 1)]
