"""Whether compiled loops are wanted, and the door to those for texts, hits, packed lexicons and names.

Marking goes through a text character by character and makes small tuples; in Python that takes ten times as long as to
read and decompress the text. Ten hits are twenty objects of frozen classes, of which Python sets one attribute in the
time that `_records` makes one. To find a word in a lexicon and to read its line takes longer in Python than to find the
documents of its translations; so it does to tell how a word sounds. To cut many texts into runs of letters takes a
fifth of the time to build an index in NumPy; `_cutting` does it in a tenth of that. `_chunks`, `_marking` and
`_showing`, `_records`, `_lines`, `_sounds` and `_cutting` (Cython) are built where there is a C compiler; without it
Python and NumPy do the work. Both ways give the same snippets, hits, translations, names and runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final, TypeVar

try:
    from wco_search.compiled import _chunks as chunks
    from wco_search.compiled import _cutting as cutting
    from wco_search.compiled import _lines as lines
    from wco_search.compiled import _marking as marking
    from wco_search.compiled import _records
    from wco_search.compiled import _showing as showing
    from wco_search.compiled import _sounds as sounds
except ImportError:  # built where there is no C compiler
    _IS_BUILT = False
else:
    _IS_BUILT = True

VARIABLE: Final = "WCO_SEARCH_KERNEL"
"""The environment variable that names the loops to be used: `numpy`, or `compiled`, which is the default."""

IS_WANTED: Final = os.environ.get(VARIABLE, "") != "numpy"
"""Whether compiled loops are to be used where they are built."""

MARKING: bool = _IS_BUILT and IS_WANTED
"""Whether the compiled loops of marking are used."""

LINES: bool = _IS_BUILT and IS_WANTED
"""Whether packed lexicons are read by compiled loops."""

SOUNDS: bool = _IS_BUILT and IS_WANTED
"""Whether compiled loops tell how words sound."""

CUTTING: bool = _IS_BUILT and IS_WANTED
"""Whether the compiled loop of cutting is used."""

_T = TypeVar("_T")


def filled(kind: type[_T], names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> list[_T]:
    """An instance of a class, which may be frozen, for each row of values of the attributes *names*.

    Nothing else of it is set or checked: it is for values that are known to be right.

    Example:
        >>> from wco_search.fragments import Fragment
        >>> [fragment] = filled(Fragment, ("field", "text"), [("title", "Fossils")])
        >>> fragment.text
        'Fossils'
    """
    if MARKING:
        return _records.filled(kind, names, rows)
    made = []
    for row in rows:
        one = object.__new__(kind)
        for name, value in zip(names, row, strict=True):
            object.__setattr__(one, name, value)
        made.append(one)
    return made


__all__ = [
    "CUTTING",
    "IS_WANTED",
    "LINES",
    "MARKING",
    "SOUNDS",
    "VARIABLE",
    "chunks",
    "cutting",
    "filled",
    "lines",
    "marking",
    "showing",
    "sounds",
]
