"""Which documents name which people and organisations, and how many; nothing is stored for it.

Texts are read when their documents are first counted, some thousand a second, and what was found in them is kept as
long as their segment is open. So a count over the matches of a query costs what these cost, not the archive, and who
asks for a name has only texts read that have its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.russian import nominative_surnames
from wco_search.engine.crossing import sounding_like
from wco_search.engine.drilling import query_for
from wco_search.engine.occurrences import union
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.languages.entities import (
    organisation_called,
    organisation_names,
    organisation_spellings,
    organisations,
    people,
)
from wco_search.results import FacetCount
from wco_search.text import fold

ENTITIES: Final[Mapping[str, Callable[[str], list[str]]]] = {"people": people, "organisations": organisations}
"""The fields that are counted so, and what finds their values in a text."""

_FOUND: WeakKeyDictionary[Segment, dict[tuple[str, int], tuple[str, ...]]] = WeakKeyDictionary()


def count_named(snapshot: Snapshot, field: str, documents: Array, limit: int | None) -> tuple[FacetCount, ...]:
    """The values of *field*, one of `ENTITIES`, in *documents*, the most frequent first, else by the alphabet."""
    counts: Counter[str] = Counter()
    for number in documents.tolist():
        counts.update(_named(*snapshot.place(number), field))
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]
    names = organisation_names if field == "organisations" else _no_names
    query = query_for(field)
    return tuple(FacetCount(value, count, names(value), query) for value, count in ranked)


def values_of(field: str, text: str) -> tuple[str, ...]:
    """The values of *field* that *text* may mean: it, and what it is as a name in any case, or in the other language.

    Example:
        >>> values_of("people", "Ивана Петрова"), values_of("organisations", "втамо")
        (('Ивана Петрова', 'Иван Петров'), ('втамо', 'World Customs Organization'))
    """
    known = organisation_called(text) if field == "organisations" else None
    found = [known] if known else ENTITIES[field](text)
    return tuple(dict.fromkeys([text, *found[:1]])) if len(found) == 1 else (text,)


def surnames(snapshot: Snapshot, word: str) -> frozenset[str]:
    """The surnames, folded and in the nominative, that *word* may mean: it, in any case, and those that sound like it.

    The latter are in the other alphabet, and words of the commit: Микурии is Mikuriya.
    """
    form = fold(word)
    forms = [form, *(match.form for match in sounding_like(snapshot, form))]
    return frozenset(name for form in forms for name in (form, *nominative_surnames(form)))


def naming_any(
    snapshot: Snapshot, analyzer: Analyzer, field: str, fits: Callable[[str], bool], values: Sequence[str] | None
) -> Array:
    """For each document of the commit whether it has a value of *field* that *fits*.

    Only documents that have the words of one of *values* are read; with None, all.
    """
    mask = np.zeros(snapshot.size, np.bool_)
    if values is None:
        documents = np.arange(snapshot.size)
    else:
        spellings = [spelling for value in values for spelling in _spellings(field, value)]
        documents = union([_with_words(snapshot, analyzer, spelling) for spelling in spellings])
    for number in documents.tolist():
        mask[number] = any(map(fits, _named(*snapshot.place(number), field)))
    return mask


def _spellings(field: str, value: str) -> Sequence[str]:
    """What texts call *value*."""
    return (value, *organisation_spellings(value)) if field == "organisations" else (value,)


def _with_words(snapshot: Snapshot, analyzer: Analyzer, name: str) -> Array:
    """The documents that have all words of *name*, in any form, ascending."""
    tokens = [token for token in analyzer.tokens(name) if token.kind in ("word", "part")]
    found = [np.unique(snapshot.fields_of(snapshot.occurrences(token.terms)) >> 1) for token in tokens]
    documents: Array = reduce(partial(np.intersect1d, assume_unique=True), found) if found else np.arange(0)
    return documents


def _no_names(_: str) -> Mapping[str, str]:
    return {}


def _named(segment: Segment, number: int, field: str) -> tuple[str, ...]:
    kept = _FOUND.setdefault(segment, {})
    found = kept.get((field, number))
    if found is None:
        document = segment.document(number)
        find = ENTITIES[field]
        values = dict.fromkeys([*find(document.title), *find(document.body)])
        found = kept[field, number] = tuple(values)
    return found
