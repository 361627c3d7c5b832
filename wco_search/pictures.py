"""Pictures of counts along the calendar. The only place that imports matplotlib.

Drawn for small columns and grey paper: one dark tone on white, few marks, each of them named in full. Nothing of
matplotlib's global state is used, so a program's own pictures and settings stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from wco_search.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Language = Literal["en", "ru"]

FORMATS: Final = (".svg", ".png", ".pdf")
"""How the name of a picture ends."""

_WORDS: Final = {
    "en": {"count": "documents", "share": "share of all documents", "undated": "without a date: {}"},
    "ru": {"count": "документов", "share": "доля всех документов", "undated": "без даты: {}"},
}
_PATTERNS: Final = {"day": "d MMM y", "week": "d MMM y", "month": "LLL y", "quarter": "QQQ y", "year": "y"}  # CLDR
_STEPS: Final = {
    "day": (1, 2, 7, 14, 28, 91, 182, 364),
    "week": (1, 2, 4, 8, 13, 26, 52),
    "month": (1, 2, 3, 6, 12),
    "quarter": (1, 2, 4),
    "year": (1, 2, 5, 10),
}  # from one named bar to the next: what divides the next larger unit; further on they double
_A_YEAR: Final = {"month": 12, "quarter": 4}
_INCHES_A_NAME: Final = 0.85  # "30 окт. 2020" in letters of 8 points, and a space
_RESOLUTION: Final = 200  # dots an inch: sharp on a page, 30 kB
_BAR, _FAINT = "#404040", "#c8c8c8"  # tell bar from grid on a grey print
_SPACED: Final = 60  # bars; spaces between more would be too thin to be seen, and an outline is drawn at once


def draw_bars(
    days: Sequence[dt.date],
    heights: Sequence[float],
    *,
    by: str,
    is_share: bool,
    undated: int,
    title: str,
    language: Language,
    size: tuple[float, float],
) -> Figure:
    """A bar for each of *days*, the first ones of the units *by*, which follow each other without a gap.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "Timeline.plot") from error
    words = _WORDS[language]
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    if len(days) <= _SPACED:
        axes.bar(range(len(days)), heights, color=_BAR)
    else:
        edges = [place - 0.5 for place in range(len(days) + 1)]
        axes.stairs(
            heights, edges, fill=True, facecolor=_BAR, edgecolor=_BAR, linewidth=0.5
        )  # no bar thinner than that
    axes.set_xlim(-0.5, max(len(days), 1) - 0.5)
    axes.set_ylim(0, max(heights, default=0.0) * 1.05 or 1.0)
    step = _step(len(days), by, most=max(2, int(size[0] / _INCHES_A_NAME)))
    named = [place for place, day in enumerate(days) if _number(place, day, by) % step == 0]
    unit = "year" if step % _A_YEAR.get(by, step + 1) == 0 else by
    axes.set_xticks(named, [_name(days[place], unit, language) for place in named], fontsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=not is_share))
    if is_share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.tick_params(axis="y", labelsize=8, length=0)
    axes.grid(axis="y", color=_FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_ylabel(words["share" if is_share else "count"], fontsize=8)
    if undated:
        axes.set_xlabel(words["undated"].format(undated), fontsize=8, loc="right")
    axes.set_title(_plain(title), fontsize=9, loc="left", wrap=True)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write *figure* to a file; the same picture is the same bytes.

    Raises:
        ValueError: The name ends with none of `FORMATS`.
    """
    from matplotlib import rc_context

    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"the name of a picture ends with {', '.join(FORMATS)}, unlike {str(path)!r}")
    details: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
    with rc_context({"svg.hashsalt": "wco-search"}):
        figure.savefig(path, dpi=_RESOLUTION, metadata=details)


def _step(bars: int, by: str, most: int) -> int:
    """From how many bars one is named, so that *most* are at most.

    Example:
        >>> _step(7, "month", 7), _step(36, "month", 7), _step(300, "month", 7), _step(0, "year", 7)
        (1, 6, 48, 1)
    """
    steps = _STEPS[by]
    step = next((one for one in steps if bars <= most * one), steps[-1])
    while bars > most * step:
        step *= 2
    return step


def _number(place: int, day: dt.date, by: str) -> int:
    """What is counted for `_step`: months from January and years from 0, but days and weeks from the first bar."""
    months = 12 * day.year + day.month - 1
    return {"month": months, "quarter": months // 3, "year": day.year}.get(by, place)


def _name(day: dt.date, by: str, language: Language) -> str:
    from babel.dates import format_date

    return format_date(day, _PATTERNS[by], locale=language)


def _plain(title: str) -> str:
    """*title* with signs that matplotlib would take for a formula as they are."""
    return title.replace("$", r"\$")
