"""`View`: the state of an index in a cluster that an object sees, and the numbers that its scores depend on.

A view is a *point in time* of OpenSearch: whatever is written meanwhile, its searches see the same documents, as those
of a commit do. The cluster keeps it while it is used, and for `KEEP_ALIVE` after; then, or when a node that held a part
of it is lost, `ViewLostError` says so and another is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from wco_search.analysis import Analyzer
from wco_search.cluster.clauses import Clauses
from wco_search.cluster.connection import Connection
from wco_search.cluster.layout import Json, path_of
from wco_search.cluster.lexicon import Lexicon, read_lexicon
from wco_search.documents import MetadataSchema
from wco_search.engine.manifest import Manifest
from wco_search.engine.plan import Group, Words
from wco_search.engine.score import idf
from wco_search.engine.segment import Scope
from wco_search.errors import ClusterError

_COUNTED_AT_ONCE: Final = 200  # clauses of one request, each of both texts: well below the 1,024 that Lucene takes
KEEP_ALIVE: Final = "10m"  # as long as a reader may think about a page
_LOST: Final = frozenset({404, 503})  # the point in time is forgotten, or was on a node that is gone


class ViewLostError(Exception):
    """The cluster does not keep the point in time any more.

    Attributes:
        status: The HTTP status that told so.
        reason: Why.
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


_WHOLE: Final = {"allow_partial_search_results": False}


@dataclass(frozen=True, slots=True)
class _State:
    """What is asked of a point in time first."""

    size: int
    newest: int
    has_dates: bool


class View:
    """One point in time.

    Attributes:
        index: The index of documents.
        words: Its words.
        lexicon: The same, beside as many documents as there are.
        size: How many documents there are.
        state: Names the state of the index: differs where documents do.
    """

    def __init__(self, connection: Connection, index: str, lexicon: Lexicon, point: str) -> None:
        self._connection = connection
        self._point = point
        self._doc_freqs: dict[tuple[Any, Scope], int] = {}
        state = self._read_state()
        self.index = index
        self.words = lexicon
        self.size = state.size
        self.state = f"{state.size}-{state.newest}"
        self.lexicon = lexicon.numbered(size=state.size, has_dates=state.has_dates)

    @classmethod
    def open(
        cls, connection: Connection, index: str, manifest: Manifest, schema: MetadataSchema, analyzer: Analyzer,
        before: Lexicon | None = None,
    ) -> View:  # fmt: skip
        """The present state of *index*.

        The words are read behind the documents: those of a batch are written before it, so none is missing.
        """
        opened = connection.ask(
            "POST",
            path_of(index, "_search/point_in_time"),
            params={"keep_alive": KEEP_ALIVE, "allow_partial_pit_creation": False},
        )
        return cls(
            connection, index, read_lexicon(connection, index, manifest, schema, analyzer, before), opened["pit_id"]
        )

    def close(self) -> None:
        """Let the cluster forget the point in time."""
        with suppress(ClusterError):  # it forgets by itself, a little later
            self._connection.ask("DELETE", "/_search/point_in_time", {"pit_id": [self._point]}, ignore={404})

    def search(self, body: Mapping[str, Any]) -> Json:
        """What the cluster answers, of all shards or not at all.

        Raises:
            ViewLostError: It does not keep the point in time any more.
        """
        whole = {**body, "pit": {"id": self._point, "keep_alive": KEEP_ALIVE}}
        found: Json = self._connection.ask("POST", "/_search", whole, params=_WHOLE, ignore=_LOST)
        if "error" in found:
            raise ViewLostError(int(found["status"]), str(found["error"].get("reason")))
        return found

    def count(self, query: Json) -> int:
        """How many documents match a clause, exactly."""
        found = self.search({"size": 0, "track_total_hits": True, "query": query})
        return int(found["hits"]["total"]["value"])

    def counts(self, queries: Sequence[Json], among: Json | None = None) -> list[int]:
        """The same of several clauses, in few requests; of the documents of one more, where *among* is that."""
        found: list[int] = []
        for first in range(0, len(queries), _COUNTED_AT_ONCE):
            some = list(queries[first : first + _COUNTED_AT_ONCE])
            looked_at = {"bool": {"should": some, "minimum_should_match": 1}} if among is None else among
            body = {"size": 0, "query": looked_at, "aggs": {"counts": {"filters": {"filters": some}}}}
            buckets = self.search(body)["aggregations"]["counts"]["buckets"]
            found += [int(bucket["doc_count"]) for bucket in buckets]
        return found

    def _read_state(self) -> _State:
        aggs = {"newest": {"max": {"field": "order"}}, "dated": {"filter": {"exists": {"field": "values.date"}}}}
        found = self.search({"size": 0, "track_total_hits": True, "aggs": aggs})
        counted = found["aggregations"]
        newest = counted["newest"]["value"]
        size = int(found["hits"]["total"]["value"])
        return _State(size, 0 if newest is None else int(newest), counted["dated"]["doc_count"] > 0)

    # -- the numbers of the score

    def learn(self, leaves: Iterable[Words]) -> None:
        """Count the documents of the groups of *leaves*, those that are not known yet, in one request."""
        wanted = {
            (group.key, leaf.scope): Clauses().group(group, leaf.scope)
            for leaf in leaves
            for group in leaf.groups
            if (group.key, leaf.scope) not in self._doc_freqs
        }
        self._doc_freqs.update(zip(wanted, self.counts(list(wanted.values())), strict=True))

    def doc_freq(self, group: Group, scope: Scope) -> int:
        """How many documents have a word; asked for where `learn` was not told of it."""
        if (group.key, scope) not in self._doc_freqs:
            self.learn([Words((group,), scope=scope)])
        return self._doc_freqs[group.key, scope]

    def idf(self, words: Words) -> float:
        """The idf of a word; of a phrase, the sum of its words' idf."""
        return sum(idf(self.size, self.doc_freq(group, words.scope)) for group in words.groups)
