"""What is found: MRR, recall and nDCG of the top ten on judged collections, against floors.

    python -m benchmarks.relevance             print the figures of every collection that is there
    python -m benchmarks.relevance --check     fail where a figure is under its floor
    python -m benchmarks.relevance --update    raise floors to what was measured; --allow-regression lowers them too

Floors are kept in `floors.json` with a hash of the data they were measured on.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.collections import Collection
from wco_search import Index
from wco_search.judging import JudgedQuery, Judgement, Scores, judge

FLOORS = Path(__file__).with_name("floors.json")
SLACK = 0.0005  # what a changed library may move a figure by without a change of ours

TASKS = (
    ("xquad-ru-en", "ru"),
    ("xquad-ru-en", "en"),
    ("xquadr-ru-en", "ru"),
    ("xquadr-ru-en", "en"),
    ("debian-news-ru-en", "ru"),
    ("debian-news-ru-en", "en"),
    ("factrueval-headline-ru", "ru"),
    ("msdocs-xl-ru-en", "ru"),
    ("msdocs-xl-ru-en", "en"),
    ("cranfield", "en"),
    ("cisi", "en"),
    ("medline", "en"),
    ("adi", "en"),
)


def measure(collection: Collection, language: str) -> Judgement:
    """The figures of the library as it is, through its public API."""
    index = Index.memory(collection.documents(language))
    return judge(index, [JudgedQuery(query.text, query.grades, query.id) for query in collection.queries(language)])


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
    asked = arguments.parse_args()
    floors = read_floors()
    problems: list[str] = []
    for name, language in TASKS:
        collection = Collection.named(name)
        if not collection.exists:
            print(f"{name:24} {language}  skipped: not in {collection.path.parent}")
            continue
        judged = measure(collection, language)
        figures = judged.means
        task = f"{name} {language}"
        count = len(judged.queries)
        print(f"{name:24} {language}  {count:5} queries  MRR@10 {figures.mrr:.4f}  R@10 {figures.recall:.4f}"
              f"  nDCG@10 {figures.ndcg:.4f}", flush=True)  # fmt: skip
        pinned = floors.setdefault(collection.digest(), {})
        problems += under_floor(task, figures, pinned)
        if asked.update:
            pinned[task] = _moved(pinned.get(task, {}), figures, down=asked.allow_regression)
    if asked.update:
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems and asked.check else 0


def _moved(floors: dict[str, float], figures: Scores, *, down: bool) -> dict[str, float]:
    measured = {"mrr": round(figures.mrr, 4), "recall": round(figures.recall, 4), "ndcg": round(figures.ndcg, 4)}
    return measured if down else {name: max(value, floors.get(name, 0.0)) for name, value in measured.items()}


if __name__ == "__main__":
    sys.exit(main())
