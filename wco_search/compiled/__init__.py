"""Whether compiled loops are wanted, and the door to those that go through texts character by character.

Marking goes through a text character by character and makes small tuples; in Python that takes ten times as long as to
read and decompress the text. `_marking` (Cython) has the same loops. It is built where there is a C compiler; without
it Python does the work. Both ways give the same snippets to the character.

Cutting many texts into runs of letters takes a fifth of the time to build an index, in NumPy; `_cutting` does it in a
tenth of that, with the same runs and numbers.
"""

from __future__ import annotations

import os
from typing import Final

try:
    from wco_search.compiled import _marking as marking
except ImportError:  # built where there is no C compiler
    _IS_BUILT = False
else:
    _IS_BUILT = True

try:
    from wco_search.compiled import _cutting as cutting
except ImportError:
    _IS_CUTTING_BUILT = False
else:
    _IS_CUTTING_BUILT = True

VARIABLE: Final = "WCO_SEARCH_KERNEL"
"""The environment variable that names the loops to be used: `numpy`, or `compiled`, which is the default."""

IS_WANTED: Final = os.environ.get(VARIABLE, "") != "numpy"
"""Whether compiled loops are to be used where they are built."""

MARKING: bool = _IS_BUILT and IS_WANTED
"""Whether the compiled loops of marking are used."""

CUTTING: bool = _IS_CUTTING_BUILT and IS_WANTED
"""Whether the compiled loop of cutting is used."""

__all__ = ["CUTTING", "IS_WANTED", "MARKING", "VARIABLE", "cutting", "marking"]
