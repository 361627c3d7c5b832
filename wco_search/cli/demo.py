"""The command `demo`: an index of the packaged sample archive, and a few queries that show what it can do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from wco_search.cli.indexing import add_files
from wco_search.cli.messages import current_messages
from wco_search.cli.render import print_page
from wco_search.cli.terminal import safe_line
from wco_search.index import Index
from wco_search.readers import read
from wco_search.sample import sample_path

METADATA: Mapping[str, type] = {"section": str, "tags": list}
"""The fields that the sample's items have beside a document's own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One query of the demonstration: what it shows (the name of a message), and what is asked."""

    message: str
    query: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def command(self, folder: str) -> str:
        """What to type for it.

        Example:
            >>> Step("demo_filter", "ivory", {"filter": "section:trade", "facets": ("tags",)}).command("indexes/demo")
            'wco-search search ivory --index indexes/demo --filter section:trade --facet tags'
        """
        words = ["wco-search", "search", self.query, "--index", folder]
        if "filter" in self.options:
            words += ["--filter", self.options["filter"]]
        for name in self.options.get("facets", ()):
            words += ["--facet", name]
        return " ".join(map(shlex.quote, words))


STEPS = (
    Step("demo_inflected_ru", "бивень слона"),
    Step("demo_inflected_en", "elephant tusk"),
    Step("demo_phrase", '"единое окно"'),
    Step("demo_date", 'дата:"март 2023"'),
    Step("demo_filter", "seized изъяли", {"filter": "section:enforcement", "facets": ("tags",)}),
    Step("demo_wildcard", "контрабанд*"),
)
_FOLDER = "indexes/demo"  # where the commands that are shown look, unless another one is given
_HITS_SHOWN = 2  # of each query, so that all six fit on two screens


def run_demo(folder: Path, console: Console, *, is_kept: bool) -> None:
    """Build the index in *folder* and show the queries."""
    say, place = current_messages(), safe_line(str(folder)) if is_kept else _FOLDER
    added = add_files(read(sample_path()), folder, metadata=METADATA)
    click.echo(say.demo_built.format(documents=added.documents))
    with Index.open(folder) as index:
        for step in STEPS:
            console.print()
            console.print(Text(getattr(say, step.message)), soft_wrap=True)
            console.print(Text(f"$ {step.command(place)}", "bold green"), soft_wrap=True)
            print_page(index.search(step.query, limit=_HITS_SHOWN, **step.options), console)
    click.echo()
    click.echo((say.demo_kept if is_kept else say.demo_gone).format(path=place))
    click.echo(say.demo_go_on)
