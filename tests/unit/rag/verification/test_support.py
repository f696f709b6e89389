"""Cited sentences beside their passages: what is altered is flagged, what is faithful is not.

`cited_sentences.jsonl` has passages of the manual, each with a paraphrase that is faithful to it
and with others in which a number, a denial or a name was altered. The rules were made with the part
`development`; `held-out` was written afterwards. The first time that was measured, 39 of 46 altered
sentences were flagged and 2 of 26 faithful ones; what they showed was then corrected.
`cited_debian_policy.jsonl` has the same for Debian's policy manual, whose text is read from the
package `debian-policy` where that is installed.
"""

import gzip
import json
import re
import string
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxy.corpus import Chunk
from proxy.rag.verification.evidence import evidence_of
from proxy.rag.verification.plain_text import lines_of
from proxy.rag.verification.support import Reason, judged
from tests.support.builders import make_chunk
from tests.support.repository import ROOT

DATA = Path(__file__).parents[3] / "data"
POLICY = Path("/usr/share/doc/debian-policy/policy.txt.gz")
SECTION_CHARS = 1_800


@dataclass(frozen=True)
class Measured:
    """Shares, 0 … 1."""

    altered: float
    faithful: float
    """Flagged though they are faithful."""


def faults(sentence: str, *passages: Chunk) -> tuple[Reason, ...]:
    return judged(sentence, [evidence_of(passage) for passage in passages]).reasons


