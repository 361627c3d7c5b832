"""What other engines find on the judged collections, each by the best analysis it has, and whether ours finds more.

    python -m benchmarks.relevance --rivals tantivy,fts5 --out DIR

An engine is set up as `benchmarks.rivals` has it for speed, text in; its query is the words of the question, any of
them. Ours searches with its defaults. Where the documents are of the other language than the question, no rival
translates: its figure shows what names, numbers and codes alone give.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import rivals
from benchmarks.bootstrap import LEVEL as CONFIDENCE
from benchmarks.bootstrap import SAMPLES, Interval, interval
from benchmarks.collections import Query as JudgedText
from benchmarks.corpus import FIRST_DAY, Corpus, Record
from benchmarks.plots import LOOKS, SHOWN_AS, saved
from benchmarks.queries import Query
from benchmarks.report import table
from benchmarks.rivals import OURS
from wco_search import Document
from wco_search.judging import MEASURES, Comparison, Judgement, Measure, compare, score_ranking

DRAWN: Measure = "ndcg"  # the measure of the picture: the one that grades and ranks both count in
LEVEL = 0.05
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++", "ooo")  # bars are told apart in a print in grey
CALLED: Mapping[Measure, str] = {"mrr": "MRR@10", "recall": "R@10", "ndcg": "nDCG@10"}

_WORD = re.compile(r"\w+")


def judge_rival(name: str, documents: Iterator[Document], queries: Sequence[JudgedText]) -> Judgement:
    """The figures of an engine on the same queries as `wco_search.judging.judge` asks."""
    asked = [query for query in queries if any(grade > 0 for grade in query.grades.values())]
    engine = rivals.load(name)
    with tempfile.TemporaryDirectory() as work:
        corpus, folder = _written(Path(work, "corpus.jsonl"), documents), Path(work, "index")
        folder.mkdir()
        engine.build(corpus, folder)
        engine.open(folder)
        scores = tuple(score_ranking(_ranking(engine, query.text), query.grades) for query in asked)
        engine.close()
    return Judgement(tuple(query.id for query in asked), scores)


def _ranking(engine: rivals.Rival, text: str) -> list[str]:
    """The ten best ids for the words of *text*; lower-case, as AND and OR in capitals are no words to most engines."""
    words = tuple(dict.fromkeys(_WORD.findall(text.lower())))
    return engine.search(engine.prepare(Query("any", words)))[1] if words else []


def _written(path: Path, documents: Iterator[Document]) -> Corpus:
    count = text_bytes = 0
    with path.open("w", encoding="utf-8") as file:
        for document in documents:
            day = (document.date or FIRST_DAY).isoformat()
            record = Record(document.id or "", document.title, document.body, day, document.language or "")
            file.write(json.dumps(astuple(record), ensure_ascii=False) + "\n")
            count, text_bytes = count + 1, text_bytes + len(record.text.encode())
    return Corpus(path, count, text_bytes, 0, "", "judged")


@dataclass(frozen=True, slots=True)
class Standing:
    """One task and how each engine did.

    Attributes:
        task: Its name.
        across: Whether the documents are of the other language than the queries.
        judgements: By engine, ours first.
        against: Ours compared with each rival, by the paired randomisation test.
        intervals: Of ours less each rival's, by the paired bootstrap.
    """

    task: str
    across: bool
    judgements: Mapping[str, Judgement]
    against: Mapping[str, Mapping[Measure, Comparison]]
    intervals: Mapping[str, Mapping[Measure, Interval]]

    @classmethod
    def of(cls, task: str, judgements: Mapping[str, Judgement], *, across: bool) -> Standing:
        """Compare ours with each rival; of a thousand queries that takes seconds."""
        ours = judgements[OURS]
        theirs = {name: one for name, one in judgements.items() if name != OURS}
        against = {name: compare(ours, one) for name, one in theirs.items()}
        intervals = {
            name: {measure: interval([_differences(ours, one, measure)]) for measure in MEASURES}
            for name, one in theirs.items()
        }
        return cls(task, across, judgements, against, intervals)

    def to_plain(self) -> dict[str, Any]:
        """All figures as plain JSON values, those of every query among them."""
        return {
            "task": self.task,
            "across": self.across,
            "engines": {name: one.to_dict() for name, one in self.judgements.items()},
            "ours_against": {
                name: {
                    measure: one.to_dict() | self.intervals[name][measure].to_plain() for measure, one in found.items()
                }
                for name, found in self.against.items()
            },
        }


def _differences(ours: Judgement, theirs: Judgement, measure: Measure) -> list[float]:
    return [one - other for one, other in zip(ours.column(measure), theirs.column(measure), strict=True)]


def pooled(standings: Sequence[Standing]) -> dict[str, dict[Measure, Interval]]:
    """By rival, ours less its, over all tasks that it was asked in, each of which counts the same."""
    names = dict.fromkeys(name for one in standings for name in one.against)
    return {name: {measure: interval(_strata(standings, name, measure)) for measure in MEASURES} for name in names}


def _strata(standings: Sequence[Standing], name: str, measure: Measure) -> list[list[float]]:
    return [
        _differences(one.judgements[OURS], one.judgements[name], measure) for one in standings if name in one.judgements
    ]


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Holm's correction (1979): p-values that allow for how many tests were made.

    Example:
        >>> adjusted([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    found, most = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, p_values[place] * (len(p_values) - rank)))
        found[place] = most
    return found


def to_markdown(standings: Sequence[Standing], facts: Mapping[str, str]) -> str:
    """Within one language and across, for a reader: over all tasks, then each."""
    parts = ["# Relevance", "\n".join(f"- {name}: {value}" for name, value in facts.items())]
    for across, title in ((False, "Within one language"), (True, "Across languages: no rival translates")):
        chosen = [one for one in standings if one.across == across]
        if chosen:
            parts += [f"## {title}", *_pooled_table(chosen), _table(chosen)]
    return "\n\n".join(parts) + "\n"


def _pooled_table(standings: Sequence[Standing]) -> list[str]:
    """Ours less each rival's with its interval; nothing where no rival was asked."""
    rows = [(name, *(found[measure].to_text() for measure in MEASURES)) for name, found in pooled(standings).items()]
    columns = ["ours less its", *(CALLED[measure] for measure in MEASURES)]
    told = (
        f"Mean over all tasks ({len(standings)}), each counting the same, with {CONFIDENCE:.0%} confidence intervals "
        f"(paired bootstrap, {SAMPLES:,} samples); `tie` where zero is within."
    )
    return [told, table(columns, rows)] if rows else []


