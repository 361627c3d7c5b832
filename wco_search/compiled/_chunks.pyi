from collections.abc import Callable, Iterable
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

def tokens(
    chunks: Iterable[tuple[int, str]],
    known: dict[str, _Fits],
    test: Callable[[str], _Fits],
    forms: dict[str, tuple[int, ...]] | None,
    words: int,
) -> list[list[_Token]]: ...
def occurrences(
    chunks: Iterable[tuple[int, str]],
    known: dict[str, _Fits],
    test: Callable[[str], _Fits],
    forms: dict[str, tuple[int, ...]] | None,
    markers: tuple[tuple[int, ...], ...],
) -> list[_Occurrence]: ...
def side_by_side(words: list[list[_Token]], marker: int) -> list[_Occurrence]: ...
