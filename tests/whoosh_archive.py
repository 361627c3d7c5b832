"""The archive of the Whoosh tests, its truth word by word, and the same archive in an index of Whoosh's own."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests import snapshots
from tests.conftest import sample_documents
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.whoosh_analyzer import ANALYZER, whoosh
from wco_search.engine.whoosh_fields import midnight, whoosh_schema

METADATA: dict[str, type] = {
    "section": str,
    "tags": list,
    "views": int,
    "rate": float,
    "urgent": bool,
    "checked": dt.date,
}
SCHEMA = MetadataSchema.of(METADATA)

RUSSIAN = """
таможня таможни таможней контрабанда контрабанды груз груза порт порту стали сталь стать экспорт импорт пошлина пошлины
в и на из окаменелости единое окно COVID-19
""".split()
ENGLISH = """
customs trade seizure seizures cargo port ports smuggling smuggled smuggler the of and in fossils single window export
COVID-19 WCO
""".split()
TAGS = ["fossils", "single window", "HS", "фауна", "Право"]


def make_documents(count: int = 336) -> list[Document]:
    """The sample archive and *count* short made-up items in both languages, some without title, date or metadata."""
    chance = random.Random(1998)
    return [*map(_with_views, sample_documents(), range(64)), *(_made_up(chance, number) for number in range(count))]


def _with_views(document: Document, number: int) -> Document:
    return replace(document, metadata={**document.metadata, "views": number * 7, "urgent": number % 5 == 0})


def _made_up(chance: random.Random, number: int) -> Document:
    words = RUSSIAN if number % 2 else ENGLISH
    day = dt.date(2020, 1, 1) + dt.timedelta(days=chance.randrange(90))
    metadata: dict[str, Any] = {
        "section": chance.choice(["trade", "enforcement", "Торговля"]),
        "tags": chance.sample(TAGS, chance.randrange(3)),
        "views": chance.choice([0, 3, 7, 50, -20, 2**40, -(2**63), 2**63 - 1]),
        "rate": chance.choice([0.5, -1.25, 3.0, 0.0, 1e300]),
        "urgent": chance.random() < 0.3,
        "checked": day + dt.timedelta(days=3),
    }
    return Document(
        id=f"made-{number:03}",
        title=" ".join(chance.choices(words, k=chance.randrange(6))),
        body=" ".join(chance.choices(words, k=chance.randint(1, 40))),
        date=day if number % 7 else None,
        source=chance.choice(["Reuters", "reuters", "Таможенный вестник", None]),
        url=f"https://example.org/{number}" if number % 3 else None,
        metadata={name: value for name, value in metadata.items() if chance.random() < 0.8 and value != []},
    )


def snapshot_of(documents: Sequence[Document], schema: MetadataSchema = SCHEMA) -> Snapshot:
    """A commit of *documents* with the fields of this archive."""
    return snapshots.snapshot_of(documents, schema)


def _analyzer() -> Any:
    from wco_search.analysis import default_analyzer

    return default_analyzer()


@dataclass(frozen=True, slots=True)
class Article:
    """A document word by word: for each term of title and body the positions where it stands."""

    number: int
    document: Document
    title: dict[str, list[int]]
    body: dict[str, list[int]]

    def get(self, name: str) -> Any:
        """A metadata value, or None."""
        return self.document.metadata.get(name)

    def at(self, term: str) -> list[int]:
        """Where a term stands in the body."""
        return self.body.get(term, [])


def read_articles(documents: Sequence[Document]) -> list[Article]:
    """The truth about *documents*, from their words alone."""
    return [
        Article(number, document, _positions(document.title), _positions(document.body))
        for number, document in enumerate(documents)
    ]


def _positions(text: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for token in ANALYZER(text, positions=True):
        found[token.text].append(token.pos)
    return dict(found)


def stock_index(documents: Sequence[Document], folder: Path, schema: MetadataSchema = SCHEMA) -> Any:
    """The same documents in the same order in an index of Whoosh's own, in one segment."""
    index = whoosh.index.create_in(str(folder), whoosh_schema(schema))
    with index.writer() as writer:
        for document in documents:
            fields = {name: getattr(document, name) for name in ("id", "title", "body", "url", "source", "language")}
            fields |= {"date": document.date, **document.metadata}
            writer.add_document(**{name: _stored(value) for name, value in fields.items() if value not in (None, "")})
    return index


def _stored(value: Any) -> Any:
    """A value as our reader gives it back; Whoosh stores what it is given."""
    return midnight(value) if isinstance(value, dt.date) else list(value) if isinstance(value, tuple) else value
