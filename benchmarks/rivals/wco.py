"""This library, through its public API.

By default it also looks for words in the other language, tries the other keyboard layout and reads dates among the
words. No rival does, so `search` turns all three off; `translated` turns the first on again, `defaults` all of them.

It cannot be told to store no text. Under protocol `engine` its documents are tokens (`benchmarks.coding`) as body
text: it cuts and analyses them as any text, finds each to be its own term, and stores them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import FACETS, LIMIT, Answer, Rival, source_of
from wco_search import Document, Index, Results

Prepared = tuple[str, dict[str, Any] | None]
AS_TYPED: Mapping[str, Any] = {"translate": "off", "layout": "off", "dates": "off"}
"""What makes the search like that of the rivals."""


class Engine(Rival):
    """`Index` as its users meet it."""

    packages = ("numpy", "pymorphy3", "pymorphy3-dicts-ru", "nltk", "Whoosh")
    ways = frozenset({"search", "snippets", "facets", "translated", "defaults"})
    can_refresh = True
    settings: ClassVar = {
        "build": "Index.create(folder).add(documents): one commit, durable when it returns",
        "search": "Index.search(text, limit=10, translate='off', layout='off', dates='off'); total, document.id",
        "translated": "the same with translate='auto'",
        "defaults": "Index.search(text, limit=10)",
        "facets": "as search, facets=['language', 'source'], results.facets",
        "date filter": "filter={'date': (first, last)}",
        "snippet": "hit.snippet.to_html(), up to three fragments of some 240 characters",
    }
    token_settings: ClassVar = {"documents": "the tokens as body, no title; analysed and stored like any text"}

    def build(self, corpus: Corpus, folder: Path) -> None:
        """One `add`."""
        with Index.create(folder) as index:
            index.add(_document(record) for record in corpus)

    def open(self, folder: Path) -> None:
        """`Index.open`."""
        self._index = Index.open(folder)

    def close(self) -> None:
        """The index."""
        self._index.close()

    def prepare(self, query: Query) -> Prepared:
        """Query text, and the mapping for `filter`."""
        restriction = None if query.days is None else {"date": tuple(map(date.fromisoformat, query.days))}
        return text_of(query), restriction

    def search(self, prepared: Prepared) -> Answer:
        """Total and ids."""
        return _ids(self._found(prepared, **AS_TYPED))

    def _found(self, prepared: Prepared, **options: Any) -> Results:
        text, restriction = prepared
        return self._index.search(text, limit=LIMIT, filter=restriction, **options)

    def translated(self, prepared: Prepared) -> Answer:
        """Total and ids, words of the other language found as well."""
        return _ids(self._found(prepared, **{**AS_TYPED, "translate": "auto"}))

    def defaults(self, prepared: Prepared) -> Answer:
        """Total and ids, as a user has them who sets nothing."""
        return _ids(self._found(prepared))

    def facets(self, prepared: Prepared) -> Answer:
        """Total, ids and counts."""
        results = self._found(prepared, facets=FACETS, **AS_TYPED)
        counts = [f"{one.value} {one.count}" for name in FACETS for one in results.facets[name]]
        return results.total, [*_ids(results)[1], *counts]

    def snippets(self, prepared: Prepared) -> Answer:
        """Total and snippets."""
        results = self._found(prepared, **AS_TYPED)
        return results.total, [hit.snippet.to_html() for hit in results]

    def add(self, records: Sequence[Record]) -> None:
        """One `add`."""
        self._index.add([_document(record) for record in records])

    def refresh(self) -> None:
        """`Index.refresh`."""
        self._index.refresh()

    def segments(self) -> int:
        """As `Index.stats` says."""
        return self._index.stats().segments


def _ids(results: Results) -> Answer:
    return results.total, [hit.document.id for hit in results]


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


def _document(record: Record) -> Document:
    return Document(
        id=record.id,
        title=record.title,
        body=record.body,
        date=date.fromisoformat(record.day),
        language=record.language,
        source=source_of(record),
    )
