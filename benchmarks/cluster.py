"""What an index in a cluster answers beside the same index in a folder, and what both cost.

    python -m benchmarks.cluster opensearch://localhost:9200/benchmark
    python -m benchmarks.cluster opensearch://localhost:9200/benchmark --bulk 5000 --queries 20 --out docs/cluster.md

Both hold the judged collections and some documents of the large ones. Every query is asked of the documents of its
collection and language, as `benchmarks.relevance` asks it, and compared:

    matches      how many queries match the same number of documents
    order        how many have the same ten best in the same order, equal scores aside
    top ten      the share of the ten best of one that are among those of the other
    scores       the largest difference of a score of the ten best, relative
    MRR@10       of both

A score within 1e-4 of another, relative, is equal to it: the cluster has single precision.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.collections import Collection, Query
from benchmarks.relevance import TASKS, Task
from wco_search import Archive, ClusterIndex, Document, Index, Results
from wco_search.copying import copy

BULK = ("bulk-ru-msdocs", "bulk-en-msdocs", "bulk-ru-debian", "bulk-en-debian")
LONGEST = 1500  # characters of a large collection's document: that of a long news item
EQUAL = 1e-4
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
    large = [Collection.named(name) for name in BULK]
    each = bulk // max(1, sum(one.exists for one in large))
    for one in large:
        if one.exists:
            for document in itertools.islice(one.documents(), each):
                body = document.body[:LONGEST]
                yield replace(document, id=f"{one.name}/{document.id}", source=one.name, body=body)


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
        shared=len(best & {hit.document.id for hit in found}) / max(1, len(best)),
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


def run(address: str, bulk: int, queries: int, shards: int) -> Iterator[str]:
    """The lines of the report, as they come to be known."""
    tasks = [task for task in TASKS if Collection.named(task.collection).exists]
    with tempfile.TemporaryDirectory() as folder:
        index = Index.create(Path(folder, "index"))
        started = time.perf_counter()
        index.add(documents(tasks, bulk))
        built = time.perf_counter()
        copy(index.path, address, shards=shards, replicas=0, replace=True)
        copied = time.perf_counter()
        with Index.connect(address) as cluster:
            yield from _sizes(index, cluster, built - started, copied - built, shards)
            yield HEAD
            everything: list[Compared] = []
            for task in tasks:
                asked = Collection.named(task.collection).queries(task.queries, task.judgements)
                step = max(1, len(asked) // queries)
                compared = [compare(index, cluster, task, query) for query in asked[::step][:queries]]
                everything += compared
                yield row(task.name, compared)
            yield row("**all**", everything)
        index.close()


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
    arguments.add_argument("address", help="of an index for this, which is replaced if it is there")
    arguments.add_argument("--bulk", type=int, default=20_000, help="documents of the large collections (%(default)s)")
    arguments.add_argument("--queries", type=int, default=50, help="most queries of a task (%(default)s)")
    arguments.add_argument("--shards", type=int, default=3, help="%(default)s")
    arguments.add_argument("--out", type=Path, metavar="FILE", help="a document with a place for the figures")
    asked = arguments.parse_args()
    lines = []
    for line in run(asked.address, asked.bulk, asked.queries, asked.shards):
        print(line, flush=True)
        lines.append(line)
    if asked.out:
        write(asked.out, lines)


if __name__ == "__main__":
    main()
