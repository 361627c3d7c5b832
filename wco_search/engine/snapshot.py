"""`Snapshot`: one commit, ready to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import numpy as np

from wco_search.documents import MetadataSchema
from wco_search.engine.build import build_segment
from wco_search.engine.score import TITLE_WEIGHT, length_norms, mean_length, saturation
from wco_search.engine.segment import Scope, Segment
from wco_search.engine.storage import Arrays, Manifest
from wco_search.engine.strings import Array

FIELDS: Final = ("title", "body")
_WEIGHTS: Final[Mapping[Scope, tuple[float, float]]] = {
    "text": (TITLE_WEIGHT, 1.0),
    "title": (1.0, 0.0),
    "body": (0.0, 1.0),
}


class Snapshot:
    """The documents and postings of one commit; never changes, so threads may share it.

    Attributes:
        manifest: The commit.
        segment: Its documents.
        warnings: What was wrong when the commit was opened.
    """

    def __init__(
        self, manifest: Manifest, arrays: Arrays, schema: MetadataSchema, warnings: Iterable[str] = ()
    ) -> None:
        self.manifest = manifest
        self.segment = Segment(arrays or _nothing(schema), schema)
        self.warnings = tuple(warnings)

    def __len__(self) -> int:
        return len(self.segment)

    def occurrences(self, terms: Iterable[str]) -> Array:
        """The global positions where any of *terms* stands, ascending, each once."""
        numbers = (self.segment.terms.find(term) for term in terms)
        return _union([self.segment.term_positions(number) for number in numbers if number is not None])

    def form_occurrences(self, forms: Iterable[int]) -> Array:
        """The global positions where any of the forms of those numbers stands, ascending, each once."""
        return _union([self.segment.form_positions(form) for form in forms])

    def term_freqs(self, positions: Array) -> tuple[Array, Array]:
        """The fields that have any of *positions*, ascending (see `Segment.fields_of`), and how many each has."""
        return np.unique(self.segment.fields_of(positions), return_counts=True)

    def impacts(self, positions: Array, scope: Scope) -> tuple[Array, Array]:
        """The documents that have any of *positions* in *scope*, ascending, and their impacts, rounded to 24 bits.

        Single precision is how precomputed impacts are kept: what is worked out here equals them to the bit.
        """
        fields, frequencies = self.term_freqs(positions)
        weights = np.array(_WEIGHTS[scope])[fields & 1]
        fields, frequencies, weights = (array[weights > 0] for array in (fields, frequencies, weights))
        documents, first = np.unique(fields >> 1, return_index=True)
        if not len(documents):
            return documents, np.zeros(0, np.float32)
        impacts = weights * saturation(frequencies, self.field_norms[fields])
        return documents, np.add.reduceat(impacts, first).astype(np.float32)

    @cached_property
    def field_norms(self) -> Array:
        """K of every field, titles and bodies in turn."""
        lengths = self.segment.field_lengths
        norms = np.empty(len(lengths))
        for start, name in enumerate(FIELDS):
            mean = self.manifest.statistics.get(f"mean_{name}_length", 1.0)
            norms[start::2] = length_norms(lengths[start::2], mean)
        return norms

    @cached_property
    def form_list(self) -> list[str]:
        """All forms in order; loaded for patterns without a beginning and for fuzzy words."""
        return list(self.segment.forms)


def _union(lists: list[Array]) -> Array:
    if not lists:
        return np.zeros(0, np.int64)
    return np.unique(np.concatenate(lists).astype(np.int64))


def _nothing(schema: MetadataSchema) -> dict[str, Array]:
    """The arrays of a segment without documents."""
    from wco_search.analysis import default_analyzer

    return build_segment([], default_analyzer(), schema)


def statistics_of(segment: Segment) -> dict[str, float]:
    """The numbers of a commit that scores depend on, kept in its manifest."""
    return {f"mean_{name}_length": mean_length(segment.field_lengths[start::2]) for start, name in enumerate(FIELDS)}
