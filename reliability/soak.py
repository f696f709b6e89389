"""`make soak`: many slow streams at once, for minutes, every token of each checked."""

import argparse
import sys
import time

from reliability.stage import Stage, Verdict, lag_p99_s, outcome_of, staged

_GAP_MS = 200
"""Five tokens a second."""
_TOKENS = 200
_STREAM_S = _GAP_MS * _TOKENS / 1000


def soak(stage: Stage, streams: int, minutes: float) -> list[Verdict]:
    """Return what was measured."""
    model = f"gemini-paced-200-{_GAP_MS}-{_TOKENS}"
    warm = f"gemini-paced-1-1-{_TOKENS}"
    asked = ("--tokens", _TOKENS, "--kind", "chat")
    outcome_of(stage.read("--model", warm, "--readers", 20, "--seconds", 3, *asked))
    files, rss, before = stage.open_files(), stage.rss_bytes(), stage.metrics()
    ramp_s = min(15.0, streams / 60)
    seconds = max(minutes * 60 - _STREAM_S, ramp_s + 1)
    readers = stage.read(
        "--model", model, "--readers", streams, "--seconds", seconds, "--ramp", ramp_s, *asked,
        "--first-number", 1_000_000,
    )  # fmt: skip
    most, most_open = rss, 0
    while readers.process.poll() is None:
        time.sleep(1)
        most = max(most, stage.rss_bytes())
        most_open = max(most_open, stage.stats()["open"])
    seen = outcome_of(readers)
    lag_s = lag_p99_s(before, stage.metrics())
    problems = sum(seen["problems"].values())
    per_stream = (most - rss) / max(1, most_open)
    left, kb = stage.files_left(files), per_stream / 1e3
    return [
        Verdict("streams open at once", f"{most_open:,}", f"= {streams:,}", most_open == streams),
        Verdict("answers read to the letter", f"{seen['right']:,}", "", seen["right"] > 0),
        Verdict("tokens checked", f"{seen['tokens']:,}", "", seen["tokens"] > 0),
        Verdict("answers lost, doubled, cut or garbled", str(problems), "0", problems == 0),
        Verdict("memory of an open stream", f"{kb:.1f} kB", "≤ 100 kB", kb <= 100),
        Verdict("event loop lag, p99, at most", f"{lag_s * 1e3:g} ms", "≤ 50 ms", lag_s <= 0.05),
        Verdict("files still open afterwards", str(left), "≤ 0", left <= 0),
    ]


def main(argv: list[str]) -> int:
    """Print the figures; 1 when one is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m reliability soak")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--streams", type=int, default=1_000)
    asked = parser.parse_args(argv)
    with staged({"LOG_LEVEL": "WARNING"}) as stage:
        verdicts = soak(stage, asked.streams, asked.minutes)
    print(*verdicts, sep="\n")
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
