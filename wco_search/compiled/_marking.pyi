from collections.abc import Callable, Mapping
from typing import TypeAlias

from wco_search.compiled._chunks import Finder
from wco_search.fragments import Fragment, Mark

_Span: TypeAlias = tuple[int, int]
_Token: TypeAlias = tuple[int, int, int, int]
_Occurrence: TypeAlias = tuple[int, int, int, tuple[_Token, ...]]
_Rules: TypeAlias = tuple[
    Callable[[str, int, int, str], bool], Callable[[str], tuple[bool, bool]], frozenset[str], int, int
]

class Cutter:
    def __init__(
        self,
        rules: _Rules,
        cut_without_space: Callable[[str, int, int], int],
        fragment: type[Fragment],
        mark: type[Mark],
        repeats: int,
    ) -> None: ...
    def fragments(
        self,
        field: str,
        text: str,
        occurrences: list[_Occurrence],
        tied: list[_Span],
        weights: tuple[float, ...],
        worth: Mapping[int, tuple[float, int]],
        count: int,
        length: int,
    ) -> list[Fragment]: ...

class WordSnippets:
    def __init__(
        self,
        cutter: Cutter,
        finder: Finder,
        in_title: tuple[tuple[int, ...], ...],
        in_body: tuple[tuple[int, ...], ...],
        weights: tuple[float, ...],
        worth: Mapping[int, tuple[float, int]],
    ) -> None: ...
    def fragments(self, title: str, body: str, count: int, length: int) -> tuple[Fragment, ...]: ...
