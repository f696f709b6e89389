"""Ways in for tests of what is behind them: no limits but a number of places."""

from proxy.api.entry import Entry
from proxy.caller import Allowance, Caller
from proxy.limits.accounts import Accounts
from proxy.limits.gate import Demand, Gate, QuestionLog
from proxy.limits.windows import RateWindows
from proxy.state import Admission
from tests.support.stores import away


def open_gate(question_log: QuestionLog = "off") -> Gate:
    """Return a gate that lets everybody in; its store is away."""
    accounts = Accounts(away(), always=False)
    return Gate(
        RateWindows(), accounts, allowance=Allowance(), share=None, question_log=question_log
    )


def demand(caller: Caller | None = None, text: str = "why?", address: str = "127.0.0.1") -> Demand:
    """Return what a caller is about to ask."""
    return Demand(caller or Caller("jwt:ann", "reader"), address, "req_1", "m", lambda: text)


def open_entry(*, places: int = 1) -> Entry:
    """Return a way in through an open gate."""
    return Entry(Admission(limit=places), open_gate(), demand())
