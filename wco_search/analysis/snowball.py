"""Snowball's Russian stemmer as regular expressions, five times as quick as NLTK's and equal to it.

The algorithm is M. Porter's (http://snowball.tartarus.org/algorithms/russian/stemmer.html). NLTK's version works on a
Latin transliteration, tries some two hundred endings one by one, and departs from the description in places; indexes
hold what it gives, so it stays the measure. Words in which the transliteration makes a difference are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_VOWELS = "аеиоуыюя"
_PLAIN = re.compile("[абвгдежзийклмнопрстуфхцчшщыьюя]+")  # no э, ъ, ё: their transliterations hold other letters'
_AMBIGUOUS = re.compile("шч|ьь|ц[ья]|ю[йеюя]")  # transliterated, these end like other letters
# RV begins behind the first vowel, R2 behind the second place where a vowel is followed by another letter. NLTK writes
# й as a vowel and a sign, so it is such a place by itself.
_VOWEL = re.compile(f"[{_VOWELS}й]")
_SYLLABLE = re.compile(f"й|[{_VOWELS}][^{_VOWELS}й]")

# Some endings count only behind а or я, which stay. Of several that fit, the longest is taken: it is found first.
_AFTER_A = "(?<=[ая])"
_GERUND = re.compile(f"(?:[иы]|{_AFTER_A})в(?:ши(?:сь)?)?$")
_REFLEXIVE = re.compile("с[яь]$")
_ADJECTIVE = re.compile(
    f"(?:ующ(?!ая)|[иы]вш|{_AFTER_A}(?:ющ|вш|ем|нн|щ))?"  # NLTK lacks the feminine of this one participle
    "(?:ими|ыми|его|ого|ему|ому|их|ых|[уоею]ю|[ая]я|[еиыо]е|[еиыо]й|[еиыо]м)$"
)
_VERB = re.compile(
    "(?:ейте|уйте|уют|ишь|ила|ыла|ена|ите|или|ыли|ило|ыло|ено|ует|ены|ить|ыть|ят|ую|ей|уй|ил|ыл|им|ым|ен|ит|ыт|ю|"
    f"{_AFTER_A}(?:ешь|ете|йте|нно|ют|ла|на|ли|ем|ло|но|ет|ны|ть|й|л|н))$"
)
_NOUN = re.compile(
    "(?:иями|иях|ями|иям|ях|ами|ией|ям|ием|ах|ию|ью|ия|ья|ев|ов|ие|ье|еи|ии|ей|ой|ий|ем|ам|ом|[юяаеийоуыь])$"
)


def quick_russian(by_rules: Callable[[str], str]) -> Callable[[str], str]:
    """A stemmer that gives what *by_rules*, NLTK's, gives.

    Example:
        >>> stem = quick_russian(by_rules=lambda word: word)
        >>> stem("таможня"), stem("окаменелостями"), stem("задержанных")
        ('таможн', 'окаменел', 'задержа')
    """

    def stem(word: str) -> str:
        if _PLAIN.fullmatch(word) and not _AMBIGUOUS.search(word):
            return _stem(word)
        return by_rules(word)

    return stem


def _stem(word: str) -> str:
    vowel = _VOWEL.search(word)
    rv = len(word) if vowel is None else vowel.end()
    r2 = _start_of_r2(word)
    word = word[:rv] + _without_inflection(word[rv:])
    for ending in ("ость", "ост"):
        if word.endswith(ending) and len(word) - len(ending) >= r2:
            word = word.removesuffix(ending)
            break
    if word.endswith("нн"):
        return word[:-1]
    for ending in ("ейше", "ейш"):
        if word.endswith(ending):
            word = word.removesuffix(ending)
            return word[:-1] if word.endswith("нн") else word
    return word.removesuffix("ь")


def _start_of_r2(word: str) -> int:
    first = _SYLLABLE.search(word)
    second = first and _SYLLABLE.search(word, first.end())
    return second.end() if second else len(word)


def _without_inflection(tail: str) -> str:
    stripped = _GERUND.sub("", tail)
    if len(stripped) == len(tail):
        tail = _REFLEXIVE.sub("", tail)
        for endings in (_ADJECTIVE, _VERB, _NOUN):
            stripped = endings.sub("", tail)
            if len(stripped) < len(tail):
                break
    return stripped.removesuffix("и")
