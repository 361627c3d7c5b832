"""The terminal: the two streams, what may be written to them, and in how many colours and columns."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console

# C0 but the line feed, DEL, C1; embeddings, overrides and isolates of the bidirectional algorithm: as snippets do it.
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NARROWEST = 20  # columns; below that, wrapping costs a line a word
_UNBOUNDED = 100_000  # columns where nobody looks: whoever reads a pipe wants whole lines


def safe_block(text: str) -> str:
    r"""*text* with its line feeds, but without what could drive the terminal or turn its direction of writing.

    Example:
        >>> safe_block("fossils\n\x1b[2J")
        'fossils\n�[2J'
    """
    return _UNSAFE.sub("\ufffd", text.expandtabs())


def safe_line(text: str) -> str:
    r"""*text* on one line, as safe as `safe_block` makes it.

    Example:
        >>> safe_line(" fossils\n\tfrom\x07 Valencia")
        'fossils from� Valencia'
    """
    return safe_block(" ".join(text.split()))


def tell(text: str) -> None:
    """Write words, which are no data, to standard error; on a terminal, no line wider than it."""
    safe = safe_block(text)
    if sys.stderr.isatty():
        columns = max(_NARROWEST, shutil.get_terminal_size().columns)
        lines = (textwrap.fill(line, columns, subsequent_indent="  ") for line in safe.split("\n"))
        safe = "\n".join(lines)
    click.echo(safe, err=True)


def prepare_streams() -> None:
    """Make the streams write UTF-8 whatever the locale says, with escapes for what is no character at all.

    A stream that is closed (as by `>&-`), which Python has None for, becomes one that leads nowhere.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # which it is, unless a program put its own in place
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def has_colour(*, no_color: bool = False) -> bool:
    """Whether colours are wanted at all: the option and `NO_COLOR` (https://no-color.org) both forbid them."""
    return not no_color and not os.environ.get("NO_COLOR")


def make_console(stream: TextIO | None = None, *, no_color: bool = False) -> Console:
    """A console on *stream*, standard output by default: as wide as the terminal or `COLUMNS`, else without an edge."""
    from rich.console import Console

    stream = stream or sys.stdout
    is_narrow = stream.isatty() or "COLUMNS" in os.environ
    return Console(
        file=stream,
        color_system="auto" if has_colour(no_color=no_color) else None,
        width=None if is_narrow else _UNBOUNDED,
        markup=False,
        highlight=False,
        emoji=False,
    )
