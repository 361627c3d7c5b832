"""`FormTable`: all words of a commit as written, in one sorted table, and the families that inflection makes of them.

A *family* is the forms that share all their terms: fossil and fossils; контрабанда, контрабандой, контрабанду. Whoever
types one of them finds all of them, so lists of words show a family once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from wco_search.analysis import russian
from wco_search.analysis.analyzer import language_of_form
from wco_search.engine.letters import LetterBits
from wco_search.engine.segment import Segment
from wco_search.engine.strings import Array, Dictionary, StringTable

_PART_SCANNED: Final = 16  # ranges of more than this part of all forms are met soon in the order of frequency
_BLOCK: Final = 1 << 14  # forms looked at at once in that order
_FORMS_A_FAMILY: Final = 32  # forms sorted for each family that is wanted; most families have fewer than ten
_USUAL: Final = 5  # a form this many times rarer than the most frequent of its family does not stand for it
_MOST_LEMMAS: Final = 20_000  # families kept with their lemmas; some 3 MB


class FormTable:
    """The forms of some segments.

    Attributes:
        forms: The folded forms, sorted.
        family_of: For each form the number of its family.
        totals: For each family at how many places any of its forms stands.
    """

    def __init__(
        self, forms: Dictionary, counts: Array, terms: StringTable, term_offsets: Array, form_terms: Array
    ) -> None:
        self.forms = forms
        self._counts = counts
        self._terms = terms
        self._lemmas: dict[int, tuple[str, ...]] = {}
        self.family_of, self._term_numbers = _families(term_offsets, form_terms, len(terms))
        size = len(terms) + len(self._term_numbers)
        self.totals: Array = np.bincount(self.family_of, weights=counts, minlength=size).astype(np.int64)

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> FormTable:
        """The table of all forms of *segments*: of a single one, its own arrays; of several, put together."""
        if len(segments) == 1:
            (only,) = segments
            return cls(only.forms, only.form_counts, only.terms, only.form_term_offsets, only.form_terms)
        forms = _union([segment.forms for segment in segments])
        terms = _union([segment.terms for segment in segments])
        counts = np.zeros(len(forms), np.int64)
        terms_of: list[Sequence[int]] = [()] * len(forms)
        for segment in segments:
            new_forms, new_terms = _numbers(segment.forms, forms), _numbers(segment.terms, terms)
            counts[new_forms] += segment.form_counts
            flat, offsets = new_terms[segment.form_terms].tolist(), segment.form_term_offsets.tolist()
            for form, (start, end) in zip(new_forms.tolist(), pairwise(offsets), strict=True):
                terms_of[form] = flat[start:end]
        offsets = np.concatenate([[0], np.cumsum([len(several) for several in terms_of])]).astype(np.int64)
        form_terms = np.array([term for several in terms_of for term in several], np.int64)
        return cls(forms, counts, terms, offsets, form_terms)

    def family(self, form: str) -> int | None:
        """The family of a folded form, or None where it stands nowhere."""
        number = self.forms.find(form)
        return None if number is None else int(self.family_of.item(number))

    def terms(self, family: int) -> tuple[str, ...]:
        """The terms that the forms of a family share, sorted."""
        single = len(self._terms)
        numbers = (family,) if family < single else self._term_numbers[family - single]
        return tuple(sorted(self._terms[number] for number in numbers))

    def most_frequent(self, prefix: str, limit: int) -> list[int]:
        """The families that have a form beginning with a folded *prefix*: most frequent first, ties by that form."""
        first, last = self.forms.prefix_range(prefix)
        if last - first > len(self.forms) // _PART_SCANNED:
            return _distinct(map(self.family_of.item, self._scanned(first, last)), limit)
        return self._selected(first, last, limit)

    def _scanned(self, first: int, last: int) -> Iterator[int]:
        """The forms of a large range, in the order of frequency."""
        for start in range(0, len(self.forms), _BLOCK):
            block = self._order[start : start + _BLOCK]
            yield from block[(block >= first) & (block < last)].tolist()

    def _selected(self, first: int, last: int, limit: int) -> list[int]:
        """The families of a small range: its forms are sorted as far as need be."""
        ranks = self._ranks[first:last]
        wanted = _FORMS_A_FAMILY * limit
        while True:
            best = ranks if wanted >= len(ranks) else np.partition(ranks, wanted)[:wanted]
            found = _distinct(self.family_of[self._order[np.sort(best)]].tolist(), limit)
            if len(found) == limit or wanted >= len(ranks):
                return found
            wanted *= 4

    @cached_property
    def letter_bits(self) -> LetterBits:
        """By which forms near a word are found."""
        return LetterBits.of(self.forms)

    @cached_property
    def _order(self) -> Array:
        """The forms by the frequency of their families, ties by number."""
        return np.argsort(-self.totals[self.family_of], kind="stable")

    @cached_property
    def _ranks(self) -> Array:
        """For each form its place in that order."""
        ranks = np.empty(len(self.forms), np.int32)
        ranks[self._order] = np.arange(len(self.forms), dtype=np.int32)
        return ranks

    @cached_property
    def _by_family(self) -> tuple[Array, Array]:
        """The forms sorted by family, and where each family starts."""
        ends = np.cumsum(np.bincount(self.family_of, minlength=len(self.totals)))
        return np.argsort(self.family_of, kind="stable"), np.concatenate([[0], ends])

    def shown(self, family: int, prefix: str = "") -> str:
        """The form that stands for a family in lists, among those that begin with *prefix*.

        The basic form of the Russian dictionary, where it stands somewhere; else the shortest of the usual ones.
        """
        forms, starts = self._by_family
        members = forms[starts[family] : starts[family + 1]]
        counts = {self.forms[number]: self._counts.item(number) for number in members.tolist()}
        counts = {form: count for form, count in counts.items() if form.startswith(prefix)}
        most = max(counts, key=lambda form: (counts[form], form))
        for lemma in self._lemmas_of(family, most):
            if lemma in counts:
                return lemma
        usual = [form for form, count in counts.items() if count * _USUAL >= counts[most]]
        return min(usual, key=lambda form: (len(form), -counts[form], form))

    def _lemmas_of(self, family: int, form: str) -> tuple[str, ...]:
        if language_of_form(form) != "ru":
            return ()
        if family not in self._lemmas:
            if len(self._lemmas) >= _MOST_LEMMAS:
                self._lemmas.clear()
            self._lemmas[family] = russian.lemmas(form)
        return self._lemmas[family]


def _families(offsets: Array, form_terms: Array, terms: int) -> tuple[Array, list[tuple[int, ...]]]:
    """For each form its family, and the terms of the families that have several.

    Forms of one term have the number of that term; those of several are numbered behind all terms.
    """
    families = form_terms[offsets[:-1]].astype(np.int64)
    several: dict[tuple[int, ...], int] = {}
    for form in np.flatnonzero(np.diff(offsets) > 1).tolist():
        own = tuple(sorted(form_terms[offsets.item(form) : offsets.item(form + 1)].tolist()))
        families[form] = several.setdefault(own, terms + len(several))
    return families, list(several)


def _union(tables: Sequence[StringTable]) -> Dictionary:
    table = StringTable.sorted_of(set().union(*tables))
    return Dictionary(table.blob, table.offsets)


def _numbers(old: StringTable, new: StringTable) -> Array:
    """For each string of *old* its number in *new*."""
    numbers = {string: number for number, string in enumerate(new)}
    return np.fromiter(map(numbers.__getitem__, old), np.int64, len(old))


def _distinct(families: Iterator[int] | Sequence[int], limit: int) -> list[int]:
    """The first *limit* different ones, in their order."""
    found: dict[int, None] = {}
    for family in families:
        if len(found) == limit:
            break
        found[family] = None
    return list(found)
