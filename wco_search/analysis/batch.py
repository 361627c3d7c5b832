"""Many texts cut at once, with arrays in place of a regular expression.

A *run* is a longest stretch of letters, digits and marks, and of single signs that may join them: `COVID-19`, `и`,
`раз,два`. Signs at its ends do not belong to it, and no chunk (`tokenizer.CHUNK`) reaches beyond one. So the chunks of
a text are those of its runs, one run after the other, and the regular expression needs to see each distinct run once.

Runs are found and told apart without making strings of them:

    code points --table--> one byte each, 0 where no run can be    (so a change from or to 0 is an end of a run)
    bytes at a run's start, up to 24 of them, as three numbers     (so equal numbers are equal runs, no hash involved)
    numbers --slots--> number of the run, if the run was met before

Runs that are new, longer, hold a letter without a byte of its own, or whose slot another run has taken, become strings
and are looked up in a dictionary. That is one in ten or twenty.

Where the loop is compiled (`wco_search.compiled`), it goes through the texts themselves, with the same table, and gives
the same runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wco_search import compiled
from wco_search.analysis.tokenizer import CHUNK, INSIDE, JOINER, LETTER

Array = NDArray[Any]

_CHARACTERS = 2**18  # of texts cut in one go: their arrays stay in the cache of a processor's core
_FEW_CHARACTERS = 500_000  # of all texts; to make the table of code points costs as much as to cut these
_SEPARATOR = "\n"  # between texts; in no run
_KEY_BYTES = 24  # characters of a run that its three numbers hold; one word in a thousand is longer
_SLOTS = 2**19  # three times the distinct runs of 50 million characters of news, in 2 MB
_LETTER_CODES = range(1, 224)  # bytes of letters and marks, then
_OTHER_LETTER = 224  # all that are left over,
_JOINER_CODES = range(225, 255)  # signs,
_OTHER_JOINER = 255  # and signs left over
# Which letters have a byte of their own: those of both languages, then their neighbours as far as bytes go.
_OWN = (*range(0x30, 0x7B), *range(0x410, 0x450), 0x401, 0x451, 0xAD, 0x301, *range(0xAA, 0x180))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of several texts.

    Attributes:
        distinct: Each run once, in order of first appearance.
        numbers: For every run of every text, one text after the other, its number in `distinct`.
        starts: For every run where in its text it starts.
        counts: How many runs each text has.
    """

    distinct: list[str]
    numbers: Array
    starts: Array
    counts: Array


def find_runs(texts: Sequence[str]) -> Runs:
    """The runs of *texts*.

    Example:
        >>> runs = find_runs(["COVID-19 and (not) COVID-19.", "", "И COVID-19"])
        >>> runs.distinct, runs.numbers.tolist(), runs.counts.tolist()
        (['COVID-19', 'and', 'not', 'И'], [0, 1, 2, 0, 3, 0], [4, 0, 2])
        >>> runs.starts.tolist()
        [0, 9, 14, 19, 0, 2]
    """
    if sum(map(len, texts)) < _FEW_CHARACTERS:
        return chunks_as_runs(texts)
    if compiled.CUTTING:
        distinct, numbers, starts, counts = compiled.cutting.runs(list(texts), _table())
        return Runs(
            distinct, np.frombuffer(numbers, np.int32), np.frombuffer(starts, np.uint32), np.array(counts, np.int64)
        )
    return _runs_by_arrays(texts)


def _runs_by_arrays(texts: Sequence[str]) -> Runs:
    numbering = _Numbering()
    numbers, begins, counts = [np.zeros(0, np.int32)], [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)]
    for some in _portions(texts):
        joined = _SEPARATOR.join(some)
        codes = _codes(joined)
        starts, ends = _spans(codes)
        numbers.append(numbering(joined, codes, starts, ends))
        sizes = np.array([len(text) + 1 for text in some])
        text_ends = np.cumsum(sizes)
        counts.append(np.diff(np.searchsorted(starts, text_ends), prepend=0))
        begins.append((starts - np.repeat(text_ends - sizes, counts[-1])).astype(np.uint32))
    return Runs(list(numbering.numbers), np.concatenate(numbers), np.concatenate(begins), np.concatenate(counts))


def chunks_as_runs(texts: Sequence[str]) -> Runs:
    """The same by the regular expression, every chunk a run of its own: quicker for few texts.

    Example:
        >>> chunks_as_runs(["Киото, Киото", "2020"])
        Runs(distinct=['Киото', '2020'], numbers=array([0, 0, 1]), starts=array([0, 7, 0]), counts=array([2, 1]))
    """
    numbers: dict[str, int] = {}
    found = [list(CHUNK.finditer(text)) for text in texts]
    flat = [numbers.setdefault(match[0], len(numbers)) for matches in found for match in matches]
    starts = [match.start() for matches in found for match in matches]
    counts = [len(matches) for matches in found]
    return Runs(list(numbers), *(np.array(values, np.int64) for values in (flat, starts, counts)))


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first, size = 0, 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHARACTERS:
            yield texts[first : place + 1]
            first, size = place + 1, 0
    if first < len(texts):
        yield texts[first:]


