"""Make `indexes/formats/N`, the small index of the present format N that tests keep opening for ever.

    python indexes/make_format.py

It holds the sample archive of the package, in two commits and with a deleted document; `expected.json` beside it tells
what is in it and what questions find. Run it again whenever the layout changes before a format is released; once it is
released, raise `INDEX_FORMAT` instead, and let the folder of the old format be.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from wco_search import Document, Index, read
from wco_search.engine.manifest import INDEX_FORMAT
from wco_search.sample import sample_path

METADATA = {"section": str, "tags": list}
QUESTIONS = (
    "контрабанда окаменелостей",
    "smuggling of fossils",
    "таможня",
    '"единое окно"',
    "контр*",
    "title:customs",
    "date:2023",
    '="таможни"',
    "customs AND NOT fossils",
)


def main() -> None:
    """Make the index and what is expected of it, in place of what is there."""
    folder = Path(__file__).with_name("formats") / str(INDEX_FORMAT)
    shutil.rmtree(folder, ignore_errors=True)
    documents = list(read([sample_path()]))
    with Index.create(folder / "index", metadata=METADATA) as index:
        index.add(documents[1:])
        index.add(documents[:1])
        index.delete(documents[1].id)
        expected = json.dumps(facts_of(index), ensure_ascii=False, indent=1)
    (folder / "index" / "write.lock").unlink()  # tells of the process that wrote
    (folder / "expected.json").write_text(expected + "\n", encoding="utf-8")
    sys.stdout.write(f"{folder}: format {INDEX_FORMAT}\n")


def facts_of(index: Index) -> dict[str, Any]:
    """What an index holds, and what the questions find in it as they are typed."""
    return {
        "documents": {document.id: digest_of(document) for document in index.documents()},
        "answers": {
            question: sorted(hit.document.id for hit in index.search(question, limit=100, translate="off"))
            for question in QUESTIONS
        },
    }


def digest_of(document: Document) -> str:
    """A digest of all fields of a document."""
    plain = json.dumps(document.to_dict(), ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    main()
