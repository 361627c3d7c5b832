"""Lucene, in a Java machine of its own.

Set up to be as fast as it can be for this task, as tantivy is:

- Title and body are one indexed field, stored once, and one segment (`forceMerge(1)`).
- Both Snowball stemmers follow each other, after ё is made е; no stop words, as no other engine here has any, and
  phrases and totals would not be the same.
- Scores are its defaults, BM25 with k1 1.2 and b .75, which are those of tantivy too.
- Ids are read from a column (doc values), which is faster than from stored fields.
- An exact total needs every match to be visited (`totalHitsThreshold` without limit).
- `jdk.incubator.vector` lets it decode postings with vector instructions. One collector thread, on the one core that
  everybody has; the machine compiles on the same core, so what is asked first is slow: the set of queries for warming
  up is asked many times (`warm_ups`).

Java 21 or newer is looked for in JAVA_HOME, on the path and in /usr/lib/jvm. Maven fetches the archives once, into
`CACHE`; the driver is compiled there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import ClassVar

from benchmarks.queries import Query
from benchmarks.rivals.remote import DRIVERS, Remote
from benchmarks.rivals.wco import text_of

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "wco-search-benchmarks")
OLDEST_JAVA = 21  # Lucene 10 is compiled for it
MACHINES = Path("/usr/lib/jvm")
SOURCES = (DRIVERS / "Lucene.java", DRIVERS / "pom.xml")
HEAP = "3g"  # holds the buffer of the writer, and what merging 950,000 documents needs
VECTORS = ("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED")
FLAGS = (f"-Xmx{HEAP}", "-XX:+UseSerialGC", *VECTORS)


class Engine(Remote):
    """One text field stemmed by both stemmers, an id, a date as point and column."""

    ways = frozenset({"search", "snippets"})
    can_refresh = True
    warm_ups = 20
    settings: ClassVar = {
        "machine": f"java {' '.join(FLAGS)}; the driver is benchmarks/rivals/drivers/Lucene.java",
        "analyzer": "ё to е, StandardTokenizer, EnglishPossessiveFilter, LowerCaseFilter, "
        "SnowballFilter(Russian), SnowballFilter(English)",
        "fields": "id: StringField, BinaryDocValuesField; text (title, line feed, body): TextField, stored; "
        "date: LongField",
        "writer": "RAMBufferSizeMB 512, addDocument for each, forceMerge(1), commit, which syncs",
        "search": "classic QueryParser('text').parse(text); search(query, TopScoreDocCollectorManager(10, "
        "Integer.MAX_VALUE)); id from doc values; no query cache",
        "date filter": "LongField.newRangeQuery as FILTER beside the text as MUST",
        "snippet": "UnifiedHighlighter, DefaultPassageFormatter('<b>', '</b>', '... ', escape=true)",
        "refresh": "DirectoryReader.openIfChanged",
        "small add": "one writer kept open; updateDocument by id for each, commit, which syncs",
    }
    token_settings: ClassVar = {"analyzer": "WhitespaceAnalyzer", "fields": "as above, but text is not stored"}

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of Lucene and Java."""
        java = _java()
        return {"Lucene": _lucene(), "Java": "none" if java is None else _version(java)}

    @classmethod
    def missing(cls) -> str | None:
        """Java of that age with its compiler, and what `fetch` fetches."""
        if _java() is None:
            return f"there is no JDK {OLDEST_JAVA} or newer in JAVA_HOME, on the path or in {MACHINES}"
        return None if _home().is_dir() else "its archives are not fetched; python -m benchmarks --rivals lucene does"

    @classmethod
    def fetch(cls) -> str | None:
        """Fetch the archives by Maven and compile the driver, unless that is done."""
        java = _java()
        if java is None or cls.missing() is None:
            return cls.missing()
        if shutil.which("mvn") is None:
            return "its archives are not here, and there is no Maven (mvn) to fetch them"
        making = _home().with_suffix(f".{os.getpid()}")
        shutil.copytree(DRIVERS, making)
        try:
            _run("mvn", "-q", "-B", "-f", str(making / "pom.xml"), "dependency:copy-dependencies",
                 f"-DoutputDirectory={making}")  # fmt: skip
            _run(str(java / "bin" / "javac"), "-cp", f"{making}/*", "-d", str(making), str(making / "Lucene.java"))
            making.rename(_home())
        except subprocess.CalledProcessError as error:
            shutil.rmtree(making)
            told = (error.stdout.strip() or "no message").splitlines()
            return f"{Path(error.cmd[0]).name} could not prepare it: {told[0]}"
        return None

    def command(self) -> list[str]:
        """The Java machine with the archives and the driver."""
        java = _java()
        assert java is not None
        return [str(java / "bin" / "java"), *FLAGS, "-cp", f"{_home()}{os.pathsep}{_home()}/*", "Lucene"]

    def text_of(self, query: Query) -> str:
        """In the classic parser's language, which is that of tantivy and Whoosh too."""
        return text_of(query)


def _run(*command: str) -> None:
    subprocess.run(
        command, check=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _home() -> Path:
    """Where archives and driver of this state of the sources are."""
    content = hashlib.blake2b(b"".join(path.read_bytes() for path in SOURCES), digest_size=6).hexdigest()
    return CACHE / f"lucene-{content}"


@cache
def _java() -> Path | None:
    """The folder of the newest Java that is new enough and has a compiler."""
    fit = [home for home in _homes() if (home / "bin" / "javac").exists() and _age(home) >= OLDEST_JAVA]
    return max(fit, key=_age, default=None)


def _homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("java"):
        yield Path(found).resolve().parents[1]
    if MACHINES.is_dir():
        yield from sorted(MACHINES.iterdir())


def _version(home: Path) -> str:
    """As the file `release` of a JDK says.

    Example:
        >>> _version(Path("/nowhere"))
        '0'
    """
    release = home / "release"
    told = re.search(r'^JAVA_VERSION="([^"]+)"', release.read_text("utf-8"), re.MULTILINE) if release.exists() else None
    return told[1] if told else "0"


def _age(home: Path) -> int:
    return int(_version(home).split(".")[0])


def _lucene() -> str:
    told = re.search("<lucene>(.+)</lucene>", SOURCES[1].read_text("utf-8"))
    assert told is not None
    return told[1]
