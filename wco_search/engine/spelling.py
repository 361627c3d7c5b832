"""Misspelt words of a query to words of the index.

The edits are those of `edit_distances`: letters changed, added, lost, or two neighbours swapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from wco_search.analysis import Analyzer, Token
from wco_search.engine.expansion import edit_distances
from wco_search.engine.forms import FormTable
from wco_search.engine.plan import Group
from wco_search.engine.snapshot import Snapshot

SHORTEST: Final = 4  # letters of a word that is corrected; a shorter one is one letter from a dozen others
_TWO_EDITS: Final = 8  # letters from which a word may have two slips, as there still is little else that near
_SHORTEST_RARE: Final = 6  # the same of a word that the index has, but may have it misspelt
_RARER: Final = 20  # times that such a word must be rarer than its neighbour


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A form near a word: how many edits away, and at how many places its family stands."""

    form: str
    distance: int
    count: int


def nearest(table: FormTable, word: str, most: int) -> Neighbour | None:
    """The form other than *word* that is the fewest edits away, at most so many.

    Of several, one with the same first letter, which is seldom the wrong one; then the most frequent.
    """
    return next((found for distance in range(1, most + 1) if (found := _within(table, word, distance))), None)


def _within(table: FormTable, word: str, distance: int) -> Neighbour | None:
    numbers = table.letter_bits.near(word, distance)
    forms = list(table.forms.take(numbers))
    totals = table.totals[table.family_of[numbers]].tolist()
    found = [
        Neighbour(form, edits, total)
        for form, edits, total in zip(forms, edit_distances(word, forms).tolist(), totals, strict=True)
        if 0 < edits <= distance
    ]
    return min(found, key=lambda one: (one.form[0] != word[0], -one.count, one.form), default=None)


@dataclass(frozen=True, slots=True)
class Speller:
    """Corrects the words of queries to one commit.

    Attributes:
        snapshot: The commit.
        analyzer: What analysed it.
        known: Whether a dictionary has a folded form; such a form is right as typed.
    """

    snapshot: Snapshot
    analyzer: Analyzer
    known: Callable[[str], bool]

    def corrected(self, text: str) -> str | None:
        """*text*, some words, with those that are misspelt put right and all else as typed; None where none is."""
        pieces: list[str] = []
        end = 0
        for token, form in self._corrections(text):
            pieces += [text[end : token.start], _written_like(token.surface, form)]
            end = token.end
        return "".join([*pieces, text[end:]]) if pieces else None

    def _corrections(self, text: str) -> Iterator[tuple[Token, str]]:
        for token in self.snapshot.knowing(self.analyzer).tokens(text):
            if token.kind in ("word", "part") and (form := self._meant(token)) is not None:
                yield token, form

    def _meant(self, token: Token) -> str | None:
        form = token.form
        if len(form) < SHORTEST or any(map(str.isdigit, form)):
            return None
        table = self.snapshot.form_table
        own = table.family(form)
        if own is None and any(map(self.snapshot.has_term, token.terms)):
            return None  # another form of a word that the index has
        if (own is not None and len(form) < _SHORTEST_RARE) or self.known(form):
            return None
        found = nearest(table, form, 2 if own is None and len(form) >= _TWO_EDITS else 1)
        if found is None or (own is not None and found.count < _RARER * table.totals.item(own)):
            return None
        return found.form if self.snapshot.stands(Group("", forms=(found.form,))) else None


def _written_like(surface: str, form: str) -> str:
    """*form* in capitals, or with one, as *surface* is.

    Example:
        >>> _written_like("Custms", "customs"), _written_like("CUSTMS", "customs"), _written_like("custms", "customs")
        ('Customs', 'CUSTOMS', 'customs')
    """
    if surface.isupper():
        return form.upper()
    return form[0].upper() + form[1:] if surface[0].isupper() else form
