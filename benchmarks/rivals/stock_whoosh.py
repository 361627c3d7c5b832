"""Whoosh 2.7.4 as it is, in pure Python.

Its own two Snowball stemmers follow each other, with a cache that forgets nothing; title and body are one field, as for
tantivy. One segment (`optimize=True`). Whoosh does not sync its files, so that is done after its commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import LIMIT, Answer, Rival, sync
from benchmarks.rivals.wco import text_of

HEAP = 512  # MB

Prepared = tuple[str, Query]


class Engine(Rival):
    """One text field stemmed by both stemmers, a stored id, a date."""

    packages = ("Whoosh",)
    most_documents = 60_000
    settings: ClassVar = {
        "analyzer": "RegexTokenizer(r'\\w+'), LowercaseFilter, StemFilter('ru'), StemFilter('en'), both cachesize=-1",
        "fields": "id: ID, stored, unique; text (title, line feed, body): TEXT, phrase=True, stored; date: DATETIME",
        "writer": f"procs=1, limitmb={HEAP}; commit(optimize=True), fsync of every file and the folder",
        "search": "QueryParser('text', group=OrGroup); one searcher; search(query, limit=10), len(results), hit['id']",
        "date filter": "filter=DateRange('date', first, last)",
    }
    token_settings: ClassVar = {"analyzer": "RegexTokenizer(r'\\w+')", "fields": "as above, but text is not stored"}

    def build(self, corpus: Corpus, folder: Path) -> None:
        """One writer, one commit."""
        from whoosh import index

        self._write(
            index.create_in(str(folder), _schema(of_tokens=self.of_tokens)).writer(procs=1, limitmb=HEAP),
            corpus,
            optimize=True,
        )
        sync(folder)

    @staticmethod
    def _write(writer: Any, records: Iterable[Record], *, optimize: bool) -> None:
        for record in records:
            writer.add_document(id=record.id, text=record.text, date=datetime.fromisoformat(record.day))
        writer.commit(optimize=optimize)

    def open(self, folder: Path) -> None:
        """Index, parser and one searcher for all queries."""
        from whoosh import index, qparser, query

        self._folder = folder
        self._index = index.open_dir(str(folder))
        self._searcher = self._index.searcher()
        self._parser = qparser.QueryParser("text", self._index.schema, group=qparser.OrGroup)
        self._date_range = query.DateRange

    def close(self) -> None:
        """Searcher and index."""
        self._searcher.close()
        self._index.close()

    def prepare(self, query: Query) -> Prepared:
        """Query text; the days come from the question."""
        return text_of(query), query

    def search(self, prepared: Prepared) -> Answer:
        """Total and stored ids."""
        text, query = prepared
        within = None
        if query.days is not None:
            within = self._date_range("date", *map(datetime.fromisoformat, query.days))
        results = self._searcher.search(self._parser.parse(text), limit=LIMIT, filter=within)
        return len(results), [hit["id"] for hit in results]

    def add(self, records: Sequence[Record]) -> None:
        """One writer and commit, merging as it likes."""
        self._write(self._index.writer(), records, optimize=False)
        sync(self._folder)

    def segments(self) -> int:
        """Leaves of the reader."""
        return len(self._searcher.leaf_searchers()) or 1


def _schema(*, of_tokens: bool) -> Any:
    from whoosh import analysis, fields

    cut = analysis.RegexTokenizer(r"\w+")
    stemmed = (
        cut
        | analysis.LowercaseFilter()
        | analysis.StemFilter(lang="ru", cachesize=-1)
        | analysis.StemFilter(lang="en", cachesize=-1)
    )
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        text=fields.TEXT(analyzer=cut if of_tokens else stemmed, phrase=True, stored=not of_tokens),
        date=fields.DATETIME(),
    )
