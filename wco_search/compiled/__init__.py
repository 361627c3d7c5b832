"""Whether compiled loops are wanted, and the door to those for texts, packed lexicons and names.

Marking goes through a text character by character and makes small tuples; in Python that takes ten times as long as to
read and decompress the text. To find a word in a lexicon and to read its line takes longer in Python than to find the
documents of its translations; so it does to tell how a word sounds. `_marking`, `_lines` and `_sounds` (Cython) have
the same loops. They are built where there is a C compiler; without it Python does the work. Both ways give the same
snippets, translations and names to the character.
"""

from __future__ import annotations

import os
from typing import Final

try:
    from wco_search.compiled import _lines as lines
    from wco_search.compiled import _marking as marking
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

__all__ = ["IS_WANTED", "LINES", "MARKING", "SOUNDS", "VARIABLE", "lines", "marking", "sounds"]
