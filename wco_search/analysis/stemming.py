"""The Snowball stemmers of NLTK, and the only place that imports NLTK.

Only the stemmers are used: they need no data files, so nothing is ever downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from wco_search.analysis.snowball import quick_russian

Stem = Callable[[str], str]

# Each step of Porter2 takes off or changes one of these endings or a longer one that ends in it, and only that. So a
# word with none of them is its own stem, and one word in three need not go through all the steps.
_ENGLISH_ENDINGS = ("s", "e", "l", "y", "i", "ed", "ing", "ion", "er", "ator", "ant", "ent", "ism", "ic")
_PLAIN_ENGLISH = re.compile("[a-z]+")


@cache
def english_stem() -> Stem:
    """Porter2, M. Porter's revised English stemmer (http://snowball.tartarus.org/algorithms/english/stemmer.html).

    Example:
        >>> stem = english_stem()
        >>> stem("smuggling"), stem("smuggled"), stem("wco's")
        ('smuggl', 'smuggl', 'wco')
    """
    from nltk.stem.snowball import EnglishStemmer  # .5 s: it imports all of NLTK

    by_rules = _never_empty(EnglishStemmer().stem)

    def stem(word: str) -> str:
        if _PLAIN_ENGLISH.fullmatch(word) and not word.endswith(_ENGLISH_ENDINGS):
            return word
        return by_rules(word)

    return stem


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
