"""What a cluster keeps of an index: made, found again, written to.

    NAME              an alias of the index of documents that is searched; a rebuilt one takes its place in one step
    NAME-STAMP        documents (`layout`), with `_meta`: format, analyzer, fields, mean lengths
    NAME-STAMP-words  tables of words (`words`), each written before the documents that it is of

Everything is written under ids that follow from what is written, so to write it again changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from wco_search.analysis import Analyzer
from wco_search.cluster import words as word_tables
from wco_search.cluster.connection import Connection, Operation
from wco_search.cluster.layout import (
    FORMAT,
    WORDS_MAPPING,
    WORDS_SETTINGS,
    Json,
    digest_of,
    key_of,
    mapping,
    path_of,
    settings,
    similarities,
    to_source,
    to_stored,
)
from wco_search.cluster.lexicon import read_tables, words_index
from wco_search.documents import KINDS, Document, MetadataSchema
from wco_search.engine.manifest import Manifest
from wco_search.engine.postings import mean_lengths
from wco_search.engine.writer import AddReport, conformed
from wco_search.errors import (
    AnalyzerMismatchError,
    ClusterRequestError,
    IndexExistsError,
    IndexFormatError,
    IndexNotFoundError,
    InvalidDocumentError,
)

BATCH_DOCUMENTS: Final = 1000
BATCH_CHARACTERS: Final = 2_000_000
"""Of documents that go to the cluster together: their tokens are three times as long, and a request has some 5 MB."""

_IDS_A_REQUEST: Final = 5000
_FLUSH_S: Final = 600.0  # gigabytes may be written to disk
_META: Final = "wco_search"


@dataclass(frozen=True, slots=True)
class Room:
    """What an index takes in the cluster, copies aside.

    Attributes:
        deleted: Documents that are deleted and not yet merged away.
        segments: Segments of Lucene.
        bytes: On disk.
        operations: How often a document was written or deleted.
    """

    deleted: int
    segments: int
    bytes: int
    operations: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One index in a cluster.

    Attributes:
        index: The name of the index of documents.
        schema: Its metadata fields.
        analyzer: The fingerprint of what analysed it.
        means: The mean lengths of title and body that scores know; empty until there are documents.
    """

    index: str
    schema: MetadataSchema
    analyzer: str
    means: Mapping[str, float]

    @classmethod
    def new(cls, schema: MetadataSchema, analyzer: Analyzer, means: Mapping[str, float] | None = None) -> Self:
        """An index that is not made yet."""
        return cls("", schema, analyzer.fingerprint, means or {})

    @classmethod
    def read(cls, connection: Connection, analyzer: Analyzer | None) -> Self:
        """The index that *connection* names, to be searched with *analyzer*, or just to be read.

        Raises:
            IndexNotFoundError: There is none.
            IndexFormatError: It is none of ours, or of another format.
            AnalyzerMismatchError: It was analysed otherwise.
        """
        path = str(connection.address)
        try:
            found = connection.ask("GET", path_of(connection.address.index, "_mapping"))
        except ClusterRequestError as error:
            if error.status == 404:
                raise IndexNotFoundError(path) from error
            raise
        index, *others = found
        meta = found[index]["mappings"].get("_meta", {}).get(_META, {})
        if others or meta.get("format") != FORMAT:
            raise IndexFormatError(path, found=meta.get("format"), supported=FORMAT)
        if analyzer is not None and meta["analyzer"] != analyzer.fingerprint:
            raise AnalyzerMismatchError(path, found=str(meta["analyzer"]), expected=analyzer.fingerprint)
        kinds = {name: kind for name, kind in meta["metadata"].items() if kind in KINDS.values()}
        return cls(index, MetadataSchema(kinds), meta["analyzer"], meta["means"])

    @property
    def manifest(self) -> Manifest:
        """What a commit would tell of it."""
        return Manifest(0, {"analyzer": self.analyzer, "metadata": dict(self.schema.kinds)}, self.means)

    def _meta(self) -> Json:
        means = dict(self.means)
        return {
            _META: {
                "format": FORMAT,
                "analyzer": self.analyzer,
                "metadata": dict(self.schema.kinds),
                "means": means,
            }
        }

    def create(self, connection: Connection, *, shards: int, replicas: int) -> Kept:
        """Make it, empty, under the name that *connection* has for it.

        Raises:
            IndexExistsError: There is something of that name.
        """
        self.require_absent(connection)
        made = self.make(connection, shards=shards, replicas=replicas)
        made.publish(connection, connection.address.index)
        return made

    def require_absent(self, connection: Connection) -> None:
        """See that the name that *connection* has for it is free.

        Raises:
            IndexExistsError: It is not.
        """
        if connection.ask("HEAD", path_of(connection.address.index)):
            raise IndexExistsError(str(connection.address))

    def make(self, connection: Connection, *, shards: int, replicas: int) -> Kept:
        """Make it, empty, under a name of its own, which nobody searches yet."""
        index = f"{connection.address.index}-{time.time_ns():x}"
        words = {**WORDS_SETTINGS["index"], "number_of_replicas": replicas}
        connection.ask("PUT", path_of(words_index(index)), {"settings": {"index": words}, "mappings": WORDS_MAPPING})
        body = {
            "settings": settings(shards=shards, replicas=replicas, means=self.means),
            "mappings": mapping(self.schema, self._meta()),
        }
        connection.ask("PUT", path_of(index), body)
        return replace(self, index=index)

    def publish(self, connection: Connection, name: str) -> None:
        """Have searches for *name* see it, and nothing else, from one moment to the next; what was there goes."""
        before = connection.ask("GET", f"/_alias{path_of(name)}", ignore={404})
        old = [index for index in before if index != self.index and isinstance(before[index], Mapping)]
        if "error" in before:
            old = []
        removed = [{"remove": {"index": index, "alias": name}} for index in old]
        added = {"add": {"index": self.index, "alias": name}}
        connection.ask("POST", "/_aliases", {"actions": [*removed, added]})
        for index in old:
            replace(self, index=index).drop(connection)

    def drop(self, connection: Connection) -> None:
        """Delete it; its words last, so that nobody finds documents without them."""
        connection.ask("DELETE", path_of(self.index))
        connection.ask("DELETE", path_of(words_index(self.index)), ignore={404})

    def tune(self, connection: Connection, **changed: Any) -> None:
        """Change settings of both indexes."""
        for index in (words_index(self.index), self.index):
            connection.ask("PUT", path_of(index, "_settings"), {"index": changed})

    def ids(self, connection: Connection) -> Iterator[str]:
        """The ids of all documents that are there after `refresh`."""
        body: Json = {
            "size": _IDS_A_REQUEST,
            "_source": ["document.id"],
            "sort": [{"order": "asc"}, {"id": "asc"}],
        }
        while hits := connection.ask("POST", path_of(self.index, "_search"), body)["hits"]["hits"]:
            yield from (hit["_source"]["document"]["id"] for hit in hits)
            body["search_after"] = hits[-1]["sort"]

    def refresh(self, connection: Connection) -> None:
        """Have views that are opened from now on see all that was written; its words first."""
        connection.ask("POST", path_of(words_index(self.index), "_refresh"))
        connection.ask("POST", path_of(self.index, "_refresh"))

    def flush(self, connection: Connection) -> None:
        """Have copies that are made from now on take what was written as files, and not write all of it once more."""
        for index in (words_index(self.index), self.index):
            connection.ask("POST", path_of(index, "_flush"), timeout_s=_FLUSH_S)

    def delete(self, connection: Connection, ids: Iterable[str]) -> int:
        """Delete documents by id; gives how many there were."""
        counts = connection.bulk(self.index, (Operation(key_of(one), None) for one in ids))
        return counts["deleted"]

    def delete_matching(self, connection: Connection, query: Json) -> int:
        """Delete the documents that match a clause; gives how many there were."""
        params = {"conflicts": "proceed", "wait_for_completion": True}
        done = connection.ask("POST", path_of(self.index, "_delete_by_query"), {"query": query}, params=params)
        return int(done["deleted"])

    def room(self, connection: Connection) -> Room:
        """What it takes."""
        found = connection.ask("GET", path_of(self.index, "_stats/store,segments,docs"), params={"level": "shards"})
        primaries = found["indices"][self.index]["primaries"]
        shards = found["indices"][self.index]["shards"].values()
        newest = (one["seq_no"]["max_seq_no"] for copies in shards for one in copies if one["routing"]["primary"])
        return Room(
            primaries["docs"]["deleted"],
            primaries["segments"]["count"],
            primaries["store"]["size_in_bytes"],
            sum(number + 1 for number in newest),
        )

    def with_means(self, connection: Connection, means: Mapping[str, float]) -> Kept:
        """The same with other mean lengths, which its scores know from now on; it is closed for a moment."""
        changed = replace(self, means=dict(means))
        connection.ask("POST", path_of(self.index, "_close"))
        try:
            connection.ask("PUT", path_of(self.index, "_settings"), {"index": {"similarity": similarities(means)}})
            connection.ask("PUT", path_of(self.index, "_mapping"), {"_meta": changed._meta()})  # noqa: SLF001  # its own
        finally:
            connection.ask("POST", path_of(self.index, "_open"), params={"wait_for_active_shards": 1})
        return changed

    def with_present_means(self, connection: Connection) -> Kept:
        """The same with the mean lengths of its present documents, and its words in one table."""
        fields = ("title", "body")
        wanted = {field: {"avg": {"field": f"{field}_length"}} for field in fields}
        found = connection.ask("POST", path_of(self.index, "_search"), {"size": 0, "aggs": wanted})["aggregations"]
        self._join_words(connection)
        return self.with_means(connection, {f"mean_{field}_length": found[field]["value"] or 1.0 for field in fields})

    def _join_words(self, connection: Connection) -> None:
        """Write all words as one table, then delete the others.

        That one names the others, so nobody counts words twice who sees all of them; and they go only when everybody
        sees it, so nobody misses any.
        """
        tables = dict(read_tables(connection, self.index))
        if len(tables) < 2:
            return
        stored = word_tables.to_stored(word_tables.joined(tables.values()))
        replaced = sorted(tables.keys() - {word_tables.name_of(stored)})
        self.put_words(connection, stored, replaced)
        self.refresh(connection)
        connection.bulk(words_index(self.index), (Operation(name, None) for name in replaced))

    def put_words(self, connection: Connection, stored: Mapping[str, Any], replaced: Sequence[str] = ()) -> None:
        """Keep a table of words, in place of those of the names *replaced*."""
        name = word_tables.name_of(stored)
        table = {"order": _now(), "name": name, "words": stored, "replaces": list(replaced)}
        connection.bulk(words_index(self.index), [Operation(name, table)])


