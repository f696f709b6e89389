"""Finds the numbers of a text with their units, however they are written.

`1,500`, `1 500`, `1500` and `fifteen hundred` are one number; `2.5 kB` and `2.5 MB` are two.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = (
    {word: n for n, word in enumerate(_ONES.split())}
    | {word: 10 * n for n, word in enumerate(_TENS.split(), start=2)}
    | {"single": 1, "twice": 2, "dozen": 12}
)
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_PLURAL_UNITS = (
    "seconds milliseconds microseconds nanoseconds minutes hours days weeks months years bytes bits"
    " kilobytes megabytes gigabytes terabytes kibibytes mebibytes gibibytes characters tokens words"
    " lines pages sentences pixels degrees meters kilometers centimeters millimeters kilograms bars"
    " volts amps"
)
_UNITS = (
    {
        "%": "percent",
        "percent": "percent",
        "s": "second",
        "sec": "second",
        "ms": "millisecond",
        "msec": "millisecond",
        "min": "minute",
        "h": "hour",
        "hrs": "hour",
        "kb": "kilobyte",
        "mb": "megabyte",
        "gb": "gigabyte",
        "tb": "terabyte",
        "kib": "kibibyte",
        "mib": "mebibyte",
        "gib": "gibibyte",
        "chars": "character",
        "m": "meter",
        "km": "kilometer",
        "cm": "centimeter",
        "mm": "millimeter",
        "kg": "kilogram",
        "hz": "hertz",
        "khz": "kilohertz",
        "mhz": "megahertz",
        "ghz": "gigahertz",
    }
    | {
        word: plural.removesuffix("s")
        for plural in _PLURAL_UNITS.split()
        for word in (plural, plural.removesuffix("s"))
    }
    | {"metre": "meter", "metres": "meter", "kilometre": "kilometer", "kilometres": "kilometer"}
)
_ALSO_NO_UNITS = frozenset({"second", "minute", "bit", "bar", "page", "line", "word", "token"})
"""What "a" counts none of: "a second argument", "a bit", "a page of the book"."""
_SCALES_ALONE = {f"a {word}": value for word, value in _SCALES.items()}
_AMOUNTS = {
    "nanosecond": ("s", Fraction(1, 10**9)),
    "microsecond": ("s", Fraction(1, 10**6)),
    "millisecond": ("s", Fraction(1, 1_000)),
    "second": ("s", Fraction(1)),
    "minute": ("s", Fraction(60)),
    "hour": ("s", Fraction(3_600)),
    "day": ("s", Fraction(86_400)),
    "week": ("s", Fraction(604_800)),
    "byte": ("B", Fraction(1)),
    "kilobyte": ("B", Fraction(10**3)),
    "megabyte": ("B", Fraction(10**6)),
    "gigabyte": ("B", Fraction(10**9)),
    "terabyte": ("B", Fraction(10**12)),
    "kibibyte": ("B", Fraction(2**10)),
    "mebibyte": ("B", Fraction(2**20)),
    "gibibyte": ("B", Fraction(2**30)),
    "meter": ("m", Fraction(1)),
    "kilometer": ("m", Fraction(1_000)),
    "centimeter": ("m", Fraction(1, 100)),
    "millimeter": ("m", Fraction(1, 1_000)),
    "hertz": ("Hz", Fraction(1)),
    "kilohertz": ("Hz", Fraction(10**3)),
    "megahertz": ("Hz", Fraction(10**6)),
    "gigahertz": ("Hz", Fraction(10**9)),
}
"""What a unit counts, and how much of it."""
_DIGITS = r"(?>\d{1,3}(?:[,’'\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+)(?:[.,]\d+)*+"
_WRITTEN_OUT = rf"(?:(?i:{'|'.join(_WORDS)}|an?)(?![A-Za-z])|(?i:seventeen))"
"""What a word begins with that may be a number; a longer word is read no further than 9 letters."""
_BEFORE_DIGITS = r"(?:(?<![A-Za-z0-9_$/.\-])(?P<sign>[-−])?|(?<=\d[-–]))"
_MAY_HOLD = re.compile(rf"{_BEFORE_DIGITS}\d|(?<![A-Za-z]){_WRITTEN_OUT}")
_NUMBER = re.compile(
    rf"{_BEFORE_DIGITS}(?P<digits>{_DIGITS})"
    r"(?:[\u00a0 ]?(?P<tail>%|[^\W\d_]++))?(?!\w*[_/]\w)"
    rf"|(?<![\w\-])(?={_WRITTEN_OUT})"
    r"(?P<word>a (?:hundred|thousand|million|billion)\b|an?(?= )"
    r"|[A-Za-z]{3,9}(?:-[A-Za-z]{3,5})?)(?=(?P<more>(?: [A-Za-z]+)?))"
)
_GROUPING = re.compile(r"[,’'\u00a0\u202f\u2009 ](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_MAX_DECIMALS_AFTER_COMMA = 2
_MAX_COUNT_DIGITS = 18
"""Nothing is counted beyond. A model may repeat a digit for ever, and `int` refuses 4,300."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text."""

    readings: frozenset[str]
    """Canonical forms it can be read as: `1,5` is 1.5 in many languages."""
    unit: str | None
    """Singular English name where the next word is a unit that is known."""
    is_word: bool = False
    """Whether it is written out."""

    @property
    def amounts(self) -> frozenset[str]:
        """Return what it comes to in a unit of its kind: 0.4 s and 400 ms are one amount."""
        kind, factor = _AMOUNTS.get(self.unit or "", ("", Fraction(0)))
        plain = (reading for reading in self.readings if kind and _PLAIN.fullmatch(reading))
        return frozenset(f"{Fraction(reading) * factor} {kind}" for reading in plain)

    def is_as(self, other: "Number") -> bool:
        """Whether both may be the same number, or the same amount in different units."""
        return bool(self.readings & other.readings or self.amounts & other.amounts)


