"""`python -m wco_search` is the command `wco-search`."""

from __future__ import annotations

from wco_search.cli import main

if __name__ == "__main__":
    main()
