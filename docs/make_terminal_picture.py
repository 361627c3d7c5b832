"""Make `terminal.svg`: a real search over the sample archive, as the terminal shows it.

python docs/make_terminal_picture.py
"""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from wco_search import Document, Index
from wco_search.cli.render import print_page
from wco_search.sample import sample_path

QUERIES = ("изъятие окаменелостей", "smuggled fossils")


def main() -> None:
    """Search, record, export."""
    records = [json.loads(line) for line in sample_path().read_text(encoding="utf-8").splitlines()]
    documents = [Document(**{**record, "date": date.fromisoformat(record["date"])}) for record in records]
    index = Index.memory(documents, metadata={"section": str, "tags": list})
    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for query in QUERIES:
        console.print(f"[bold green]$[/] wco-search search '{query}'", highlight=False)
        print_page(index.search(query, limit=2), console)
        console.print()
    picture = console.export_svg(title="wco-search", code_format=_self_contained(CONSOLE_SVG_FORMAT), unique_id="wco")
    Path(__file__).with_name("terminal.svg").write_text(picture, encoding="utf-8")


def _self_contained(template: str) -> str:
    """The template without the fonts it would fetch from the network."""
    return re.sub(r"@font-face \{\{.*?\}\}", "", template, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")


if __name__ == "__main__":
    main()
