"""Whether compiled loops are wanted, and the door to those that mark words in texts and make hits.

Marking goes through a text character by character and makes small tuples; in Python that takes ten times as long as to
read and decompress the text. `_marking` (Cython) has the same loops. Ten hits are twenty objects of frozen classes, of
which Python sets one attribute in the time that `_records` makes one. Both are built where there is a C compiler;
without it Python does the work. Both ways give the same snippets to the character, and the same hits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final, TypeVar

try:
    from wco_search.compiled import _marking as marking
    from wco_search.compiled import _records
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


__all__ = ["IS_WANTED", "MARKING", "VARIABLE", "filled", "marking"]
