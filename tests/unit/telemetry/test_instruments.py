"""Our instruments show what prometheus_client's would, and have no more series than they may."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from proxy.telemetry.instruments import OTHER, Level, Spread, Tally

BOUNDS = (0.1, 1.0, 2.5)
LABELS = st.sampled_from(["a", 'quoted "b"', "c\\d\ne", "ü"])


def _lines(registry: CollectorRegistry) -> set[str]:
    text = generate_latest(registry).decode()
    return {line for line in text.splitlines() if "_created" not in line}


@given(st.lists(st.tuples(LABELS, st.floats(0, 10))))
def test_they_are_exposed_as_prometheus_clients_own(seen: list[tuple[str, float]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("things", "How many.", ["kind"], registry=ours)
    spread = Spread("size_meters", "How large.", ["kind"], bounds=BOUNDS, registry=ours)
    counter = Counter("things", "How many.", ["kind"], registry=theirs)
    histogram = Histogram("size_meters", "How large.", ["kind"], buckets=BOUNDS, registry=theirs)
    for kind, value in seen:
        tally.add(kind, amount=value)
        spread.observe(value, kind)
        counter.labels(kind).inc(value)
        histogram.labels(kind).observe(value)
    assert _lines(ours) == _lines(theirs)


def test_labels_that_clients_make_up_become_one_series() -> None:
    registry = CollectorRegistry()
    tally = Tally("things", "How many.", ["kind", "size"], registry=registry, max_series=10)
    spread = Spread("s", "How large.", ["kind"], bounds=(1,), registry=registry, max_series=10)
    for number in range(100):
        tally.add(f"kind-{number}", "large")
        spread.observe(0.5, f"kind-{number}")
    assert tally.value("kind-9", "large") == 1
    assert tally.value(OTHER, OTHER) == 90
    assert spread.count(OTHER) == 90
    assert len(_lines(registry)) < 100


def test_a_level_is_read_when_it_is_asked_for() -> None:
    registry = CollectorRegistry()
    level = Level("open_doors", "How many.", ["house"], registry=registry)
    assert b"open_doors{" not in generate_latest(registry)
    level.read = lambda: [(("a",), 3.0)]
    assert b'open_doors{house="a"} 3.0' in generate_latest(registry)


def test_what_has_no_labels_is_there_from_the_start() -> None:
    registry = CollectorRegistry()
    tally = Tally("things", "How many.", registry=registry)
    spread = Spread("s", "How large.", bounds=(1,), registry=registry)
    assert b"things_total 0.0" in generate_latest(registry)
    tally.add()
    spread.observe(2)
    assert (tally.value(), spread.count()) == (1, 1)
