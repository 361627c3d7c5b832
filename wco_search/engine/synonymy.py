"""The user's synonyms of the words of a query, for one commit.

    wco   ->  втамо; "всемирная таможенная организация"

A synonym of one word is an alternative of the word typed, in one group with it: of a document that has both, the one
that counts for more counts. One of several words is a phrase beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
    """What a word, or several, are as well.

    Attributes:
        label: The words as typed.
        terms: Those of its synonyms of one word, sorted.
        phrases: Its synonyms of several.
        told: What to tell of it.
    """

    label: str
    terms: tuple[str, ...]
    phrases: tuple[Words, ...]
    told: Interpretation

    def beside(self, words: Words) -> list[Words]:
        """*words*, a single one, with the synonyms of one word among its alternatives; then those of several."""
        (group,) = words.groups
        weights = dict.fromkeys(self.terms, SYNONYM_WEIGHT)
        typed = zip(group.terms, group.weights or (1.0,) * len(group.terms), strict=True)
        weights |= {term: max(weight, weights.get(term, 0.0)) for term, weight in typed}
        terms = tuple(sorted(weights))
        merged = Group(group.label, terms, weights=tuple(weights[term] for term in terms)) if self.terms else group
        phrases = (replace(one, scope=words.scope, weight=one.weight * words.weight) for one in self.phrases)
        return [replace(words, groups=(merged,)), *phrases]

    def leaves(self) -> list[Words]:
        """The synonyms of several words, whose own words are sought one by one."""
        own = Words((Group(self.label, self.terms),), weight=SYNONYM_WEIGHT)
        return [own, *self.phrases] if self.terms else list(self.phrases)


class SynonymTable:
    """The user's synonyms by the terms of their entries, whichever form these are typed in; made once."""

    def __init__(self, analyzer: Analyzer, synonyms: Synonyms) -> None:
        if not isinstance(synonyms, Synonyms):
            raise TypeError(f"synonyms are what wco_search.Synonyms.read makes of a file, not {synonyms!r}")
        self._analyzer = analyzer
        self._texts: dict[_Key, dict[str, None]] = {}
        for entry, texts in synonyms.alternatives.items():
            self._texts.setdefault(self.key(entry), {}).update(dict.fromkeys(texts))
        self.longest = max(map(len, self._texts), default=0)

    def key(self, forms: Sequence[str]) -> _Key:
        """The terms of each of the folded *forms*."""
        return tuple(map(self._analyzer.terms, forms))

    def texts(self, key: Sequence[tuple[str, ...]]) -> Iterable[str]:
        """The synonyms of an entry."""
        return self._texts.get(tuple(key), ())

    def within(self, forms: Sequence[str]) -> list[str]:
        """The synonyms of all entries of several words among *forms*, overlapping ones too."""
        key = self.key(forms)
        spans = ((start, start + size) for size in range(2, self.longest + 1) for start in range(len(key) - size + 1))
        return [text for start, end in spans for text in self.texts(key[start:end])]


class Synonymy:
    """Finds the synonyms of words in any of their forms."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, table: SynonymTable) -> None:
        self.snapshot = snapshot
        self._analyzer = analyzer
        self._table = table

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
        for length in range(min(self._table.longest, len(forms) - start), 1, -1):
            span = forms[start : start + length]
            alternatives = self._of(self._table.key(span), " ".join(span))
            if alternatives is not None:
                yield length, alternatives

    def _of(self, key: _Key, label: str) -> Alternatives | None:
        phrases: list[Words] = []
        shown = []
        terms: set[str] = set()
        for text in self._table.texts(key):
            groups = self._present(words_of(text))
            if groups:
                shown.append(text)
            if len(groups) == 1:
                terms.update(groups[0].terms)
            elif groups:
                phrases.append(Words(groups, weight=SYNONYM_WEIGHT))
        if not shown:
            return None
        told = Interpretation("synonym", label, ", ".join(shown))
        return Alternatives(label, tuple(sorted(terms)), tuple(phrases), told)

    def _present(self, forms: Sequence[str]) -> tuple[Group, ...]:
        """The words of a synonym with those of their terms that the index has; none where it lacks a word."""
        groups = [Group(form, tuple(filter(self.snapshot.has_term, self._analyzer.terms(form)))) for form in forms]
        return tuple(groups) if all(group.terms for group in groups) else ()
