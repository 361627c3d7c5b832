from collections.abc import Iterable
from typing import Any, TypeVar

_T = TypeVar("_T")

def filled(kind: type[_T], names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> list[_T]: ...