def _now() -> int:
    """Microseconds: what a double, in which aggregations count, holds exactly."""
    return time.time_ns() // 1000


class Loader:
    """Writes documents to an index, a batch after the other.

    Attributes:
        kept: The index, with its mean lengths where the first batch gave them.
        report: What became of the documents so far.
    """

    def __init__(self, connection: Connection, kept: Kept, analyzer: Analyzer, *, is_empty: bool) -> None:
        self.kept = kept
        self.report = AddReport()
        self._connection = connection
        self._analyzer = analyzer
        self._is_first = is_empty and not kept.means
        self._order = _now()

    def add(self, documents: Document | Iterable[Document], *, strict: bool) -> AddReport:
        """See `ClusterIndex.add`."""
        several = (documents,) if isinstance(documents, Document) else documents
        for batch in _batches(self._conformed(several, strict=strict)):
            self._write(batch, strict=strict)
        return self.report

    def _conformed(self, documents: Iterable[object], *, strict: bool) -> Iterator[Document]:
        for document in documents:
            if not isinstance(document, Document):
                raise TypeError(f"expected a Document, not {type(document).__name__}; use wco_search.read for files")
            try:
                yield conformed(document, self.kept.schema, self.report)
            except InvalidDocumentError as error:
                if strict:
                    raise
                self.report.skip(str(error))

    def _write(self, batch: Mapping[str, Document], *, strict: bool) -> None:
        known = self._digests(list(batch))
        changed: list[Document] = []
        for document in batch.values():
            before = known.get(document.id)
            if before == digest_of(to_stored(document)):
                self.report.unchanged += 1
            else:
                changed.append(document)
        if not changed:
            return
        segment = word_tables.segment_of(changed, self._analyzer, self.kept.schema)
        if self._is_first:
            self._is_first = False
            self.kept = self.kept.with_means(self._connection, mean_lengths(segment.field_lengths))
        operations = list(self._operations(changed, word_tables.countries_of(segment), strict=strict))
        self.kept.put_words(self._connection, word_tables.to_stored(word_tables.table_of(segment)))
        self._connection.bulk(self.kept.index, operations)
        written = {operation.id for operation in operations}
        for document in changed:
            if key_of(document.id) in written:
                self.report.updated += document.id in known
                self.report.added += document.id not in known

    def _operations(
        self, documents: Sequence[Document], countries: Sequence[Sequence[str]], *, strict: bool
    ) -> Iterator[Operation]:
        for document, named in zip(documents, countries, strict=True):
            self._order = max(self._order + 1, _now())
            try:
                source = to_source(document, self._analyzer, self.kept.schema, self._order, named)
            except InvalidDocumentError as error:
                if strict:
                    raise
                self.report.skip(str(error))
            else:
                yield Operation(key_of(document.id), source)

    def _digests(self, ids: Sequence[str]) -> dict[str, str]:
        """The digests of those of *ids* that are there, written a moment ago or long since."""
        wanted = {"docs": [{"_id": key_of(one), "_source": ["digest"]} for one in ids]}
        found = self._connection.ask("POST", path_of(self.kept.index, "_mget"), wanted)["docs"]
        return {one: answer["_source"]["digest"] for one, answer in zip(ids, found, strict=True) if answer.get("found")}


def _batches(documents: Iterable[Document]) -> Iterator[dict[str, Document]]:
    """Documents by id, some at a time; of one id the last."""
    batch: dict[str, Document] = {}
    characters = 0
    for document in documents:
        batch.pop(document.id, None)
        batch[document.id] = document
        characters += len(document.title) + len(document.body)
        if len(batch) >= BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = {}, 0
    if batch:
        yield batch
