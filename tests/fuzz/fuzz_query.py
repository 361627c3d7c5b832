"""Coverage-guided fuzzing of the query parser: every text is a legal query, and means the same when it is written out.

    pip install atheris            # in an environment that has wco_search; no test needs it
    python tests/fuzz/fuzz_query.py /tmp/queries -max_total_time=120

The folder keeps what was found worth trying; it is made, with the queries below in it, where it is not there. A text
that breaks the parser ends the run with its traceback and is left in the file `crash-…`; given as an argument, that is
tried again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wco_search.query", "wco_search.dates", "wco_search.text"]):
    from wco_search import QuerySyntaxError, parse

SEEDS = (
    "контрабанда окаменелостей",
    '"единое окно"~3 OR title:(customs -fossils)',
    'дата:"30 октября 2020" AND НЕ body:контр*',
    'date:[2020-01 TO 2020-12} +views:>5 ="точно" wild?card fuzzy~2',
    "((a AND b) OR NOT c)^2 ..2020 tags:{a,b}",
    "«ёлки» — 'quoted’ \\escaped \"unclosed",
)


def one_input(data: bytes) -> None:
    """Parse one text, leniently and strictly."""
    text = data.decode("utf-8", "replace")
    parsed = parse(text)
    assert str(parse(text).query) == str(parsed.query)
    try:
        strict = parse(text, strict=True)
    except QuerySyntaxError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert str(error)
    else:
        assert str(strict.query) == str(parsed.query)


def seed(folder: Path) -> None:
    """Put the queries above in *folder*, where that is new."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for number, text in enumerate(SEEDS):
            (folder / f"seed-{number}").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        if not argument.startswith("-") and not Path(argument).is_file():
            seed(Path(argument))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
