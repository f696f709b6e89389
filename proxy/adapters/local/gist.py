"""What a selected text says above all, for a reader who only asks to have it explained.

Called by `reader.py`. Pure. "Explain this" has no word that a sentence could be likened to: then
the sentences answer that are most like all of them together.
"""

import re
from collections.abc import Sequence

import numpy as np

from proxy.adapters.local.relevance import Scored
from proxy.adapters.local.units import Unit
from proxy.language.words import FUNCTION_WORDS
from proxy.ports import FloatMatrix

_WORD = re.compile(r"[^\W_]+")
_ASKING_WORDS = (
    "what explain explains explained explanation summarise summarize summary describe clarify"
    " simplify interpret rephrase paraphrase elaborate tell mean means meaning meant about gist"
    " work works tldr"
    " explica explicar explícame explique resume resumir resumen significa qué"
    " expliquer résume résumé résumer résumez signifie dire quoi"
    " erkläre erklär erklären erklärung bedeutet bedeutung heißt zusammenfassen zusammenfassung"
    " fasse"
    " spiega riassumi riassunto explicação resuma"
    " اشرح لخص معنى يعني ماذا مطلب وضاحت خلاصہ سمجھائیں سمجھاؤ سمجھا"
)
_ASKING = frozenset(_ASKING_WORDS.split())
"""One of these asks for the text as a whole …"""
_POINTING_WORDS = (
    "hi hello ok okay thanks selected selection text passage paragraph section part excerpt"
    " sentence sentences code snippet line lines word words idea ideas main point points simple"
    " simpler simply plain easy easier short shorter briefly brief detail details understand"
    " understandable say says said saying sum beginner"
    " este esta esto eso texto párrafo el la lo me por favor con en de es quiere decir palabras"
    " ce cette ceci cela ça texte passage paragraphe le les moi vous veut est qu que en avec"
    " mots bref s il te plaît"
    " das dies diese dieser dieses den der die text absatz mir bitte was ist damit gemeint in"
    " einfachen einfach worten kurz zusammen es"
    " questo questa testo il che cosa o que isso isto este texto"
    " هذا هذه النص الفقرة ما هو هي یہ اس کا کی کے کیا ہے ہیں کو کر کریں متن عبارت مجھے"
)
_POINTING = frozenset(_POINTING_WORDS.split())
"""… beside nothing but these, and English words that say nothing …"""
_SPECIFIC = {"when", "where", "who", "whom", "whose", "why", "which", "much", "most"}
"""… but not with these, which ask for a time, a place, a reason."""
_CHINESE = re.compile(
    r"(?=.*\w)(?:请|帮我|给我|一下|解释|说明|总结|概括|概述|这|那|个|段|句|些|是|的|话|文字|文本|内容|选中"
    r"|什么|啥|意思|讲|说|用|简单|吗|呢|了|主要|在|它|[？?。！!，,\s])+"  # noqa: RUF001
)


def asks_for_gist(question: str) -> bool:
    """Return whether a question about a text asks for no more than what the text says.

    Told by its words, in English and, of the commonest forms, in some other languages.
    """
    if _CHINESE.fullmatch(question):
        return True
    words = set(_WORD.findall(question.lower().replace("tl;dr", "tldr")))
    known = (FUNCTION_WORDS - _SPECIFIC) | _ASKING | _POINTING
    return not words.isdisjoint(_ASKING) and words <= known


def by_centrality(units: Sequence[Unit], vectors: FloatMatrix) -> list[Scored]:
    """Return the units with how much each is like all together; row i of `vectors` is unit i's."""
    whole = vectors.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(whole)) or 1.0
    likeness: list[float] = (np.asarray(vectors, np.float64) @ (whole / length)).tolist()
    return [
        Scored(unit, vectors[i], likeness[i], words=0.0, score=likeness[i])
        for i, unit in enumerate(units)
    ]
