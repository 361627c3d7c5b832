"""Russian words to terms: the Snowball stems of all their lemmas; names to their nominative. The door to pymorphy3.

A lemma brings together what a stemmer keeps apart (шёл and идти), the stem brings together what a dictionary keeps
apart (the lemmas of a noun's and a participle's reading). All lemmas are kept, since a wrong choice between them loses
documents and a superfluous one costs seven postings in a hundred.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from wco_search.analysis.stemming import russian_stem
from wco_search.text import fold

# Longer words are not in the dictionary (its longest has 36 letters, hyphens included) and are stemmed as they stand.
_LONGEST_LEMMATISED = 40

_Reading = tuple[str, int, int]
"""A word of the dictionary, its paradigm, and which of the forms of that it is."""


def dictionary_version() -> str:
    """The version of the Russian dictionary: other lemmas make another index."""
    return version("pymorphy3-dicts-ru")


class _Dictionary:
    """The dictionary of pymorphy3, as far as lemmas and names need it.

    `MorphAnalyzer` makes a tag of every combination of cases and looks for plug-ins before its first word, a tenth of a
    second in all. This reads the same files in some hundredth, below pymorphy3's public API; tests hold lemmas and
    forms of names to be the same. A paradigm is its endings, then the tags of these, then prefixes, each a number; the
    first is the lemma's (M. Korobov, "Morphological analyzer and generator for Russian and Ukrainian languages", 2015).
    """

    def __init__(self) -> None:
        from pymorphy3.dawg import WordsDawg
        from pymorphy3_dicts_ru import get_path

        self._folder = Path(get_path())
        self._words = WordsDawg().load(str(self._folder / "words.dawg"))
        self._with_yo = self._words.compile_replaces({"е": "ё"})
        self._endings: list[str] = self._json("suffixes")
        self._prefixes: list[str] = dict(self._json("meta"))["compile_options"]["paradigm_prefixes"]
        self._paradigms = list(_read_paradigms((self._folder / "paradigms.array").read_bytes()))

    def _json(self, name: str) -> Any:
        return json.loads((self._folder / f"{name}.json").read_bytes())

    def readings(self, form: str) -> list[_Reading]:
        """What folded *form* may be, with ё where it has е."""
        if len(form) > _LONGEST_LEMMATISED:
            return []
        found = self._words.similar_items(form, self._with_yo)
        return [(word, *reading) for word, readings in found for reading in readings]

    def lemma(self, reading: _Reading) -> str:
        """The folded dictionary form of a reading."""
        return fold(self._form(reading, 0) if reading[2] else reading[0])

    def _form(self, reading: _Reading, wanted: int) -> str:
        """The form number *wanted* of the paradigm of a reading."""
        word, paradigm, place = reading
        numbers = self._paradigms[paradigm]
        prefixes = 2 * len(numbers) // 3
        ending, prefix = self._endings[numbers[place]], self._prefixes[numbers[prefixes + place]]
        stem = word[len(prefix) : len(word) - len(ending)]
        return f"{self._prefixes[numbers[prefixes + wanted]]}{stem}{self._endings[numbers[wanted]]}"

    def inflected(self, reading: _Reading, *wanted: str) -> str | None:
        """The form of the paradigm of a reading that has the grammemes *wanted*, and is else most like it, if any is.

        That is pymorphy3's `Parse.inflect`: each grammeme in common counts one, each that one alone has takes a tenth.
        """
        required = frozenset(wanted)
        aim = self.grammemes(reading) - _EXCLUDED_BY[required] | required
        best, best_likeness = None, -math.inf
        for place in range(len(self._paradigms[reading[1]]) // 3):
            own = self.grammemes((reading[0], reading[1], place))
            likeness = len(aim & own) - 0.1 * len(aim ^ own)
            if required <= own and likeness > best_likeness:
                best, best_likeness = place, likeness
        return None if best is None else self._form(reading, best)

    def grammemes(self, reading: _Reading) -> frozenset[str]:
        """Part of speech, case, number and so on, by their names in OpenCorpora."""
        return _grammemes_of(self._tag(reading))

    def chance(self, form: str, reading: _Reading) -> int:
        """How often *form* is of the tag of a reading, in millionths; 0 where that is not known."""
        chance: int = self._chances.get(f"{form}:{self._tag(reading)}", 0)
        return chance

    def likeliest(self, form: str, readings: list[_Reading]) -> list[_Reading]:
        """Readings of *form* in the order of their chances."""
        return sorted(readings, key=lambda reading: -self.chance(form, reading)) if len(readings) > 1 else readings

    def _tag(self, reading: _Reading) -> str:
        numbers = self._paradigms[reading[1]]
        return self._tags[numbers[len(numbers) // 3 + reading[2]]]

    @cached_property
    def _tags(self) -> list[str]:
        found: list[str] = self._json("gramtab-opencorpora-int")
        return found

    @cached_property
    def _chances(self) -> Any:
        from pymorphy3.dawg import ConditionalProbDistDAWG

        return ConditionalProbDistDAWG().load(str(self._folder / "p_t_given_w.intdawg"))


_CASES = frozenset("nomn gent datv accs ablt loct voct".split())
_NUMBERS = frozenset({"sing", "plur"})
_GENDERS = frozenset({"masc", "femn", "neut"})
_EXCLUDED_BY: Mapping[frozenset[str], frozenset[str]] = {
    frozenset({"nomn"}): _CASES,
    frozenset({"nomn", "sing", "masc"}): _CASES | _NUMBERS | _GENDERS,
    frozenset({"nomn", "sing", "femn"}): _CASES | _NUMBERS | _GENDERS,
}
"""What a word cannot be as well that is to be so."""


@cache
def _grammemes_of(tag: str) -> frozenset[str]:
    return frozenset(tag.replace(" ", ",").split(","))


def _read_paradigms(data: bytes) -> Iterator[array[int]]:
    """The paradigms of the file of them: their number, then for each its length and so many numbers."""
    numbers = array("H", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    start = 1
    while start < len(numbers):
        end = start + 1 + numbers[start]
        yield numbers[start + 1 : end]
        start = end


@cache
def _dictionary() -> _Dictionary:
    return _Dictionary()


@lru_cache(maxsize=20_000)  # words of queries, each asked of several lexicons; some 5 MB
def lemmas(form: str) -> tuple[str, ...]:
    """The dictionary forms that folded *form* may belong to, likeliest first; none for a word out of the dictionary.

    `lemma_set` gives the same ones in no order, and sooner.

    Example:
        >>> lemmas("стали"), lemmas("микурия")
        (('стать', 'сталь'), ())
    """
    known = _dictionary()
    readings = known.readings(form)
    found = dict.fromkeys(map(known.lemma, readings))
    if len(found) > 1:
        found = dict.fromkeys(map(known.lemma, known.likeliest(form, readings)))
    return tuple(found)


def lemma_set(form: str) -> set[str]:
    """The lemmas of `lemmas`, for terms, which need no order.

    Example:
        >>> sorted(lemma_set("стали")), lemma_set("микурия")
        (['сталь', 'стать'], set())
    """
    known = _dictionary()
    return set(map(known.lemma, known.readings(form)))


def terms(form: str) -> tuple[str, ...]:
    """What folded *form* is indexed and searched by, sorted.

    Example:
        >>> terms("окаменелостей"), terms("стали"), terms("микурией")
        (('окаменел',), ('стал', 'стат'), ('микур',))
    """
    return tuple(sorted(set(map(_stem_of_lemma, lemma_set(form))) or {russian_stem()(form)}))


@lru_cache(maxsize=100_000)  # lemmas; a form in four is a new one, and a stem costs as much as the look-up of the form
def _stem_of_lemma(lemma: str) -> str:
    return russian_stem()(lemma)


_NAME, _SURNAME = "Name", "Surn"
_OF_NAMES = frozenset(
    {_NAME, _SURNAME, "Patr", "Geox", "Poss"}
)  # a town and Peter's look like surnames: Пушкин, Петров


@lru_cache(maxsize=50_000)  # words with capitals of many texts; some 8 MB
def is_given_name(form: str) -> bool:
    """Whether *form*, in small letters, may be one of a given name, and is of nothing but names.

    Example:
        >>> is_given_name("ивану"), is_given_name("петрову"), is_given_name("вера")
        (True, False, False)
    """
    return bool(_readings(form, _NAME))


@lru_cache(maxsize=20_000)
def nominative_name(first: str, second: str) -> str | None:
    """A person's given name and surname, in either order, in the nominative, given name first; None for anything else.

    Both are of the dictionary, as nothing but names, and agree in case, number and gender.

    Example:
        >>> nominative_name("Ивану", "Петрову"), nominative_name("Смирновой", "Анны"), nominative_name("Новая", "Вера")
        ('Иван Петров', 'Анна Смирнова', None)
    """
    known = _dictionary()
    for given, surname in ((first, second), (second, first)):
        for name in _readings(given.lower(), _NAME):
            for family in _readings(surname.lower(), _SURNAME):
                if _agree(known.grammemes(name), known.grammemes(family)):
                    both = [known.inflected(reading, "nomn") for reading in (name, family)]
                    if None not in both:
                        return " ".join(map(str.title, filter(None, both)))
    return None


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    return one & _CASES == other & _CASES and len((one | other) & _GENDERS) < 2


@lru_cache(maxsize=20_000)
def nominative_surnames(word: str) -> tuple[str, ...]:
    """The surnames of a man and of a woman, in the nominative and folded, that *word* may be a form of, sorted.

    Example:
        >>> nominative_surnames("смирновой"), nominative_surnames("таможня")
        (('смирнов', 'смирнова'), ())
    """
    known = _dictionary()
    surnames = [one for one in known.readings(word.lower()) if _SURNAME in known.grammemes(one)]
    found = [known.inflected(one, "nomn", "sing", gender) for one in surnames for gender in ("masc", "femn")]
    return tuple(sorted({fold(one) for one in found if one is not None}))


def _readings(form: str, grammeme: str) -> list[_Reading]:
    """The readings of *form*, in small letters, as a name in the singular; none where it may be another word too."""
    known = _dictionary()
    readings = known.readings(form)
    if any(known.grammemes(one).isdisjoint(_OF_NAMES) for one in readings):
        return []
    names = [one for one in readings if {grammeme, "sing"} <= known.grammemes(one)]
    return known.likeliest(form, names)
