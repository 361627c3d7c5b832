"""The user's synonyms of the words of a query, for one commit.

    wco   ->  втамо; "всемирная таможенная организация"

A synonym of one word stands beside the word typed as its renderings in the other language do: for documents that have
the word as typed nothing changes, all others are found by the synonym. One of several words is a phrase.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wco_search.analysis import Analyzer
from wco_search.engine.plan import Group, Words
from wco_search.engine.snapshot import Snapshot
from wco_search.languages.rows import words_of
from wco_search.languages.synonyms import Synonyms
from wco_search.results import Interpretation

SYNONYM_WEIGHT: Final = 0.8  # of a synonym: what the user vouches for counts more than a dictionary, less than the word

_Key = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What is searched beside a word, or several, and what to tell of it."""

    leaves: tuple[Words, ...]
    told: Interpretation


class Synonymy:
    """Finds the synonyms of words in any of their forms."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, synonyms: Synonyms) -> None:
        self.snapshot = snapshot
        self._analyzer = analyzer
        self._texts: dict[_Key, dict[str, None]] = {}
        for entry, texts in synonyms.alternatives.items():
            self._texts.setdefault(self._key(entry), {}).update(dict.fromkeys(texts))
        self._longest = max(map(len, self._texts), default=0)

    def _key(self, forms: Sequence[str]) -> _Key:
        return tuple(map(self._analyzer.terms, forms))

    def word(self, group: Group) -> Alternatives | None:
        """The synonyms of one word as typed; None where the index has none."""
        return self._of((group.terms,), group.label)

    def phrases(self, forms: Sequence[str]) -> list[Alternatives]:
        """The synonyms of the entries of several words among *forms*, the longest at each place, none overlapping."""
        found = []
        start = 0
        while start < len(forms) - 1:
            length, alternatives = next(self._from(forms, start), (1, None))
            start += length
            found += [alternatives] if alternatives else []
        return found

    def _from(self, forms: Sequence[str], start: int) -> Iterator[tuple[int, Alternatives]]:
        for length in range(min(self._longest, len(forms) - start), 1, -1):
            span = forms[start : start + length]
            alternatives = self._of(self._key(span), " ".join(span))
            if alternatives is not None:
                yield length, alternatives

    def _of(self, key: _Key, label: str) -> Alternatives | None:
        leaves: list[Words] = []
        shown = []
        terms: set[str] = set()
        for text in self._texts.get(key, ()):
            groups = self._present(words_of(text))
            if groups:
                shown.append(text)
            if len(groups) == 1:
                terms.update(groups[0].terms)
            elif groups:
                leaves.append(Words(groups, weight=SYNONYM_WEIGHT))
        if terms:
            leaves.insert(0, self._beside(key, label, tuple(sorted(terms))))
        return Alternatives(tuple(leaves), Interpretation("synonym", label, ", ".join(shown))) if leaves else None

    def _beside(self, key: _Key, label: str, terms: tuple[str, ...]) -> Words:
        unless = key[0] if len(key) == 1 else ()
        return Words((Group(label, terms, weights=(SYNONYM_WEIGHT,) * len(terms), unless=unless),))

    def _present(self, forms: Sequence[str]) -> tuple[Group, ...]:
        """The words of a synonym with those of their terms that the index has; none where it lacks a word."""
        groups = [Group(form, tuple(filter(self.snapshot.has_term, self._analyzer.terms(form)))) for form in forms]
        return tuple(groups) if all(group.terms for group in groups) else ()
