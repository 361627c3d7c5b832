"""What befalls a cluster, and what a connection makes of it: dead, silent and full nodes, strangers at the door."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.nodes import START_S, Cluster, Node
from tests.cluster.traffic import Traffic, traffic
from tests.servers import certified, forwarding, serving
from wco_search import (
    ClusterBusyError,
    ClusterFullError,
    ClusterRequestError,
    ClusterTimeoutError,
    ClusterUnreachableError,
    CredentialsError,
    TlsError,
)
from wco_search.cluster.connection import Connection, Operation

pytestmark = pytest.mark.cluster

INDEX = "faults"
BATCH = 20
NOTICED_S = 10.0
"""A dead node must be noticed, and every shard have a living copy, within this."""


def connection_to(*nodes: Node, timeout_s: float = 30.0) -> Connection:
    """A connection that knows these nodes."""
    return Connection.open(f"opensearch://{','.join(node.address for node in nodes)}/{INDEX}", timeout_s=timeout_s)


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[Connection]:
    """To all nodes; with an index of three shards, each on two nodes, that is gone afterwards, when all is mended."""
    with connection_to(*cluster.nodes) as opened:
        opened.ask("DELETE", f"/{INDEX}", ignore={404})  # of a test that failed
        opened.ask(
            "PUT",
            f"/{INDEX}",
            {
                "settings": {
                    "number_of_shards": 3,
                    "number_of_replicas": 1,
                    "index.unassigned.node_left.delayed_timeout": "0",
                },
                "mappings": {"dynamic": "strict", "properties": {"body": {"type": "text"}}},
            },
        )
        cluster.wait(index=INDEX, timeout_s=START_S)
        yield opened
        cluster.heal(INDEX)
        opened.ask("DELETE", f"/{INDEX}")


def operations(first: int, number: int = BATCH) -> list[Operation]:
    """New documents, numbered on."""
    return [Operation(str(each), {"body": f"fossils {each}"}) for each in range(first, first + number)]


def ids_found(connection: Connection) -> list[str]:
    """The ids of all documents a search finds, which must ask every shard."""
    connection.ask("POST", f"/{INDEX}/_refresh")
    body = {"query": {"match": {"body": "fossils"}}, "size": 10_000, "_source": False}
    found = connection.ask(
        "POST", f"/{INDEX}/_search", body, params={"allow_partial_search_results": False, "track_total_hits": True}
    )
    assert found["hits"]["total"]["value"] == len(found["hits"]["hits"]) < 10_000
    return [hit["_id"] for hit in found["hits"]["hits"]]


def going_on(connection: Connection) -> AbstractContextManager[Traffic]:
    """New documents, batch by batch, and the same search again and again."""

    def put(batch: list[Operation]) -> list[str]:
        connection.bulk(INDEX, batch)
        time.sleep(0.05)  # not so many documents that copies of shards are long in coming
        return [operation.id for operation in batch]

    def search() -> None:
        body = {"query": {"match": {"body": "fossils"}}}
        connection.ask("POST", f"/{INDEX}/_search", body, params={"allow_partial_search_results": False})
        time.sleep(0.05)

    return traffic(map(operations, count(0, BATCH)), put, search)


def wait_for_more(going: Traffic) -> None:
    """Until both have got on."""
    going.wait_for_more(10 * BATCH, timeout_s=60)


# -- dead nodes


@pytest.mark.parametrize("victim", ["another", "manager"])
def test_a_node_is_killed_while_writing_and_reading(cluster: Cluster, connection: Connection, victim: str) -> None:
    """Nothing acknowledged is lost, and neither writer nor reader sees an error, be it the manager that dies."""
    manager = cluster.manager()
    others = [node for node in cluster.nodes if node is not manager]
    killed = manager if victim == "manager" else others[0]
    with going_on(connection) as going:
        wait_for_more(going)
        before = len(going.acknowledged)
        killed.kill()
        cluster.wait("yellow", index=INDEX, nodes=2, timeout_s=NOTICED_S)
        assert cluster.manager() is not killed
        wait_for_more(going)
        killed.start()
        health = cluster.wait(index=INDEX, timeout_s=START_S)
        wait_for_more(going)
    assert health["active_shards"] == 6
    assert going.failures == []
    assert len(going.acknowledged) > before > 0
    assert sorted(ids_found(connection)) == sorted(going.acknowledged)


def test_two_of_three_nodes_are_killed(cluster: Cluster, connection: Connection) -> None:
    """Nobody may decide alone: writing fails with an error, and goes on when the others are back.

    Who knows no living node is told so at once, and served again by the same connection.
    """
    connection.bulk(INDEX, operations(0))
    left, *others = cluster.nodes
    with connection_to(left, timeout_s=2) as alone, connection_to(others[0]) as lost:
        assert lost.ask("HEAD", f"/{INDEX}")
        for node in others:
            node.kill()
        began = time.monotonic()
        with pytest.raises(ClusterUnreachableError):
            lost.ask("HEAD", f"/{INDEX}")
        assert time.monotonic() - began < NOTICED_S
        with pytest.raises((ClusterBusyError, ClusterTimeoutError)):
            alone.bulk(INDEX, operations(BATCH))
        cluster.heal(INDEX)
        assert lost.ask("HEAD", f"/{INDEX}")
    with connection_to(left) as again:
        again.bulk(INDEX, operations(2 * BATCH))
    found = {int(name) for name in ids_found(connection)}
    assert found >= {*range(BATCH), *range(2 * BATCH, 3 * BATCH)}
    assert found <= set(range(3 * BATCH))


# -- silent nodes


def test_a_node_is_silent(cluster: Cluster, connection: Connection) -> None:
    """Who asks it alone is told after the time given; who knows others is served, and no document is lost."""
    node = next(node for node in cluster.nodes if node is not cluster.manager())
    others = [other for other in cluster.nodes if other is not node]
    with connection_to(node, timeout_s=1) as narrow, connection_to(*cluster.nodes, timeout_s=6) as wide:
        with going_on(wide) as going, node.paused():
            with pytest.raises(ClusterTimeoutError, match="no answer in 1 s"):
                narrow.ask("GET", f"/{INDEX}/_count")
            cluster.wait("yellow", index=INDEX, nodes=2, asked=others, timeout_s=2 * NOTICED_S)
            wait_for_more(going)
        assert going.failures == []
        cluster.wait(index=INDEX, timeout_s=START_S)
        assert sorted(ids_found(wide)) == sorted(going.acknowledged)


# -- full disks


def test_the_disks_are_full(cluster: Cluster, connection: Connection) -> None:
    """Documents are refused with what to do, searches go on; when there is room again, documents are taken again."""
    connection.bulk(INDEX, operations(0))
    try:
        connection.ask("PUT", "/_cluster/settings", {"transient": must_be_free("1000tb", "1000tb", "1000tb")})
        with pytest.raises(ClusterFullError, match="make room or add a node"):
            for number in range(1, 100):
                connection.bulk(INDEX, operations(number * BATCH))
                time.sleep(0.5)
        kept = ids_found(connection)
        assert len(kept) >= BATCH
        with pytest.raises(ClusterFullError, match="flood-stage"):
            connection.bulk(INDEX, [Operation("0", {"body": "another"})])
        with pytest.raises(ClusterFullError, match="create-index blocked"):
            connection.ask("PUT", f"/{INDEX}-2")
        connection.ask("PUT", "/_cluster/settings", {"transient": must_be_free("3b", "2b", "1b")})
        eventually(lambda: connection.bulk(INDEX, [Operation("late", {"body": "fossils"})]))
        eventually(lambda: connection.ask("PUT", f"/{INDEX}-2"))
    finally:
        connection.ask("PUT", "/_cluster/settings", {"transient": dict.fromkeys(must_be_free("", "", ""))})
    connection.ask("DELETE", f"/{INDEX}-2")
    assert sorted(ids_found(connection)) == sorted([*kept, "late"])


def must_be_free(low: str, high: str, flood_stage: str) -> dict[str, object]:
    """The settings by which a disk with less room than that is nearly full."""
    disk = "cluster.routing.allocation.disk"
    return {
        f"{disk}.threshold_enabled": True,
        f"{disk}.watermark.low": low,
        f"{disk}.watermark.high": high,
        f"{disk}.watermark.flood_stage": flood_stage,
        f"{disk}.reroute_interval": "1s",  # else new indexes are let in again after a minute
        "cluster.info.update.interval": "10s",  # the least it may be
    }


def eventually(write: Callable[[], object], timeout_s: float = 60) -> None:
    """Try again until the cluster has seen that there is room."""
    before = time.monotonic() + timeout_s
    while True:
        try:
            write()
        except ClusterFullError:
            assert time.monotonic() < before
            time.sleep(0.5)
        else:
            return


# -- requests the cluster refuses


def test_refused_requests(connection: Connection) -> None:
    """The cluster's own name for each."""
    for method, path, kind in (
        ("GET", "/nothing/_count", "index_not_found_exception"),
        ("PUT", f"/{INDEX}", "resource_already_exists_exception"),
    ):
        with pytest.raises(ClusterRequestError) as caught:
            connection.ask(method, path)
        assert caught.value.kind == kind
    with pytest.raises(ClusterRequestError, match="strict_dynamic_mapping_exception"):
        connection.bulk(INDEX, [Operation("1", {"body": "fossils", "stranger": 1})])


