"""bm25s with numba: BM25 scores of every posting worked out beforehand, kept as sparse arrays.

It has no Russian analysis, so it is given the terms of this library's. It ranks words and nothing else: no AND, no
phrases, no filter, no additions, and no count of the matches, which all other engines here must give.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.corpus import Corpus
from benchmarks.queries import Query
from benchmarks.rivals import LIMIT, Answer, Protocol, Rival, sync
from benchmarks.rivals.tokens import terms_of
from wco_search import default_analyzer

IDS = "ids.json"


class Engine(Rival):
    """The scores in mapped arrays, the ids in a list."""

    packages = ("bm25s", "numba", "numpy")
    kinds = frozenset({"any"})
    has_dates = False
    can_add = False
    most_documents = 100_000
    settings: ClassVar = {
        "analysis": "one term a word from this library",
        "index": "BM25(backend='numba', k1=0.9, b=0.6), save, fsync of every file and the folder; load(mmap=True)",
        "search": "retrieve([terms], k=10, n_threads=1); no total",
    }

    token_settings: ClassVar = {"analysis": "none: cut at spaces"}

    def __init__(self, protocol: Protocol = "end-to-end") -> None:
        super().__init__(protocol)
        self._bm25s: Any = import_module("bm25s")
        self._analyzer = default_analyzer()

    def _terms(self, text: str) -> list[str]:
        return text.split() if self.of_tokens else terms_of(self._analyzer, text)

    def build(self, corpus: Corpus, folder: Path) -> None:
        """All terms in memory, then the arrays."""
        ids: list[str] = []
        numbers: list[list[int]] = []
        vocabulary: dict[str, int] = {}
        for record in corpus:
            ids.append(record.id)
            terms = self._terms(record.text)
            numbers.append([vocabulary.setdefault(term, len(vocabulary)) for term in terms])
        engine = self._bm25s.BM25(backend="numba", k1=0.9, b=0.6)
        engine.index((numbers, vocabulary), show_progress=False)
        engine.save(str(folder))
        (folder / IDS).write_text(json.dumps(ids), encoding="utf-8")
        sync(folder)

    def open(self, folder: Path) -> None:
        """Mapped arrays."""
        self._engine = self._bm25s.BM25.load(str(folder), mmap=True)
        self._engine.backend = "numba"
        self._ids = json.loads((folder / IDS).read_text(encoding="utf-8"))
        self._most = min(LIMIT, len(self._ids))

    def close(self) -> None:
        """The arrays."""
        self._engine = None

    def prepare(self, query: Query) -> str:
        """The words."""
        return " ".join(query.words)

    def search(self, prepared: str) -> Answer:
        """The best ten that have any of the terms."""
        terms = self._terms(prepared)
        found = self._engine.retrieve([terms], k=self._most, n_threads=1, show_progress=False)
        pairs = zip(found.documents[0].tolist(), found.scores[0].tolist(), strict=True)
        return None, [self._ids[number] for number, score in pairs if score > 0]
