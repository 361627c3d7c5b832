"""Build an index of news pages; a model for build scripts of your own.

    python indexes/build_newsroom.py october-2020.txt archive/ --into indexes/newsroom

Run it again whenever there are new pages: documents that are in the index already are left as they are. With no PAGE it
indexes the small sample archive that comes with the package.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wco_search import AddReport, Index, IndexNotFoundError, WcoSearchError, read
from wco_search.sample import sample_path

# The fields that documents of this archive have beside title, date, body, url, source and language.
METADATA = {"section": str, "tags": list}

# One question in each language, to see that the index answers.
EXAMPLES = ("контрабанда окаменелостей", "smuggling of fossils")


def main() -> None:
    """Read the pages named on the command line into the index, and ask it the example questions."""
    parser = argparse.ArgumentParser(description="Build an index of news pages.")
    parser.add_argument(
        "pages", nargs="*", metavar="PAGE", help="files, folders, patterns (default: the sample archive)"
    )
    parser.add_argument("--into", type=Path, default=Path(__file__).with_name("newsroom"), metavar="DIR")
    options = parser.parse_args()
    try:
        build(options.pages or [sample_path()], options.into)
    except WcoSearchError as error:
        sys.exit(f"build_newsroom: {error}")


def build(pages: list[str] | list[Path], folder: Path) -> None:
    """Add the documents of *pages* to the index in *folder* as one commit."""
    documents = read(pages)
    with open_or_create(folder) as index:
        print_report(index.add(documents))
        print(f"{folder}: {len(index)} documents")
        for question in EXAMPLES:
            print_answer(index, question)


def open_or_create(folder: Path) -> Index:
    """The index in *folder*; a new one where there is none."""
    try:
        return Index.open(folder)
    except IndexNotFoundError:
        return Index.create(folder, metadata=METADATA)


def print_report(report: AddReport) -> None:
    """What became of the documents; to standard error, what could not be read, and metadata without a field."""
    print(report)
    for problem in report.problems:
        print(problem, file=sys.stderr)
    for name, count in report.undeclared.items():
        print(f"{name}: left out of {count} documents, because METADATA does not have it", file=sys.stderr)


def print_answer(index: Index, question: str) -> None:
    """The three best hits for *question*."""
    results = index.search(question, limit=3)
    print(f"\n{question}: {results.total} found")
    for hit in results:
        print(f"  {hit.score:.2f}  {hit.document.date}  {hit.document.title}")
        print(f"        {hit.snippet.to_text(marks=('*', '*'))}")


if __name__ == "__main__":
    main()
