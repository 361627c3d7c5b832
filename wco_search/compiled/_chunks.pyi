from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

_Span: TypeAlias = tuple[int, int]
_Token: TypeAlias = tuple[int, int, int, int]
_Occurrence: TypeAlias = tuple[int, int, int, tuple[_Token, ...]]
_Fits: TypeAlias = tuple[int, ...]

def needles(forms: Iterable[str], grouped_by: int, longest_abbreviation: int, coding: str) -> tuple[bytes, ...]: ...

class Needles:
    def __init__(
        self,
        needles: tuple[bytes, ...],
        folding: bytes,
        classes: bytes,
        chunk_at: Callable[[str, int, int], _Span | None],
    ) -> None: ...
    def chunks(self, text: str, between: bool) -> list[tuple[int, str]]: ...

class Finder:
    def __init__(
        self,
        needles: Needles | None,
        all_chunks: Callable[[str, int, int], Iterable[tuple[int, str]]],
        known: Mapping[str, _Fits],
        forms: dict[str, tuple[int, ...]] | None,
    ) -> None: ...
    def words(self, text: str, words: int, between: bool) -> list[list[_Token]]: ...

def side_by_side(words: list[list[_Token]], marker: int) -> list[_Occurrence]: ...
def entries_of_run(run: str) -> tuple[list[str], list[int], int] | None: ...
