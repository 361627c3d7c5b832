"""Snowball's stemmers of Russian and English, several times as quick as NLTK's and equal to them.

The algorithms are M. Porter's (http://snowball.tartarus.org/algorithms/russian/stemmer.html, and english). NLTK tries
all endings one by one, the Russian ones, some two hundred, on a Latin transliteration, and departs from the
descriptions in places; indexes hold what it gives, so it stays the measure. Words in which the transliteration makes a
difference are transliterated here too, among them those with Latin letters (xml-документ); those with letters of other
languages are left to it, which to import takes longer than to stem ten thousand words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_VOWELS = "аеиоуыэюя"
# Signs and letters of neighbouring languages are consonants. No ё, which NLTK makes е, and no ', which it makes ь.
_PLAIN = re.compile("[-а-яђ-џґ]+")
_MIXED = re.compile("(?=.*[а-я])[-a-z0-9а-яђ-џґ]+")
_AMBIGUOUS = re.compile("шч|ьь|ъь|ьъ|ц[ья]|ю[йеюя]")  # transliterated, these end like other letters
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


_ROMAN = {
    **dict(zip("абвгдезиклмнопрстуфыь", "abvgdeziklmnoprstufy'", strict=True)),
    "ж": "zh", "й": "i`", "х": "kh", "ц": "t^s", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "''", "э": "e`", "ю": "i^u",
    "я": "i^a",
}  # fmt: skip
"""How NLTK writes a letter."""
_BACK = [(_ROMAN[letter], letter) for letter in "юящхцчэйшкежабвгдзилмнопрстуфъыь"]  # one after the other, in its order
_ROMAN_VOWEL = r"i\^[au]|e`|(?!i\^[au]|e`)[aeiouy]"


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How what counts for a stem is written: `_CYRILLIC`, or as NLTK writes it.

    Attributes:
        vowel, syllable: Behind the first vowel begins RV, behind the second syllable R2.
        gerund, reflexive, inflections: Endings in RV that are taken off.
        final: A letter that is taken off the rest of RV.
        derived: Endings in R2, superlatives, a double letter and the soft sign at the end of what remains.
    """

    vowel: re.Pattern[str]
    syllable: re.Pattern[str]
    gerund: re.Pattern[str]
    reflexive: re.Pattern[str]
    inflections: tuple[re.Pattern[str], ...]
    final: str
    derived: tuple[str, ...]
    superlatives: tuple[str, ...]
    double: str
    soft: str


_CYRILLIC = _Spelling(
    _VOWEL, _SYLLABLE, _GERUND, _REFLEXIVE, (_ADJECTIVE, _VERB, _NOUN), "и", ("ость", "ост"), ("ейше", "ейш"), "нн", "ь"
)


def _roman(text: str) -> str:
    return "".join(_ROMAN.get(letter, letter) for letter in text)


