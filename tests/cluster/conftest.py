"""The cluster that tests here share, and the way out to it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.cluster.needs import server_or_skip
from tests.cluster.nodes import Cluster


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a test may connect to this machine, and to no other."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert ipaddress.ip_address(address[0]).is_loopback, f"a connection to {address[0]}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, green at first; a test that breaks something mends it."""
    with Cluster(tmp_path_factory.mktemp("cluster"), server_or_skip()) as running:
        yield running


@pytest.fixture(scope="session")
def addresses(request: pytest.FixtureRequest) -> list[str]:
    """Of the nodes of a cluster, for tests that break nothing: WCO_SEARCH_CLUSTER_AT names one that runs."""
    given = os.environ.get("WCO_SEARCH_CLUSTER_AT")
    running: list[str] = given.split(",") if given else request.getfixturevalue("cluster").addresses
    return running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The nodes' logs beside a failure."""
    report = yield
    running = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(running, Cluster):
        report.sections.append(("Logs of the nodes", running.tails()))
    return report
