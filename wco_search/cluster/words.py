"""The words of an archive: which forms stand in it, how often, and by which terms they are found.

    batch of documents --counted--> a table of words, stored --all of them--> arrays of a segment without documents

So what looks for words in a commit (patterns, spelling, names by sound, completions) looks here in the same way. As in
a commit, words of deleted documents stay until the tables are made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.build import build_segment
from wco_search.engine.mentions import COUNTRY
from wco_search.engine.segment import Segment, name_arrays, narrowed
from wco_search.engine.strings import StringTable

Table = Mapping[str, tuple[int, tuple[str, ...]]]
"""For each folded form at how many places it stands, and its terms."""


def table_of(segment: Segment) -> dict[str, tuple[int, tuple[str, ...]]]:
    """The words of a segment."""
    terms = list(segment.terms)
    numbers, offsets = segment.form_terms.tolist(), segment.form_term_offsets.tolist()
    return {
        form: (count, tuple(terms[number] for number in numbers[offsets[place] : offsets[place + 1]]))
        for place, (form, count) in enumerate(zip(segment.forms, segment.form_counts.tolist(), strict=True))
    }


def to_stored(table: Table) -> dict[str, Any]:
    """A table as plain JSON values."""
    return {form: [count, *terms] for form, (count, terms) in table.items()}


def name_of(stored: Mapping[str, Any]) -> str:
    """A name for a table: the same for the same words, so that to store one twice changes nothing."""
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def joined(tables: Iterable[Mapping[str, Any]]) -> Table:
    """One table of all that *tables*, as they are stored, hold.

    Example:
        >>> joined([{"fossils": [2, "fossil"]}, {"fossils": [1, "fossil"], "dna": [1, "dna"]}])
        {'fossils': (3, ('fossil',)), 'dna': (1, ('dna',))}
    """
    counts: Counter[str] = Counter()
    terms: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for form, (count, *own) in table.items():
            counts[form] += count
            terms[form] = tuple(own)
    return {form: (count, terms[form]) for form, count in counts.items()}


def to_segment(table: Table, analyzer: Analyzer, schema: MetadataSchema) -> Segment:
    """A segment without documents that has these words.

    Example:
        >>> segment = to_segment({"fossils": (3, ("fossil",))}, Analyzer(), MetadataSchema({}))
        >>> list(segment.forms), list(segment.terms), segment.form_counts.tolist(), len(segment)
        (['fossils'], ['fossil'], [3], 0)
    """
    forms = sorted(table)
    terms = sorted({term for _, own in table.values() for term in own})
    number = {term: place for place, term in enumerate(terms)}
    sizes = [len(table[form][1]) for form in forms]
    empty = build_segment([], analyzer, schema)
    words = {
        "form_counts": np.array([table[form][0] for form in forms], np.int64),
        "form_term_offsets": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        "form_terms": np.array([number[term] for form in forms for term in table[form][1]], np.int64),
        "term_offsets": np.zeros(len(terms) + 1, np.int64),
    }
    for name, strings in (("forms", forms), ("terms", terms)):
        made = StringTable.of(strings)
        words |= {f"{name}.blob": made.blob, f"{name}.offsets": made.offsets}
    words |= name_arrays(StringTable.of(forms))
    return Segment(empty | narrowed(words), schema)


def segment_of(documents: Iterable[Document], analyzer: Analyzer, schema: MetadataSchema) -> Segment:
    """Some documents as a segment, for what an index tells of documents by their words."""
    return Segment(build_segment(list(documents), analyzer, schema), schema)


def countries_of(segment: Segment) -> list[list[str]]:
    """For each document of a segment the codes of the countries that it names."""
    column = segment.named[COUNTRY]
    codes, starts = [column.words[code] for code in column.codes.tolist()], column.starts.tolist()
    return [codes[start:end] for start, end in pairwise(starts)]
