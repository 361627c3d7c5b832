"""What all tests share: the sample archive, the place of optional real data, the guard against the network."""

from __future__ import annotations

import json
import os
import socket
from datetime import date
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from wco_search.documents import Document
from wco_search.sample import sample_path

SHARED_DATA = Path(os.environ.get("WCO_SEARCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
"""Folder of real pages and judged collections; tests that want them skip where it is absent."""

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("suite")


PACKAGE = Path(__file__).parents[1] / "wco_search"


def pytest_sessionstart() -> None:
    """Stop where the tests would run what was compiled of an earlier source."""
    ending = EXTENSION_SUFFIXES[0]  # of this Python: what another compiled is not run
    for compiled in PACKAGE.rglob(f"*{ending}"):
        source = compiled.with_name(compiled.name.removesuffix(ending))
        for suffix in (".pyx", ".pxd", ".py"):
            written = source.with_suffix(suffix)
            if written.exists() and written.stat().st_mtime > compiled.stat().st_mtime:
                pytest.exit(
                    f"{written.relative_to(PACKAGE.parent)} is newer than what was compiled of it: "
                    "run `python setup.py build_ext --inplace`",
                    returncode=2,
                )


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that opens a connection fails, but for one by a file, as between processes of a test."""
    connect = socket.socket.connect

    def refuse(one: socket.socket, *args: Any) -> None:
        if one.family != socket.AF_UNIX:
            raise AssertionError("the library must not use the network")
        connect(one, *args)

    monkeypatch.setattr(socket.socket, "connect", refuse)


def sample_documents() -> list[Document]:
    """The packaged sample archive."""
    records = [json.loads(line) for line in sample_path().read_text(encoding="utf-8").splitlines()]
    return [Document(**{**record, "date": date.fromisoformat(record["date"])}) for record in records]
