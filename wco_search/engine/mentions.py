"""Which documents name which countries, from the words of a segment; nothing is stored for it.

Every expression of `wco_search.languages.countries` is sought by its forms. Where one lies within a longer one (Guinea
in Papua New Guinea, Korea in North Korea, American in Latin American) only the longer one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np

from wco_search.engine.lists import phrase_starts
from wco_search.engine.occurrences import union
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.languages import country_expressions

COUNTRY = "country"
"""The field of the countries that a text names."""

_MENTIONS: WeakKeyDictionary[Segment, Mapping[str, Array]] = WeakKeyDictionary()


def mentioned(segment: Segment) -> Mapping[str, Array]:
    """By ISO code the documents of *segment* that name a country, ascending; worked out when first asked for."""
    found = _MENTIONS.get(segment)
    if found is None:
        found = _MENTIONS[segment] = _Search(segment).mentions()
    return found


def naming(snapshot: Snapshot, code: str) -> Array:
    """For each document of the commit whether it names the country."""
    mask = np.zeros(snapshot.size, np.bool_)
    for one in snapshot.slices:
        mask[one.first_document + mentioned(one.segment).get(code, np.zeros(0, np.int64))] = True
    return mask


class _Search:
    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._forms: dict[str, Array] = {}

    def mentions(self) -> Mapping[str, Array]:
        """The documents of each country that is named anywhere."""
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
        documents = self._segment.fields_of(start[kept]) >> 1
        owner = owner[kept]
        gathered: dict[str, list[Array]] = {}
        for number in np.unique(owner).tolist():
            gathered.setdefault(codes[number], []).append(np.unique(documents[owner == number]))
        return {code: union(lists) for code, lists in gathered.items() if code}

    def _expression(self, words: tuple[frozenset[str], ...]) -> Array:
        """Where an expression begins."""
        lists: list[Array] = []
        for forms in sorted(words, key=len, reverse=True):  # names have more forms than what joins them: sooner empty
            places = self._places(forms)
            if not len(places):
                return places
            lists.append(places)
        if len(words) > 1:
            lists = [self._places(forms) for forms in words]
            return phrase_starts(lists).astype(np.int64)
        return lists[0].astype(np.int64)

    def _places(self, forms: frozenset[str]) -> Array:
        return union([self._form(form) for form in forms] or [self._segment.positions[:0]])

    def _form(self, form: str) -> Array:
        if form not in self._forms:
            number = self._segment.forms.find(form)
            empty = self._segment.positions[:0]
            self._forms[form] = empty if number is None else np.unique(self._segment.form_positions(number))
        return self._forms[form]


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
