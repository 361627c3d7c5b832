"""Pictures of a run: how long queries take, how that grows with the corpus, and what share of a rival's time is ours.

SVG and PNG, logarithmic scales. Engines are told apart by marker, shade and line, so that a print in grey will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.classes import PLAIN
from benchmarks.figures import Latency, percentile, ratio_of
from benchmarks.report import Report
from benchmarks.rivals import OURS, PROTOCOLS
from benchmarks.speed import Outcome
from benchmarks.targets import BAR

LOOKS: Mapping[str, Mapping[str, str]] = {
    OURS: {"color": "#000000", "marker": "o", "linestyle": "-"},
    PLAIN: {"color": "#555555", "marker": "X", "linestyle": "-"},
    "tantivy": {"color": "#c8641e", "marker": "s", "linestyle": "--"},
    "lucene": {"color": "#7a3b8f", "marker": "P", "linestyle": (0, (8, 2))},  # type: ignore[dict-item]
    "xapian": {"color": "#b09020", "marker": "<", "linestyle": (0, (3, 3))},  # type: ignore[dict-item]
    "whoosh": {"color": "#8c8c8c", "marker": "^", "linestyle": ":"},
    "fts5": {"color": "#4878a8", "marker": "D", "linestyle": "-."},
    "bm25s": {"color": "#60a060", "marker": "v", "linestyle": (0, (5, 1, 1, 1, 1, 1))},  # type: ignore[dict-item]
}
SHOWN_AS = {OURS: "wco-search", PLAIN: "wco-search, plain search"}
GROWN = ("sample", "medium", "frequent", "phrase")  # the classes whose growth is drawn, one panel each
GAP = 1.2  # lines between two classes
RESOLUTION = 160  # dots an inch: sharp on a page, below 200 kB


def draw(report: Report, folder: Path) -> list[Path]:
    """Draw all pictures that the report has figures for into *folder*; gives the files."""
    matplotlib = import_module("matplotlib")
    matplotlib.use("agg")
    matplotlib.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    matplotlib.rcParams["svg.hashsalt"] = "speed"  # the same figures give the same file
    plt = import_module("matplotlib.pyplot")
    files: list[Path] = []
    for outcome in report.outcomes:
        name = f"{outcome.corpus.documents}{_suffix(outcome.protocol)}"
        files += saved(plt, _latencies(plt, outcome), folder / f"latency-{name}")
        if BAR in outcome.engines:
            files += saved(plt, _ratios(plt, outcome), folder / f"ratio-{name}")
    for protocol in PROTOCOLS:
        outcomes = [outcome for outcome in report.outcomes if outcome.protocol == protocol]
        if len(outcomes) > 1 and any(class_ in outcomes[-1].engines[OURS].latency for class_ in GROWN):
            files += saved(plt, _growth(plt, outcomes), folder / f"growth{_suffix(protocol)}")
    return files


def _suffix(protocol: str) -> str:
    return "" if protocol == "end-to-end" else f"-{protocol}"


def saved(plt: Any, figure: Any, stem: Path) -> list[Path]:
    """Write *figure* as SVG and PNG and close it; gives the files."""
    files = [stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "png")]
    for file in files:
        details = {"metadata": {"Date": None}} if file.suffix == ".svg" else {"dpi": RESOLUTION}
        figure.savefig(file, bbox_inches="tight", **details)
    plt.close(figure)
    return files


def _shown(name: str) -> str:
    return SHOWN_AS.get(name, name)


def _latencies(plt: Any, outcome: Outcome) -> Any:
    """For each class and engine a line from p5 to p99, thick from p25 to p75, with a marker at p50."""
    ours = outcome.engines[OURS]
    shown = {
        class_: {
            **{name: one.latency[class_] for name, one in outcome.engines.items() if class_ in one.latency},
            **({PLAIN: ours.plain[class_]} if class_ in ours.plain else {}),
        }
        for class_ in ours.latency
    }
    columns = _halves(list(shown), [len(shown[class_]) + GAP for class_ in shown])
    lines = max(sum(len(shown[class_]) + GAP for class_ in column) for column in columns)
    figure, panels = plt.subplots(
        1, len(columns), figsize=(4.6 * len(columns), 1 + 0.105 * lines), sharex=True, squeeze=False
    )
    for axes, column in zip(panels[0], columns, strict=True):
        _class_rows(axes, {class_: shown[class_] for class_ in column}, lines)
    figure.suptitle(f"{outcome.corpus.documents:,} documents, {outcome.protocol}: time to ten ids and the total",
                    x=0.02, ha="left", fontsize=11)  # fmt: skip
    figure.supxlabel("milliseconds a query: marker p50, thick p25 to p75, thin p5 to p99", fontsize=9)
    figure.tight_layout()
    labels = {
        text: handle for axes in panels[0] for handle, text in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(labels.values(), labels, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=4, frameon=False)
    return figure


def _halves(classes: Sequence[str], heights: Sequence[float]) -> list[list[str]]:
    """The classes in two columns about as high as each other; a few stay in one."""
    if len(classes) < 4:
        return [list(classes)]
    cut = min(range(1, len(classes)), key=lambda place: max(sum(heights[:place]), sum(heights[place:])))
    return [list(classes[:cut]), list(classes[cut:])]


def _class_rows(axes: Any, shown: Mapping[str, Mapping[str, Latency]], lines: float) -> None:
    """One column of the picture, from the top."""
    height, ticks = 0.0, []
    labelled: set[str] = set()
    for latencies in shown.values():
        for place, (name, latency) in enumerate(latencies.items()):
            _strip(axes, latency, height + place, name, labelled=name not in labelled)
            labelled.add(name)
        ticks.append(height + (len(latencies) - 1) / 2)
        height += len(latencies) + GAP
        axes.axhline(height - (GAP + 1) / 2, color="#e4e4e4", linewidth=0.6)
    axes.set_xscale("log")
    _plain_numbers(axes.xaxis)
    axes.set_yticks(ticks, list(shown))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(lines - 1, -1)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def _strip(axes: Any, latency: Latency, height: float, name: str, *, labelled: bool) -> None:
    times = [ns / 1e6 for one in latency.rounds for ns in one]
    look = LOOKS[name]
    for ends, width in (((5, 99), 0.8), ((25, 75), 2.6)):
        axes.plot([percentile(times, end) for end in ends], [height] * 2, color=look["color"], linewidth=width)
    label = _shown(name) if labelled else None
    axes.plot(percentile(times, 50), height, look["marker"], color=look["color"], markersize=4.5, label=label,
              markeredgecolor="white", markeredgewidth=0.5)  # fmt: skip


_RATIOS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # that an axis names


def _ratios(plt: Any, outcome: Outcome) -> Any:
    """Ours over the bar's, p50 filled and p99 hollow, with the spread over the rounds, beside a line at 1."""
    ours, bar = outcome.engines[OURS].latency, outcome.engines[BAR].latency
    classes = [class_ for class_ in ours if class_ in bar]
    figure, axes = plt.subplots(figsize=(7, 0.9 + 0.3 * len(classes)))
    for percent, shift, filled in ((50, -0.15, True), (99, 0.15, False)):
        ratios = [ratio_of(ours[class_], bar[class_], percent) for class_ in classes]
        heights = [row + shift for row in range(len(classes))]
        spread = [[one.median - one.low for one in ratios], [one.high - one.median for one in ratios]]
        axes.errorbar([one.median for one in ratios], heights, xerr=spread, fmt="o" if filled else "D", color="black",
                      markerfacecolor="black" if filled else "white", markersize=4.5, elinewidth=0.8, capsize=2,
                      label=f"p{percent}")  # fmt: skip
    axes.axvline(1, color="#c8641e", linewidth=1.2, linestyle="--")
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xticks([ratio for ratio in _RATIOS if low <= ratio <= high])
    axes.set_xticks([], minor=True)
    _plain_numbers(axes.xaxis)
    axes.set_yticks(range(len(classes)), classes)
    axes.set_ylim(len(classes) - 0.5, -0.5)
    axes.set_xlabel(f"time of {_shown(OURS)} over {BAR}'s (left of the line is faster); bars: all rounds")
    axes.set_title(f"{outcome.corpus.documents:,} documents, {outcome.protocol}", loc="left")
    axes.grid(axis="x", which="both", color="#e4e4e4", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="best")
    return figure


