"""Patterns and misspellings to the forms of an index that fit them.

They run over the folded words as written, not over stems: `контр*` finds контрабанда and контроль, and no stem cut
short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array

MAX_EXPANSIONS: Final = 1024  # forms of one pattern that are searched, the most frequent: more than any reader means


@dataclass(frozen=True, slots=True)
class Expansion:
    """Numbers of the forms found, ascending, and how many more there were."""

    forms: tuple[int, ...]
    left_out: int = 0


def expand_pattern(snapshot: Snapshot, pattern: str) -> Expansion:
    """The forms that a folded pattern with `*` and `?` fits."""
    fits = pattern_test(pattern)
    head = pattern[: min((pattern.find(sign) for sign in "*?" if sign in pattern), default=len(pattern))]
    first, last = snapshot.segment.forms.prefix_range(head)
    if pattern == f"{head}*":
        return _most_frequent(snapshot.segment, np.arange(first, last))
    forms = snapshot.form_list
    return _most_frequent(snapshot.segment, np.array([n for n in range(first, last) if fits(forms[n])], np.int64))


def expand_range(snapshot: Snapshot, low: str | None, high: str | None, *, closed: tuple[bool, bool]) -> Expansion:
    """The forms between two folded words in the order of their letters."""
    table = snapshot.segment.forms
    first = 0 if low is None else table.bisect(low.encode() + (b"" if closed[0] else b"\0"))
    last = len(table) if high is None else table.bisect(high.encode() + (b"\0" if closed[1] else b""))
    return _most_frequent(snapshot.segment, np.arange(first, max(first, last)))


def expand_fuzzy(snapshot: Snapshot, word: str, distance: int) -> Expansion:
    """The forms within *distance* edits of a folded word; never a form with digits, since 2001 is no slip for 2000."""
    forms = snapshot.form_list
    near = [n for n, form in enumerate(forms) if abs(len(form) - len(word)) <= distance and not _has_digit(form)]
    distances = edit_distances(word, [forms[n] for n in near])
    return _most_frequent(snapshot.segment, np.array(near, np.int64)[distances <= distance])


def _has_digit(form: str) -> bool:
    return any(map(str.isdigit, form))


def _most_frequent(segment: Segment, forms: Array) -> Expansion:
    if len(forms) <= MAX_EXPANSIONS:
        return Expansion(tuple(forms.tolist()))
    order = np.lexsort((forms, -segment.form_counts[forms]))[:MAX_EXPANSIONS]
    return Expansion(tuple(np.sort(forms[order]).tolist()), len(forms) - MAX_EXPANSIONS)


def pattern_test(pattern: str) -> Callable[[str], bool]:
    """Whether a word fits *pattern*, in time linear in the product of their lengths.

    Regular expressions would do for most patterns and take for ever on some.

    Example:
        >>> [pattern_test("т*жн?")(word) for word in ("таможня", "тажна", "таможник")]
        [True, True, False]
    """

    def fits(word: str) -> bool:
        place = at = 0
        star, retry = -1, 0
        while at < len(word):
            if place < len(pattern) and pattern[place] == "*":
                star, retry = place, at
                place += 1
            elif place < len(pattern) and pattern[place] in ("?", word[at]):
                place, at = place + 1, at + 1
            elif star >= 0:
                retry += 1
                place, at = star + 1, retry
            else:
                return False
        return all(sign == "*" for sign in pattern[place:])

    return fits


def edit_distances(word: str, candidates: list[str]) -> Array:
    """Edits from *word* to each candidate: letters changed, added, lost, or two neighbours swapped.

    Optimal string alignment (the restricted Damerau-Levenshtein distance), a row of the matrix for all candidates at
    once.

    Example:
        >>> edit_distances("customs", ["customs", "custom", "cusotms", "fossil"]).tolist()
        [0, 1, 1, 6]
    """
    width = max(map(len, candidates), default=0)
    letters = np.zeros((len(candidates), width), np.uint32)
    for row, candidate in enumerate(candidates):
        letters[row, : len(candidate)] = np.frombuffer(candidate.encode("utf-32-le"), np.uint32)
    codes = np.frombuffer(word.encode("utf-32-le"), np.uint32)
    before_last: Array | None = None
    last: Array = np.tile(np.arange(width + 1), (len(candidates), 1))
    for i, code in enumerate(codes, start=1):
        distances: Array = np.empty_like(last)
        distances[:, 0] = i
        for j in range(1, width + 1):
            change = last[:, j - 1] + (letters[:, j - 1] != code)
            distances[:, j] = np.minimum(np.minimum(last[:, j], distances[:, j - 1]) + 1, change)
            if before_last is not None and j > 1:
                swapped = (letters[:, j - 1] == codes[i - 2]) & (letters[:, j - 2] == code)
                swap = np.where(swapped, before_last[:, j - 2] + 1, i + j)
                distances[:, j] = np.minimum(distances[:, j], swap)
        before_last, last = last, distances
    lengths = np.array([len(candidate) for candidate in candidates], np.int64)
    found: Array = last[np.arange(len(candidates)), lengths]
    return found
