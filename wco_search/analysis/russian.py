"""Russian words to terms: the Snowball stems of all their lemmas. The only place that imports pymorphy3.

A lemma brings together what a stemmer keeps apart (шёл and идти), the stem brings together what a dictionary keeps
apart (the lemmas of a noun's and a participle's reading). All lemmas are kept, since a wrong choice between them loses
documents and a superfluous one costs seven postings in a hundred.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from wco_search.analysis.stemming import russian_stem
from wco_search.text import fold

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

# Longer words are not in the dictionary (its longest has 36 letters, hyphens included) and are stemmed as they stand.
_LONGEST_LEMMATISED = 40


def dictionary_version() -> str:
    """The version of the Russian dictionary: other lemmas make another index."""
    return version("pymorphy3-dicts-ru")


@cache
def _morph() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer  # .1 s, and .15 s for the dictionary

    return MorphAnalyzer(lang="ru")


def lemmas(form: str) -> tuple[str, ...]:
    """The dictionary forms that folded *form* may belong to, likeliest first; none for a word out of the dictionary.

    For people to read; `lemma_set` gives the same ones several times as quickly, in no order.

    Example:
        >>> lemmas("стали"), lemmas("микурия")
        (('стать', 'сталь'), ())
    """
    morph = _morph()
    if len(form) > _LONGEST_LEMMATISED or not morph.word_is_known(form):
        return ()
    return tuple(dict.fromkeys(fold(lemma) for lemma in morph.normal_forms(form)))


def lemma_set(form: str) -> set[str]:
    """The lemmas of `lemmas`, for terms, which need no order.

    `MorphAnalyzer.normal_forms` parses: it makes a tag and a probability for every reading, and asks every rule for
    unknown words. This reads the dictionary alone, as pymorphy3's `DictionaryAnalyzer` does, below its public API; a
    test holds the two to be the same.

    Example:
        >>> sorted(lemma_set("стали")), lemma_set("микурия")
        (['сталь', 'стать'], set())
    """
    if len(form) > _LONGEST_LEMMATISED:
        return set()
    morph = _morph()
    normal_form = morph.dictionary.build_normal_form
    readings = morph.dictionary.words.similar_items(form, morph.char_substitutes)  # with ё where form has е
    return set(map(fold, {normal_form(*reading, word) for word, several in readings for reading in several}))


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


_OF_NAMES = ("Name", "Surn", "Patr", "Geox", "Poss")  # a town and what is Peter's look like surnames: Пушкин, Петров


@lru_cache(maxsize=20_000)
def nominative_name(first: str, second: str) -> str | None:
    """A person's given name and surname, in either order, in the nominative, given name first; None for anything else.

    Both are of the dictionary, as nothing but names, and agree in case, number and gender.

    Example:
        >>> nominative_name("Ивану", "Петрову"), nominative_name("Смирновой", "Анны"), nominative_name("Новая", "Вера")
        ('Иван Петров', 'Анна Смирнова', None)
    """
    for given, surname in ((first, second), (second, first)):
        for name in _readings(given, "Name"):
            for family in _readings(surname, "Surn"):
                genders = {name.tag.gender, family.tag.gender} - {None, "ms-f"}
                if name.tag.case == family.tag.case and len(genders) < 2:
                    both = [reading.inflect({"nomn"}) for reading in (name, family)]
                    if all(both):
                        return " ".join(one.word.title() for one in both)
    return None


def _readings(word: str, grammeme: str) -> list[Any]:
    """The readings of *word* as a name in the singular; none where the dictionary has it as another word too."""
    readings = [one for one in _morph().parse(word) if one.is_known]
    if not all(any(name in one.tag for name in _OF_NAMES) for one in readings):
        return []
    return [one for one in readings if grammeme in one.tag and one.tag.number == "sing"]
