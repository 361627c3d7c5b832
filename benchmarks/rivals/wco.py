"""This library, through its public API, all settings default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import wco_search
from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import LIMIT, Answer, Rival

Prepared = tuple[str, dict[str, Any] | None]


class Engine(Rival):
    """`Index` as its users meet it."""

    has_snippets = True
    settings: ClassVar = {
        "build": "Index.create(folder).add(documents): one commit, durable when it returns",
        "search": "Index.search(text, limit=10), results.total, hit.document.id",
        "date filter": "filter={'date': (first, last)}",
        "snippet": "hit.snippet.to_html(), up to three fragments of some 240 characters",
    }

    def build(self, corpus: Corpus, folder: Path) -> None:
        """One `add`."""
        with wco_search.Index.create(folder) as index:
            index.add(_document(record) for record in corpus)

    def open(self, folder: Path) -> None:
        """`Index.open`."""
        self._index = wco_search.Index.open(folder)

    def close(self) -> None:
        """The index."""
        self._index.close()

    def prepare(self, query: Query) -> Prepared:
        """Query text, and the mapping for `filter`."""
        restriction = None if query.days is None else {"date": tuple(map(date.fromisoformat, query.days))}
        return text_of(query), restriction

    def search(self, prepared: Prepared) -> Answer:
        """Total and ids."""
        text, restriction = prepared
        results = self._index.search(text, limit=LIMIT, filter=restriction)
        return results.total, [hit.document.id for hit in results]

    def snippets(self, prepared: Prepared) -> Answer:
        """Total and snippets."""
        text, restriction = prepared
        results = self._index.search(text, limit=LIMIT, filter=restriction)
        return results.total, [hit.snippet.to_html() for hit in results]

    def add(self, records: Sequence[Record]) -> None:
        """One `add`."""
        self._index.add([_document(record) for record in records])

    def segments(self) -> int:
        """As `Index.stats` says."""
        return self._index.stats().segments


def text_of(query: Query) -> str:
    """*query* in the language that this library, tantivy and Whoosh share.

    Example:
        >>> text_of(Query("all", ("сухопутный", "порт"))), text_of(Query("phrase", ("dry", "port")))
        ('сухопутный AND порт', '"dry port"')
        >>> text_of(Query("any", ("dry", "port"))), text_of(Query("prefix", ("порт",)))
        ('dry port', 'порт*')
    """
    match query.kind:
        case "any":
            return " ".join(query.words)
        case "all":
            return " AND ".join(query.words)
        case "phrase":
            return f'"{" ".join(query.words)}"'
        case "prefix":
            return f"{query.words[0]}*"


def _document(record: Record) -> wco_search.Document:
    return wco_search.Document(
        id=record.id,
        title=record.title,
        body=record.body,
        date=date.fromisoformat(record.day),
        language=record.language,
    )