def _compact(size: int) -> str:
    """A size as a narrow axis has room for it.

    Example:
        >>> [_compact(size) for size in (500, 60_000, 1_000_000)]
        ['500', '60k', '1M']
    """
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if size % unit == 0:
            return f"{size // unit}{sign}"
    return f"{size:,}"


def _growth(plt: Any, outcomes: Sequence[Outcome]) -> Any:
    """For some classes p50 (marker) and p99 (thin) by size of the corpus, beside a line of linear growth."""
    classes = [class_ for class_ in GROWN if class_ in outcomes[-1].engines[OURS].latency]
    sizes = [outcome.corpus.documents for outcome in outcomes]
    figure, panels = plt.subplots(1, len(classes), figsize=(2.5 * len(classes), 2.8), sharey=True, squeeze=False)
    for axes, class_ in zip(panels[0], classes, strict=True):
        for name in (name for name in LOOKS if name != PLAIN):
            _curve(axes, outcomes, class_, name)
        _linear(axes, outcomes, class_)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(class_, loc="left")
        axes.set_xticks(sizes, map(_compact, sizes))
        axes.set_xticks([], minor=True)
        _plain_numbers(axes.yaxis)
        axes.grid(which="major", color="#e4e4e4", linewidth=0.5)
    panels[0][0].set_ylabel("milliseconds: p50 marked, p99 thin")
    figure.supxlabel("documents", y=-0.06, fontsize=9)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=4, frameon=False)
    return figure


def _plain_numbers(axis: Any) -> None:
    """0.1 in place of a power of ten."""
    axis.set_major_formatter(import_module("matplotlib.ticker").FuncFormatter(lambda value, _: f"{value:g}"))


def _curve(axes: Any, outcomes: Sequence[Outcome], class_: str, name: str) -> None:
    found = [
        (outcome.corpus.documents, outcome.engines[name].latency[class_])
        for outcome in outcomes
        if name in outcome.engines and class_ in outcome.engines[name].latency
    ]
    sizes, look = [size for size, _ in found], LOOKS[name]
    if found:
        axes.plot(sizes, [one.typical(50) for _, one in found], **look, markersize=4, linewidth=1.4, label=_shown(name))
        axes.plot(sizes, [one.typical(99) for _, one in found], color=look["color"], linestyle=look["linestyle"],
                  linewidth=0.6)  # fmt: skip


def _linear(axes: Any, outcomes: Sequence[Outcome], class_: str) -> None:
    """Where ours would be if time grew as the corpus does."""
    sizes = [outcome.corpus.documents for outcome in outcomes]
    start = outcomes[0].engines[OURS].latency.get(class_)
    if start is not None:
        base = start.typical(50) / sizes[0]
        straight = [size * base for size in sizes]
        axes.plot(sizes, straight, color="#bbbbbb", linewidth=0.8, zorder=0, label="linear growth")
