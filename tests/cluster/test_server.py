"""What a cluster is made of, on a machine that lacks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster import needs, server
from tests.cluster.server import UnavailableError, prepare


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Java, Maven and a cache; gives the folder of its Javas."""
    monkeypatch.setattr(server, "_JVMS", tmp_path)
    monkeypatch.setattr(needs, "find_spec", lambda name: name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("WCO_SEARCH_CLUSTER_CACHE", str(tmp_path / "cache"))
    for name in ("JAVA_HOME", "WCO_SEARCH_CLUSTER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def install_java(folder: Path, version: str, *, compiler: bool = True) -> Path:
    """What is looked at of a Java."""
    (folder / "bin").mkdir(parents=True)
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    if compiler:
        (folder / "bin" / "javac").touch()
    return folder


def test_java_is_missing_or_too_old(machine: Path) -> None:
    """Or has no compiler; then the next one is looked at, JAVA_HOME before all."""
    install_java(machine / "java-17", "17.0.15")
    install_java(machine / "java-24", "24", compiler=False)
    with pytest.raises(UnavailableError, match="Java development kit 21 or later"):
        prepare()
    install_java(machine / "java-25", "25.0.3")
    with pytest.raises(UnavailableError, match="Maven is not installed"):
        prepare()
    assert server._java_home() == machine / "java-25"


def test_java_home_comes_first(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is too old."""
    install_java(machine / "java-25", "25")
    monkeypatch.setenv("JAVA_HOME", str(install_java(machine / "mine" / "new", "21.0.1")))
    assert server._java_home() == machine / "mine" / "new"
    monkeypatch.setenv("JAVA_HOME", str(install_java(machine / "mine" / "old", "11.0.2")))
    assert server._java_home() == machine / "java-25"


def test_tests_are_skipped_or_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """And say what is missing."""
    with pytest.raises(pytest.skip.Exception, match="no cluster: no Java development kit"):
        needs.server_or_skip()
    monkeypatch.setenv("WCO_SEARCH_CLUSTER", "required")
    with pytest.raises(pytest.fail.Exception, match="no cluster: no Java development kit"):
        needs.server_or_skip()
    monkeypatch.setattr(needs, "find_spec", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="no cluster: opensearch-py is not installed"):
        needs.server_or_skip()


def test_maven_does_not_bring_the_jars(machine: Path) -> None:
    """Its words are told, and nothing half is left in the cache."""
    install_java(machine / "java-25", "25")
    maven = machine / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text("#!/bin/sh\necho '[ERROR] no such artifact'\nexit 1\n")
    maven.chmod(0o755)
    with pytest.raises(UnavailableError, match="no such artifact"):
        prepare()
    assert list((machine / "cache").iterdir()) == []