def _roman_pattern(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """*pattern* for words as NLTK writes them."""
    source = pattern.pattern.replace(_AFTER_A, "(?<=a)")  # я is written with it as well
    source = re.sub(r"\[(\w+)\]", lambda match: f"(?:{'|'.join(match[1])})", source)
    return re.compile("".join(re.escape(_ROMAN[sign]) if sign in _ROMAN else sign for sign in source))


@cache
def _romanised() -> _Spelling:
    return _Spelling(
        re.compile(_ROMAN_VOWEL),
        re.compile(f"(?:{_ROMAN_VOWEL})[^aeiouy]"),
        _roman_pattern(_GERUND),
        _roman_pattern(_REFLEXIVE),
        (_roman_pattern(_ADJECTIVE), _roman_pattern(_VERB), _roman_pattern(_NOUN)),
        _roman(_CYRILLIC.final),
        tuple(map(_roman, _CYRILLIC.derived)),
        tuple(map(_roman, _CYRILLIC.superlatives)),
        _roman(_CYRILLIC.double),
        _roman(_CYRILLIC.soft),
    )


def quick_russian(by_rules: Callable[[str], str]) -> Callable[[str], str]:
    """A stemmer that gives what *by_rules*, NLTK's, gives.

    Example:
        >>> stem = quick_russian(by_rules=lambda word: word)
        >>> stem("таможня"), stem("окаменелостями"), stem("задержанных")
        ('таможн', 'окаменел', 'задержа')
    """

    def stem(word: str) -> str:
        if _PLAIN.fullmatch(word):
            if not _AMBIGUOUS.search(word):
                if "ъ" not in word:
                    return _stem(word, _CYRILLIC)
                return _stem(word.replace("ъ", "ьь"), _CYRILLIC).replace("ьь", "ъ")  # it is written as two soft signs
        elif not _MIXED.fullmatch(word):
            return by_rules(word)
        word = _stem(_roman(word), _romanised())
        for written, letter in _BACK:
            word = word.replace(written, letter)
        return word

    return stem


def _stem(word: str, spelling: _Spelling) -> str:
    vowel = spelling.vowel.search(word)
    rv = len(word) if vowel is None else vowel.end()
    r2 = _start_of_r2(word, spelling.syllable)
    word = word[:rv] + _without_inflection(word[rv:], spelling)
    for ending in spelling.derived:
        if word.endswith(ending) and len(word) - len(ending) >= r2:
            word = word.removesuffix(ending)
            break
    if word.endswith(spelling.double):
        return word[:-1]
    for ending in spelling.superlatives:
        if word.endswith(ending):
            word = word.removesuffix(ending)
            return word[:-1] if word.endswith(spelling.double) else word
    return word.removesuffix(spelling.soft)


def _start_of_r2(word: str, syllable: re.Pattern[str]) -> int:
    first = syllable.search(word)
    second = first and syllable.search(word, first.end())
    return second.end() if second else len(word)


def _without_inflection(tail: str, spelling: _Spelling) -> str:
    stripped = spelling.gerund.sub("", tail)
    if len(stripped) == len(tail):
        tail = spelling.reflexive.sub("", tail)
        for endings in spelling.inflections:
            stripped = endings.sub("", tail)
            if len(stripped) < len(tail):
                break
    return stripped.removesuffix(spelling.final)


_ENGLISH = re.compile("[a-zß-öø-ÿ][a-zß-öø-ÿ'-]+")  # signs and letters of other languages are consonants
# Each step takes off or changes one of these endings or a longer one that ends in it, and only that. So a word with
# none of them is its own stem, and one word in three need not go through all the steps.
_ENGLISH_ENDINGS = ("'", "s", "e", "l", "y", "i", "ed", "ing", "ion", "er", "ator", "ant", "ent", "ism", "ic")
_ENGLISH_EXCEPTIONS = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
    "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl", "inning": "inning", "innings": "inning",
    "outing": "outing", "outings": "outing", "canning": "canning", "cannings": "canning", "herring": "herring",
    "herrings": "herring", "earring": "earring", "earrings": "earring", "proceed": "proceed", "proceeds": "proceed",
    "proceeded": "proceed", "proceeding": "proceed", "exceed": "exceed", "exceeds": "exceed", "exceeded": "exceed",
    "exceeding": "exceed", "succeed": "succeed", "succeeds": "succeed", "succeeded": "succeed",
    "succeeding": "succeed", **{word: word for word in "sky news howe atlas cosmos bias andes".split()},
}  # fmt: skip
_ENGLISH_SYLLABLE = re.compile("[aeiouy][^aeiouy]")  # R1 begins behind the first one, R2 behind the first one in R1
_LONG_START = re.compile("gener|commun|arsen")  # R1 begins behind these
_ENGLISH_VOWELS = frozenset("aeiouy")  # Y is a y that is no vowel
_ENGLISH_VOWEL = re.compile("[aeiouy]")
_DOUBLE = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_SHORT = re.compile("[^aeiouy][aeiouy][^aeiouywxY]|[aeiouy][^aeiouy]")

_Regions = tuple[str, int, int]
"""A word on its way to its stem, and how long its regions R1 and R2 are, which are ends of it."""

