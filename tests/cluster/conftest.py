"""The cluster that tests here share, and the way out to it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.cluster.nodes import Cluster
from tests.cluster.server import Server, UnavailableError, prepare


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
    try:
        server = _server()
    except UnavailableError as error:
        if os.environ.get("WCO_SEARCH_CLUSTER") == "required":
            pytest.fail(f"no cluster: {error}")
        pytest.skip(f"no cluster: {error}")
    with Cluster(tmp_path_factory.mktemp("cluster"), server) as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """The nodes' logs beside a failure."""
    outcome = yield
    report = outcome.get_result()
    running = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(running, Cluster):
        report.sections.append(("Logs of the nodes", running.tails()))


def _server() -> Server:
    if find_spec("opensearchpy") is None:
        raise UnavailableError("opensearch-py is not installed")
    return prepare()
