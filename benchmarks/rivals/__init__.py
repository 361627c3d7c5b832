"""The engines that are measured, each behind the same small interface, `Rival`.

A rival's module imports it only when the process that runs it makes an `Engine`; what is not of this Python runs in a
process of its own (`benchmarks.rivals.remote`). Its `settings` are every parameter
that is not a default; the module's docstring says why they are so.
"""

from __future__ import annotations

import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar, Literal

from benchmarks.classes import Way
from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Kind, Query

OURS = "ours"
LIMIT = 10  # hits a page
FACETS = ("language", "source")

Protocol = Literal["end-to-end", "engine"]
PROTOCOLS: tuple[Protocol, ...] = ("end-to-end", "engine")
"""Text in, analysed as the engine does it best; or the same tokens for all (`benchmarks.coding`), and no text stored
where the engine can do without."""

Answer = tuple[int | None, list[str]]
"""The exact number of matching documents (None from an engine that does not count), and ten ids or snippets; after the
ids, what `facets` counted."""

Clock = Callable[[], int]
"""Nanoseconds since some moment."""


class Rival(ABC):
    """One engine: built from a corpus, opened, and asked.

    `prepare` is not measured: it turns a question into what a program of this engine holds when its user presses the
    button, which is text. `search` and `snippets` are measured, from that text to the answer.

    Attributes:
        packages: The distributions of Python that it is made of.
        kinds: The kinds of query that it answers.
        has_dates: Whether it filters by date.
        ways: How it can be asked.
        can_add: Whether documents are added to an index that is there.
        can_refresh: Whether it goes over to the newest commit by `refresh`; then it is read beside a writer.
        most_documents: Larger corpora are not given to it: it would take hours, or memory that few machines have.
        warm_ups: How often it is asked the set of queries that is for warming up; what compiles while it runs needs
            more than once.
        settings: Every parameter that is not a default.
        token_settings: Those that differ under protocol `engine`.
        of_tokens: Whether the protocol is `engine`.
    """

    packages: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[frozenset[Kind]] = frozenset({"any", "all", "phrase", "prefix"})
    has_dates: ClassVar[bool] = True
    ways: ClassVar[frozenset[Way]] = frozenset({"search"})
    can_add: ClassVar[bool] = True
    can_refresh: ClassVar[bool] = False
    most_documents: ClassVar[int] = 10**9
    warm_ups: ClassVar[int] = 1
    settings: ClassVar[Mapping[str, str]]
    token_settings: ClassVar[Mapping[str, str]]

    def __init__(self, protocol: Protocol = "end-to-end") -> None:
        self.of_tokens = protocol == "engine"

    @classmethod
    def versions(cls) -> dict[str, str]:
        """The versions of what it is made of. Imports none of it.

        Raises:
            PackageNotFoundError: One is not installed.
        """
        return {package: version(package) for package in cls.packages}

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be run here; None if it can. Fetches nothing."""
        try:
            cls.versions()
        except PackageNotFoundError as error:
            return f"package {error.name} is not installed"
        return None

    @classmethod
    def fetch(cls) -> str | None:
        """As `missing`, after fetching what is no package of Python, where it does not come with the system."""
        return cls.missing()

    def start(self) -> None:  # noqa: B027 - most have nothing to do here
        """Get ready what does not depend on an index; it is timed with the imports."""

    @property
    def process(self) -> int:
        """The process whose memory counts."""
        return os.getpid()

    def ask(self, way: Way, prepared: Sequence[Any], clock: Clock) -> tuple[list[int], list[Answer]]:
        """Ask one query after the other; gives the nanoseconds of each, and the answers."""
        one, took, answers = getattr(self, way), [], []
        for query in prepared:
            began = clock()
            answer = one(query)
            took.append(clock() - began)
            answers.append(answer)
        return took, answers

    @abstractmethod
    def build(self, corpus: Corpus, folder: Path) -> None:
        """Index the records of *corpus* in the empty *folder*, durably: everything is synced when this returns."""

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Make ready to search what `build` left."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what `open` holds."""

    @abstractmethod
    def prepare(self, query: Query) -> Any:
        """What `search` takes."""

    @abstractmethod
    def search(self, prepared: Any) -> Answer:
        """The exact total and the best ten ids."""

    def snippets(self, prepared: Any) -> Answer:
        """The exact total and an HTML snippet of each of the best ten."""
        raise TypeError(f"{type(self).__module__} makes no snippets of {prepared!r}; ways says so")

    def facets(self, prepared: Any) -> Answer:
        """The exact total, the best ten ids, and how often each value of `FACETS` is among all matches."""
        raise TypeError(f"{type(self).__module__} counts no values for {prepared!r}; ways says so")

    def add(self, records: Sequence[Record]) -> None:
        """Add a few documents to the opened index, durably."""
        raise TypeError(f"{type(self).__module__} cannot add {len(records)} documents; can_add says so")

    def refresh(self) -> None:
        """Go over to the newest commit."""
        raise TypeError(f"{type(self).__module__} is opened anew instead; can_refresh says so")

    def segments(self) -> int:
        """How many parts the opened index has."""
        return 1


HOMES: Mapping[str, str] = {
    OURS: "benchmarks.rivals.wco",
    "tantivy": "benchmarks.rivals.tantivy_py",
    "lucene": "benchmarks.rivals.lucene_java",
    "xapian": "benchmarks.rivals.xapian_debian",
    "whoosh": "benchmarks.rivals.stock_whoosh",
    "fts5": "benchmarks.rivals.sqlite_fts5",
    "bm25s": "benchmarks.rivals.bm25s_numba",
}
"""The engines by name, this library first: the module that has the class `Engine` of each."""

ABSENT: Mapping[str, str] = {
    "opensearch": "is a server; a process of one core has no fair comparison with it (the engine inside is lucene)",
}
"""Engines that a reader will look for, and why they are not measured."""


def engine_class(name: str) -> type[Rival]:
    """The class of the engine of that name; what it is made of need not be installed."""
    found: type[Rival] = importlib.import_module(HOMES[name]).Engine
    return found


def load(name: str, protocol: Protocol = "end-to-end") -> Rival:
    """Make the engine of that name, in this process.

    Raises:
        ImportError: What it needs is not installed.
    """
    return engine_class(name)(protocol)


def missing(name: str) -> str | None:
    """Why the engine of that name cannot be run here; None if it can.

    Example:
        >>> missing("ours") is None
        True
    """
    return engine_class(name).missing()


def skipped(names: Sequence[str]) -> dict[str, str]:
    """Which of the engines cannot be run, and why, after fetching what can be fetched."""
    return {name: reason for name in names if (reason := engine_class(name).fetch())}


def source_of(record: Record) -> str:
    """One of twelve sources, as a newsroom has desks: the month of its date, so that it is in no order.

    Example:
        >>> source_of(Record("1", "", "Timber.", "2019-03-15", "en"))
        'desk 03'
    """
    return f"desk {record.day[5:7]}"


def sync(folder: Path) -> None:
    """Force the files of *folder*, and the folder itself, onto the disk, for engines that do not."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
