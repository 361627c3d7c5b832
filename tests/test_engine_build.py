"""Segments: what is built is what was given, however it was put together."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.strategies import SCHEMA_TYPES, archives
from wco_search.analysis import default_analyzer
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.build import build_segment
from wco_search.engine.check import segment_problems
from wco_search.engine.merge import Part, merge_segments
from wco_search.engine.segment import Segment

SCHEMA = MetadataSchema.of(SCHEMA_TYPES)


def segment_of(documents: list[Document]) -> Segment:
    """A segment of *documents*, checked."""
    segment = Segment(build_segment(documents, default_analyzer(), SCHEMA), SCHEMA)
    assert list(segment_problems(segment)) == []
    return segment


def assert_same_arrays(one: Segment, other: Segment) -> None:
    """Both segments are the same to the byte."""
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert array.dtype == other.arrays[name].dtype, name
        assert np.array_equal(array, other.arrays[name], equal_nan=array.dtype.kind == "f"), name


@given(archives())
def test_documents_come_back_as_given(documents: list[Document]) -> None:
    """Every field of every document, by number and by id."""
    segment = segment_of(documents)
    assert list(segment.documents()) == documents
    assert [segment.number_of(document.id) for document in documents] == list(range(len(documents)))
    assert segment.number_of("nobody") is None


@given(archives())
def test_a_form_stands_where_the_analyzer_puts_it(documents: list[Document]) -> None:
    """Positions count places from the start of their field."""
    segment = segment_of(documents)
    for number, document in enumerate(documents):
        for field, text in enumerate((document.title, document.body)):
            start = segment.field_starts[2 * number + field]
            for token in default_analyzer().tokens(text):
                form = segment.forms.find(token.form)
                assert form is not None
                assert start + token.position in segment.form_positions(form)
                for term in token.terms:
                    number_of_term = segment.terms.find(term)
                    assert number_of_term is not None
                    assert start + token.position in segment.term_positions(number_of_term)


@settings(max_examples=60)
@given(archives(), st.data())
def test_merging_equals_building(documents: list[Document], data: st.DataObject) -> None:
    """Cut an archive into parts, drop some documents, merge: the same bytes as building what is left."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(documents)), max_size=3)))
    live = np.array(data.draw(st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))), np.bool_)
    parts = []
    for start, end in zip([0, *cuts], [*cuts, len(documents)], strict=True):
        parts.append(Part(segment_of(documents[start:end]), live[start:end]))
    merged = Segment(merge_segments(parts, SCHEMA), SCHEMA)
    assert list(segment_problems(merged)) == []
    assert_same_arrays(merged, segment_of([d for d, kept in zip(documents, live, strict=True) if kept]))


def test_the_sample_archive_builds_and_merges_alike() -> None:
    """The same on real sentences, dropping every third document."""
    documents = sample_documents()
    schema = MetadataSchema.of({"section": str, "tags": list})

    def build(some: list[Document]) -> Segment:
        return Segment(build_segment(some, default_analyzer(), schema), schema)

    live = np.arange(len(documents)) % 3 != 0
    merged = merge_segments([Part(build(documents[:20]), live[:20]), Part(build(documents[20:]), live[20:])], schema)
    assert_same_arrays(Segment(merged, schema), build([d for d, kept in zip(documents, live, strict=True) if kept]))


def test_check_notices_each_kind_of_damage() -> None:
    """Every rule of the layout, broken once."""
    good = build_segment(sample_documents()[:5], default_analyzer(), MetadataSchema({}))

    def problems(**damage: np.ndarray) -> list[str]:  # type: ignore[type-arg]
        return list(segment_problems(Segment({**good, **damage}, MetadataSchema({}))))

    assert problems() == []
    damages = {
        "id_order": good["id_order"][::-1],
        "field_starts": np.concatenate([good["field_starts"][:-2], good["field_starts"][-2:] - 10_000]),
        "field_starts ": good["field_starts"] - np.arange(len(good["field_starts"])),
        "positions": good["positions"][::-1],
        "form_ordinals": good["form_ordinals"] + 100,
        "form_ordinals ": good["form_ordinals"][::-1],
        "form_ordinals  ": good["form_ordinals"][1:],
        "form_counts": good["form_counts"] + 1,
        "term_offsets": good["term_offsets"] - 1,
        "terms.blob": good["terms.blob"][::-1],
        "forms.offsets": good["forms.offsets"][::-1],
        "form_terms": good["form_terms"].astype(np.int64) + 10**6,
        "texts.blob": np.full_like(good["texts.blob"], 255),
        "texts.blob ": good["texts.blob"][:-1],
        "texts.offsets": good["texts.offsets"][:-1],
        "texts.body_sizes": good["texts.body_sizes"] + 1,
        "texts.title_sizes": good["texts.title_sizes"][:-1],
        "date.present": good["date.present"][:-1],
    }
    for name, damaged in damages.items():
        assert problems(**{name.strip(): damaged}), name
