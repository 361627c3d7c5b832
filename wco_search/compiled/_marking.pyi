from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

_Span: TypeAlias = tuple[int, int]
_Token: TypeAlias = tuple[int, int, int, int]
_Occurrence: TypeAlias = tuple[int, int, int, tuple[_Token, ...]]
_Window: TypeAlias = tuple[int, int, int, int, int]
_Fits: TypeAlias = tuple[int, list[tuple[int, int, int, int]]]
_Rules: TypeAlias = tuple[Callable[[str, int, int, str], bool], Callable[[str], tuple[bool, bool]], int, int]
_Fragment = TypeVar("_Fragment")

class Needles:
    def __init__(
        self,
        needles: tuple[bytes, ...],
        folding: bytes,
        classes: bytes,
        chunk_at: Callable[[str, int, int], _Span | None],
    ) -> None: ...
    def chunks(self, text: str) -> list[tuple[int, str]]: ...

def tokens(
    chunks: Iterable[tuple[int, str]], known: dict[str, _Fits], test: Callable[[str], _Fits], words: int
) -> list[list[_Token]]: ...
def windows(
    text: str,
    occurrences: list[_Occurrence],
    tied: list[_Span],
    length: int,
    rules: _Rules,
    pieces: Callable[[str, int, int, Sequence[_Span], int], Iterable[_Span]],
    is_inside: Callable[[Sequence[_Span], int], bool],
) -> list[_Window]: ...
def best(
    windows: list[_Window],
    weights: tuple[float, ...],
    worth: Callable[[int], tuple[float, int]],
    count: int,
    repeats: int,
) -> list[_Window]: ...
def fragments(
    field: str,
    text: str,
    spans: list[_Span],
    occurrences: list[_Occurrence],
    start: int,
    end: int,
    fragment: type[_Fragment],
    mark: type[_Span],
) -> list[_Fragment]: ...
def marked(fragment: object, as_html: bool, opening: str, closing: str) -> str | None: ...
