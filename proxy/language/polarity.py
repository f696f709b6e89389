"""Words that turn a statement into its opposite, in English.

`NEGATORS` deny what stands near them. `IMPLICIT` words deny too, but as part of what they say
("refuses", "without"), so that a paraphrase may trade one for the other.
"""

import re
from functools import lru_cache

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
    " too unnecessary needless whereas illegal disallowed anonymous badly poorly"
    " unimportant irrelevant negligible only lose loses lost losing gone removed"
    " remove removes stop stops stopped alone error errors suppress suppresses suppressed"
)
IMPLICIT = frozenset(_IMPLICIT_WORDS.split())
_MODAL_WORDS = (
    "possible allowed permitted able required necessary needed supported valid guaranteed"
    " recommended accepted legal"
)
MODAL = frozenset(_MODAL_WORDS.split())
"""What may be denied of anything: "is not allowed" denies what stands before it."""
_AFFIXES = ("un", "non", "dis", "im", "in")
_DENYING_AFFIX = re.compile(
    r"(?:un|non)(\w{3,}(?:ed|able|ible)|\w{5,}(?:ent|ant|ive))"
    r"|(?:dis|im|in)(\w{4,}(?:ed|able|ible|ent|ant|ive))"
)


@lru_cache(maxsize=20_000)
def denied_by_affix(word: str) -> str | None:
    """Return the word that "unencrypted" denies, which is "encrypted"; None for other words."""
    if not word.startswith(_AFFIXES):
        return None
    match = _DENYING_AFFIX.fullmatch(word)
    return match[1] or match[2] if match else None
