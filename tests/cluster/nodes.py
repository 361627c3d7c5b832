"""`Cluster` and `Node`: OpenSearch in processes of its own, one a node, on loopback.

Nodes can be killed, paused and started again. Whatever happens to the process that started them, they end with it: each
node lives until its standard input ends.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.cluster.server import Server

Status = Literal["red", "yellow", "green"]

START_S = 180.0
"""How long a start may take: on two busy cores three nodes took 50 s."""

REFUSED_S = 10.0
"""A copy that has got nothing for so long, and asks twice a second, is refused."""

STOP_S = 20.0
"""After this a node that was asked to end is killed."""

_SETTINGS: Mapping[str, str] = {
    "discovery.type": "zen",  # named, as a plain node would form a cluster of one
    "network.host": "127.0.0.1",
    "node.roles": "cluster_manager,data,ingest",
    "node.processors": "1",
    "node.store.allow_mmap": "false",  # asks nothing of vm.max_map_count
    "action.auto_create_index": "false",  # a misspelt name is an error
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # else a nearly full disk of the machine decides
    "indices.query.bool.max_clause_count": "16384",  # a page of text as a query has more than the usual 1,024
    # A dead node is noticed within seconds, not after the half minute that suits a busy network.
    "cluster.fault_detection.follower_check.interval": "500ms",
    "cluster.fault_detection.follower_check.timeout": "2s",
    "cluster.fault_detection.follower_check.retry_count": "2",
    "cluster.fault_detection.leader_check.interval": "500ms",
    "cluster.fault_detection.leader_check.timeout": "2s",
    "cluster.fault_detection.leader_check.retry_count": "2",
    # A copy whose source was killed in the midst of it is begun anew after seconds, not after half an hour.
    "indices.recovery.internal_action_timeout": "20s",
    "indices.recovery.internal_action_long_timeout": "40s",
    "indices.recovery.recovery_activity_timeout": "40s",
}


class ClusterError(Exception):
    """A node did not come up, or the cluster not to the state waited for; the message ends with the nodes' logs."""


