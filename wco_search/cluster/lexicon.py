"""What is known here of an index in a cluster: its words, read from the tables that stand beside its documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from wco_search.analysis import Analyzer
from wco_search.cluster import words as word_tables
from wco_search.cluster.connection import Connection
from wco_search.cluster.layout import Json, path_of
from wco_search.documents import MetadataSchema
from wco_search.engine.manifest import Manifest
from wco_search.engine.merge import Part
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot

_TABLES_A_REQUEST: Final = 20  # a thousand documents have some hundred kilobytes of words
_MOST_SEGMENTS: Final = 8  # looked through one by one, before they are put together
_NAMES_A_REQUEST: Final = 10_000
_WHOLE: Final = {"allow_partial_search_results": False}


class Lexicon(Snapshot):
    """What is known here of an index in a cluster: its words, its fields, how many documents it has.

    A commit without documents, whose words are those of the cluster: what compiles, corrects and completes queries by
    the words of a commit does so by these.

    Attributes:
        names: The tables of words that it was made of.
    """

    def __init__(
        self, manifest: Manifest, segments: Sequence[Segment], schema: MetadataSchema, names: frozenset[str]
    ) -> None:
        super().__init__(manifest, [Part(segment, None, manifest.statistics) for segment in segments], schema)
        self.names = names

    def numbered(self, *, size: int, has_dates: bool) -> Lexicon:
        """The same words beside so many documents."""
        same = Lexicon(self.manifest, [one.segment for one in self.slices], self.schema, self.names)
        same.size, same.has_dates = size, has_dates
        return same

    def has_term(self, term: str) -> bool:
        """See `Snapshot.has_term`."""
        return any(one.segment.terms.find(term) is not None for one in self.slices)


def read_lexicon(
    connection: Connection, index: str, manifest: Manifest, schema: MetadataSchema, analyzer: Analyzer,
    before: Lexicon | None,
) -> Lexicon:  # fmt: skip
    """The words of *index*; of those that *before* has as well, only the new ones are read."""
    names = frozenset(_names(connection, index))
    known = before if before is not None and before.names <= names and before.manifest == manifest else None
    if known is not None and known.names == names:
        return known
    segments = [] if known is None else [one.segment for one in known.slices]
    fresh = names if known is None else names - known.names
    read: set[str] = set()
    table = word_tables.joined(_noted(_tables(connection, index, sorted(fresh)), read))
    if read != fresh:  # some were joined into one since their names were read
        connection.ask("POST", path_of(words_index(index), "_refresh"))
        return read_lexicon(connection, index, manifest, schema, analyzer, before)
    segments.append(word_tables.to_segment(table, analyzer, schema))
    if len(segments) > _MOST_SEGMENTS:
        whole = word_tables.joined(word_tables.to_stored(word_tables.table_of(segment)) for segment in segments)
        segments = [word_tables.to_segment(whole, analyzer, schema)]
    return Lexicon(manifest, segments, schema, names)


def _names(connection: Connection, index: str) -> set[str]:
    """The names of the tables of words, without those whose words stand in another one as well."""
    body: Json = {
        "size": _NAMES_A_REQUEST,
        "_source": False,
        "docvalue_fields": ["replaces"],
        "sort": [{"order": "asc"}, {"name": "asc"}],
    }
    path = path_of(words_index(index), "_search")
    names: set[str] = set()
    replaced: set[str] = set()
    while hits := connection.ask("POST", path, body, params=_WHOLE)["hits"]["hits"]:
        names.update(hit["_id"] for hit in hits)
        replaced.update(name for hit in hits for name in hit.get("fields", {}).get("replaces", ()))
        body["search_after"] = hits[-1]["sort"]
    return names - replaced


def _tables(connection: Connection, index: str, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for first in range(0, len(names), _TABLES_A_REQUEST):
        wanted = {"ids": names[first : first + _TABLES_A_REQUEST]}
        found = connection.ask("POST", path_of(words_index(index), "_mget"), wanted)["docs"]
        yield from ((one["_id"], one["_source"]["words"]) for one in found if one.get("found"))


def _noted(tables: Iterable[tuple[str, Mapping[str, Any]]], names: set[str]) -> Iterator[Mapping[str, Any]]:
    """The tables without their names, which go to *names*."""
    for name, table in tables:
        names.add(name)
        yield table


def read_tables(connection: Connection, index: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All tables of words of *index*, with their names."""
    return _tables(connection, index, sorted(_names(connection, index)))


def words_index(index: str) -> str:
    """The name of the index that holds the words of *index*."""
    return f"{index}-words"
