"""What a caller may do and read."""

import pytest

from proxy.caller import Background, Caller
from proxy.errors import PermissionDenied


def test_a_role_includes_those_below_it() -> None:
    admin, reader = Caller("a", "admin"), Caller("r", "reader")
    admin.require("reader")
    admin.require("admin")
    reader.require("reader")
    with pytest.raises(PermissionDenied, match="author"):
        reader.require("author")


def test_books_bound_what_is_read() -> None:
    free, bound = Caller("f", "reader"), Caller("b", "reader", books=frozenset({"x", "y"}))
    assert free.readable(None) is None
    assert free.readable(["z"]) == ["z"]
    assert bound.readable(None) == ["x", "y"]
    assert bound.readable(["z", "y"]) == ["y"]
    assert free.may_read("z")
    assert not bound.may_read("z")


def test_a_background_covers_another_where_it_says_something() -> None:
    claimed, stored = Background("expert", "beginner"), Background(None, "advanced")
    assert claimed.overlaid(stored) == Background("expert", "advanced")
    assert claimed.overlaid(Background()) == claimed
