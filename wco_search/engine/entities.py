"""How many documents name which people and organisations; nothing is stored for it.

Texts are read when their documents are first counted, some thousand a second, and what was found in them is kept as
long as their segment is open. So a count over the matches of a query costs what these cost, not the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from weakref import WeakKeyDictionary

from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.languages.entities import organisation_names, organisations, people
from wco_search.results import FacetCount

ENTITIES: Final[Mapping[str, Callable[[str], list[str]]]] = {"people": people, "organisations": organisations}
"""The fields that are counted so, and what finds their values in a text."""

_FOUND: WeakKeyDictionary[Segment, dict[tuple[str, int], tuple[str, ...]]] = WeakKeyDictionary()


def count_named(snapshot: Snapshot, field: str, documents: Array, limit: int | None) -> tuple[FacetCount, ...]:
    """The values of *field*, one of `ENTITIES`, in *documents*, the most frequent first, else by the alphabet."""
    counts: Counter[str] = Counter()
    for number in documents.tolist():
        counts.update(_named(*snapshot.place(number), field))
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]
    names = organisation_names if field == "organisations" else _no_names
    return tuple(FacetCount(value, count, names(value)) for value, count in ranked)


def _no_names(_: str) -> Mapping[str, str]:
    return {}


def _named(segment: Segment, number: int, field: str) -> tuple[str, ...]:
    kept = _FOUND.setdefault(segment, {})
    found = kept.get((field, number))
    if found is None:
        document = segment.document(number)
        find = ENTITIES[field]
        values = dict.fromkeys([*find(document.title), *find(document.body)])
        found = kept[field, number] = tuple(values)
    return found
