"""Counters and histograms that cost a request next to nothing, in Prometheus's form when asked.

prometheus_client's own take a lock for every step, and ten steps are 8 µs of every request
(`make bench-telemetry`). These belong to one event loop: a step is a look into a dictionary. What
they can be labelled with is bounded, for labels come from requests too.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

OTHER = "other"
"""What labels become once there are as many different ones as there may be."""
_MAX_SERIES = 200

Labels = tuple[str, ...]


class Tally(Collector):
    """A counter. Not for threads."""

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        *,
        registry: CollectorRegistry,
        max_series: int = _MAX_SERIES,
    ) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._max_series = max_series
        self._series: dict[Labels, float] = {} if labels else {(): 0.0}
        registry.register(self)

    def add(self, *labels: str, amount: float = 1.0) -> None:
        """Count; as many labels as there are names, in their order."""
        series = self._series
        if labels in series:
            series[labels] += amount
            return
        if len(series) >= self._max_series:
            labels = (OTHER,) * len(labels)
        series[labels] = series.get(labels, 0.0) + amount

    def value(self, *labels: str) -> float:
        """Return what was counted."""
        return self._series.get(labels, 0.0)

    def collect(self) -> Iterable[Metric]:
        """Return it as Prometheus wants it."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, value in self._series.items():
            family.add_metric(labels, value)
        return [family]


class _Series:
    __slots__ = ("counts", "sum")

    def __init__(self, buckets: int) -> None:
        self.counts = [0] * buckets
        self.sum = 0.0


class Spread(Collector):
    """A histogram; `bounds` are the upper ends of its buckets, in the unit of its name.

    Not for threads.
    """

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        *,
        bounds: Sequence[float],
        registry: CollectorRegistry,
        max_series: int = _MAX_SERIES,
    ) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._bounds = tuple(bounds)
        self._names = [*(str(float(bound)) for bound in bounds), "+Inf"]
        self._max_series = max_series
        self._series: dict[Labels, _Series] = {} if labels else {(): _Series(len(self._names))}
        registry.register(self)

    def observe(self, value: float, *labels: str) -> None:
        """Take a value in."""
        series = self._series.get(labels) or self._new(labels)
        series.counts[bisect_left(self._bounds, value)] += 1
        series.sum += value

    def count(self, *labels: str) -> int:
        """Return how many values were taken in."""
        series = self._series.get(labels)
        return sum(series.counts) if series else 0

    def _new(self, labels: Labels) -> _Series:
        if len(self._series) >= self._max_series:
            labels = (OTHER,) * len(labels)
        return self._series.setdefault(labels, _Series(len(self._names)))

    def collect(self) -> Iterable[Metric]:
        """Return it as Prometheus wants it."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, series in self._series.items():
            total, buckets = 0, list[tuple[str, float]]()
            for name, count in zip(self._names, series.counts, strict=True):
                total += count
                buckets.append((name, total))
            family.add_metric(labels, buckets, series.sum)
        return [family]


class Level(Collector):
    """A gauge that is read when it is asked for.

    `read` is set by whoever knows, and stands for the last of several in one process.
    """

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        *,
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self.read: Callable[[], Iterable[tuple[Labels, float]]] = list
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Return it as Prometheus wants it."""
        family = GaugeMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, value in self.read():
            family.add_metric(labels, value)
        return [family]