@cache
def _table() -> Array:
    """The byte of each code point."""
    points = np.arange(0x110000, dtype=np.uint32)
    everything = points.tobytes().decode("utf-32-le", "surrogatepass")
    table = np.zeros(len(points), np.uint8)
    for pattern, own, rest in (
        (f"(?:{JOINER}|,)+", _JOINER_CODES, _OTHER_JOINER),
        (f"(?:{LETTER}|{INSIDE})+", _LETTER_CODES, _OTHER_LETTER),  # last: one apostrophe is a letter as well
    ):
        members = np.concatenate([points[slice(*match.span())] for match in re.finditer(pattern, everything)])
        table[members] = rest
        preferred = [point for point in dict.fromkeys((*_OWN, *members[:40].tolist())) if table[point] == rest]
        table[preferred[: len(own)]] = own[: len(preferred)]
    return table


def _codes(text: str) -> Array:
    """The byte of each character, and zeros behind, so that a key may be read at the last one."""
    codes = np.zeros(len(text) + _KEY_BYTES, np.uint8)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    np.take(_table(), points.astype(np.intp), out=codes[: len(points)])
    return codes


def _spans(codes: Array) -> tuple[Array, Array]:
    """Where runs start and end."""
    letters = (codes != 0) & (codes <= _OTHER_LETTER)
    inside = letters.copy()
    inside[1:-1] |= (codes[1:-1] > _OTHER_LETTER) & letters[:-2] & letters[2:]
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if inside[0]:
        edges = np.concatenate([[0], edges])
    return edges[::2], edges[1::2]


_MASKS = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(_KEY_BYTES + 1)], np.uint64)
"""What is left of eight bytes if only the first `n` count."""


@dataclass(slots=True)
class _Numbering:
    """Numbers for runs in order of first appearance.

    Attributes:
        numbers: The number of each run.
        slots: The number of a run whose key falls there, -1 where there is none.
        keys: Three numbers for each run in a slot, by its number.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    slots: Array = field(default_factory=lambda: np.full(_SLOTS, -1, np.int32))
    keys: tuple[Array, ...] = field(default_factory=lambda: tuple(np.zeros(1, np.uint64) for _ in range(3)))

    def __call__(self, text: str, codes: Array, starts: Array, ends: Array) -> Array:
        """The number of each run of *text*."""
        keys, is_exact = _keys(codes, starts, ends)
        slots = _slot_of(keys)
        found = self.slots.take(slots)
        is_found = is_exact & (found >= 0)
        for known, key in zip(self.keys, keys, strict=True):
            is_found &= known.take(found, mode="clip") == key
        missed = np.flatnonzero(~is_found)
        spans = zip(starts[missed].tolist(), ends[missed].tolist(), strict=True)
        numbers = self.numbers
        found[missed] = [numbers.setdefault(text[start:end], len(numbers)) for start, end in spans]
        self._remember(missed[is_exact[missed]], found, slots, keys)
        return found

    def _remember(self, places: Array, found: Array, slots: Array, keys: tuple[Array, ...]) -> None:
        """Take free slots for the runs at *places*."""
        places = places[self.slots[slots[places]] < 0]
        places = places[np.unique(slots[places], return_index=True)[1]]
        room = len(self.keys[0])
        if len(self.numbers) > room:
            more = np.zeros(2 * len(self.numbers) - room, np.uint64)
            self.keys = tuple(np.concatenate([known, more]) for known in self.keys)
        self.slots[slots[places]] = found[places]
        for known, key in zip(self.keys, keys, strict=True):
            known[found[places]] = key[places]


def _keys(codes: Array, starts: Array, ends: Array) -> tuple[tuple[Array, ...], Array]:
    """Three numbers for each run, and whether they tell it from all others."""
    lengths = ends - starts
    eights: Array = np.ndarray((len(codes) - 7,), "<u8", codes, strides=(1,))  # the eight bytes from every byte on
    keys = tuple(
        eights[np.minimum(starts + shift, len(eights) - 1)] & _MASKS[np.clip(lengths - shift, 0, 8)]
        for shift in range(0, _KEY_BYTES, 8)
    )
    is_exact = lengths <= _KEY_BYTES
    strange = np.flatnonzero((codes == _OTHER_LETTER) | (codes == _OTHER_JOINER))
    is_exact &= np.searchsorted(strange, starts) == np.searchsorted(strange, ends)
    return keys, is_exact


def _slot_of(keys: tuple[Array, ...]) -> Array:
    """A slot for each key: multiplicative hashing (Knuth, TAOCP 3, 6.4), with three odd numbers for the three parts."""
    first, second, third = keys
    mixed = first * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed += second * np.uint64(0xBF58476D1CE4E5B9)
    mixed += third * np.uint64(0x94D049BB133111EB)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - 19)).astype(np.intp)
