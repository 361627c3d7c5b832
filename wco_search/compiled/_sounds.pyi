from collections.abc import Sequence

class Sounds:
    def __init__(
        self,
        english: Sequence[tuple[str, str]],
        russian: dict[int, str],
        codes: dict[str, int],
        vowels: str,
        shortest: int,
        shortest_key: int,
    ) -> None: ...
    def keys(self, form: str) -> tuple[int, list[bytes]] | None: ...
