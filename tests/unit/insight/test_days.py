"""Questions by day."""

from datetime import date

from proxy.insight.days import by_day
from tests.support.interactions import interaction


def test_days_without_questions_are_days_too() -> None:
    asked = [
        interaction("a", "grounded"),
        interaction("b", "no-match"),
        interaction("c", "off", hours_ago=48),
        interaction("texts to embed", "", hours_ago=48),
        interaction("d", "grounded", hours_ago=24 * 30),
    ]
    days = by_day(asked, first=date(2026, 11, 18), last=date(2026, 11, 20))
    assert [(one.day.day, dict(one.by_status)) for one in days] == [
        (18, {"off": 1}),
        (19, {}),
        (20, {"grounded": 1, "no-match": 1}),
    ]
