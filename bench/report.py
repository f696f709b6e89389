"""From measurements to the one table: medians over the rounds, ratios, requirements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from bench.contenders import LITELLM, NGINX, PORTKEY, RELAY, RETRIEVAL
from bench.load import Mode

MODES: Final[tuple[Mode, ...]] = ("unary", "stream")
_PEERS: Final = ((LITELLM, "×LiteLLM"), (PORTKEY, "×Portkey"), (NGINX, "×nginx"))
_CONTENDER_IDLE: Final = 0.85
"""Share of its core below which something else than the contender set the pace."""
_EMBEDDINGS_PER_ANSWER: Final = 0.95
"""Of grounded answers; with fewer, something was answered from a cache. Below 1 for rounding."""
_FOREIGN_BUSY: Final = 0.05
"""Share of the cores used by other programs above which the figures are called disturbed."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of the load generator against one contender."""

    rps: float
    p50_ms: float | None
    p99_ms: float | None
    cpu_ms: float
    """CPU of the contender's processes per answered request, warm-up included."""
    contender_busy: float
    """Share of its core that the contender used."""
    harness_busy: float
    """Share of theirs that load generator, upstream and Qdrant used."""
    foreign_busy: float
    """Share of both that programs outside this run used."""
    embeddings: float
    """Embedding calls that reached the upstream per answered request."""
    errors: int
    first_error: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The rounds of one contender in one mode: medians, but all errors."""

    rps: float
    p50_ms: float | None
    p99_ms: float | None
    cpu_ms: float
    contender_busy: float
    harness_busy: float
    foreign_busy: float
    embeddings: float
    errors: int
    first_error: str
    rounds_rps: tuple[float, ...]

    @property
    def is_lower_bound(self) -> bool:
        """Whether the contender could have done more, had its surroundings been faster."""
        return self.contender_busy < _CONTENDER_IDLE


@dataclass(frozen=True, slots=True)
class Requirement:
    """`row` must be at least `factor` times as fast as `peer`."""

    row: str
    peer: str
    mode: Mode
    factor: float


REQUIREMENTS: Final = (
    Requirement(RELAY, LITELLM, "unary", 30.0),
    Requirement(RELAY, LITELLM, "stream", 40.0),
    Requirement(RELAY, PORTKEY, "unary", 2.0),
    Requirement(RELAY, PORTKEY, "stream", 2.5),
    Requirement(RETRIEVAL, PORTKEY, "stream", 1.0),
)

Results = Mapping[str, Mapping[Mode, Summary]]
"""By row, then by mode; a row that did not run is not there."""


def summarize(rounds: Sequence[Measurement]) -> Summary:
    """Return the summary of at least one round."""

    def middle(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return Summary(
        rps=median(one.rps for one in rounds),
        p50_ms=middle([one.p50_ms for one in rounds]),
        p99_ms=middle([one.p99_ms for one in rounds]),
        cpu_ms=median(one.cpu_ms for one in rounds),
        contender_busy=median(one.contender_busy for one in rounds),
        harness_busy=median(one.harness_busy for one in rounds),
        foreign_busy=median(one.foreign_busy for one in rounds),
        embeddings=median(one.embeddings for one in rounds),
        errors=sum(one.errors for one in rounds),
        first_error=next((one.first_error for one in rounds if one.first_error), ""),
        rounds_rps=tuple(one.rps for one in rounds),
    )


def ratio(results: Results, row: str, peer: str, mode: Mode) -> float | None:
    """Return how many times as many requests `row` answers as `peer`, None where one is missing."""
    if row not in results or peer not in results:
        return None
    base = results[peer][mode].rps
    return results[row][mode].rps / base if base else None


def verdict(results: Results, requirement: Requirement) -> bool | None:
    """Return whether a requirement holds, None when it could not be measured."""
    value = ratio(results, requirement.row, requirement.peer, requirement.mode)
    return None if value is None else value >= requirement.factor


def table(results: Results, absent: Mapping[str, str]) -> str:
    """Return the table; `absent` says of each row that did not run why not."""
    units = ["req/s", "p50", "p99", "CPU", *(title for _, title in _PEERS)]
    head = ["", *units, "streams/s", *units[1:]]
    body = [_row(results, name) for name in results]
    missing = [[name, f"did not run: {why}"] for name, why in absent.items()]
    widths = [max(len(cells[column]) for cells in (head, *body)) for column in range(len(head))]
    widths[0] = max(widths[0], *(len(cells[0]) for cells in missing), 0)
    left = sum(widths[:8]) + 2 * 7
    lines = [
        (
            f"{'':{widths[0]}}  {' one answer ':─^{left - widths[0] - 2}}"
            f"  {' stream of 50 chunks ':─^{sum(widths[8:]) + 2 * 6}}"
        ),
        *(_line(cells, widths) for cells in (head, *body)),
        *(f"{name:<{widths[0]}}  {why}" for name, why in missing),
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = f"{cells[0]:<{widths[0]}}"
    rest = zip(cells[1:], widths[1:], strict=True)
    return "  ".join([first, *(f"{cell:>{width}}" for cell, width in rest)]).rstrip()


def _row(results: Results, name: str) -> list[str]:
    cells = [name]
    for mode in MODES:
        summary = results[name][mode]
        bound = "≥ " if summary.is_lower_bound else ""
        cells += [bound + _figure(summary.rps), _figure(summary.p50_ms), _figure(summary.p99_ms)]
        cells += [
            _figure(summary.cpu_ms),
            *(_ratio(results, name, peer, mode) for peer, _ in _PEERS),
        ]
    return cells


def _ratio(results: Results, name: str, peer: str, mode: Mode) -> str:
    value = ratio(results, name, peer, mode)
    failed = any(
        (one.row, one.peer, one.mode) == (name, peer, mode) and verdict(results, one) is False
        for one in REQUIREMENTS
    )
    return _figure(value) + (" ✗" if failed else "")


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def footer(results: Results, rounds: int, seconds: float, connections: int) -> list[str]:
    """Return what one must know to read the table."""
    measured = [summary for modes in results.values() for summary in modes.values()]
    lines = [
        (
            f"Medians of {rounds} interleaved rounds of {seconds:g} s; {connections} connections; "
            "one worker each; every response verified."
        ),
        (
            "p50, p99: ms until the whole answer or stream was there. CPU: ms of the contender per "
            "answer. ×: times as many per second."
        ),
        "nginx relays an OpenAI upstream's bytes and translates nothing.",
        (
            "Portkey sends no [DONE], and sleeps 25 ms in every stream: C connections get at most "
            "40 × C streams/s out of it (try --connections 64)."
        ),
    ]
    if any(one.is_lower_bound for one in measured):
        lines.append(
            f"≥: used less than {_CONTENDER_IDLE:.0%} of its core, so its surroundings set the "
            "pace: it may be faster."
        )
    foreign = max((one.foreign_busy for one in measured), default=0.0)
    if foreign > _FOREIGN_BUSY:
        lines.append(f"Disturbed: other programs used up to {foreign:.0%} of the two cores.")
    return lines


def requirement_lines(results: Results) -> list[str]:
    """Return one line per requirement, marked ✓, ✗ or (not measured) –."""
    marks = {True: "✓", False: "✗", None: "–"}
    lines: list[str] = []
    for one in REQUIREMENTS:
        value = ratio(results, one.row, one.peer, one.mode)
        measured = "not measured" if value is None else f"{value:.2f}×"
        what = "requests" if one.mode == "unary" else "streams"
        wanted = f"{one.row}, {what}: at least {one.factor:g}× {one.peer}"
        lines.append(f"{marks[verdict(results, one)]} {wanted:<58} {measured}")
    return lines


def error_lines(results: Results) -> list[str]:
    """Return one line per row and mode in which anything went wrong."""
    cached = [
        f"! {name}, {mode}: only {summary.embeddings:.2f} embedding calls per answer"
        for name, modes in results.items()
        for mode, summary in modes.items()
        if name == RETRIEVAL and summary.embeddings < _EMBEDDINGS_PER_ANSWER
    ]
    return cached + [
        f"! {name}, {mode}: {summary.errors} errors, the first: {summary.first_error[:400]!r}"
        for name, modes in results.items()
        for mode, summary in modes.items()
        if summary.errors
    ]


def as_json(results: Results, absent: Mapping[str, str], about: Mapping[str, Any]) -> Any:
    """Return everything that was measured, for `--json`."""
    return {
        "about": dict(about),
        "results": {
            name: {
                mode: {field: getattr(summary, field) for field in Summary.__slots__}
                | {"vs": {peer: ratio(results, name, peer, mode) for peer, _ in _PEERS}}
                for mode, summary in modes.items()
            }
            for name, modes in results.items()
        },
        "did_not_run": dict(absent),
        "requirements": [
            {
                "row": one.row,
                "peer": one.peer,
                "mode": one.mode,
                "at_least": one.factor,
                "measured": ratio(results, one.row, one.peer, one.mode),
                "holds": verdict(results, one),
            }
            for one in REQUIREMENTS
        ],
    }
