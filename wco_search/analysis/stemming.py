"""The Snowball stemmers of NLTK, and the only place that imports NLTK.

Only the stemmers are used: they need no data files, so nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from wco_search.analysis.snowball import quick_english, quick_russian

Stem = Callable[[str], str]


@cache
def english_stem() -> Stem:
    """Porter2, M. Porter's revised English stemmer (http://snowball.tartarus.org/algorithms/english/stemmer.html).

    Example:
        >>> stem = english_stem()
        >>> stem("smuggling"), stem("smuggled"), stem("wco's")
        ('smuggl', 'smuggl', 'wco')
    """
    from nltk.stem.snowball import EnglishStemmer  # .5 s: it imports all of NLTK

    return _never_empty(quick_english(by_rules=EnglishStemmer().stem))


@cache
def russian_stem() -> Stem:
    """The Snowball stemmer of Russian (http://snowball.tartarus.org/algorithms/russian/stemmer.html).

    Example:
        >>> stem = russian_stem()
        >>> stem("таможня"), stem("таможней")
        ('таможн', 'таможн')
    """
    from nltk.stem.snowball import RussianStemmer

    return _never_empty(quick_russian(by_rules=RussianStemmer().stem))


def _never_empty(stem: Stem) -> Stem:
    """A stemmer that leaves a word alone which is nothing but ending, like a lone soft sign."""
    return lambda word: stem(word) or word
