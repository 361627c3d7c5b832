"""What a killed node costs whoever writes to an index in a cluster and searches in it.

A writer adds documents, a batch after the other, and a reader searches, both through the public API and without pause.
One node is ended as by a power cut, then started again; both go on all the time. In the end every document that the
writer was told is there must be there.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cluster.nodes import START_S, Cluster, Node
from tests.cluster.traffic import Traffic, traffic
from wco_search import ClusterIndex, Document, Index

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


@contextmanager
def _traffic(address: str, documents: Iterator[Document], queries: Sequence[str]) -> Iterator[Traffic]:
    with ClusterIndex.connect(address) as writer, ClusterIndex.connect(address) as reader:
        asked = itertools.cycle(queries)

        def put(batch: list[Document]) -> list[str]:
            writer.add(batch)
            return [document.id for document in batch]

        def search() -> None:
            reader.refresh()
            reader.search(next(asked))

        batches = iter(lambda: list(itertools.islice(documents, BATCH)), [])
        with traffic(batches, put, search) as going:
            yield going


def _wait_for_more(going: Traffic) -> None:
    going.wait_for_more(5 * BATCH, PATIENCE_S)


def kill(
    cluster: Cluster, victim: Node, address: str, documents: Iterator[Document], queries: Sequence[str]
) -> Survived:
    """Kill *victim* while *documents* are added to an index and *queries* asked of it, and start it again."""
    name = f"{victim.name}, the cluster manager" if victim is cluster.manager() else victim.name
    before = _ids(address)
    with _traffic(address, documents, queries) as going:
        _wait_for_more(going)
        killed = time.monotonic()
        victim.kill()
        cluster.wait("yellow", nodes=len(cluster.nodes) - 1, timeout_s=START_S)
        whole = time.monotonic()
        _wait_for_more(going)
        started = time.monotonic()
        cluster.heal()
        green = time.monotonic()
        _wait_for_more(going)
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
