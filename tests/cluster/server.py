"""`prepare`: what a node's process is started from, a Java and a class path."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.5.0.0"
"""Of the runner; its first three numbers are OpenSearch's."""

LEAST_JAVA = 21
"""OpenSearch 3 is compiled for it."""

_HERE = Path(__file__).parent
_JVMS = Path("/usr/lib/jvm")


class UnavailableError(Exception):
    """This machine lacks something that a cluster is made of; the message says what."""


_MODULES = (
    "org.opensearch.transport.Netty4ModulePlugin",
    "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
    "org.opensearch.percolator.PercolatorModulePlugin",
    "org.opensearch.join.ParentJoinModulePlugin",
    "org.opensearch.index.reindex.ReindexModulePlugin",
    "org.opensearch.index.mapper.MapperExtrasModulePlugin",
    "org.opensearch.painless.PainlessModulePlugin",
    "org.opensearch.search.aggregations.matrix.MatrixAggregationModulePlugin",
)

_JVM = (
    "-Xms768m",
    "-Xmx768m",
    "-XX:+UseSerialGC",  # one thread: the nodes share two cores
    "-XX:TieredStopAtLevel=1",  # a node lives for minutes, too short for the second compiler to pay
    "-XX:ActiveProcessorCount=2",
    "-Dlog4j2.disable.jmx=true",
    f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
)


@dataclass(frozen=True, slots=True)
class Server:
    """What a node's process is started from.

    Attributes:
        java: The program.
        folder: The server's jars, and its classes as a running node had them.
    """

    java: Path
    folder: Path

    @property
    def archive(self) -> Path:
        """Classes loaded and linked: a node starts in a third of the time."""
        return self.folder / "classes.jsa"

    def command(self, settings: Mapping[str, str]) -> list[str]:
        """What starts a node with these settings."""
        return self._command(f"-XX:SharedArchiveFile={self.archive}", settings)

    def learn(self) -> None:
        """Keep the classes of a node that starts, and ends at once as its standard input is empty."""
        with tempfile.TemporaryDirectory(dir=self.folder) as home:
            (Path(home) / "config").mkdir()
            archive = Path(home) / self.archive.name
            settings = {"path.home": home, "discovery.type": "single-node", "http.port": "0", "transport.port": "0"}
            _run(self._command(f"-XX:ArchiveClassesAtExit={archive}", settings), self.folder)
            archive.rename(self.archive)

    def _command(self, option: str, settings: Mapping[str, str]) -> list[str]:
        start = [str(self.java), option, *_JVM, "-cp", f"{self.folder / 'lib'}/*", "Launcher", ",".join(_MODULES)]
        return [*start, *(f"{key}={value}" for key, value in settings.items())]


def prepare() -> Server:
    """The server, brought by Maven at first and then taken from the cache.

    Raises:
        UnavailableError: Java or Maven is missing, or Maven could not bring the jars.
    """
    home = _java_home()
    sources = (_HERE / "pom.xml", _HERE / "Launcher.java", home / "release")
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
    server = Server(home / "bin" / "java", _cache() / f"{VERSION}-{digest}")
    if not server.folder.exists():
        _fill(server.folder, home)
    if not server.archive.exists():
        server.learn()
    return server


def _cache() -> Path:
    given = os.environ.get("WCO_SEARCH_CLUSTER_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "wco_search-cluster"


def _java_home() -> Path:
    """The first Java development kit that is new enough: JAVA_HOME, then Debian's place for them, then the path's."""
    for home in _java_homes():
        if (home / "bin" / "javac").exists() and _java_version(home) >= LEAST_JAVA:
            return home
    raise UnavailableError(f"no Java development kit {LEAST_JAVA} or later; install one, or set JAVA_HOME to it")


def _java_homes() -> Iterator[Path]:
    if given := os.environ.get("JAVA_HOME"):
        yield Path(given)
    yield from sorted(_JVMS.glob("*"))
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parents[1]


def _java_version(home: Path) -> int:
    """By the file `release`, which every kit has: asking the program takes a tenth of a second."""
    release = home / "release"
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE) if release.exists() else None
    return int(found[1]) if found else 0


def _fill(folder: Path, java_home: Path) -> None:
    """Beside the folder first and then renamed, so that a folder that exists is whole, whoever else fills it too."""
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("Maven is not installed; it brings the server")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        work = Path(name)
        shutil.copy(_HERE / "pom.xml", work)
        copy = [maven, "-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime"]
        _run([*copy, f"-Drunner.version={VERSION}", "-DoutputDirectory=whole/lib"], work)
        javac, jar = (str(java_home / "bin" / name) for name in ("javac", "jar"))
        _run([javac, "-cp", "whole/lib/*", "-d", ".", str(_HERE / "Launcher.java")], work)
        _run([jar, "--create", "--file", "whole/lib/launcher.jar", "Launcher.class"], work)
        try:
            (work / "whole").rename(folder)
        except OSError:
            if not folder.exists():  # else somebody else was faster, with the same
                raise


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise UnavailableError(f"`{' '.join(command)}` failed:\n{done.stdout.decode(errors='replace')[-3000:]}")
