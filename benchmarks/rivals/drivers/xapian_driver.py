"""Drives Xapian in the system's Python; `benchmarks/rivals/remote.py` tells what it reads and writes."""

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import xapian

LIMIT = 10
COMPACT = "compact"  # the folder that is searched
DAY = 0  # the slot of the value
UNIQUE = "\x01"  # before an id as a term: no word begins so
LATIN = re.compile("[a-z]")
WORD = re.compile(r"\w+")
UNLIMITED = (0, xapian.Query.WILDCARD_LIMIT_ERROR, xapian.Query.OP_SYNONYM)  # the expansions of a prefix
OPERATORS = {"any": xapian.Query.OP_OR, "all": xapian.Query.OP_AND, "phrase": xapian.Query.OP_PHRASE}


class Stems(dict[str, str]):
    """The stem of each form, worked out when it is first met."""

    def __init__(self) -> None:
        self._english, self._russian = xapian.Stem("english"), xapian.Stem("russian")

    def __missing__(self, word: str) -> str:
        stemmer = self._english if LATIN.search(word) else self._russian
        stem: str = stemmer(word.encode()).decode()
        self[word] = stem
        return stem


class Driver:
    """Carries out commands."""

    def __init__(self) -> None:
        self._stems = Stems()
        self._of_tokens = False
        self._writer: Any = None
        self._database: Any = None

    def _terms(self, text: str) -> list[str]:
        if self._of_tokens:
            return text.split()
        return [self._stems[word] for word in WORD.findall(text.lower().replace("ё", "е"))]

    def _document(self, record: list[str]) -> Any:
        name, title, body, day, _ = record
        document, text = xapian.Document(), f"{title}\n{body}"
        for position, term in enumerate(self._terms(text), start=1):
            document.add_posting(term, position)
        document.add_value(DAY, day)
        document.add_boolean_term(UNIQUE + name)
        document.set_data(name if self._of_tokens else f"{name}\n{text}")
        return document

    def build(self, folder: str, corpus: str, _: str, of_tokens: str) -> list[str]:
        """One commit, then one compact file."""
        self._of_tokens = of_tokens == "1"
        home = Path(folder)
        loose = home / "loose"
        database = xapian.WritableDatabase(str(loose), xapian.DB_CREATE_OR_OVERWRITE)
        with Path(corpus).open(encoding="utf-8") as lines:
            for line in lines:
                database.add_document(self._document(json.loads(line)))
        database.commit()
        database.compact(str(home / COMPACT))
        database.close()
        shutil.rmtree(loose)
        for path in (*home.rglob("*"), home):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return ["done"]

    def open(self, folder: str, of_tokens: str) -> list[str]:
        """The database."""
        self._of_tokens = of_tokens == "1"
        self._database = xapian.Database(str(Path(folder, COMPACT)))
        return ["done"]

    def _query(self, text: str, kind: str, first: str, last: str) -> Any:
        if kind == "prefix":
            query = xapian.Query(xapian.Query.OP_WILDCARD, text, *UNLIMITED)
        else:
            query = xapian.Query(OPERATORS[kind], self._terms(text))
        if not first:
            return query
        within = xapian.Query(xapian.Query.OP_VALUE_RANGE, DAY, first, last)
        return xapian.Query(xapian.Query.OP_FILTER, query, within)

    def _search(self, query: list[str]) -> list[str]:
        enquire = xapian.Enquire(self._database)
        enquire.set_weighting_scheme(xapian.BM25Weight())
        enquire.set_query(self._query(*query))
        found = enquire.get_mset(0, LIMIT, self._database.get_doccount())
        ids = [hit.document.get_data().decode().partition("\n")[0] for hit in found]
        return [str(found.get_matches_estimated()), *ids]

    def ask(self, _: str, count: str) -> None:
        """Times and answers."""
        queries = [json.loads(sys.stdin.readline()) for _ in range(int(count))]
        for query in queries:
            began = time.perf_counter_ns()
            answer = self._search(query)
            took = time.perf_counter_ns() - began
            say([str(took), *answer])

    def add(self, folder: str, count: str) -> list[str]:
        """One commit."""
        if self._writer is None:
            self._writer = xapian.WritableDatabase(str(Path(folder, COMPACT)), xapian.DB_OPEN)
        for _ in range(int(count)):
            record = json.loads(sys.stdin.readline())
            self._writer.replace_document(UNIQUE + record[0], self._document(record))
        self._writer.commit()
        return ["done"]

    def segments(self) -> list[str]:
        """Xapian has none: one tree for each table."""
        return ["1"]

    def ready(self) -> list[str]:
        """Nothing more to do."""
        return ["ready"]


def say(answer: list[str]) -> None:
    """Write a line."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


def main() -> None:
    """Answer commands until the input ends."""
    driver = Driver()
    for line in iter(sys.stdin.readline, ""):
        name, *arguments = json.loads(line)
        answer = getattr(driver, name)(*arguments)
        if answer is not None:
            say(answer)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
