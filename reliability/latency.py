"""`make bench-latency`: how long readers wait for a whole answer, and how much of it is ours.

Fifty readers at once; the upstream needs 600 ms to its first token and then says 100 a second, 150
in all; a question takes 150 ms to embed. What the upstream and the embedding took is measured there
and taken off, request by request.
"""

import argparse
import sys

from reliability.stage import ROOT, Stage, Verdict, outcome_of, percentile, staged

_READERS = 50
_TOKENS = 150
_MODEL = f"gemini-paced-600-10-{_TOKENS}"
_WHOLE_S = 3.0
_OURS_S = 0.025
_NAMES = {"whole": "/api/chat", "site": "/api/chat/stream", "chat": "streamed completion"}


def measure(stage: Stage, kind: str, seconds: float, first_number: int) -> list[Verdict]:
    """Return the figures of one way to ask."""
    seen = outcome_of(
        stage.read(
            "--model",
            _MODEL,
            "--tokens",
            _TOKENS,
            "--readers",
            _READERS,
            "--kind",
            kind,
            "--rag",
            "--ramp",
            2,
            "--seconds",
            seconds,
            "--first-number",
            first_number,
        )
    )
    problems = sum(seen["problems"].values())
    name = _NAMES[kind]
    if problems or not seen["took_s"]:
        return [
            Verdict(f"{name}: wrong answers {seen['problems']}", str(problems), "0", holds=False)
        ]
    stats = stage.stats()
    took = {int(number): took_s for number, took_s in seen["took_s"].items()}
    ours = [
        took_s - stats["answering_s"][str(number)] - stats["embedding_s"][str(number)]
        for number, took_s in took.items()
    ]
    whole_s, ours_s = percentile(list(took.values()), 0.95), percentile(ours, 0.95)
    middle = f"{percentile(ours, 0.5) * 1e3:.1f} ms"
    return [
        Verdict(f"{name}: answers", f"{len(took):,}", "none wrong", holds=True),
        Verdict(f"{name}: whole, p95", f"{whole_s:.3f} s", "< 3 s", whole_s < _WHOLE_S),
        Verdict(f"{name}: added by us, p50", middle, "", holds=True),
        Verdict(
            f"{name}: added by us, p95", f"{ours_s * 1e3:.1f} ms", "≤ 25 ms", ours_s <= _OURS_S
        ),
    ]


def main(argv: list[str]) -> int:
    """Print the figures; 1 when one is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m reliability latency")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each way to ask")
    asked = parser.parse_args(argv)
    verdicts: list[Verdict] = []
    with staged({"LOG_LEVEL": "WARNING"}, book=ROOT / "docs") as stage:
        for number, kind in enumerate(_NAMES, 1):
            measure(stage, kind, 3.0, number * 1_000_000)  # warm
            verdicts += measure(stage, kind, asked.seconds, number * 1_000_000 + 500_000)
    print(*verdicts, sep="\n")
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
