"""tantivy, the Rust engine, through tantivy-py.

Set up to be as fast as it can be for this task, also where that leaves it with less than this library has:

- Title and body are one indexed field, stored once, so that a word is one list of postings. (With a field each, every
  word of a query would be two lists; the title cannot be searched by itself now.)
- One segment, by a heap that holds the whole corpus, as tantivy-py has no way to ask for a merge.
- A snippet has its default of 150 characters.
- The range of dates is read from a column (`fast`), and so are the values that are counted.

Stock tokenisers do not serve two languages, so both stemmers follow each other: each leaves words of the other script
as they are. A query whose matches are counted (`count=True`) visits all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import FACETS, LIMIT, Answer, Protocol, Rival, source_of, sync
from benchmarks.rivals.wco import text_of

HEAP = 512 * 2**20  # bytes: holds 100,000 documents of 80 words in one segment
LARGE_HEAP = 4_000_000_000  # bytes: nearly the most that one writer thread may have, 2^32 - 2^20
LARGE = 100_000  # documents
SMALL_HEAP = 50 * 2**20  # bytes, for a few documents: allocating more would only cost time
LONGEST = 80  # bytes of a word: 40 Cyrillic letters; the usual 40 bytes would drop Russian words of 20

COUNTS = {name: {"terms": {"field": name, "size": 100}} for name in FACETS}

Prepared = tuple[str, Query]


class Engine(Rival):
    """One text field stemmed by both Snowball stemmers, a raw id, a fast date."""

    packages = ("tantivy",)
    ways = frozenset({"search", "snippets", "facets"})
    can_refresh = True
    settings: ClassVar = {
        "analyzer": f"simple, remove_long({LONGEST}), lowercase, stemmer(russian), stemmer(english)",
        "fields": "id: raw, basic, stored; text (title, line feed, body): positions, stored; date: stored, fast",
        "counted fields": "language, source: raw, basic, fast",
        "writer": f"num_threads=1, heap_size {HEAP:,}, or {LARGE_HEAP:,} above {LARGE:,} documents",
        "build": "add_document for each, commit, wait_merging_threads, fsync of every file and the folder",
        "search": "parse_query(text, ['text']); search(query, 10, count=True); doc(address)['id'][0]",
        "prefix": "regex_query, on stems",
        "date filter": "boolean_query of two Must: the text, and range_query on the date",
        "snippet": "SnippetGenerator on text, 150 characters, to_html()",
        "facets": "search as above, and aggregate with terms of both fields",
        "refresh": "Index.reload, Index.searcher",
        "small add": f"one writer kept open, heap_size {SMALL_HEAP:,}; commit, which syncs",
    }
    token_settings: ClassVar = {"analyzer": "whitespace", "fields": "as above, but text is not stored"}

    def __init__(self, protocol: Protocol = "end-to-end") -> None:
        super().__init__(protocol)
        self._tantivy: Any = import_module("tantivy")
        self._writer: Any = None

    def build(self, corpus: Corpus, folder: Path) -> None:
        """One writer, one commit."""
        index = self._registered(self._tantivy.Index(self._make_schema(), path=str(folder)))
        writer = index.writer(heap_size=LARGE_HEAP if corpus.documents > LARGE else HEAP, num_threads=1)
        for record in corpus:
            writer.add_document(self._document(record))
        writer.commit()
        writer.wait_merging_threads()
        sync(folder)

    def _make_schema(self) -> Any:
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", stored=not self.of_tokens, tokenizer_name="ru_en", index_option="position")
        builder.add_date_field("date", stored=True, fast=True)
        for name in FACETS:
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        return builder.build()

    def _registered(self, index: Any) -> Any:
        filters, tokenizers = self._tantivy.Filter, self._tantivy.Tokenizer
        steps = (filters.remove_long(LONGEST), filters.lowercase(), *map(filters.stemmer, ("russian", "english")))
        builder = self._tantivy.TextAnalyzerBuilder(tokenizers.whitespace() if self.of_tokens else tokenizers.simple())
        for step in () if self.of_tokens else steps:
            builder = builder.filter(step)
        index.register_tokenizer("ru_en", builder.build())
        return index

    def _document(self, record: Record) -> Any:
        document = self._tantivy.Document()
        document.add_text("id", record.id)
        document.add_text("text", record.text)
        document.add_date("date", _moment(record.day))
        document.add_text("language", record.language)
        document.add_text("source", source_of(record))
        return document

    def open(self, folder: Path) -> None:
        """Index and searcher."""
        self._index = self._registered(self._tantivy.Index.open(str(folder)))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def close(self) -> None:
        """Searcher, index, and the writer with its lock."""
        self._searcher = self._index = self._writer = None

    def prepare(self, query: Query) -> Prepared:
        """Query text; the days come from the question."""
        return text_of(query), query

    def _parsed(self, prepared: Prepared) -> Any:
        text, query = prepared
        makers = self._tantivy.Query
        if query.kind == "prefix":
            return makers.regex_query(self._schema, "text", f"{query.words[0]}.*")
        parsed = self._index.parse_query(text, ["text"])
        if query.days is None:
            return parsed
        first, last = map(_moment, query.days)
        within = makers.range_query(self._schema, "date", self._tantivy.FieldType.Date, first, last)
        must = self._tantivy.Occur.Must
        return makers.boolean_query([(must, parsed), (must, within)])

    def search(self, prepared: Prepared) -> Answer:
        """Total and stored ids."""
        searcher = self._searcher
        found = searcher.search(self._parsed(prepared), LIMIT, count=True)
        return found.count, [searcher.doc(address)["id"][0] for _, address in found.hits]

    def snippets(self, prepared: Prepared) -> Answer:
        """Total and snippets."""
        searcher, parsed = self._searcher, self._parsed(prepared)
        found = searcher.search(parsed, LIMIT, count=True)
        generator = self._tantivy.SnippetGenerator.create(searcher, parsed, self._schema, "text")
        return found.count, [generator.snippet_from_doc(searcher.doc(address)).to_html() for _, address in found.hits]

    def facets(self, prepared: Prepared) -> Answer:
        """Total, ids and counts."""
        searcher, parsed = self._searcher, self._parsed(prepared)
        found = searcher.search(parsed, LIMIT, count=True)
        counted = searcher.aggregate(parsed, COUNTS)
        counts = [f"{one['key']} {one['doc_count']}" for name in FACETS for one in counted[name]["buckets"]]
        return found.count, [*(searcher.doc(address)["id"][0] for _, address in found.hits), *counts]

    def refresh(self) -> None:
        """Reload, and a new searcher."""
        self._index.reload()
        self._searcher = self._index.searcher()

    def add(self, records: Sequence[Record]) -> None:
        """One commit of a writer that stays open."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=SMALL_HEAP, num_threads=1)
        for record in records:
            self._writer.add_document(self._document(record))
        self._writer.commit()

    def segments(self) -> int:
        """As the searcher says."""
        return int(self._searcher.num_segments)


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
