"""SQLite's FTS5, which every Python has.

It has no Russian stemmer, so it is given the terms of this library's analysis, which is part of the time of building
and of asking. The texts are in a table beside it; the full-text table keeps none (`content=''`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import LIMIT, Answer, Protocol, Rival
from benchmarks.rivals.tokens import terms_of
from wco_search import default_analyzer

SCHEMA = """
CREATE TABLE documents(number INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, body TEXT, day TEXT);
CREATE INDEX days ON documents(day);
CREATE VIRTUAL TABLE terms USING fts5(text, content='', tokenize="ascii tokenchars '-._+#/@&:'");
"""
COUNT = "SELECT count(*) FROM terms WHERE terms MATCH ?"
BEST = """SELECT id FROM terms JOIN documents ON number = terms.rowid
          WHERE terms MATCH ? ORDER BY terms.rank LIMIT ?"""
COUNT_WITHIN = """SELECT count(*) FROM terms JOIN documents ON number = terms.rowid
                  WHERE terms MATCH ? AND day BETWEEN ? AND ?"""
BEST_WITHIN = """SELECT id FROM terms JOIN documents ON number = terms.rowid
                 WHERE terms MATCH ? AND day BETWEEN ? AND ? ORDER BY terms.rank LIMIT ?"""

Prepared = Query


class Engine(Rival):
    """A table of documents and a full-text table of their terms."""

    most_documents = 100_000
    settings: ClassVar = {
        "analysis": "one term a word from this library, joined by spaces; tokenize='ascii'",
        "tables": "fts5 with content=''; documents with id, title, body, day (indexed)",
        "writer": "one transaction, then 'optimize'; synchronous=FULL",
        "search": "SELECT count(*) ... MATCH; SELECT id ... ORDER BY rank LIMIT 10; cache_size 256 MB, mmap_size 4 GB",
    }

    token_settings: ClassVar = {"analysis": "none: cut at spaces", "tables": "as above, but title and body are empty"}

    def __init__(self, protocol: Protocol = "end-to-end") -> None:
        super().__init__(protocol)
        self._analyzer = default_analyzer()

    @classmethod
    def versions(cls) -> dict[str, str]:
        """That of SQLite."""
        return {"SQLite": sqlite3.sqlite_version}

    @classmethod
    def missing(cls) -> str | None:
        """FTS5 is a part that SQLite may be built without."""
        with closing(sqlite3.connect(":memory:")) as connection:
            has = ("ENABLE_FTS5",) in connection.execute("PRAGMA compile_options").fetchall()
        return None if has else "this Python's SQLite is built without FTS5"

    def _terms(self, text: str) -> list[str]:
        return text.split() if self.of_tokens else terms_of(self._analyzer, text)

    def build(self, corpus: Corpus, folder: Path) -> None:
        """One transaction."""
        with closing(self._connect(folder)) as connection:
            connection.executescript(SCHEMA)
            self._insert(connection, corpus, 1)
            connection.execute("INSERT INTO terms(terms) VALUES ('optimize')")
            connection.commit()

    @staticmethod
    def _connect(folder: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(folder / "documents.db")
        for pragma in ("synchronous = FULL", "cache_size = -262144", "mmap_size = 4294967296"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _insert(self, connection: sqlite3.Connection, records: Iterable[Record], first: int) -> None:
        for number, record in enumerate(records, start=first):
            texts = ("", "") if self.of_tokens else (record.title, record.body)
            row = (number, record.id, *texts, record.day)
            connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row)
            text = " ".join(self._terms(record.text))
            connection.execute("INSERT INTO terms(rowid, text) VALUES (?, ?)", (number, text))

    def open(self, folder: Path) -> None:
        """One connection."""
        self._connection = self._connect(folder)

    def close(self) -> None:
        """The connection."""
        self._connection.close()

    def prepare(self, query: Query) -> Prepared:
        """The question as it is: its words are text."""
        return query

    def _match(self, query: Query) -> str:
        if query.kind == "prefix":
            return f'"{query.words[0]}" *'
        terms = [f'"{term}"' for term in self._terms(" ".join(query.words))]
        return {"any": " OR ", "all": " AND ", "phrase": " + "}[query.kind].join(terms)

    def search(self, prepared: Prepared) -> Answer:
        """Total and stored ids."""
        match, ask = self._match(prepared), self._connection.execute
        if prepared.days is None:
            total, best = ask(COUNT, (match,)).fetchone()[0], ask(BEST, (match, LIMIT))
        else:
            total = ask(COUNT_WITHIN, (match, *prepared.days)).fetchone()[0]
            best = ask(BEST_WITHIN, (match, *prepared.days, LIMIT))
        return total, [row[0] for row in best]

    def add(self, records: Sequence[Record]) -> None:
        """One transaction."""
        first = self._connection.execute("SELECT max(number) + 1 FROM documents").fetchone()[0]
        self._insert(self._connection, records, first)
        self._connection.commit()
