"""Files to documents: `read` takes paths and gives `Document`s, and tells what it could not read.

    from wco_search.readers import read

    reading = read(["october-2020.txt", "archive/", "feeds/**/*.xml"])
    for document in reading:
        ...
    for problem in reading.problems:      # path, line, reason
        print(problem)

Nothing is lost silently: whatever is missing from the documents is a `ReadProblem`, counted in `Reading.skipped`, or a
`ReadError` under `strict=True`. Files are read piece by piece, so that the memory taken does not grow with an archive.

| format | names | documents |
|---|---|---|
| newsroom | `.txt` that begins with a date line | one an item: date, text, "read more" |
| text, markdown | `.txt`, `.md` `.markdown` | one a file, with front matter |
| html | `.html` `.htm` `.xhtml` | the article, or one an item of a list |
| feed | `.rss` `.atom` `.xml` | one an entry of RSS or Atom |
| json, jsonl | `.json`, `.jsonl` `.ndjson` | one an object |
| csv, tsv | `.csv`, `.tsv` `.tab` | one a row under the header |
| parquet | `.parquet` | one a row; with the extra `parquet` |

Each of them also in `.gz` and as a member of a `.zip`. The modules, in the order in which the data goes through them:
`sources` (paths to bytes), `encodings` (bytes to text), one for each family of formats, `items` (what they give),
`reading` (the account).
"""

from __future__ import annotations

from wco_search.readers.items import ReadProblem
from wco_search.readers.reading import FORMATS, Reading, read

__all__ = ["FORMATS", "ReadProblem", "Reading", "read"]