@dataclass(slots=True)
class Node:
    """One node and, while it runs, its process.

    Attributes:
        name: Its name in the cluster.
        folder: Its data, which outlive the process.
        http_port: Where clients ask.
        settings: What is its own of the server's settings.
        first_settings: Those of its very first start.
        process: The process, None before the first start.
    """

    name: str
    folder: Path
    http_port: int
    settings: Mapping[str, str]
    first_settings: Mapping[str, str]
    server: Server
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.http_port}"

    @property
    def log(self) -> Path:
        """What the node said in all its starts."""
        return self.folder.with_suffix(".log")

    @property
    def runs(self) -> bool:
        """Whether its process is there, be it paused."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._running().pid

    def start(self) -> None:
        """Start the process; returns at once, see `Cluster.wait`."""
        assert not self.runs, f"{self.name} runs already"
        first = {} if self.folder.exists() else self.first_settings
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        command = self.server.command({**_SETTINGS, **self.settings, **first})
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)

    def kill(self) -> None:
        """End the process as a power cut would, with `kill -9`."""
        process = self._running()
        process.kill()
        self._ended(process)

    def stop(self) -> None:
        """Let the node close what it holds and end; a no-op where it does not run."""
        if not self.runs:
            return
        process = self._running()
        process.send_signal(signal.SIGCONT)  # a paused one could not
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        self._ended(process)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the process: connections to it are taken by the kernel, and nothing answers."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def tail(self, lines: int = 40) -> str:
        """The end of the log."""
        said = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.log}", *said[-lines:]])

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, f"{self.name} was never started"
        assert self.process.poll() is None, f"{self.name} does not run"
        return self.process

    @staticmethod
    def _ended(process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()


class Cluster:
    """Nodes that form one cluster, from `with` to its end.

    Args:
        folder: Where data and logs go; it must not hold another cluster's.
        server: See `prepare`.
        size: How many nodes.

    Example:
        with Cluster(folder, prepare()) as cluster:
            client = OpenSearch(cluster.addresses)
    """

    def __init__(self, folder: Path, server: Server, size: int = 3) -> None:
        ports = free_ports(2 * size)
        names = [f"n{number + 1}" for number in range(size)]
        shared = {
            "cluster.name": f"wco-search-{uuid.uuid4().hex[:8]}",  # two clusters of one name on a machine may merge
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports[size:]),
        }
        self.nodes = tuple(
            Node(
                name=name,
                folder=folder / name,
                http_port=http,
                settings={
                    **shared,
                    "node.name": name,
                    "path.home": str(folder / name),
                    "http.port": str(http),
                    "transport.port": str(transport),
                },
                first_settings={"cluster.initial_cluster_manager_nodes": ",".join(names)},
                server=server,
            )
            for name, http, transport in zip(names, ports[:size], ports[size:], strict=True)
        )

    def __enter__(self) -> Self:
        try:
            for node in self.nodes:
                node.start()
            self.wait(timeout_s=START_S)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def addresses(self) -> list[str]:
        """Host and port of every node."""
        return [node.address for node in self.nodes]

    def stop(self) -> None:
        """Kill all nodes: nobody reads their data again."""
        for node in self.nodes:
            if node.runs:
                node.kill()

    def heal(self, index: str = "") -> None:
        """Start the nodes that do not run, and wait until all is well, with one index or with all.

        Does what an operator would have to where the cluster does not come right by itself, see `_revive`.
        """
        for node in self.nodes:
            if not node.runs:
                node.start()
        self.wait(index=index, timeout_s=START_S, meanwhile=self._revive)

    def wait(
        self,
        status: Status = "green",
        *,
        index: str = "",
        nodes: int | None = None,
        asked: Sequence[Node] = (),
        meanwhile: Callable[[], object] = lambda: None,
        timeout_s: float,
    ) -> dict[str, Any]:
        """Wait for the status, with so many nodes, and return the health.

        Args:
            status: Green: every copy of every shard is there. Yellow: every shard is there.
            index: Whose shards are meant; default: those of all indexes.
            nodes: How many nodes there must be, neither more nor fewer; default: all.
            asked: The nodes that must say so; default: all that run. For a while after its death, others still count a
                node in.
            meanwhile: Is called between one look and the next.
            timeout_s: For how long, in seconds.

        Raises:
            ClusterError: A node ended, or the time was over.
        """
        wanted = len(self.nodes) if nodes is None else nodes
        before = time.monotonic() + timeout_s
        while True:
            running = [node for node in self.nodes if node.runs]
            if len(running) < wanted:
                raise ClusterError(f"{len(running)} nodes run of {wanted}\n{self.tails()}")
            answers = [_get(node, f"/_cluster/health/{index}") for node in asked or running]
            if all(_is(health, status, wanted) for health in answers):
                return dict(answers[0])
            if time.monotonic() > before:
                said = f"not {status} with {wanted} nodes in {timeout_s:.0f} s, but {answers}"
                raise ClusterError(f"{said}\n{self.tails()}")
            meanwhile()
            time.sleep(0.1)

    def _revive(self) -> None:
        """Take the place of primary from copies that got it and do not know.

        Where a node is back before the election that it was lost in is over, OpenSearch forgets to count the terms of
        its primaries up (opensearch-project/OpenSearch#19150). Such a primary takes no documents and gives none to
        its copy, which asks for them forever. What the cluster does next makes it one for good, on the same documents.
        """
        started = next(node for node in self.nodes if node.runs)
        waiting = _get(started, "/_recovery?active_only=true") or {}
        commands = [
            {"cancel": {"index": index, "shard": one["id"], "node": one["source"]["name"], "allow_primary": True}}
            for index, found in waiting.items()
            for one in found["shards"]
            if one["type"] == "PEER" and one["stage"] == "INIT" and one["total_time_in_millis"] > 1000 * REFUSED_S
        ]
        if commands:
            _get(started, "/_cluster/reroute?metric=none", {"commands": commands})

    def manager(self, asked: Node | None = None) -> Node:
        """The node that is the elected cluster manager, as the given one (default: the first that runs) sees it."""
        ask = asked or next(node for node in self.nodes if node.runs)
        found = _get(ask, "/_cat/cluster_manager?format=json")
        assert found, f"{ask.name} knows no cluster manager"
        return next(node for node in self.nodes if node.name == found[0]["node"])

    def tails(self) -> str:
        """The ends of the nodes' logs."""
        return "\n".join(node.tail() for node in self.nodes)


def _is(health: Mapping[str, Any] | None, status: Status, nodes: int) -> bool:
    return health is not None and health["status"] == status and health["number_of_nodes"] == nodes


def _get(node: Node, path: str, sent: Mapping[str, Any] | None = None) -> Any:
    """The answer to a GET, or to a POST of what is *sent*; None where there is none yet."""
    data = None if sent is None else json.dumps(sent).encode()
    request = urllib.request.Request(f"http://{node.address}{path}", data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def free_ports(count: int) -> list[int]:
    """So many ports of loopback that nobody listens on.

    From below the range the kernel takes ports for outgoing connections from: a node that was killed finds its own
    free when it comes back.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if port not in ports and probe.connect_ex(("127.0.0.1", port)) != 0:
                ports.append(port)
    return ports
