"""Commits in memory, in one segment or several, with deletions or without."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from wco_search.analysis import default_analyzer
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.build import build_segment
from wco_search.engine.manifest import Manifest
from wco_search.engine.merge import Part
from wco_search.engine.postings import mean_lengths
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot


def snapshot_of(
    documents: Sequence[Document],
    schema: MetadataSchema | None = None,
    *,
    cuts: Sequence[int] = (),
    deleted: Sequence[int] = (),
) -> Snapshot:
    """A commit of *documents*, cut into segments before the documents *cuts*, some of them deleted."""
    schema = schema or MetadataSchema({name: "keyword" for document in documents for name in document.metadata})
    whole = Segment(build_segment(documents, default_analyzer(), schema), schema)
    means = mean_lengths(whole.field_lengths)
    live = np.ones(len(documents), np.bool_)
    live[list(deleted)] = False
    parts = []
    for start, end in pairwise([0, *cuts, len(documents)]):
        arrays = build_segment(documents[start:end], default_analyzer(), schema, means)
        parts.append(Part(Segment(arrays, schema), None if live[start:end].all() else live[start:end]))
    return Snapshot(Manifest(1, {}, means), parts, schema)
