"""The tables of docs/benchmarks.md, made from the code and from the reports of a run.

    python -m benchmarks.page                  what the code says: settings of engines, targets, presets
    python -m benchmarks.page DIR ...          and the figures and pictures of some runs (speed.json, relevance.md)

Text of the page between `<!-- NAME -->` and `<!-- end -->` is replaced; all else is written by hand.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import rivals, targets
from benchmarks.__main__ import PRESETS, all_settings
from benchmarks.report import Report, short_form, table

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
PICTURES = "benchmarks"  # the folder beside the page
_OUT = re.compile(r"--out [^\s`]+")  # where somebody keeps reports is nobody else's


def engines() -> str:
    """Every setting of every engine that is no default."""
    parts = []
    for name in rivals.HOMES:
        one = rivals.engine_class(name)
        rows = [(_cell(key), _cell(value)) for key, value in all_settings(one).items()]
        rows.append(
            ("asked for warming up", f"{one.warm_ups} x" + (", three seconds at most" if one.warm_ups > 1 else ""))
        )
        if one.most_documents < targets.LARGE:
            rows.append(("at most", f"{one.most_documents:,} documents"))
        parts.append(f"### {name}\n\n{table(['what', 'how'], rows).replace('--:', '---')}")
    return "\n\n".join(parts)


def _cell(text: str) -> str:
    """*text* in a cell of a table, where a bar would end it.

    Example:
        >>> _cell("a | b")
        'a / b'
    """
    return text.replace("|", "/")


def limits() -> str:
    """Every target and its limit."""
    bar = targets.BAR
    rows = [
        (f"{size:,}", f"{name} p{percent}", f"{limit:g} of {bar}'s")
        for size, shares in targets.QUERY_SHARES.items()
        for (name, percent), limit in shares.items()
    ]
    both = " and ".join(f"{size:,}" for size in targets.QUERY_SHARES)
    rows += [
        (both, f"{', '.join(targets.NO_SLOWER)}: p50 and p99 of each", f"1 of {bar}'s"),
        *((both, f"{name} p{percent}", f"{limit:g} x our plain search") for (name, percent), limit in
          targets.PLAIN_TIMES.items()),
        (both, "time to build", f"{targets.BUILD_SHARE:g} of {bar}'s"),
        (both, "bytes on disk", f"{targets.SIZE_SHARE:g} x {bar}'s"),
        (both, "first query after opening", f"{targets.FIRST_S * 1e3:g} ms"),
        (f"{targets.SMALL:,}", "sample", f"1/{targets.WHOOSH_TIMES} of stock Whoosh's time"),
        (f"{targets.LARGE:,}", "memory after opening", f"{targets.OPEN_BYTES / 1e6:g} MB"),
        (f"{targets.LARGE:,}", "ten documents more, durable", f"{targets.ADD_S * 1e3:g} ms"),
        (f"{targets.SMALL:,} to {targets.LARGE:,}", "growth of sample p50", f"{targets.GROWTH:g} x"),
    ]  # fmt: skip
    return table(["documents", "what", "at most"], rows).replace("--:", "---")


def presets() -> str:
    """What each preset sets."""
    rows = [
        (f"`--{preset}`", ", ".join(f"{key.replace('_', '-')} {_shown(value)}" for key, value in options.items()))
        for preset, options in PRESETS.items()
    ]
    return table(["preset", "sets"], rows).replace("--:", "---")


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def figures(folders: Sequence[Path], pictures: Path) -> str:
    """What the reports in *folders* say, and all pictures; these are copied to *pictures*, of one name the last."""
    pictures.mkdir(exist_ok=True)
    parts = [part for folder in folders for part in _reports(folder)]
    drawn = {picture.name: picture for folder in folders for picture in sorted(folder.glob("*.svg"))}
    for name, picture in drawn.items():
        shutil.copy(picture, pictures)
        parts.append(f"![{picture.stem}]({PICTURES}/{name})")
    return "\n\n".join(parts)


def _reports(folder: Path) -> Iterator[str]:
    if (folder / "speed.json").exists():
        yield _OUT.sub("--out DIR", short_form(Report.load(folder / "speed.json")))
    if (folder / "relevance.md").exists():
        yield _OUT.sub("--out DIR", (folder / "relevance.md").read_text(encoding="utf-8").strip().replace("# ", "## "))


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """*page* with the text of each block in its place.

    Raises:
        ValueError: The page has no place for one.
    """
    for name, text in blocks.items():
        place = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        if not place.search(page):
            raise ValueError(f"the page has no <!-- {name} --> ... <!-- end -->; add it where the table belongs")
        page = place.sub(lambda _, text=text: f"\n{text}\n\n", page, count=1)  # type: ignore[misc]
    return page


def blocks() -> dict[str, str]:
    """What the code alone says."""
    return {"engines": engines(), "targets": limits(), "presets": presets()}


def main(*arguments: str) -> None:
    """Write the page anew."""
    made = blocks()
    if arguments:
        made["figures"] = figures(list(map(Path, arguments)), PAGE.with_name(PICTURES))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
