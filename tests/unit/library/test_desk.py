"""What the desk refuses before anything is kept."""

import pytest

from proxy.caller import Caller
from proxy.errors import Conflict, InvalidRequest, NotFound, PermissionDenied, ProxyError
from proxy.library.desk import Desk
from proxy.library.orders import Order
from tests.support.stores import away

AUTHOR = Caller("ann", "author", frozenset({"mine"}))


@pytest.mark.parametrize(
    ("caller", "book", "is_read_only", "failure"),
    [
        (Caller("rob", "reader"), "mine", False, PermissionDenied),
        (AUTHOR, "../mine", False, InvalidRequest),
        (AUTHOR, "theirs", False, NotFound),
        (AUTHOR, "mine", True, Conflict),
        (Caller("rob", "reader"), "mine", True, PermissionDenied),
    ],
)
async def test_a_book_that_a_caller_may_not_change_is_refused(
    caller: Caller, book: str, *, is_read_only: bool, failure: type[ProxyError]
) -> None:
    woken: list[None] = []
    desk = Desk(away(), lambda: woken.append(None), is_read_only)
    with pytest.raises(failure):
        await desk.order(caller, book, Order())
    assert woken == []
