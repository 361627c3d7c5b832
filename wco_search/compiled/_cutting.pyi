from typing import Any

from numpy.typing import NDArray

def runs(texts: list[str], classes: NDArray[Any]) -> tuple[list[str], bytes, bytes, list[int]]: ...
