"""Whether the inner loops of ranking are compiled, and the only door to where they are.

Some hundred NumPy calls a query cost about a microsecond each, whatever the arrays' size; up to some hundred thousand
documents that is most of the time of a search. `_compiled` (Cython) has the same loops as one call each. It is built
where there is a C compiler; without it, or with the environment variable `WCO_SEARCH_KERNEL` set to `numpy`, NumPy
does the work. Both ways give the same documents and the same bits of every score.
"""

from __future__ import annotations

import os
from typing import Final

try:
    from wco_search.engine import _compiled as compiled
except ImportError:  # built where there is no C compiler
    IS_BUILT = False
else:
    IS_BUILT = True

VARIABLE: Final = "WCO_SEARCH_KERNEL"
"""The environment variable that names the loops to be used: `numpy`, or `compiled`, which is the default."""

COMPILED: bool = IS_BUILT and os.environ.get(VARIABLE, "") != "numpy"
"""Whether the compiled loops are used."""

__all__ = ["COMPILED", "IS_BUILT", "VARIABLE", "compiled"]
