"""Xapian, through the Python that Debian builds its binding for (`apt-get install python3-xapian`).

No package index has the binding, so a driver runs in the system's Python. Xapian's own TermGenerator and QueryParser
know one stemmer each; the driver cuts words itself, gives each to the stemmer of its script, and remembers the stems of
forms that it has met. Ids are the documents' data. An exact total needs every match to be checked
(`checkatleast` of all documents). Scores are its defaults.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import ClassVar

from benchmarks.queries import Query
from benchmarks.rivals.remote import DRIVERS, Remote

PYTHON = Path("/usr/bin/python3")


class Engine(Remote):
    """Stems with positions, the day as a value, the id as data."""

    most_documents = 100_000
    settings: ClassVar = {
        "analysis": r"words \w+, lower case, ё to е, Stem('russian') or Stem('english') by script, a dict of stems",
        "documents": "add_posting(stem, position) over title and body; the day as value 0; data: id, line feed, text",
        "writer": "WritableDatabase(DB_CREATE_OR_OVERWRITE), commit, compact into one file, fsync of it and the folder",
        "search": "Query(OP_OR / OP_AND / OP_PHRASE, stems), Enquire.get_mset(0, 10, all documents), data to line feed",
        "weighting": "BM25Weight(), its defaults",
        "prefix": "Query(OP_WILDCARD, first letters, no limit, OP_SYNONYM), on stems",
        "date filter": "OP_FILTER with Query(OP_VALUE_RANGE, 0, first, last)",
        "small add": "one WritableDatabase kept open, replace_document by id; commit, which syncs",
    }
    token_settings: ClassVar = {"analysis": "none: cut at spaces", "documents": "as above; data is the id alone"}

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of Xapian and that Python."""
        told = _asked("import platform, xapian; print(xapian.version_string(), platform.python_version())")
        return dict(zip(("Xapian", "Python"), told.split(), strict=True)) if told else {"Xapian": "none"}

    @classmethod
    def missing(cls) -> str | None:
        """The binding is imported to see."""
        if not _asked("import xapian; print(1)"):
            return f"{PYTHON} cannot import xapian; on Debian, apt-get install python3-xapian"
        return None

    def command(self) -> list[str]:
        """That Python with the driver."""
        return [str(PYTHON), str(DRIVERS / "xapian_driver.py")]

    def text_of(self, query: Query) -> str:
        """The words: the driver parses no language."""
        return " ".join(query.words)


@cache
def _asked(code: str) -> str:
    """What that Python prints; nothing if it fails or is not there."""
    if not PYTHON.exists():
        return ""
    done = subprocess.run(
        [str(PYTHON), "-I", "-c", code], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout
