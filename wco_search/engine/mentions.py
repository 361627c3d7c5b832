"""Which countries, people and organisations texts name, as columns of keywords; found when texts are indexed.

Countries are sought among the forms of a batch: every expression of `wco_search.languages.countries` by its forms.
Where one lies within a longer one (Guinea in Papua New Guinea, Korea in North Korea, American in Latin American) only
the longer one counts. People and organisations are those of `wco_search.languages.entities`.

What an index tells is what the version of this library found that added the documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from wco_search.analysis.batch import Runs
from wco_search.engine.columns import KeywordColumn
from wco_search.engine.lists import phrase_starts
from wco_search.engine.occurrences import union
from wco_search.engine.segment import NAMED
from wco_search.engine.strings import Array
from wco_search.languages import country_expressions
from wco_search.languages.entities import names_in

COUNTRY, PEOPLE, ORGANISATIONS = NAMED
"""The fields of what texts name."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the forms of some texts stand, which are titles and bodies in turn.

    Attributes:
        numbers: The number of each form.
        forms: Of each place the number of its form.
        positions: Its position.
        starts: Where each text starts.
    """

    numbers: Mapping[str, int]
    forms: Array
    positions: Array
    starts: Array


def named_arrays(texts: Sequence[str], runs: Runs, places: Places) -> dict[str, Array]:
    """The columns of what *texts* name, as arrays of a segment; *runs* are those of the texts."""
    size = len(texts) // 2
    people: dict[tuple[int, str], None] = {}  # each once a document, be it in title or body
    organisations: dict[tuple[int, str], None] = {}
    for number, names in names_in(texts, runs):
        people |= dict.fromkeys((number >> 1, name) for name in names.people)
        organisations |= dict.fromkeys((number >> 1, name) for name in names.organisations)
    columns = {
        COUNTRY: KeywordColumn.of_pairs(*_Countries(places).documents_and_codes(), size),
        PEOPLE: _column(people, size),
        ORGANISATIONS: _column(organisations, size),
    }
    return {f"{NAMED[name]}.{part}": a for name, column in columns.items() for part, a in column.arrays().items()}


def _column(pairs: Mapping[tuple[int, str], None], size: int) -> KeywordColumn:
    return KeywordColumn.of_pairs([document for document, _ in pairs], [name for _, name in pairs], size)


@dataclass(slots=True)
class _Countries:
    """Seeks the countries of some texts."""

    places: Places
    _of_form: dict[str, Array] = field(default_factory=dict)

    def documents_and_codes(self) -> tuple[list[int], list[str]]:
        """The documents that name countries, ascending, and whom they name, by ISO code; no pair twice."""
        self._find_forms()
        codes: list[str] = []
        starts, ends, owners = ([np.zeros(0, np.int64)] for _ in range(3))
        for code, words in country_expressions():
            found = self._expression(words)
            if len(found):
                starts.append(found)
                ends.append(found + len(words))
                owners.append(np.full(len(found), len(codes)))
                codes.append(code)
        start, end, owner = map(np.concatenate, (starts, ends, owners))
        kept = _outermost(start, end)
        texts = np.searchsorted(self.places.starts, start[kept], "right") - 1
        named = {(text >> 1, codes[one]) for text, one in zip(texts.tolist(), owner[kept].tolist(), strict=True)}
        pairs = sorted(pair for pair in named if pair[1])
        return [document for document, _ in pairs], [code for _, code in pairs]

    def _find_forms(self) -> None:
        """Find where the forms of expressions stand, all in one go."""
        numbers = self.places.numbers
        sought = {form: numbers[form] for form in _expression_forms() if form in numbers}
        is_sought = np.zeros(len(numbers), np.bool_)
        is_sought[list(sought.values())] = True
        found = np.flatnonzero(is_sought.take(self.places.forms))
        order = found[np.lexsort((self.places.positions[found], self.places.forms[found]))]
        forms, positions = self.places.forms[order], self.places.positions[order].astype(np.int64)
        wanted = np.array(list(sought.values()), forms.dtype)  # of another type, all forms would be converted
        lows, highs = (np.searchsorted(forms, wanted, side).tolist() for side in ("left", "right"))
        for form, low, high in zip(sought, lows, highs, strict=True):
            self._of_form[form] = positions[low:high]

    def _expression(self, words: tuple[frozenset[str], ...]) -> Array:
        """Where an expression begins."""
        lists = []
        for forms in words:
            own = [self._of_form[form] for form in forms & self._of_form.keys()]
            if not own:
                return np.zeros(0, np.int64)
            lists.append(union(own))
        return phrase_starts(lists).astype(np.int64) if len(lists) > 1 else lists[0]


@cache
def _expression_forms() -> frozenset[str]:
    return frozenset(form for _, words in country_expressions() for forms in words for form in forms)


def _outermost(starts: Array, ends: Array) -> Array:
    """The numbers of the spans that lie in no longer one.

    Example:
        >>> sorted(_outermost(np.array([5, 4, 9]), np.array([6, 6, 10])).tolist())
        [1, 2]
    """
    order = np.lexsort((-ends, starts))
    reached = np.maximum.accumulate(ends.take(order))
    inside = np.zeros(len(order), np.bool_)
    inside[1:] = ends.take(order)[1:] <= reached[:-1]
    same = np.zeros(len(order), np.bool_)  # two names of one length on one place both count
    same[1:] = (np.diff(starts.take(order)) == 0) & (np.diff(ends.take(order)) == 0) & ~inside[:-1]
    return order.compress(~inside | same)