def _table(standings: Sequence[Standing]) -> str:
    rows = [
        (f"{one.task}, {name}", len(one.judgements[OURS].queries), *_figures(judgement), *cells)
        for one, corrected in zip(standings, _corrected(standings), strict=True)
        for name, judgement in one.judgements.items()
        for cells in [_compared(one, name, corrected)]
    ]
    columns = ["task, engine", "queries", *CALLED.values(), "ours less its nDCG", "p, Holm", "won/tied/lost"]
    return table(columns, rows)


def _figures(judgement: Judgement) -> list[str]:
    return [f"{getattr(judgement.means, measure):.4f}" for measure in MEASURES]


def _compared(standing: Standing, name: str, corrected: Mapping[str, float]) -> list[str]:
    if name == OURS:
        return ["", "", ""]
    one = standing.against[name][DRAWN]
    verdict = "" if corrected[name] <= LEVEL else " tie"
    difference = standing.intervals[name][DRAWN].to_text().removesuffix(" tie")  # the verdict is the test's
    return [difference, f"{corrected[name]:.4f}{verdict}", f"{one.wins}/{one.ties}/{one.losses}"]


def _corrected(standings: Sequence[Standing]) -> list[dict[str, float]]:
    """By task and rival, the p-value of the drawn measure, corrected for all tests of the table."""
    tests = [(place, name, one[DRAWN].p_value)
             for place, standing in enumerate(standings) for name, one in standing.against.items()]  # fmt: skip
    found: list[dict[str, float]] = [{} for _ in standings]
    for (place, name, _), p_value in zip(tests, adjusted([p for _, _, p in tests]), strict=True):
        found[place][name] = p_value
    return found


def draw(standings: Sequence[Standing], folder: Path) -> list[Path]:
    """Bars of the drawn measure for each task, and ours less each rival's over all tasks with its interval."""
    matplotlib = import_module("matplotlib")
    matplotlib.use("agg")
    matplotlib.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    matplotlib.rcParams["svg.hashsalt"] = "relevance"
    plt = import_module("matplotlib.pyplot")
    kinds = {
        title: chosen
        for across, title in ((False, "within one language"), (True, "across languages"))
        if (chosen := [one for one in standings if one.across == across])
    }
    files = saved(plt, _bars(plt, kinds), folder / "relevance")
    if any(one.against for one in standings):
        files += saved(plt, _intervals(plt, kinds), folder / "relevance-difference")
    return files


