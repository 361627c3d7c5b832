"""Judged collections: documents, queries, and which documents answer which query.

A collection is a folder with `docs.jsonl.gz` (`id, title, date, body, lang`), `queries.jsonl.gz` (`id, text, lang`) and
`qrels*.tsv.gz` (`query TAB document TAB grade`). None is part of the project: the folder that holds them is named by
the environment variable WCO_SEARCH_DATA, by default `../shared/data` beside the project.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wco_search import Document

DATA = Path(os.environ.get("WCO_SEARCH_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True, slots=True)
class Query:
    """One question of a collection, and the grades of the documents that answer it."""

    id: str
    text: str
    language: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Collection:
    """A judged collection, or the documents and queries of one of its languages.

    Attributes:
        name: The folder's name.
        path: The folder.
    """

    name: str
    path: Path

    @classmethod
    def named(cls, name: str) -> Collection:
        """The collection of that name under DATA; it may be absent (see `exists`)."""
        return cls(name, DATA / name)

    @property
    def exists(self) -> bool:
        """Whether the collection is there."""
        return (self.path / "docs.jsonl.gz").is_file()

    def digest(self) -> str:
        """A hash of documents, queries and judgements: figures of other data are no figures of ours."""
        content = hashlib.blake2b(digest_size=16)
        for path in sorted(self.path.glob("*.gz")):
            content.update(path.name.encode())
            content.update(gzip.decompress(path.read_bytes()))
        return content.hexdigest()

    def documents(self, language: str | None = None) -> Iterator[Document]:
        """Its documents, those of one language if it is given."""
        for record in _records(self.path / "docs.jsonl.gz"):
            if language in (None, record["lang"]):
                yield Document(
                    id=record["id"],
                    title=record.get("title") or "",
                    body=record["body"] or record["id"],  # one collection has empty abstracts
                    date=date.fromisoformat(record["date"]) if record.get("date") else None,
                    language=record["lang"],
                )

    def queries(self, language: str, judgements: str = "qrels.mono") -> list[Query]:
        """Its judged queries of one language; `qrels.mono` judge within it; `qrels` stand in for others."""
        path = self.path / f"{judgements}.tsv.gz"
        grades = _grades(path if path.exists() else self.path / "qrels.tsv.gz")
        records = _records(self.path / "queries.jsonl.gz")
        return [
            Query(record["id"], record["text"], record["lang"], grades[record["id"]])
            for record in records
            if record["lang"] == language and record["id"] in grades
        ]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _grades(path: Path) -> Mapping[str, Mapping[str, int]]:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            query, document, grade = line.rstrip("\n").split("\t")
            if grade.lstrip("-").isdigit():  # the first line names the columns
                grades[query][document] = int(grade)
    return grades
