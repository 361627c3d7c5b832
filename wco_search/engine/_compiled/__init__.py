"""The inner loops of ranking, compiled. What each does is told where its NumPy twin stands; the results are the same
to the bit, which is why they are compiled without fast-math and without fused multiply-add.

    disjunctions        the best documents for some words, any of them
    windows             the same for words of which none is frequent
    conjunctions        the same, all of them
    choices             lists of terms of which the largest impact counts
    unions              which documents have any of some words, and how many; several lists as one
    selections          counts of the values that the documents of a bitmap have
    phrases             words that stand side by side or near each other
    places              where words stand
    lists heap          documents of words, the best of some scores
    packing             the forms of terms, and where some of these stand
    strings names       sorted strings, texts, names by sound
    building            what follows from the words of a segment
    arrays wide         arrays of files, whole rows

Arrays of an index come from files that may be damaged. They are read through plain pointers, so every number from one
that is used as a place is compared with the size of what it points into; one that is out of it ends in an IndexError.
"""

from wco_search.engine._compiled import (
    building,
    choices,
    conjunctions,
    disjunctions,
    lists,
    names,
    packing,
    phrases,
    places,
    selections,
    strings,
    unions,
    windows,
)

Forms = strings.Forms
Names = names.Names
Places = places.Places
Rows = lists.Rows
Source = lists.Source
Table = strings.Table
Terms = lists.Terms
Texts = strings.Texts
all_of = conjunctions.all_of
alternatives = choices.alternatives
best_of_any = disjunctions.best_of_any
best_in_windows = windows.best_in_windows
bits_of = unions.bits_of
bonuses = phrases.bonuses
by_first_term = packing.by_first_term
chosen = packing.chosen
count_any = unions.count_any
count_bits_of = selections.count_bits_of
count_in_each = selections.count_in_each
document_impacts = building.document_impacts
documents_of = selections.documents_of
entries = building.entries
forms_by_term = packing.forms_by_term
impacts_at = places.impacts_at
lifted = phrases.lifted
phrase = phrases.phrase
place_runs = building.place_runs
postings = building.postings
put_together = unions.put_together
signatures = building.signatures
split = packing.split
strings_at = strings.strings_at
tally = selections.tally
united = unions.united

__all__ = [
    "Forms",
    "Names",
    "Places",
    "Rows",
    "Source",
    "Table",
    "Terms",
    "Texts",
    "all_of",
    "alternatives",
    "best_in_windows",
    "best_of_any",
    "bits_of",
    "bonuses",
    "by_first_term",
    "chosen",
    "count_any",
    "count_bits_of",
    "count_in_each",
    "document_impacts",
    "documents_of",
    "entries",
    "forms_by_term",
    "impacts_at",
    "lifted",
    "phrase",
    "postings",
    "put_together",
    "signatures",
    "split",
    "strings_at",
    "tally",
    "united",
]
