"""What in a document is not meant for its readers: text they cannot see, orders to the model.

A contributed chapter can carry both, and passages of it stand before the model. Findings are
reported to the author, who knows the book: one about prompts has orders to models in it by right.
Pure; called by `reading.py`.

Source: https://trojansource.codes (CVE-2021-42574) for bidirectional controls; OWASP LLM01 for
orders in retrieved text; Unicode TR 36 and 39 for what is invisible.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from proxy.corpus import Document

_MOST_FINDINGS = 5
"""Of one kind in one document: more say nothing new."""
_MOST_EXCERPT_CHARS = 80

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0]"
    # Joiners shape Arabic, Indic and emoji; between Latin letters they shape nothing.
    "|(?<=[ -~])[\u200c\u200d]|[\u200c\u200d](?=[ -~])"
    # Tags spell flags behind a black flag, and hidden text elsewhere.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
    # Variation selectors vary ideographs and symbols one at a time.
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
)
_TOLD = ("instruction", "prompt", "message", "rule", "direction", "guideline", "context", "command")


@dataclass(frozen=True, slots=True)
class _Order:
    """One way to give a model an order; its words are looked for first, because that is quick."""

    one_of: tuple[str, ...]
    and_one_of: tuple[str, ...]
    pattern: re.Pattern[str]

    def found_in(self, text: str, lower: str) -> Iterator[re.Match[str]]:
        if any(word in lower for word in self.and_one_of) and any(w in lower for w in self.one_of):
            yield from self.pattern.finditer(text)


def _order(one_of: tuple[str, ...], and_one_of: tuple[str, ...], pattern: str) -> _Order:
    return _Order(one_of, and_one_of, re.compile(pattern, re.IGNORECASE | re.VERBOSE))


_ORDERS = (
    _order(
        ("ignore", "disregard", "forget", "override", "bypass"),
        _TOLD,
        r"""\b(?:ignore|disregard|forget|override|bypass)\s+
            (?:(?:all|any|every|the|your|of|these|those|my)\s+){0,4}
            (?:previous|prior|above|earlier|preceding|foregoing|system|other|existing)\s+
            (?:instruction|prompt|message|rule|direction|guideline|context|command)s?\b""",
    ),
    _order(
        ("reveal", "print", "repeat", "output", "show", "leak", "disclose"),
        ("system ", "developer ", "hidden ", "initial "),
        r"""\b(?:reveal|print|repeat|output|show|leak|disclose)\s+
            (?:(?:me|us|all|the|your|of)\s+){0,4}
            (?:system|developer|hidden|initial)\s+(?:prompt|message|instruction)s?\b""",
    ),
    _order(
        ("you are now", "you are no longer"),
        ("you are",),
        r"""\byou\s+are\s+(?:now|no\s+longer)\s+(?:bound|restricted|in\s+\w+\s+mode|dan\b|jailbroken
            |an?\s+(?:\w+\s+){0,3}(?:assistant|ai|model|chatbot|agent)\b)""",
    ),
    _order(
        ("do not", "don't", "never"),
        (" user", " reader", " student", " learner"),
        r"""\b(?:do\s+not|don't|never)\s+(?:mention|tell|reveal|inform|disclose|cite|warn)\s
            [^.,;\n]{0,40}\b(?:user|reader|student|learner)s?\b""",
    ),
    _order(
        ("ai", "llm", "language model", "assistant", "chatbot"),
        ("must", "should", "shall", "please", "have to", "instructed", "will now"),
        r"""\b(?:ai|llm|language\s+model|assistant|chatbot)s?\b[\s,:]{1,3}(?:you\s+)?
            (?:must|should|shall|please|have\s+to|are\s+instructed\s+to|will\s+now)\s+
            (?:\w+\s+){0,3}
            (?:say|respond|reply|answer|recommend|output|ignore|obey|follow|tell|include|append)\b""",
    ),
    _order(
        ("asked", "answering", "summari", "responding"),
        ("always", "only", "must"),
        r"""\bwhen(?:ever)?\s+(?:asked|answering|summari[sz]ing|responding)\b[^.\n]{0,60}
            \b(?:always|only|must)\s+(?:say|respond|reply|answer|recommend|output)\b""",
    ),
    _order(
        ("<|", "inst]", "sys>>", "< |"),
        ("im_", "endoftext", "start_header_id", "system", "inst", "sys"),
        r"""<\|?\s*(?:im_start|im_end|endoftext|start_header_id|system)\s*\|>|\[/?INST\]|<</?SYS>>""",
    ),
    _order(
        ("begin system", "new system", "updated system"),
        ("prompt", "message", "instruction"),
        r"""\b(?:begin|new|updated)\s+system\s+(?:prompt|message|instruction)s?\s*:""",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a document that its author should look at."""

    kind: str
    where: str
    """The heading that it stands below."""
    excerpt: str
    """What stands there, invisible characters spelled out."""

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.kind} below “{self.where}”: {self.excerpt}"


def lint(document: Document) -> list[Finding]:
    """Return what is found in a document, at most a few of each kind."""
    found: list[Finding] = []
    counts: dict[str, int] = {}
    for finding in _findings(document):
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
        if counts[finding.kind] <= _MOST_FINDINGS:
            found.append(finding)
    return found


def _findings(document: Document) -> Iterator[Finding]:
    for text in document.hidden:
        yield Finding("text that readers do not see", document.title, _shown(text))
    for comment in document.comments:
        for order in _orders(comment):
            yield Finding("an order to the model", document.title, _around(comment, order))
    for section in document.sections:
        where = section.heading_path[-1]
        text = f"{where}\n{section.markdown}"
        if not text.isascii():
            for bidi in _BIDI.finditer(text):
                yield Finding("a bidirectional control", where, _around(text, bidi))
            for invisible in _INVISIBLE.finditer(text):
                yield Finding("an invisible character", where, _around(text, invisible))
        for order in _orders(text):
            yield Finding("an order to the model", where, _around(text, order))


def _orders(text: str) -> Iterator[re.Match[str]]:
    lower = text.lower()
    for order in _ORDERS:
        yield from order.found_in(text, lower)


def _around(text: str, match: re.Match[str]) -> str:
    start = max(match.start() - 20, 0)
    return _shown(text[start : start + _MOST_EXCERPT_CHARS])


def _shown(text: str) -> str:
    """Return text as one printable line, what is invisible as its code."""
    line = " ".join(text[: 4 * _MOST_EXCERPT_CHARS].split())
    spelled = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in line)
    more = "…" if len(spelled) > _MOST_EXCERPT_CHARS else ""
    return spelled[:_MOST_EXCERPT_CHARS] + more
