"""A search engine of fifty lines that shares nothing with the real one but the analyzer: it decides what is right.

It keeps tokens in lists, walks them all for every query, and computes the published formulas with plain floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wco_search.analysis import Analyzer, Token
from wco_search.documents import Document

K1, B, TITLE = 0.9, 0.55, 1.0


def lucene_length(length: int) -> int:
    """The length that one byte keeps: exact to 40, then the top four bits of what exceeds 24."""
    if length < 24:
        return length
    rest = length - 24
    shift = max(0, rest.bit_length() - 4)
    return 24 + (rest >> shift << shift)


@dataclass
class Place:
    """One position of a text: the field, and what stands there."""

    field: str
    tokens: list[Token]


class Oracle:
    """Documents as lists of places."""

    def __init__(self, documents: Sequence[Document], analyzer: Analyzer) -> None:
        self.documents = documents
        self.analyzer = analyzer
        self.texts = [self._places(document) for document in documents]

    def _places(self, document: Document) -> dict[str, list[Place]]:
        texts: dict[str, list[Place]] = {}
        for field, text in (("title", document.title), ("body", document.body)):
            places: list[Place] = []
            for token in self.analyzer.tokens(text):
                while len(places) <= token.position:
                    places.append(Place(field, []))
                places[token.position].tokens.append(token)
            texts[field] = places
        return texts

    def length(self, number: int, field: str) -> int:
        """How many places the field has."""
        return len(self.texts[number][field])

    def norm(self, number: int, field: str) -> float:
        """K of one field of one document."""
        lengths = [length for n in range(len(self.documents)) if (length := self.length(n, field))]
        mean = sum(lengths) / len(lengths)
        return K1 * (1 - B + B * lucene_length(self.length(number, field)) / mean)

    def places(self, number: int, scope: str, fits: Callable[[Token], bool]) -> list[tuple[str, int]]:
        """Where a token fits: (field, position)."""
        fields = ("title", "body") if scope == "text" else (scope,)
        return [
            (field, position)
            for field in fields
            for position, place in enumerate(self.texts[number][field])
            if any(fits(token) for token in place.tokens)
        ]

    def scores(self, scope: str, found: list[list[tuple[str, int]]], rarity: float | None = None) -> dict[int, float]:
        """BM25 of one leaf: *found* are its places in each document; *rarity* is its idf if not its own."""
        frequency = sum(bool(places) for places in found)
        idf = math.log(1 + (len(found) - frequency + 0.5) / (frequency + 0.5)) if rarity is None else rarity
        weights = {"title": TITLE, "body": 1.0} if scope == "text" else {scope: 1.0}
        scores = {}
        for number, places in enumerate(found):
            if places:
                scores[number] = 0.0
                for field, weight in weights.items():
                    tf = sum(place_field == field for place_field, _ in places)
                    scores[number] += idf * weight * tf / (tf + self.norm(number, field)) if tf else 0.0
        return scores

    def word(self, terms: Sequence[str], scope: str = "text") -> dict[int, float]:
        """Scores of the documents that have any of *terms*."""
        wanted = set(terms)
        found = [self.places(n, scope, lambda t: bool(wanted & set(t.terms))) for n in range(len(self.documents))]
        return self.scores(scope, found)

    def phrase(self, words: Sequence[Sequence[str]], slop: int = 0, scope: str = "text") -> dict[int, float]:
        """Scores of the documents where the words stand side by side, or all in a window with *slop* others."""
        rarity = 0.0
        each = []
        for terms in words:
            wanted = set(terms)
            found = [
                self.places(n, scope, lambda t, w=wanted: bool(w & set(t.terms)))  # type: ignore[misc]
                for n in range(len(self.documents))
            ]
            each.append(found)
            frequency = sum(bool(places) for places in found)
            rarity += math.log(1 + (len(found) - frequency + 0.5) / (frequency + 0.5))
        occurrences = []
        for n in range(len(self.documents)):
            sets = [set(found[n]) for found in each]
            occurrences.append(_side_by_side(sets) if slop == 0 else _windows(sets, len(words) + slop))
        return self.scores(scope, occurrences, rarity)


def _side_by_side(sets: list[set[tuple[str, int]]]) -> list[tuple[str, int]]:
    return [(f, p) for f, p in sorted(sets[0]) if all((f, p + i) in places for i, places in enumerate(sets))]


def _windows(sets: list[set[tuple[str, int]]], width: int) -> list[tuple[str, int]]:
    """Starts of the windows at most *width* wide that hold one of each set and hold no smaller such window."""
    starts = set()
    everything = sorted(set().union(*sets))
    for field, start in everything:
        for end_field, end in everything:
            if end_field == field and start <= end < start + width:
                inside = [{(f, p) for f, p in places if f == field and start <= p <= end} for places in sets]
                tighter = [{(f, p) for f, p in places if p > start} for places in inside]
                if all(inside) and not all(tighter):
                    starts.add((field, start))
    return sorted(starts)
