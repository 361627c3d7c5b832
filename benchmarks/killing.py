"""What a killed node costs whoever writes to an index in a cluster and searches in it.

A writer adds documents, a batch after the other, and a reader searches, both through the public API and without pause.
One node is ended as by a power cut, then started again; both go on all the time. In the end every document that the
writer was told is there must be there.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.cluster.nodes import START_S, Cluster, Node
from wco_search import ClusterError, ClusterIndex, Document, Index

BATCH = 20
PATIENCE_S = 120.0
"""For some more searches and batches; a cluster that does not give them in that time is stuck."""


@dataclass(frozen=True, slots=True)
class Survived:
    """One killing.

    Attributes:
        victim: Which node it was.
        acknowledged: Documents that the writer was told are there.
        lost: Those of them, and of the documents of before, that are not.
        failed: Writes and searches that ended with an error.
        searches: How many there were.
        usual_s: The longest that one took before, in seconds.
        longest_s: The longest that one took from then on.
        whole_s: Seconds until every shard had a living copy that was searched.
        green_s: Seconds from the start of the node until every shard had all copies again.
    """

    victim: str
    acknowledged: int
    lost: int
    failed: int
    searches: int
    usual_s: float
    longest_s: float
    whole_s: float
    green_s: float

    @property
    def row(self) -> str:
        """One line of the table."""
        return (
            f"| {self.victim} | {self.acknowledged:,} | {self.lost} | {self.searches:,} | {self.failed} "
            f"| {self.usual_s:.1f} | {self.longest_s:.1f} | {self.whole_s:.1f} | {self.green_s:.1f} |"
        )


HEAD = (
    "| killed | documents acknowledged | lost | searches | errors | longest search before, s | longest search after, s "
    "| all shards searched again, s | all copies again after its start, s |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(slots=True)
class _Traffic:
    """A writer and a reader, and what they got.

    Attributes:
        acknowledged: Ids of documents that are there, as the writer was told.
        searches: When each search began and how long it took.
        failures: What went wrong.
    """

    acknowledged: list[str] = field(default_factory=list)
    searches: list[tuple[float, float]] = field(default_factory=list)
    failures: list[ClusterError] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, index: ClusterIndex, documents: Iterator[Document]) -> None:
        """Add documents; a batch that failed is added again."""
        while not self.over.is_set() and (batch := list(itertools.islice(documents, BATCH))):
            while not self.over.is_set():
                try:
                    index.add(batch)
                except ClusterError as error:
                    self.failures.append(error)
                else:
                    self.acknowledged += [document.id for document in batch]
                    break

    def read(self, index: ClusterIndex, queries: Sequence[str]) -> None:
        """Search in what is there at each time."""
        for query in itertools.cycle(queries):
            if self.over.is_set():
                return
            began = time.monotonic()
            try:
                index.refresh()
                index.search(query)
            except ClusterError as error:
                self.failures.append(error)
            self.searches.append((began, time.monotonic() - began))

    def wait_for_more(self) -> None:
        """Until ten more searches were answered and five more batches acknowledged."""
        searches, acknowledged = len(self.searches) + 10, len(self.acknowledged) + 5 * BATCH
        before = time.monotonic() + PATIENCE_S
        while len(self.searches) < searches or len(self.acknowledged) < acknowledged:
            if time.monotonic() > before:
                raise TimeoutError(f"no more answers in {PATIENCE_S:.0f} s; errors: {self.failures}")
            time.sleep(0.05)


@contextmanager
def _traffic(address: str, documents: Iterator[Document], queries: Sequence[str]) -> Iterator[_Traffic]:
    going = _Traffic()
    with ExitStack() as stack:
        writer, reader = (stack.enter_context(ClusterIndex.connect(address)) for _ in range(2))
        threads = [
            threading.Thread(target=going.write, args=(writer, documents)),
            threading.Thread(target=going.read, args=(reader, queries)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield going
        finally:
            going.over.set()
            for thread in threads:
                thread.join()


def kill(
    cluster: Cluster, victim: Node, address: str, documents: Iterator[Document], queries: Sequence[str]
) -> Survived:
    """Kill *victim* while *documents* are added to an index and *queries* asked of it, and start it again."""
    name = f"{victim.name}, the cluster manager" if victim is cluster.manager() else victim.name
    before = _ids(address)
    with _traffic(address, documents, queries) as going:
        going.wait_for_more()
        killed = time.monotonic()
        victim.kill()
        cluster.wait("yellow", nodes=len(cluster.nodes) - 1, timeout_s=START_S)
        whole = time.monotonic()
        going.wait_for_more()
        started = time.monotonic()
        cluster.heal()
        green = time.monotonic()
        going.wait_for_more()
    searches = going.searches
    return Survived(
        victim=name,
        acknowledged=len(going.acknowledged),
        lost=len({*before, *going.acknowledged} - _ids(address)),
        failed=len(going.failures),
        searches=len(searches),
        usual_s=max(took for began, took in searches if began + took < killed),
        longest_s=max(took for began, took in searches if began + took >= killed),
        whole_s=whole - killed,
        green_s=green - started,
    )


def _ids(address: str) -> set[str]:
    with Index.connect(address) as index:
        return {document.id for document in index.documents()}
