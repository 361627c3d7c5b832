"""What is found: MRR, recall and nDCG of the top ten on judged collections, against floors.

    python -m benchmarks.relevance             print the figures of every collection that is there
    python -m benchmarks.relevance --check     fail where a figure is under its floor
    python -m benchmarks.relevance --update    raise floors to what was measured; --allow-regression lowers them too
    python -m benchmarks.relevance --rivals all --out DIR    what others find, with confidence intervals, and a picture

A task asks in one language; where its documents are of the other, words are translated by the bundled lexicon alone.
Floors are kept in `floors.json` with a hash of the data they were measured on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine, relevance_rivals, rivals
from benchmarks.__main__ import RIVALS, some_of
from benchmarks.collections import Collection
from benchmarks.relevance_rivals import Standing, judge_rival
from benchmarks.rivals import OURS
from wco_search import Index
from wco_search.judging import JudgedQuery, Judgement, Scores, judge

FLOORS = Path(__file__).with_name("floors.json")
SLACK = 0.0005  # what a changed library may move a figure by without a change of ours

PARALLEL = ("xquad-ru-en", "xquadr-ru-en", "debian-news-ru-en", "msdocs-xl-ru-en")


@dataclass(frozen=True, slots=True)
class Task:
    """Queries of one language over documents of one language.

    Attributes:
        collection: The collection's name.
        queries: The language of the queries.
        documents: The language of the documents.
    """

    collection: str
    queries: str
    documents: str

    @property
    def name(self) -> str:
        """What the task is called among the floors."""
        languages = self.queries if self.queries == self.documents else f"{self.queries} to {self.documents}"
        return f"{self.collection} {languages}"

    @property
    def across(self) -> bool:
        """Whether the documents are of the other language than the queries."""
        return self.queries != self.documents

    @property
    def judgements(self) -> str:
        """Which judgements of the collection it goes by."""
        return "qrels.xl" if self.across else "qrels.mono"


TASKS = (
    *(Task(name, language, language) for name in PARALLEL for language in ("ru", "en")),
    Task("factrueval-headline-ru", "ru", "ru"),
    *(Task(name, "en", "en") for name in ("cranfield", "cisi", "medline", "adi")),
    *(Task(name, *pair) for name in PARALLEL for pair in (("ru", "en"), ("en", "ru"))),
)


def measure(collection: Collection, task: Task) -> Judgement:
    """The figures of the library as it is, through its public API."""
    index = Index.memory(collection.documents(task.documents))
    queries = collection.queries(task.queries, task.judgements)
    return judge(index, [JudgedQuery(query.text, query.grades, query.id) for query in queries])


def _told(name: str, judged: Judgement) -> None:
    figures = judged.means
    print(f"{name:40} {len(judged.queries):5} queries  MRR@10 {figures.mrr:.4f}  R@10 {figures.recall:.4f}"
          f"  nDCG@10 {figures.ndcg:.4f}", flush=True)  # fmt: skip


def _standing(collection: Collection, task: Task, ours: Judgement, names: Sequence[str]) -> Standing:
    found = {OURS: ours}
    queries = collection.queries(task.queries, task.judgements)
    for name in names:
        found[name] = judge_rival(name, collection.documents(task.documents), queries)
        _told(f"    {name}", found[name])
    return Standing.of(task.name, found, across=task.across)


def under_floor(name: str, figures: Scores, floors: dict[str, dict[str, float]]) -> list[str]:
    """One line for each figure that is under its floor."""
    return [
        f"{name}: {measure_} {getattr(figures, measure_):.4f} is under its floor {floor:.4f}"
        for measure_, floor in floors.get(name, {}).items()
        if getattr(figures, measure_) < floor - SLACK
    ]


def read_floors() -> dict[str, dict[str, dict[str, float]]]:
    """Floors by hash of the data, task and measure."""
    content: dict[str, dict[str, dict[str, float]]] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return content


def main() -> int:
    """Run the tasks whose data is there."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ("--check", "--update", "--allow-regression"):
        arguments.add_argument(flag, action="store_true")
    arguments.add_argument("--rivals", type=some_of(RIVALS), default=(), metavar="A,B", help=", ".join(RIVALS))
    arguments.add_argument("--out", type=Path, metavar="DIR", help="write relevance.json, relevance.md and a picture")
    asked = arguments.parse_args()
    skipped = rivals.skipped(asked.rivals)
    for name, reason in skipped.items():
        print(f"{name} is not run: {reason}")
    standings: list[Standing] = []
    floors = read_floors()
    problems: list[str] = []
    for task in TASKS:
        collection = Collection.named(task.collection)
        if not collection.exists:
            print(f"{task.name:40} skipped: not in {collection.path.parent}")
            continue
        judged = measure(collection, task)
        figures = judged.means
        _told(task.name, judged)
        standings.append(_standing(collection, task, judged, [one for one in asked.rivals if one not in skipped]))
        pinned = floors.setdefault(collection.digest(), {})
        problems += under_floor(task.name, figures, pinned)
        if asked.update:
            pinned[task.name] = _moved(pinned.get(task.name, {}), figures, down=asked.allow_regression)
    if asked.update:
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if asked.out is not None and standings:
        versions = {
            name: str(rivals.engine_class(name).versions()) for name in (OURS, *asked.rivals) if name not in skipped
        }
        files = relevance_rivals.write(standings, machine.facts() | versions, asked.out)
        print(f"written: {', '.join(map(str, files))}")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems and asked.check else 0


def _moved(floors: dict[str, float], figures: Scores, *, down: bool) -> dict[str, float]:
    measured = {"mrr": round(figures.mrr, 4), "recall": round(figures.recall, 4), "ndcg": round(figures.ndcg, 4)}
    return measured if down else {name: max(value, floors.get(name, 0.0)) for name, value in measured.items()}


if __name__ == "__main__":
    sys.exit(main())