def test_bulk_counts_what_was_done(connection: Connection) -> None:
    """As the cluster names it."""
    assert connection.bulk(INDEX, operations(0)) == {"created": BATCH}
    mixed = [*operations(BATCH - 1, 2), Operation("0", None), Operation("0", None)]
    assert connection.bulk(INDEX, mixed) == {"updated": 1, "created": 1, "deleted": 1, "not_found": 1}


# -- strangers


@pytest.mark.parametrize(
    ("arguments", "authorization"),
    [
        ({"user": "reader", "password": "тайна"}, "Basic cmVhZGVyOtGC0LDQudC90LA="),
        ({"api_key": "os_key.1"}, "ApiKey os_key.1"),
    ],
)
def test_tls_and_credentials_before_a_node(
    cluster: Cluster, connection: Connection, tmp_path: Path, arguments: dict[str, Any], authorization: str
) -> None:
    """Who brings them is served as by the node itself, others are told what is missing."""
    connection.bulk(INDEX, operations(0))
    certificate = certified(tmp_path)
    with serving(forwarding(cluster.nodes[0].address, authorization), certificate.context) as port:
        address = f"opensearchs://127.0.0.1:{port}/{INDEX}"
        with Connection.open(address, ca_file=certificate.ca_file, **arguments) as known:
            assert sorted(ids_found(known)) == sorted(ids_found(connection))
            with pytest.raises(ClusterRequestError, match="index_not_found_exception"):
                known.ask("GET", "/nothing")
        wrong: dict[str, Any] = {name: f"{value}!" for name, value in arguments.items()}
        for given in ({}, wrong):
            stranger = Connection.open(address, ca_file=certificate.ca_file, **given)
            with stranger, pytest.raises(CredentialsError, match="WCO_SEARCH_API_KEY"):
                ids_found(stranger)
        mistrustful = Connection.open(address, **arguments)
        with mistrustful, pytest.raises(TlsError, match="WCO_SEARCH_CA"):
            ids_found(mistrustful)