_Change = tuple[int, str, int, int]
"""Letters to take off and to put on; how long R2 must be to change with the word, and its length where it is not."""

_DERIVED: dict[str, _Change] = {
    "ization": (5, "e", 7, 0), "ational": (5, "e", 7, 1), "fulness": (4, "", 4, 0), "ousness": (4, "", 7, 0),
    "iveness": (4, "", 7, 1), "tional": (2, "", 2, 0), "biliti": (5, "le", 6, 0), "lessli": (2, "", 2, 0),
    "entli": (2, "", 2, 0), "ation": (3, "e", 5, 1), "alism": (3, "", 5, 0), "aliti": (3, "", 5, 0),
    "ousli": (2, "", 5, 0), "iviti": (3, "e", 5, 1), "fulli": (2, "", 2, 0), "enci": (1, "e", 1, 0),
    "anci": (1, "e", 1, 0), "abli": (1, "e", 1, 0), "izer": (1, "", 4, 0), "ator": (2, "e", 4, 1),
    "alli": (2, "", 4, 0), "bli": (1, "e", 3, 0), "ogi": (1, "", 1, 0), "li": (2, "", 2, 0),
}  # fmt: skip
_DERIVED_TWICE: dict[str, _Change] = {
    "ational": (5, "e", 7, 0), "tional": (2, "", 2, 0), "alize": (3, "", 3, 0), "icate": (3, "", 5, 0),
    "iciti": (3, "", 5, 0), "ative": (5, "", 5, 0), "ical": (2, "", 4, 0), "ness": (4, "", 4, 0), "ful": (3, "", 3, 0),
}  # fmt: skip
_LAST = "ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic".split()