def may_hold_number(word: str) -> bool:
    """Return whether a number can begin in a word of a text; looking closer costs much more."""
    return _MAY_HOLD.search(word) is not None


def numbers_in(text: str) -> list[Number]:
    """Return the numbers in the order of their places; those within names are left out."""
    return [number for _, number in numbers_at(text)]


def numbers_at(text: str) -> Iterator[tuple[int, Number]]:
    """Yield where a number begins, and the number."""
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            yield match.start("digits"), _in_digits(match)
        elif number := _written_out(match["word"].lower(), match["more"].strip().lower()):
            yield match.start("word"), number


def _written_out(word: str, behind: str) -> Number | None:
    """Return the number that a word is, None for other words; `behind` is the next one."""
    scale = _SCALES.get(behind)
    unit = None if scale else _UNITS.get(behind)
    if word in {"a", "an"}:
        value = 1 if unit and unit not in _ALSO_NO_UNITS else None
    else:
        value = _SCALES_ALONE.get(word) or _in_words(word)
    if value is None:
        return None
    return Number(frozenset({str(value * (scale or 1))}), unit, is_word=True)


def _in_digits(match: re.Match[str]) -> Number:
    digits = match["digits"]
    if not digits.isascii():
        digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in digits)
    readings = {_canonical(_GROUPING.sub("", digits))}
    head, comma, tail = digits.rpartition(",")
    if comma and len(tail) <= _MAX_DECIMALS_AFTER_COMMA:
        readings.add(_canonical(f"{head}.{tail}"))
    tail = (match["tail"] or "").lower()
    is_count = digits.isdigit() and len(digits) <= _MAX_COUNT_DIGITS
    if tail in {"k", "m"} and is_count:
        readings.add(str(int(digits) * (1_000 if tail == "k" else 1_000_000)))
    if tail in _SCALES and is_count:
        readings = {str(int(digits) * _SCALES[tail])}
    sign = "-" if match["sign"] else ""
    return Number(frozenset(sign + reading for reading in readings), _UNITS.get(tail))


def _canonical(digits: str) -> str:
    """Return `0.30` as `0.3` and `007` as `7`; `3.10` stays, which may be a version."""
    whole, point, decimals = digits.partition(".")
    if not whole.isdigit():
        return digits
    whole = whole.lstrip("0") or "0"
    if whole == "0" and decimals.isdigit():
        decimals = decimals.rstrip("0")
    elif decimals == "0":
        decimals = ""
    return f"{whole}{point}{decimals}" if decimals else whole


def _in_words(word: str) -> int | None:
    tens, hyphen, ones = word.partition("-")
    if not hyphen:
        return _WORDS.get(word)
    if tens in _TENS and ones in _WORDS:
        return _WORDS[tens] + _WORDS[ones]
    return None
