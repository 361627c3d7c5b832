"""What an index in a cluster answers beside the same index in a folder, what both cost, and what a killed node costs.

    python -m benchmarks.cluster                            starts a cluster, does all, writes docs/cluster.md
    python -m benchmarks.cluster --queries 20 --out ""      the same with some of the queries, printed only
    python -m benchmarks.cluster opensearch://localhost:9200/benchmark     compares in one that runs; kills nobody

The first needs Java and Maven, and nothing else: three nodes of OpenSearch are started, in processes of their own. Both
kinds of index are held to one contract (`tests/cluster/test_contract.py`). Then both hold the judged collections and
some documents of the large ones. Every query is asked of the documents of its collection and language, as
`benchmarks.relevance` asks it, and compared:

    matches      how many queries match the same number of documents
    order        how many have the same ten best in the same order, equal scores aside
    top ten      the share of the ten best of one that are among those of the other
    scores       the largest difference of a score of the ten best, relative
    MRR@10       of both

A score within 1e-4 of another, relative, is equal to it: the cluster has single precision. At last nodes are killed
while documents are added and queries asked (`benchmarks.killing`). The exit status is 0 if all held what it must.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import killing, machine
from benchmarks.collections import Collection, Query
from benchmarks.relevance import TASKS, Task
from tests.cluster.nodes import Cluster
from tests.cluster.server import VERSION, prepare
from wco_search import Archive, ClusterIndex, Document, Index, Results
from wco_search.copying import copy

BULK = ("bulk-ru-msdocs", "bulk-en-msdocs", "bulk-ru-debian", "bulk-en-debian")
LONGEST = 1500  # characters of a large collection's document: that of a long news item
EQUAL = 1e-4
LEAST_SHARED = 0.98
MOST_MRR = 0.002
AT_ONCE = 3  # queries that are asked at a time: one alone leaves cores idle
ROOT = Path(__file__).parents[1]
_BEGIN, _END = "<!-- figures of python -m benchmarks.cluster -->", "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Compared:
    """One query asked of both.

    Attributes:
        alike: Whether both match as many documents.
        ordered: Whether the ten best are the same in the same order, equal scores aside.
        shared: Which part of the ten best both have.
        difference: The largest relative difference of scores among them.
        ranks: Reciprocal rank of the first relevant document, in the folder and in the cluster.
        times_s: Seconds that each took.
    """

    alike: bool
    ordered: bool
    shared: float
    difference: float
    ranks: tuple[float, float]
    times_s: tuple[float, float]


def documents(tasks: Sequence[Task], bulk: int) -> Iterator[Document]:
    """The judged collections, then some of the large ones, all ids with the collection's name."""
    for name in dict.fromkeys(task.collection for task in tasks):
        for document in Collection.named(name).documents():
            yield replace(document, id=f"{name}/{document.id}", source=name)
    yield from _large(bulk // max(1, sum(Collection.named(name).exists for name in BULK)))


def _large(each: int | None) -> Iterator[Document]:
    """So many documents of each large collection, or all."""
    for collection in filter(lambda one: one.exists, map(Collection.named, BULK)):
        for document in itertools.islice(collection.documents(), each):
            body = document.body[:LONGEST]
            yield replace(document, id=f"{collection.name}/{document.id}", source=collection.name, body=body)


def compare(index: Archive, cluster: Archive, task: Task, query: Query) -> Compared:
    """Ask both."""
    asked: dict[str, Any] = {"filter": {"source": task.collection, "language": task.documents}, "dates": "off"}
    started = time.perf_counter()
    expected = index.search(query.text, limit=100, **asked)
    between = time.perf_counter()
    found = cluster.search(query.text, limit=10, **asked)
    ended = time.perf_counter()
    scores = {hit.document.id: hit.score for hit in expected}
    pairs = list(zip(expected[:10], found, strict=False))
    of_found = [(scores.get(hit.document.id, 0.0), hit.score) for hit in found]
    best = {hit.document.id for hit in expected[:10]}
    return Compared(
        alike=expected.total == found.total,
        ordered=len(pairs) == min(10, expected.total)
        and all(_equal(one.score, scores.get(other.document.id, 0.0)) for one, other in pairs),
        shared=len(best & {hit.document.id for hit in found}) / len(best) if best else float(not found.total),
        difference=max((abs(a - b) / max(a, b) for a, b in of_found if a > 0), default=0.0),
        ranks=(_reciprocal(expected, task, query), _reciprocal(found, task, query)),
        times_s=(between - started, ended - between),
    )


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= EQUAL * max(one, other)


def _reciprocal(results: Results, task: Task, query: Query) -> float:
    relevant = {f"{task.collection}/{document}" for document, grade in query.grades.items() if grade > 0}
    found = (1 / hit.rank for hit in results[:10] if hit.document.id in relevant)
    return next(found, 0.0)


def row(name: str, compared: Sequence[Compared]) -> str:
    """One line of the table."""
    count = len(compared)
    mrr = [statistics.fmean(one.ranks[place] for one in compared) for place in (0, 1)]
    times = [1000 * statistics.median(one.times_s[place] for one in compared) for place in (0, 1)]
    return (
        f"| {name} | {count} | {sum(one.alike for one in compared)} | {sum(one.ordered for one in compared)} "
        f"| {statistics.fmean(one.shared for one in compared):.4f} | {max(one.difference for one in compared):.1e} "
        f"| {mrr[0]:.4f} | {mrr[1] - mrr[0]:+.4f} | {times[0]:.1f} | {times[1]:.0f} |"
    )


HEAD = (
    "| queries to documents | queries | same matches | same order | top ten shared | score difference, largest "
    "| MRR@10 | difference | folder, ms | cluster, ms |\n|---|---|---|---|---|---|---|---|---|---|"
)


class Report:
    """The lines of a report, printed as they come to be known, and what did not hold."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.broken: list[str] = []

    def tell(self, line: str) -> None:
        """Add a line."""
        print(line, flush=True)
        self.lines.append(line)

    def check(self, what: str, *, holds: bool) -> None:
        """Add whether something holds."""
        self.tell(f"- {what}{'' if holds else ': **does not hold**'}")
        if not holds:
            self.broken.append(what)


def measure(report: Report, index: Index, cluster: ClusterIndex, tasks: Sequence[Task], queries: int) -> None:
    """Ask both the queries of all tasks, and see whether they answer alike."""
    report.tell(HEAD)
    everything: list[Compared] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for task in tasks:
            asked = Collection.named(task.collection).queries(task.queries, task.judgements)
            step = max(1, len(asked) // queries) if queries else 1
            chosen = asked[::step][: queries or None]
            compared = list(pool.map(partial(compare, index, cluster, task), chosen))
            everything += compared
            report.tell(row(task.name, compared))
    report.tell(row("**all**", everything) + "\n")
    count = len(everything)
    mrr = [statistics.fmean(one.ranks[place] for one in everything) for place in (0, 1)]
    shared = statistics.fmean(one.shared for one in everything)
    said = f"all {count:,} queries"
    report.check(f"{said} match as many documents", holds=all(one.alike for one in everything))
    report.check(f"{said} have the same ten best in the same order", holds=all(one.ordered for one in everything))
    report.check(
        f"scores of {said} differ by {EQUAL:.0e} at most", holds=all(one.difference <= EQUAL for one in everything)
    )
    report.check(f"MRR@10 differs by {MOST_MRR} at most", holds=abs(mrr[0] - mrr[1]) <= MOST_MRR)
    report.check(f"{LEAST_SHARED:.0%} of the ten best are shared at least", holds=shared >= LEAST_SHARED)


def hold_to_contract(report: Report, addresses: Sequence[str]) -> None:
    """Run the tests that both kinds of index must pass, in the cluster that runs."""
    tests = ["tests/cluster/test_contract.py", "-m", "cluster or not cluster"]
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "WCO_SEARCH_CLUSTER_AT": ",".join(addresses)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    *said, last = done.stdout.strip().splitlines() or [""]
    if done.returncode:
        print("\n".join(said))
    summary = f"{last.partition(' in ')[0]} in {time.perf_counter() - started:.0f} s"
    report.check(f"the contract of both kinds of index, `{tests[0]}`: {summary}", holds=not done.returncode)


def kill_nodes(report: Report, cluster: Cluster, address: str, tasks: Sequence[Task]) -> None:
    """Kill a node and then the manager while documents are added and queries asked."""
    queries = [query.text for task in tasks for query in Collection.named(task.collection).queries(task.queries)[:5]]
    report.tell(killing.HEAD)
    survived = []
    added = (replace(document, id=f"added/{document.id}") for document in _large(None))
    for is_manager in (False, True):
        victim = next(node for node in cluster.nodes if (node is cluster.manager()) is is_manager)
        survived.append(killing.kill(cluster, victim, address, added, queries))
        report.tell(survived[-1].row)
    report.tell("")
    report.check("no document that was acknowledged is lost", holds=not any(one.lost for one in survived))
    report.check("no write and no search ended with an error", holds=not any(one.failed for one in survived))


def run(report: Report, address: str, asked: argparse.Namespace) -> list[Task]:
    """Make both indexes of the same documents and compare them; gives the tasks whose data are there."""
    tasks = [task for task in TASKS if Collection.named(task.collection).exists]
    with tempfile.TemporaryDirectory() as folder, Index.create(Path(folder, "index")) as index:
        started = time.perf_counter()
        index.add(documents(tasks, asked.bulk))
        built = time.perf_counter()
        copy(index.path, address, shards=asked.shards, replicas=asked.replicas, replace=True)
        copied = time.perf_counter()
        with Index.connect(address) as cluster:
            for line in _sizes(index, cluster, built - started, copied - built, asked.shards):
                report.tell(line)
            measure(report, index, cluster, tasks, asked.queries)
    return tasks


def run_all(report: Report, asked: argparse.Namespace) -> None:
    """Start a cluster, do all in it, and end it."""
    server = prepare()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with Cluster(Path(folder), server) as cluster:
            green = time.perf_counter() - started
            facts = machine.facts()
            report.tell(
                f"Three nodes of OpenSearch {VERSION} with 768 MB each, green after {green:.0f} s, and all else on one "
                f"machine: {facts['processor']}, cores: {facts['cores']}; load before: {facts['load before']}. So "
                f"times say no more than that a search in a cluster costs some requests.\n"
            )
            hold_to_contract(report, cluster.addresses)
            report.tell("")
            address = f"opensearch://{','.join(cluster.addresses)}/benchmark"
            tasks = run(report, address, asked)
            report.tell("")
            kill_nodes(report, cluster, address, tasks)


def _sizes(index: Index, cluster: ClusterIndex, built_s: float, copied_s: float, shards: int) -> Iterator[str]:
    count = len(index)
    here, there = index.stats(), cluster.stats()
    yield f"{count:,} documents of {here.words / count:.0f} words, {here.forms:,} different words, {shards} shards.\n"
    yield "| | folder | cluster |\n|---|---|---|"
    yield f"| documents a second, written | {count / built_s:,.0f} | {count / copied_s:,.0f} |"
    yield f"| bytes a document | {here.bytes / count:,.0f} | {there.bytes / count:,.0f} |"
    yield f"| bytes a word | {here.bytes / here.words:.1f} | {there.bytes / there.words:.1f} |\n"


def write(path: Path, lines: Iterable[str]) -> None:
    """Put the report in its place in a document."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    report = "\n".join(lines)
    path.write_text(f"{before}{_BEGIN}\n\n{report}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Compare, print, and write where asked to."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("address", nargs="?", help="of an index for this, which is replaced if it is there")
    arguments.add_argument("--bulk", type=int, default=20_000, help="documents of the large collections (%(default)s)")
    arguments.add_argument("--queries", type=int, default=0, help="most queries of a task (all)")
    arguments.add_argument("--shards", type=int, default=3, help="%(default)s")
    arguments.add_argument("--replicas", type=int, default=1, help="%(default)s")
    arguments.add_argument("--out", metavar="FILE", help="a document with a place for the figures")
    asked = arguments.parse_args()
    report = Report()
    if asked.address:
        run(report, asked.address, asked)
    else:
        run_all(report, asked)
    out = asked.out if asked.out is not None else "" if asked.address else ROOT / "docs" / "cluster.md"
    if out:
        write(Path(out), report.lines)
    if report.broken:
        sys.exit("\n".join(f"does not hold: {what}" for what in report.broken))


if __name__ == "__main__":
    main()
