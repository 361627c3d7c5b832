"""The classes that speed is measured in: which questions are asked, in which way, and beside what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks import queries

Way = Literal["search", "snippets", "facets", "translated", "defaults"]
"""How a question is asked: the method of `benchmarks.rivals.Rival` that answers it."""

PLAIN = "plain"
"""What this library is called where it answers the same questions by `search`, to be compared with itself."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class.

    Attributes:
        queries: The set of queries, see `benchmarks.queries`.
        way: How they are asked.
        beside_plain: Whether this library is asked the same queries by `search` in the same rounds, which tells what
            the way costs. Each has a process to itself: the one that is asked second would know the words.
        times: How often each round is asked; the last time counts. Once, words are new; twice, they were asked before.
    """

    queries: str
    way: Way = "search"
    beside_plain: bool = False
    times: int = 1

    @property
    def of_tokens(self) -> bool:
        """Whether it can be asked of coded tokens, whose beginnings mean nothing and which have no other language."""
        return self.way == "search" and self.queries != "prefix"


CLASSES: Mapping[str, Class] = {
    **{name: Class(name) for name in queries.CLASSES if name != "translated"},
    "snippets": Class("sample", "snippets"),
    "facets": Class("sample", "facets", beside_plain=True),
    "translated": Class("translated", "translated", beside_plain=True),
    "translated_again": Class("translated", "translated", beside_plain=True, times=2),
    "defaults": Class("sample", "defaults", beside_plain=True),
}
"""The classes by name."""