def records(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def measured(cases: list[tuple[Chunk, dict[str, Any]]]) -> Measured:
    altered = [
        bool(faults(said, chunk)) for chunk, case in cases for said in case["altered"].values()
    ]
    faithful = [bool(faults(case["faithful"], chunk)) for chunk, case in cases]
    return Measured(sum(altered) / len(altered), sum(faithful) / len(faithful))


def manual(part: str) -> list[tuple[Chunk, dict[str, Any]]]:
    return [
        (make_chunk(case["passage"], heading_path=tuple(case["headings"])), case)
        for case in records("cited_sentences.jsonl")
        if part in (case["part"], "all")
    ]


def test_of_altered_sentences_most_are_flagged_and_of_faithful_ones_hardly_any() -> None:
    shares = measured(manual("all"))
    assert shares.altered >= 0.80
    assert shares.faithful <= 0.05


def test_the_rules_hold_on_what_they_were_not_made_with() -> None:
    shares = measured(manual("held-out"))
    assert shares.altered >= 0.80
    assert shares.faithful <= 0.05


@pytest.mark.skipif(not POLICY.exists(), reason="the package debian-policy is not installed")
def test_the_rules_hold_for_another_manual() -> None:
    text = gzip.decompress(POLICY.read_bytes()).decode()
    cases: list[tuple[Chunk, dict[str, Any]]] = []
    for case in records("cited_debian_policy.jsonl"):
        start = text.rindex(case["section"])
        heading, _, body = text[start : start + SECTION_CHARS].partition("\n")
        marked = re.sub(r'"([^"\n]+)"', r"`\1`", body.partition("\n")[2])
        cases.append((make_chunk(marked, heading_path=("Debian Policy", heading)), case))
    shares = measured(cases)
    assert shares.altered >= 0.70
    assert shares.faithful <= 0.05


def test_a_sentence_beside_another_passage_is_flagged() -> None:
    cases = manual("all")
    wrong = [
        bool(faults(case["faithful"], other))
        for chunk, case in cases
        for other, _ in cases
        if other.heading_path[0] != chunk.heading_path[0]
    ]
    assert sum(wrong) / len(wrong) >= 0.95


def test_what_the_manual_says_supports_itself() -> None:
    flagged: list[str] = []
    sentences = 0
    for page in (ROOT / "docs").rglob("*.md"):
        for section in re.split(r"(?m)^(?=## )", page.read_text(encoding="utf-8")):
            heading, _, text = section.partition("\n")
            chunk = make_chunk(text, heading_path=("Manual", heading.strip("# ")))
            said = [line.text for line in lines_of(text) if line.is_prose]
            flagged += [sentence for sentence in said if faults(sentence, chunk)]
            sentences += len(said)
    assert sentences > 500
    assert len(flagged) <= sentences // 200, flagged


PUMP = make_chunk(
    "The pump starts below two bar. It must not run dry for more than 30 seconds.\n\n"
    "| Part | Life |\n| --- | --- |\n| `seal-kit` | 5 years |\n\n"
    "```sh\npumpctl --start\n```\n\nRead “Safety first” by Quillon before you open the valve.",
    heading_path=("Starting the pump", "May the pump run dry?"),
)


@pytest.mark.parametrize(
    ("sentence", "reasons"),
    [
        ("The pump starts below two bar.", []),
        ("The pump starts below 2 bar.", []),
        ("The pump starts below three bar.", ["number"]),
        ("It must not run dry for more than 30 minutes.", ["unit"]),
        ("The pump may run dry for more than 30 seconds.", ["negation", "opposite"]),
        ("The pump never starts below two bar.", ["negation"]),
        ("The pump starts above two bar.", ["opposite"]),
        ("The `seal-kit` lasts 5 years.", []),
        ("The `gasket-kit` lasts 5 years.", ["name"]),
        ("Before you open the valve, read Grundfos.", ["name"]),
        ('Read "Safety first" before you open the valve.', []),
        ('Read "Safety notes" before you open the valve.', ["quote"]),
        ("Whales sing to each other across oceans.", ["words"]),
        ("```sh\npumpctl --start\n```", []),
        ("```py\nimport whales\n```", ["words"]),
        ("Yes.", []),
    ],
)
def test_the_reason_is_named(sentence: str, reasons: list[Reason]) -> None:
    assert list(faults(sentence, PUMP)) == reasons


@pytest.mark.parametrize(
    ("sentence", "passage", "reasons"),
    [
        (
            "The motor has three poles.",
            "The motor of two cars has four poles, and three lids.",
            ["number"],
        ),
        ("There are two kinds of lids.", "Lids are of brass or of steel.", []),
        ("The motor runs on 64 V.", "The motor runs on 64 VDC.", []),
        ("A majority of three to one is needed.", "They need a majority of 3:1.", []),
        ("It was founded in the United States.", "It was founded in the U.S. in May.", []),
        ("It was founded in the United Kingdom.", "It was founded in the U.S. in May.", ["name"]),
        (
            "The pump provides a way to lock it.",
            "**How do I lock the pump?**\n\nThe pump does not provide a way to do it.",
            ["negation"],
        ),
        ("Use `git clone --depth`.", "Use the option `--depth` of git-clone(1).", []),
        ("Scurvy is cured by vitamin C.", "Vitamin C cures scurvy.", []),
        ("Scurvy is cured by vitamin K.", "Vitamin C cures scurvy.", ["name"]),
        ("Water freezes below 273 K.", "Below 273 K water freezes.", []),
        ("Gold is heavier than silver.", "Silver is lighter than gold.", []),
        ("Silver is heavier than gold.", "Silver is lighter than gold.", ["opposite"]),
        ("They need a majority of 3 to 7.", "They need a majority of 3:1.", ["number"]),
        ("Its range is 100 km.", "The lidar has a range of 100 m.", ["unit"]),
        (
            "A reader may call it twice.",
            "A reader MUST NOT call it twice.",
            ["negation", "opposite"],
        ),
        ("See listing 19-4 for the pump.", "The pump is shown in listing 19-5.", ["number"]),
        ("The therapy had four sessions.", "It was a brief 4-session therapy.", []),
        (
            "The rear pump runs at 5 bar.",
            "The valve opens at 5 bar. The rear pump runs at 7 bar, as does the spare one.",
            ["number"],
        ),
        (
            "`open_valve` empties the tank.",
            "`close_valve` empties the tank. `open_valve` lets water into the pipe.",
            ["name"],
        ),
    ],
)
def test_what_else_is_compared(sentence: str, passage: str, reasons: list[Reason]) -> None:
    assert list(faults(sentence, make_chunk(passage, heading_path=("Pump",)))) == reasons


def test_a_sentence_may_rest_on_two_passages() -> None:
    other = make_chunk("The valve closes at four bar.", heading_path=("Valve",))
    sentence = "The pump starts below two bar and the valve closes at four bar."
    assert faults(sentence, PUMP) == ("number",)
    assert faults(sentence, PUMP, other) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "پمپ 2 بار سے نیچے خود شروع ہوتا ہے۔",  # noqa: RUF001 - Urdu
        "تبدأ المضخة تحت 2 بار.",
        "水泵在2巴以下启动。",
        "Die Pumpe startet, wenn der Druck unter 2 bar fällt, und sie ist nicht laut.",
    ],
)
def test_in_another_language_only_numbers_and_code_are_compared(sentence: str) -> None:
    assert faults(sentence, PUMP) == ()
    assert faults(sentence.replace("2", "7"), PUMP) == ("number",)
    assert faults(f"{sentence} `pumpctl --halt`", PUMP) == ("name",)


def test_a_book_in_another_language_is_compared_word_by_word() -> None:
    passage = make_chunk("水泵在两巴以下自动启动。", heading_path=("水泵",))
    assert faults("水泵自动启动。", passage) == ()
    assert faults("鲸鱼在海洋里唱歌给对方听。", passage) == ("words",)


HOSTILE = [
    *string.punctuation,
    *("“", "…", "。", "a", "1", "\n", " ", "`` ", "a`", "[a](", "![a](", "<!--", "<a", ". ", "! "),
    *("A.", "1 ", "1,", "0:", "1:1 ", "1\u00a0000", "a_", "a-b-", "`a` ", "A b ", "no ", "never, "),
    *("not a ", "one ", "more than ", "keep a ", "31 May ", "| a ", "水"),
    *("more less ", "always never must may ", "Rust Python "),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start_s = time.process_time()
    faults(f"It starts. {text}", make_chunk(f"It starts.\n{text}", heading_path=("Pump",)))
    assert time.process_time() - start_s < 60  # what is quadratic takes hours


def test_an_empty_passage_supports_nothing() -> None:
    assert faults("The pump starts.", make_chunk("", heading_path=("",))) == ("words",)
