"""Finding the words of a query in a text without cutting all of it.

    forms --Seeker--> needles;    needles + text --chunks--> the few chunks to cut

What a word is found by stands in the text nearly as it is: folding changes the case of plain letters, ё, and the signs
that join words. So the beginnings of the forms are sought in a copy of the text that is folded character by character,
one byte each, and only the chunks with a hit are cut. Where folding does more (stress marks, accents, letters of the
other alphabet, other scripts), the chunk is given without a search, so nothing is ever missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from wco_search import compiled
from wco_search.analysis.tokenizer import CHUNK, MAX_JOINERS
from wco_search.text import fold

_CODING: Final = "cp1251"  # one byte for all letters of Russian and English and the signs of their typography
_ODD: Final = 0  # stands for every character that may belong to a word and that folding changes in other ways
_JOIN: Final = ord("-")  # stands for every sign that may join words
_GROUPED_BY = 3  # letters; forms that share them are one word's in most cases, and are sought by what they share
_LONGEST_ABBREVIATION: Final = MAX_JOINERS + 1  # letters that signs join in one chunk
MOST_NEEDLES: Final = 64  # with more of them, cutting the text takes less time

_PLAIN = re.compile("[0-9a-zа-я]*")
_KEPT = re.compile("[0-9A-Za-zА-Яа-яЁё]")
_LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя".encode(_CODING))


def _fold_byte(code: int) -> int:
    char = bytes([code]).decode(_CODING, "replace")
    if _KEPT.fullmatch(char):
        return fold(char).encode(_CODING)[0]
    if re.fullmatch(CHUNK, f"a{char}a") is None and re.fullmatch(CHUNK, f"1{char}1") is None:
        return ord(" ") if code != _ODD else _ODD  # in no word
    return _JOIN if char.isascii() or char in "–’" else _ODD


_FOLDED: Final = bytes(map(_fold_byte, range(256)))
_KNOWN = re.escape(bytes(range(1, 256)).decode(_CODING, "ignore"))
_UNKNOWN = re.compile(f"[^{_KNOWN}]")
# For each letter, L or C: its script; what may stand between the letters of a word is left out.
_SCRIPTS: Final = bytes(ord(" " if code not in _LETTERS else "L" if code < ord("\x7f") else "C") for code in range(256))
_BETWEEN: Final = b"0123456789-"
_TWO_SCRIPTS = re.compile(rb"[a-z](?=[0-9-]*[\xe0-\xff])|[\xe0-\xff](?=[0-9-]*[a-z])")


class Seeker:
    """Finds the chunks of texts that may have an entry of one of *forms*.

    Attributes:
        is_worthwhile: Whether to use it; where forms begin in too many ways, cutting the whole text is faster.
        loop: The compiled loop that does its work; None where Python does.

    Example:
        >>> seeker = Seeker(["таможня", "таможни", "covid-19"])
        >>> seeker.chunks("На таможне: ТАМОЖНЯ, Covid/19, ковид")
        [(3, 'таможне'), (12, 'ТАМОЖНЯ'), (21, 'Covid/19')]
    """

    def __init__(self, forms: Iterable[str]) -> None:
        self._needles = _needles(forms)
        self.is_worthwhile = len(self._needles) <= MOST_NEEDLES
        self.loop = _compiled(self._needles) if compiled.MARKING else None

    def chunks(self, text: str, *, between: bool = False) -> list[tuple[int, str]]:
        """Chunks of *text* and their places, in order: each that has an entry of one of the forms, and few others.

        With *between*, all that stand between the first and the last of these as well.
        """
        if self.loop is not None:
            return self.loop.chunks(text, between)
        chunks = list(self._chunks(text))
        return list(all_chunks(text, chunks[0][0], chunks[-1][0])) if between and chunks else chunks

    def _chunks(self, text: str) -> Iterator[tuple[int, str]]:
        folded = _folded(text)
        reached = 0  # never inside a chunk, so a search from here cuts as one from the beginning does
        for place in self._places(text, folded):
            if place < reached:
                continue
            start, end = max(reached, folded.rfind(b" ", reached, place) + 1), folded.find(b" ", place)
            run = (folded[start:end] if end >= 0 else folded[start:]).rstrip(b"-")
            if _JOIN not in run and _ODD not in run:  # one word, and no sign before it
                reached = start + len(run)
                yield start, text[start:reached]
                continue
            span = _chunk_at(text, start, place)
            if span is None:
                return
            start, reached = span
            if start <= place:
                yield start, text[start:reached]
            else:  # the place is in no chunk; this one may have the next
                reached = start

    def _places(self, text: str, folded: bytes) -> list[int]:
        """Where a form may begin, sorted, and one place at least in each chunk that has to be cut to know."""
        places: list[int] = []
        for needle in self._needles:
            place = folded.find(needle)
            while place >= 0:
                if not place or folded[place - 1] not in _LETTERS or _may_begin_piece(text, place):
                    places.append(place)
                place = folded.find(needle, place + 1)
        if not text.isascii():
            if _ODD in folded:
                places += [place for place, code in enumerate(folded) if code == _ODD]
            scripts = folded.translate(_SCRIPTS, _BETWEEN)
            if b"LC" in scripts or b"CL" in scripts:
                places += [match.start() for match in _TWO_SCRIPTS.finditer(folded)]
        places.sort()
        return places


def all_chunks(text: str, first: int, last: int) -> Iterator[tuple[int, str]]:
    """The chunks of *text* and their places, from place *first*, which is in none or begins one, to *last*.

    Example:
        >>> list(all_chunks("На таможне: COVID-19", 2, 12))
        [(3, 'таможне'), (12, 'COVID-19')]
    """
    for match in CHUNK.finditer(text, first):
        start = match.start()
        if start > last:
            return
        yield start, match.group()


def _chunk_at(text: str, start: int, place: int) -> tuple[int, int] | None:
    """The chunk that *place* is in, else the next one; *start*, before it, is in no chunk or begins one."""
    for match in CHUNK.finditer(text, start):
        if place < match.end():
            return match.span()
    return None


def _compiled(needles: tuple[bytes, ...]) -> compiled.chunks.Needles:
    folding, classes = _characters()
    return compiled.chunks.Needles(needles, folding, classes, _chunk_at)


@cache
def _characters() -> tuple[bytes, bytes]:
    """For the compiled loop: what `_folded` makes of each character below U+10000, and what each of those bytes is.

    A byte's class has a bit for a letter or digit, one for a script each, and one for what may stand between letters.
    """
    folding = bytearray([_FOLDED[0]]) * 0x10000
    for code in range(256):
        if char := bytes([code]).decode(_CODING, "ignore"):
            folding[ord(char)] = _FOLDED[code]
    classes = (
        (code in _LETTERS) | {ord("L"): 2, ord("C"): 4}.get(_SCRIPTS[code], 0) * (code not in _BETWEEN)
        | 8 * (code in _BETWEEN)
        for code in range(256)
    )  # fmt: skip
    return bytes(folding), bytes(classes)


def _needles(forms: Iterable[str]) -> tuple[bytes, ...]:
    """What to seek: no needle begins with another one.

    A form of letters may come from an abbreviation: `us` from `U.S.`; it is sought by its first two letters as well.
    """
    if compiled.MARKING:
        return compiled.chunks.needles(forms, _GROUPED_BY, _LONGEST_ABBREVIATION, _CODING)
    shared: dict[str, str] = {}  # by the first letters of forms, what all of these begin with
    for form in forms:
        plain = _PLAIN.match(form)
        head = plain.group() if plain else ""
        if not head:  # the chunks of other forms are cut anyway
            continue
        _share(shared, head)
        if 1 < len(head) == len(form) <= _LONGEST_ABBREVIATION and form.isalpha():
            _share(shared, f"{form[0]}-{form[1]}")
    needles: list[str] = []
    for needle in sorted(shared.values()):
        if not needles or not needle.startswith(needles[-1]):
            needles.append(needle)
    return tuple(needle.encode(_CODING) for needle in needles)


def _share(shared: dict[str, str], head: str) -> None:
    """Shorten what the heads with these first letters share to what this one begins with as well."""
    known = shared.setdefault(head[:_GROUPED_BY], head)
    while not head.startswith(known):
        known = known[:-1]
    shared[head[:_GROUPED_BY]] = known


def _folded(text: str) -> bytes:
    """*text* with each character folded on its own, in as many bytes."""
    if text.isascii():
        return text.encode().translate(_FOLDED)
    try:
        encoded = text.encode(_CODING)
    except UnicodeEncodeError:  # a few texts have accents or emoji: a test beforehand would cost all of them
        encoded = _UNKNOWN.sub("\0", text).encode(_CODING)
    return encoded.translate(_FOLDED)


def _may_begin_piece(text: str, place: int) -> bool:
    """Whether a word of plain characters may be cut at *place*, inside it; see `wco_search.analysis.tokenizer`."""
    before, here = text[place - 1], text[place]
    if before.isdigit() or here.isdigit():
        return before.isdigit() != here.isdigit()
    return here.isupper() and (before.islower() or text[place + 1 : place + 2].islower())
