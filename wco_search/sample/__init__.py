"""A small archive to try the library on: 64 short news items about customs and trade, half Russian, half English.

The items are invented for this package: the organisations and places exist, the events do not. Fourteen events are
reported twice, once in each language, by items of one section with the same tags and at most three days apart, so that
a search across languages has something to find.

`news.jsonl` holds one item a line, in the fields of `wco_search.documents.Document` with the date in ISO 8601.
`queries.jsonl` holds judged queries: `id`, `text`, `lang`, and in `relevant` the ids of the items in that language
which answer it. Most of their words are inflected otherwise than in the items.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path


def sample_path() -> Path:
    """The file of the news items, one JSON object a line.

    Example:
        >>> import json
        >>> with sample_path().open(encoding="utf-8") as lines:
        ...     first = json.loads(next(lines))
        >>> first["id"], first["date"], first["language"]
        ('sample-001', '2023-01-26', 'en')
    """
    return _on_disk("news.jsonl")


def queries_path() -> Path:
    """The file of the judged queries, one JSON object a line.

    Example:
        >>> queries_path().name
        'queries.jsonl'
    """
    return _on_disk("queries.jsonl")


@cache  # one copy for the life of the program
def _on_disk(name: str) -> Path:
    """The file itself, or where the package is imported from a zip archive, a copy that goes when the program ends."""
    copies = ExitStack()
    atexit.register(copies.close)
    return copies.enter_context(as_file(files(__name__) / name))
