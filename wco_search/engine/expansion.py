"""Patterns and misspellings to the forms of an index that fit them.

They run over the folded words as written, not over stems: `контр*` finds контрабанда and контроль, and no stem cut
short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array, key_of


@dataclass(frozen=True, slots=True)
class Expansion:
    """The forms found, sorted, and how many more there were."""

    forms: tuple[str, ...]
    left_out: int = 0


def expand_pattern(snapshot: Snapshot, pattern: str) -> Expansion:
    """The forms that a folded pattern with `*` and `?` fits."""
    head = pattern[: min((pattern.find(sign) for sign in "*?" if sign in pattern), default=len(pattern))]
    start = key_of(head)
    found = _forms_between(snapshot, start, start + b"\xff")  # no UTF-8 text holds the byte FF
    if pattern == f"{head}*":
        return _most_frequent(snapshot, found)
    fits = pattern_test(pattern)
    return _most_frequent(snapshot, {form: count for form, count in found.items() if fits(form)})


def expand_range(snapshot: Snapshot, low: str | None, high: str | None, *, closed: tuple[bool, bool]) -> Expansion:
    """The forms between two folded words in the order of their letters."""
    start = b"" if low is None else key_of(low) + (b"" if closed[0] else b"\0")
    end = None if high is None else key_of(high) + (b"\0" if closed[1] else b"")
    return _most_frequent(snapshot, _forms_between(snapshot, start, end))


def expand_fuzzy(snapshot: Snapshot, word: str, distance: int) -> Expansion:
    """The forms within *distance* edits of a folded word; never a form with digits, since 2001 is no slip for 2000."""
    forms = _forms_between(snapshot, b"", None)
    near = [form for form in forms if abs(len(form) - len(word)) <= distance and not _has_digit(form)]
    distances = edit_distances(word, near).tolist()
    return _most_frequent(
        snapshot, {form: forms[form] for form, d in zip(near, distances, strict=True) if d <= distance}
    )


def _has_digit(form: str) -> bool:
    return any(map(str.isdigit, form))


def _forms_between(snapshot: Snapshot, start: bytes, end: bytes | None) -> dict[str, int]:
    """The forms from *start* to before *end* in the order of bytes, and at how many places each stands."""
    counts: Counter[str] = Counter()
    for one in snapshot.slices:
        table = one.segment.forms
        first, last = table.bisect(start), len(table) if end is None else table.bisect(end)
        if first < last:
            found = zip(table.between(first, last), one.segment.form_counts[first:last].tolist(), strict=True)
            if not counts:
                counts.update(dict(found))
            else:
                for form, count in found:
                    counts[form] += count
    return counts


def _most_frequent(snapshot: Snapshot, counts: Mapping[str, int]) -> Expansion:
    best = list(counts)
    if len(best) > snapshot.max_expansions:
        best = sorted(best, key=lambda form: (-counts[form], form))[: snapshot.max_expansions]
    return Expansion(tuple(sorted(best)), len(counts) - len(best))


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


def edit_distances(word: str, candidates: Sequence[str]) -> Array:
    """Edits from *word* to each candidate: letters changed, added, lost, or two neighbours swapped.

    Optimal string alignment (the restricted Damerau-Levenshtein distance). A column of the matrix is two words of bits,
    in which it goes up and down (H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
    distances", 2003); the columns of all candidates are worked out at once.

    Example:
        >>> edit_distances("customs", ["customs", "custom", "cusotms", "fossil"]).tolist()
        [0, 1, 1, 6]
    """
    lengths = np.array([len(candidate) for candidate in candidates], np.int64)
    if not word or not candidates:
        return lengths
    kind = np.uint64 if len(word) <= 64 else object  # of longer words the bits are Python's own numbers
    one, top = np.array([1, 1 << (len(word) - 1)], kind)
    places = _places_of_letters(word, candidates, int(lengths.max()), kind)
    down = level = places_before = np.zeros_like(places[0])
    up = ~down
    distances = np.full(len(candidates), len(word), np.int64)
    for column, here in enumerate(places):
        swapped = ((~level & here) << one) & places_before
        level = (((here & up) + up) ^ up) | here | down | swapped
        right_up, right_down = down | ~(level | up), level & up
        change = ((right_up & top) != 0).astype(np.int64) - ((right_down & top) != 0)
        distances += np.where(column < lengths, change, 0)
        right_up, right_down = right_up << one | one, right_down << one
        up, down, places_before = right_down | ~(level | right_up), right_up & level, here
    return distances


def _places_of_letters(word: str, candidates: Sequence[str], width: int, kind: Any) -> Array:
    """For each column and candidate, bit i is set where letter i of *word* is the candidate's letter there."""
    letters = np.array(candidates, f"U{max(1, width)}").view(np.uint32).reshape(len(candidates), max(1, width)).T
    places = np.zeros(letters.shape, kind)
    for letter in dict.fromkeys(word):
        bits = sum(1 << place for place, other in enumerate(word) if other == letter)
        places[letters == ord(letter)] = np.array([bits], kind)[0]
    return places
