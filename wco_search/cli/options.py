"""Options that several commands share, and what turns their values into what the library takes."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wco_search.documents import MetadataSchema
from wco_search.errors import ReadError

if TYPE_CHECKING:
    from wco_search.languages import Synonyms

DEFAULT_FOLDER = "indexes/newsroom"
FOLDER_VARIABLE = "WCO_SEARCH_INDEX"

TYPES: Mapping[str, type] = {"str": str, "list": list, "int": int, "float": float, "bool": bool, "date": dt.date}
"""The types of `--metadata name:type`."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def folder_option(name: str, text: str) -> Callable[[_Command], _Command]:
    """The option `--NAME DIR` for the index's folder."""
    return click.option(
        f"--{name}",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        default=DEFAULT_FOLDER,
        show_default=True,
        show_envvar=True,
        envvar=FOLDER_VARIABLE,
        help=text,
    )


translate_option = click.option(
    "--translate",
    type=click.Choice(["auto", "only", "off"]),
    default="auto",
    show_default=True,
    help="Whether words are sought in the other language too, in that one only, or as typed.",
)

layout_option = click.option(
    "--layout",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="Whether a query typed on the wrong keyboard layout is read on the other one.",
)

dates_option = click.option(
    "--dates",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="Whether dates among the words, such as last week or октябрь 2020, are when documents must be from.",
)


class WholeNumber(click.IntRange):
    """A whole number within bounds; one that is none, or lies outside, is told which there are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType.convert`."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            bounds = f"{self.min} or more" if self.max is None else f"{self.min} to {self.max}"
            self.fail(f"{value} is not a whole number of {bounds}", param, ctx)


filter_option = click.option(
    "--filter", metavar="TEXT", help="A query that documents must meet without being ranked by it."
)

folder_argument = click.argument(
    "folder", type=click.Path(path_type=Path), metavar="[DIR]", default=DEFAULT_FOLDER, envvar=FOLDER_VARIABLE
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
timeout_option = click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Longest wait for another writer.  [default: 60]"
)
color_option = click.option("--no-color", is_flag=True, help="No colours, as when NO_COLOR is set.")


def to_columns(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """The value of `--columns field=column`, as `wco_search.read` takes it.

    Example:
        >>> to_columns(None, None, ["body=article_text"])
        {'body': 'article_text'}
    """
    return _pairs(values, "=", "field=column")


def to_metadata(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, type]:
    """The value of `--metadata name:type`, as `Index.create` takes it.

    Example:
        >>> to_metadata(None, None, ["section:str"])
        {'section': <class 'str'>}
    """
    pairs = _pairs(values, ":", "name:type")
    for name, kind in pairs.items():
        if kind not in TYPES:
            raise click.BadParameter(f"{name!r} cannot be of type {kind!r}; the types are {', '.join(TYPES)}")
    types = {name: TYPES[kind] for name, kind in pairs.items()}
    try:
        MetadataSchema.of(types)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return types


def finite(_ctx: click.Context | None, _param: click.Parameter | None, value: float | None) -> float | None:
    """A number that an option takes, which `nan` and `inf` are not.

    Example:
        >>> finite(None, None, 30.0)
        30.0
    """
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number of days")
    return value


def to_day(_ctx: click.Context | None, _param: click.Parameter | None, value: str | None) -> dt.date | None:
    """The value of `--today`.

    Example:
        >>> to_day(None, None, "15 ноября 2020")
        datetime.date(2020, 11, 15)
    """
    from wco_search.dates import parse_day

    day = None if value is None else parse_day(value)
    if day is None and value is not None:
        raise click.BadParameter(f"{value!r} is not a day; write it as 2020-11-15")
    return day


def to_synonyms(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Synonyms | None:
    """The value of `--synonyms`: a file of them."""
    if value is None:
        return None
    from wco_search.languages import Synonyms

    return Synonyms.read(value)


synonyms_option = click.option(
    "--synonyms",
    type=click.Path(path_type=Path),
    metavar="FILE",
    callback=to_synonyms,
    help="Words that mean the same, one group a line: wco, втамо. One way: фура => грузовик, тягач.",
)


def to_facets(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, int | None]:
    """The value of `--facet field[:most]`, as `Index.search` takes it.

    Example:
        >>> to_facets(None, None, ["source", "country:5"])
        {'source': None, 'country': 5}
    """
    facets: dict[str, int | None] = {}
    for value in values:
        name, colon, most = value.partition(":")
        if colon and not (most.isascii() and most.isdigit() and int(most)):
            raise click.BadParameter(f"{value!r} is not of the form field:most, as country:5")
        facets[name] = int(most) if colon else None
    return facets


def _pairs(values: Sequence[str], sign: str, form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, _, rest = value.partition(sign)
        if not (name and rest):
            raise click.BadParameter(f"{value!r} is not of the form {form}")
        if pairs.setdefault(name, rest) != rest:
            raise click.BadParameter(f"{name!r} is given twice, as {pairs[name]!r} and as {rest!r}")
    return pairs


def to_settings(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """The value of `--options option=value,...`.

    Example:
        >>> to_settings(None, None, ["translate=off,dates=off"])
        {'translate': 'off', 'dates': 'off'}
    """
    return _pairs([part.strip() for value in values for part in value.split(",")], "=", "option=value")


def read_queries(path: Path) -> list[str] | dict[str, str]:
    """The queries of a file, one a line, `-` being standard input; with names where lines are `name TAB query`.

    Raises:
        ReadError: It is not UTF-8, has no queries, or has a name twice.
        OSError: It cannot be read.
    """
    data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ReadError(path, data.count(b"\n", 0, error.start) + 1, "not UTF-8; convert it first") from error
    texts = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not texts:
        raise ReadError(path, None, "there are no queries; write one a line, or: name TAB query")
    if not any("\t" in line for _, line in texts):
        return [line for _, line in texts]
    named: dict[str, str] = {}
    for number, line in texts:
        name, tab, query = line.partition("\t")
        if name in named:
            raise ReadError(path, number, f"the name {name!r} is there already; give each query its own")
        named[name] = query if tab else name
    return named


def text_of(words: Sequence[str]) -> str:
    """Words of the command line as one text; bytes that are not UTF-8 become U+FFFD.

    Example:
        >>> text_of(["контрабанда", "fossils"])
        'контрабанда fossils'
    """
    return " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def refuse_together(**given: object) -> None:
    """Say that options exclude each other if more than one of them is *given*: contradictions are never guessed at."""
    names = [name if name.isupper() else f"--{name}" for name, value in given.items() if value]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other; give one of them")
