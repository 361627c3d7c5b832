"""Russian words to terms: the Snowball stems of all their lemmas. The only place that imports pymorphy3.

A lemma brings together what a stemmer keeps apart (шёл and идти), the stem brings together what a dictionary keeps
apart (the lemmas of a noun's and a participle's reading). All lemmas are kept, since a wrong choice between them loses
documents and a superfluous one costs seven postings in a hundred.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

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