def _names(kinds: Mapping[str, Sequence[Standing]]) -> list[str]:
    return list(dict.fromkeys(name for chosen in kinds.values() for one in chosen for name in one.judgements))


def _bars(plt: Any, kinds: Mapping[str, Sequence[Standing]]) -> Any:
    """A panel for each kind of task, with a star where ours and a rival's differ by more than chance."""
    names = _names(kinds)
    most = max(map(len, kinds.values()))
    size = (4.8 * len(kinds), 1.2 + most * (0.1 * len(names) + 0.15))
    figure, panels = plt.subplots(1, len(kinds), figsize=size, squeeze=False)
    for axes, (title, chosen) in zip(panels[0], kinds.items(), strict=True):
        corrected = _corrected(chosen)
        for row, standing in enumerate(chosen):
            for place, name in enumerate(names):
                if name in standing.judgements:
                    height = row + (place + 0.75) / (len(names) + 1.5) - 0.5
                    value = getattr(standing.judgements[name].means, DRAWN)
                    _bar(axes, height, value, 0.9 / (len(names) + 1.5), name, names)
                    star = " *" if corrected[row].get(name, 1.0) <= LEVEL else ""
                    axes.text(value + 0.01, height, f"{value:.2f}{star}", va="center", fontsize=5.5)
        for name in names:
            _bar(axes, -9, 0, 0.1, name, names, label=SHOWN_AS.get(name, name))
        axes.set_yticks(range(len(chosen)), [one.task.replace(" ", "\n", 1) for one in chosen], fontsize=7)
        axes.set_ylim(most - 0.5, -0.5)
        axes.set_xlim(0, 1.08)
        axes.set_title(title, loc="left", fontsize=9)
    figure.supxlabel(f"{CALLED[DRAWN]}; * differs from ours, p <= {LEVEL} (paired randomisation, Holm)", fontsize=8)
    figure.tight_layout()
    _legend(figure, panels[0][0], names)
    return figure


def _bar(
    axes: Any, height: float, value: float, width: float, name: str, names: Sequence[str], label: str = ""
) -> None:
    hatch = HATCHES[names.index(name) % len(HATCHES)]
    look = {"color": LOOKS[name]["color"], "hatch": hatch, "edgecolor": "white", "linewidth": 0.3}
    axes.barh(height, value, width, label=label or None, **look)


def _legend(figure: Any, axes: Any, names: Sequence[str]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=min(7, len(names)), frameon=False)


def _intervals(plt: Any, kinds: Mapping[str, Sequence[Standing]]) -> Any:
    """For each kind of task and measure, the mean difference to each rival and its interval, beside a line at none."""
    names = [name for name in _names(kinds) if name != OURS]
    size = (2.4 * len(MEASURES), 0.9 + len(kinds) * (0.5 + 0.22 * len(names)))
    figure, panels = plt.subplots(len(kinds), len(MEASURES), figsize=size, sharey=True, sharex="row", squeeze=False)
    for row, (title, chosen) in zip(panels, kinds.items(), strict=True):
        found = pooled(chosen)
        for axes, measure in zip(row, MEASURES, strict=True):
            for place, name in enumerate(one for one in names if one in found):
                one, look = found[name][measure], LOOKS[name]
                axes.errorbar(one.mean, place, xerr=[[one.mean - one.low], [one.high - one.mean]], capsize=2,
                              color=look["color"], marker=look["marker"], markersize=4.5)  # fmt: skip
            axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
            axes.set_title(f"{CALLED[measure]} {title}", loc="left", fontsize=8)
            axes.grid(axis="x", color="#e4e4e4", linewidth=0.5)
            axes.set_yticks(range(len(names)), names)
            axes.set_ylim(len(names) - 0.5, -0.5)
    figure.supxlabel(f"ours less its (right of the line is better), mean over tasks; bars: {CONFIDENCE:.0%} "
                     "confidence (paired bootstrap)", fontsize=8)  # fmt: skip
    figure.tight_layout()
    return figure


def write(standings: Sequence[Standing], facts: Mapping[str, str], folder: Path) -> list[Path]:
    """Write `relevance.json`, `relevance.md` and, where matplotlib is, the picture; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {"facts": dict(facts), "tasks": [one.to_plain() for one in standings]}
    files = [folder / "relevance.json", folder / "relevance.md"]
    files[0].write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    files[1].write_text(to_markdown(standings, facts), encoding="utf-8")
    try:
        return [*files, *draw(standings, folder)]
    except ModuleNotFoundError as error:
        print(f"no picture: package {error.name} is not installed")
        return files
