"""Words that turn a statement into its opposite, in English.

`NEGATORS` deny what stands near them. `IMPLICIT` words deny too, but as part of what they say
("refuses", "without"), so that a paraphrase may trade one for the other. `OPPOSITES` are pairs of
which one says the contrary of the other.
"""

import re

from proxy.language.words import stem

_NEGATORS_WORDS = (
    "not no without never none nothing nobody neither nor cannot cant dont doesnt didnt isnt arent"
    " wasnt werent wont wouldnt shouldnt mustnt hasnt havent hadnt couldnt neednt nowhere"
)
NEGATORS = frozenset(_NEGATORS_WORDS.split())
_IMPLICIT_WORDS = (
    "unless except refuse refuses refused reject rejects rejected forbid forbids forbidden prohibit"
    " prohibits prohibited prevent prevents prevented ignore ignores ignored skip skips skipped"
    " omit omits omitted lack lacks lacking missing absent fail fails failed failing impossible"
    " unable unknown unset unrelated instead rather exclude excludes excluded invalid incompatible"
    " unavailable useless unlike deny denies denied hardly rarely barely independent avoid avoids"
    " too unnecessary needless whereas illegal disallowed anonymous"
)
IMPLICIT = frozenset(_IMPLICIT_WORDS.split())
_MODAL_WORDS = (
    "possible allowed permitted able required necessary needed supported valid guaranteed"
    " recommended accepted legal"
)
MODAL = frozenset(_MODAL_WORDS.split())
"""What may be denied of anything: "is not allowed" denies what stands before it."""
_DENYING_AFFIX = re.compile(r"(?:un|non)(\w{3,}(?:ed|able|ible))")
PROHIBITING = frozenset(["illegal", "disallowed", "forbidden", "prohibited", "impossible"])
_LASTING_WORDS = (
    "keep keeps kept stay stays stayed remain remains remained preserve preserves preserved survive"
    " survives same fixed constant immutable unchanged untouched still hold holds"
    " retain retains retained intact"
)
LASTING = frozenset(_LASTING_WORDS.split())
_PASSING_WORDS = (
    "change changes changed alter alters altered touch touched modify modified move moved lose"
    " loses lost delete deletes deleted remove removes removed drop drops dropped discard discarded"
    " cut replace replaces replaced leave left gone"
)
PASSING = frozenset(_PASSING_WORDS.split())
"""What lasts does not pass: "keeps its id" and "does not change its id" say the same."""


def denied_by_affix(word: str) -> str | None:
    """Return the word that "unencrypted" denies, which is "encrypted"; None for other words."""
    match = _DENYING_AFFIX.fullmatch(word)
    return match[1] if match else None


_PAIRS = (
    "before after",
    "above below",
    "more less",
    "more fewer",
    "longer shorter",
    "larger smaller",
    "higher lower",
    "minimum maximum",
    "most least",
    "enable disable",
    "include exclude",
    "allow forbid",
    "allow refuse",
    "accept refuse",
    "accept reject",
    "true false",
    "increase decrease",
    "always never",
    "all none",
    "every no",
    "required optional",
    "mandatory optional",
    "first last",
    "with without",
    "on off",
    "slower faster",
    "inside outside",
    "open close",
    "start stop",
    "start end",
    "begin stop",
    "begin end",
    "add remove",
    "same different",
    "grow shrink",
    "large small",
    "long short",
    "high low",
    "even odd",
    "leading trailing",
    "uppercase lowercase",
    "ascending descending",
    "horizontal vertical",
    "foreground background",
    "earlier later",
    "public private",
    "encrypt decrypt",
    "encode decode",
)
OPPOSITES: dict[str, frozenset[str]] = {}
"""By stem: the stems that say the contrary."""
for _pair in _PAIRS:
    _one, _other = map(stem, _pair.split())
    OPPOSITES[_one] = OPPOSITES.get(_one, frozenset()) | {_other}
    OPPOSITES[_other] = OPPOSITES.get(_other, frozenset()) | {_one}
