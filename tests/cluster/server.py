"""`prepare`: what a node's process is started from, a Java and a class path."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.5.0.0"
"""Of the runner; its first three numbers are OpenSearch's."""

LEAST_JAVA = 21
"""OpenSearch 3 is compiled for it."""

_HERE = Path(__file__).parent
_SOURCES = (_HERE / "pom.xml", _HERE / "Launcher.java")


class UnavailableError(Exception):
    """This machine lacks something that a cluster is made of; the message says what."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a node's process is started from.

    Attributes:
        java: The program.
        classpath: The server's jars and the launcher.
    """

    java: Path
    classpath: str


def prepare() -> Server:
    """The server, brought by Maven at first and then taken from the cache.

    Raises:
        UnavailableError: Java or Maven is missing, or Maven could not bring the jars.
    """
    home = _java_home()
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()[:8]
    folder = _cache() / f"{VERSION}-{digest}"
    if not folder.exists():
        _fill(folder, home)
    return Server(home / "bin" / "java", f"{folder}:{folder / 'lib'}/*")


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
    yield from sorted(Path("/usr/lib/jvm").glob("*"))
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
        javac = str(java_home / "bin" / "javac")
        _run([javac, "-cp", "whole/lib/*", "-d", "whole", str(_HERE / "Launcher.java")], work)
        try:
            (work / "whole").rename(folder)
        except OSError:
            if not folder.exists():  # else somebody else was faster, with the same
                raise


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"`{' '.join(command)}` failed:\n{done.stdout[-3000:]}")
