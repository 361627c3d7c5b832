# Types of the compiled loops; what each does is told in the modules of this package.

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from wco_search.engine.strings import Array

class _Sourced(Protocol):
    @property
    def source(self) -> Any: ...

class Source:
    size: int
    has_levels: bool
    side: int
    largest: float
    tenth: float
    @staticmethod
    def of_list(
        docs: Array,
        impacts: Array,
        words: Array | None,
        ranks: Array | None,
        levels: Array | None,
        largest: float,
        tenth: float,
        frozen_idf: float,
        side: int = 0,
    ) -> Source: ...

class Terms:
    def __init__(
        self,
        lists: tuple[Array, Array, Array, Array, Array],
        bitmaps: tuple[Array, Array, Array],
        rows: tuple[Array, Array, Array],
        champions: tuple[Array, ...],
        padded: int,
    ) -> None: ...
    def source(self, term: int) -> Source: ...

class Rows:
    documents: int
    size: int
    def __init__(self, documents: int, size: int) -> None: ...
    def is_clean(self) -> bool: ...

def best_of_any(
    rows: Rows,
    weighted: Sequence[tuple[float, _Sourced]],
    k: int,
    allowed: Array | None,
    unit: float,
    direct: int,
    gives_up: bool = True,
) -> tuple[Array, Array, int] | None: ...
def best_in_windows(
    rows: Rows,
    weighted: Sequence[tuple[float, _Sourced]],
    k: int,
    allowed: Array | None,
    is_marked: bool | None = None,
) -> tuple[Array, Array, int] | None: ...
def alternatives(
    rows: Rows | None, members: list[tuple[float, Source]], left_out: Array | None, side: int
) -> tuple[Source, int]: ...
def all_of(
    rows: Rows,
    clauses: Sequence[Sequence[tuple[float, _Sourced]]],
    lifts: Sequence[tuple[float, _Sourced]],
    k: int,
    allowed: Array | None,
) -> tuple[Array, Array, int]: ...
def put_together(rows: Rows, several: Source) -> tuple[Array, Array, float, float]: ...
def count_any(rows: Rows, postings: Sequence[_Sourced], allowed: Array | None) -> int: ...
def bits_of(rows: Rows, clauses: Sequence[Sequence[_Sourced]], allowed: Array | None) -> Array: ...
def tally(words: Array, codes: Array, starts: Array | None, first: int, counts: Array) -> None: ...
def count_in_each(words: Array, rows: Array) -> Array: ...
def count_bits_of(words: Array) -> int: ...
def documents_of(words: Array, first: int) -> Array: ...

class Places:
    def __init__(
        self,
        positions: Array,
        term_offsets: Array,
        field_starts: Array,
        norms: Array,
        lengths: Array,
        field_gap: int,
        title_weight: float,
    ) -> None: ...

Where: TypeAlias = int | Array

def bonuses(
    places: Places,
    pairs: Sequence[tuple[list[Where], list[Where], float, list[Array]]],
    docs: Array,
    reach: int,
) -> Array: ...
def lifted(
    places: Places,
    pairs: Sequence[tuple[list[Where], list[Where], float, list[Array]]],
    docs: Array,
    scores: Array,
    reach: int,
    window: int,
    k: int,
) -> tuple[Array, Array]: ...
def phrase(
    rows: Rows, places: Places, groups: Sequence[Sequence[tuple[Where, Source | None]]], allowed: Array | None
) -> tuple[Array, Array, float, float]: ...
def united(
    rows: Rows, places: Places, terms: Terms, parts: Sequence[int | tuple[Source, Array] | tuple[int, Array, Array]]
) -> tuple[Array, Array, float, float] | tuple[Array, Array, float, float, Array, Array]: ...
def impacts_at(places: Places, positions: Array) -> tuple[Array, Array, float, float]: ...
def forms_by_term(offsets: Array, form_terms: Array, terms: int) -> tuple[Array, Array]: ...
def by_first_term(
    offsets: Array, form_terms: Array, term_starts: Array, forms: Iterable[int]
) -> tuple[list[int], dict[int, list[int]]]: ...
def chosen(positions: Array, packed: Array, width: int, wanted: Array) -> Array: ...
def split(positions: Array, packed: Array, width: int, wanted: Array) -> tuple[Array, Array]: ...
def strings_at(blob: Array, offsets: Array, numbers: Iterable[int]) -> list[str]: ...

class Table:
    def __init__(self, blob: Array, offsets: Array) -> None: ...
    def bisect(self, key: bytes) -> int: ...
    def find(self, key: bytes) -> int | None: ...
    def find_all(self, strings: Iterable[str]) -> list[int]: ...
    def prefix_range(self, prefix: bytes) -> tuple[int, int]: ...

class Texts:
    def __init__(
        self,
        blob: Array,
        offsets: Array,
        titles: Array,
        bodies: Array,
        *,
        head: bytes,
        decompress: Callable[[bytes, int], bytes],
        lock: AbstractContextManager[object],
        error: type[Exception],
        growth: int,
    ) -> None: ...
    def of(self, number: int) -> tuple[str, str] | None: ...

class Forms:
    def __init__(
        self, forms: tuple[Array, Array], terms: tuple[Array, Array], starts: Array, numbers: Array
    ) -> None: ...
    def terms_of(self, form: bytes) -> dict[str, int] | None: ...

class Names:
    def __init__(
        self,
        letters: Array,
        lengths: Array,
        owners: Array,
        skeletons: Array,
        firsts: Array,
        shorter: Array,
        buckets: Array,
        sounds: tuple[Array, Array, Array, Array, float, float],
    ) -> None: ...
    def similar(self, key: bytes, alphabet: int, found: dict[int, float]) -> None: ...

def entries(
    runs: Array, counts: Array, first_of_run: Array, widths: Array, forms: Array, shifts: Array, gap: int
) -> tuple[Array, Array, Array]: ...
def postings(
    entry_forms: Array, entry_positions: Array, form_term_offsets: Array, form_terms: Array, terms: int
) -> tuple[Array, Array, Array]: ...
def document_impacts(
    positions: Array, counts: Array, starts: Array, started: Array, norms: Array, title_weight: float
) -> tuple[Array, Array, Array]: ...
def place_runs(into: Array, values: Array, begins: Array, counts: Array) -> None: ...
def signatures(hashes: Array, forms: Array, starts: Array, pairs: Array) -> Array: ...
