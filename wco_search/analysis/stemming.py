"""The Snowball stemmers of NLTK, and the only place that imports NLTK.

Only the stemmers are used: they need no data files, so nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Final

from wco_search.analysis.snowball import quick_english, quick_russian

Stem = Callable[[str], str]

TELLING_STEM: Final = 3
"""Letters of a stem from which on words are of one kin if they share it; яяя has the stem of я."""


@cache
def english_stem() -> Stem:
    """Porter2, M. Porter's revised English stemmer (http://snowball.tartarus.org/algorithms/english/stemmer.html).

    Example:
        >>> stem = english_stem()
        >>> stem("smuggling"), stem("smuggled"), stem("wco's")
        ('smuggl', 'smuggl', 'wco')
    """
    return _never_empty(quick_english(by_rules=partial(_by_rules, "EnglishStemmer")))


@cache
def russian_stem() -> Stem:
    """The Snowball stemmer of Russian (http://snowball.tartarus.org/algorithms/russian/stemmer.html).

    Example:
        >>> stem = russian_stem()
        >>> stem("таможня"), stem("таможней")
        ('таможн', 'таможн')
    """
    return _never_empty(quick_russian(by_rules=partial(_by_rules, "RussianStemmer")))


def _by_rules(name: str, word: str) -> str:
    return _rules(name)(word)


@cache
def _rules(name: str) -> Stem:
    """A stemmer of NLTK, loaded at the first word that `snowball` leaves to it: .5 s, as it imports all of NLTK."""
    from nltk.stem import snowball

    rules: Stem = getattr(snowball, name)().stem
    return rules


def _never_empty(stem: Stem) -> Stem:
    """A stemmer that leaves a word alone which is nothing but ending, like a lone soft sign."""
    return lambda word: stem(word) or word
