"""The inner loops of ranking, compiled. What each does is told where its NumPy twin stands; the results are the same
to the bit, which is why they are compiled without fast-math and without fused multiply-add.

    disjunctions        the best documents for some words, any of them
    conjunctions        the same, all of them
    unions              how many documents have any of some words; several lists as one
    phrases             words that stand side by side or near each other
    places              where words stand
    lists heap          documents of words, the best of some scores
    strings names       sorted strings, names by sound
    arrays wide         arrays of files, whole rows

Arrays of an index come from files that may be damaged. They are read through plain pointers, so every number from one
that is used as a place is compared with the size of what it points into; one that is out of it ends in an IndexError.
"""

from wco_search.engine._compiled.conjunctions import all_of
from wco_search.engine._compiled.disjunctions import best_of_any
from wco_search.engine._compiled.lists import Rows, Source
from wco_search.engine._compiled.names import Names
from wco_search.engine._compiled.phrases import bonuses, phrase
from wco_search.engine._compiled.places import Places, impacts_at
from wco_search.engine._compiled.strings import Table
from wco_search.engine._compiled.unions import count_any, put_together

__all__ = [
    "Names",
    "Places",
    "Rows",
    "Source",
    "Table",
    "all_of",
    "best_of_any",
    "bonuses",
    "count_any",
    "impacts_at",
    "phrase",
    "put_together",
]