def _by_last_letters(endings: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """*endings* by their last two letters, which rule most of them out at once; longer ones first."""
    found: dict[str, list[str]] = {}
    for ending in sorted(endings, key=len, reverse=True):
        found.setdefault(ending[-2:], []).append(ending)
    return found


_DERIVED_BY_LAST, _DERIVED_TWICE_BY_LAST, _LAST_BY_LAST = map(_by_last_letters, (_DERIVED, _DERIVED_TWICE, _LAST))


def quick_english(by_rules: Callable[[str], str]) -> Callable[[str], str]:
    """A stemmer that gives what *by_rules*, NLTK's, gives.

    Example:
        >>> stem = quick_english(by_rules=lambda word: word)
        >>> stem("smuggling"), stem("organization"), stem("fossils")
        ('smuggl', 'organ', 'fossil')
    """

    def stem(word: str) -> str:
        if len(word) < 3:
            return word
        if (exception := _ENGLISH_EXCEPTIONS.get(word)) is not None:
            return exception
        if not _ENGLISH.fullmatch(word):
            return by_rules(word)
        return _stem_english(word) if word.endswith(_ENGLISH_ENDINGS) else word

    return stem


def _stem_english(word: str) -> str:
    regions = _regions(_with_consonants(word) if "y" in word else word)
    for step in _STEPS:
        regions = step(*regions)
    return regions[0].replace("Y", "y")


def _with_consonants(word: str) -> str:
    """*word* with Y for each y that begins it or stands behind a vowel."""
    letters = list(word)
    for place, letter in enumerate(letters):
        if letter == "y" and (place == 0 or letters[place - 1] in _ENGLISH_VOWELS):
            letters[place] = "Y"
    return "".join(letters)


def _regions(word: str) -> _Regions:
    first = _LONG_START.match(word) or _ENGLISH_SYLLABLE.search(word)
    if first is None:
        return word, 0, 0
    second = _ENGLISH_SYLLABLE.search(word, first.end())
    return word, len(word) - first.end(), len(word) - second.end() if second else 0


def _without(word: str, r1: int, r2: int, letters: int) -> _Regions:
    return word[:-letters], max(r1 - letters, 0), max(r2 - letters, 0)


def _without_apostrophe(word: str, r1: int, r2: int) -> _Regions:
    for ending in ("'s'", "'s", "'"):
        if word.endswith(ending):
            return _without(word, r1, r2, len(ending))
    return word, r1, r2


def _without_plural(word: str, r1: int, r2: int) -> _Regions:
    if word.endswith("sses"):
        return _without(word, r1, r2, 2)
    if word.endswith(("ied", "ies")):
        return _without(word, r1, r2, 2 if len(word) > 4 else 1)
    if word[-1] == "s" and not word.endswith(("us", "ss")) and _ENGLISH_VOWEL.search(word, 0, len(word) - 2):
        return word[:-1], max(r1 - 1, 0), max(r2 - 1, 0)
    return word, r1, r2


def _without_participle(word: str, r1: int, r2: int) -> _Regions:
    core = word.removesuffix("ly")
    if not core.endswith(("ed", "ing")):
        return word, r1, r2
    adverb = len(word) - len(core)
    if core.endswith("eed"):
        ending = 3 + adverb
        if r1 < ending:
            return word, r1, r2
        return core[:-1], r1 - adverb - 1, r2 - adverb - 1 if r2 >= ending else 0
    ending = (2 if core.endswith("ed") else 3) + adverb
    if not _ENGLISH_VOWEL.search(word, 0, len(word) - ending):
        return word, r1, r2
    word, r1, r2 = _without(word, r1, r2, ending)
    if word.endswith(("at", "bl", "iz")):
        return f"{word}e", r1 + 1, r2 + 1 if len(word) > 4 or r1 > 1 else r2
    if word.endswith(_DOUBLE):
        return _without(word, r1, r2, 1)
    return (f"{word}e" if not r1 and _SHORT.fullmatch(word[-3:]) else word), r1, r2


def _with_final_i(word: str, r1: int, r2: int) -> _Regions:
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in _ENGLISH_VOWELS:
        word = f"{word[:-1]}i"
    return word, r1, r2


def _ending(word: str, endings: Mapping[str, Sequence[str]]) -> str | None:
    """The longest of *endings*, which are by their last letters, that *word* has."""
    for ending in endings.get(word[-2:], ()):
        if word.endswith(ending):
            return ending
    return None


def _changed(word: str, r1: int, r2: int, change: _Change) -> _Regions:
    off, more, least, rest = change
    grown = len(more) - off
    return word[:-off] + more, r1 + grown, r2 + grown if r2 >= least else rest


def _underived(word: str, r1: int, r2: int) -> _Regions:
    if (ending := _ending(word, _DERIVED_BY_LAST)) is None or r1 < len(ending):
        return word, r1, r2
    if (ending == "ogi" and word[-4] != "l") or (ending == "li" and word[-3] not in "cdeghkmnrt"):
        return word, r1, r2
    return _changed(word, r1, r2, _DERIVED[ending])


def _underived_again(word: str, r1: int, r2: int) -> _Regions:
    if (ending := _ending(word, _DERIVED_TWICE_BY_LAST)) is None or r1 < len(ending):
        return word, r1, r2
    if ending == "ative" and r2 < len(ending):
        return word, r1, r2
    return _changed(word, r1, r2, _DERIVED_TWICE[ending])


def _without_last(word: str, r1: int, r2: int) -> _Regions:
    if (ending := _ending(word, _LAST_BY_LAST)) is None or r2 < len(ending):
        return word, r1, r2
    return (word, r1, r2) if ending == "ion" and word[-4] not in "st" else _without(word, r1, r2, len(ending))


def _without_final_letter(word: str, r1: int, r2: int) -> _Regions:
    if r2 and word.endswith("ll"):
        return word[:-1], r1, r2
    is_dropped = word[-1] == "e" and (r2 or (r1 and len(word) > 3 and not _SHORT.fullmatch(word[-4:-1])))
    return (word[:-1] if is_dropped else word), r1, r2


_STEPS = (
    _without_apostrophe,
    _without_plural,
    _without_participle,
    _with_final_i,
    _underived,
    _underived_again,
    _without_last,
    _without_final_letter,
)
