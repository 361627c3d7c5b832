"""Segments: what is built is what was given, however it was put together."""

from __future__ import annotations

from mmap import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tests.conftest import sample_documents
from tests.strategies import SCHEMA_TYPES, archives
from wco_search.analysis import default_analyzer
from wco_search.analysis.batch import Runs
from wco_search.documents import Document, MetadataSchema
from wco_search.engine import array_files, loops
from wco_search.engine.build import CutRuns, build_segment, lay_out, sorted_postings
from wco_search.engine.check import segment_problems
from wco_search.engine.merge import Part, merge_segments
from wco_search.engine.packing import Packing
from wco_search.engine.segment import Segment, ordinals_of_forms
from wco_search.engine.texts import TextStore

SCHEMA = MetadataSchema.of(SCHEMA_TYPES)
needs_loops = pytest.mark.skipif(not loops.COMPILED, reason="the loops are not compiled, or not wanted")


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
                    assert form in segment.forms_of_term(number_of_term)
    for term, text in enumerate(segment.terms):
        forms = [segment.forms[form] for form in segment.forms_of_term(term)]
        assert forms == sorted(forms)
        assert all(text in default_analyzer().terms(form) for form in forms)


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


MEANS = {"mean_title_length": 3.0, "mean_body_length": 7.5}


@pytest.mark.parametrize("known", [MEANS, {**MEANS, "mean_body_length": 8.0}, None], ids=["same", "other", "unknown"])
@pytest.mark.parametrize("kept", [slice(None), slice(1, None, 2)], ids=["all", "every second"])
def test_impacts_are_for_the_means_asked_for(known: dict[str, float] | None, kept: slice) -> None:
    """Copied or worked out anew, whatever the parts were built for."""
    documents, schema = sample_documents(), MetadataSchema.of({"section": str, "tags": list})
    live = np.zeros(len(documents), np.bool_)
    live[kept] = True
    parts = []
    for place in (slice(0, 15), slice(15, None)):
        arrays = build_segment(documents[place], default_analyzer(), schema, known)
        parts.append(Part(Segment(arrays, schema), None if live[place].all() else live[place], known))
    merged = Segment(merge_segments(parts, schema, MEANS), schema)
    expected = build_segment(documents[kept], default_analyzer(), schema, MEANS)
    assert_same_arrays(merged, Segment(expected, schema))
    assert list(segment_problems(merged, MEANS)) == []


def test_a_large_archive_merges_as_it_is_built() -> None:
    """Enough text for a dictionary and enough documents for bitmaps and rows; some are dropped."""
    words = "таможня порт груз fossils customs quota".split()
    documents = [
        Document(id=f"{n}", body=" ".join(words[(n * k) % len(words)] + str(n * k % 977) * (k % 2) for k in range(40)))
        for n in range(3000)
    ]
    schema, live = MetadataSchema({}), np.arange(3000) % 10 != 3

    dictionary = TextStore.learn([(document.title, document.body) for document in documents])

    def build(some: list[Document]) -> Segment:
        return Segment(build_segment(some, default_analyzer(), schema, dictionary=dictionary), schema)

    merged = merge_segments(
        [Part(build(documents[:2000]), live[:2000]), Part(build(documents[2000:]), live[2000:])], schema
    )
    whole = build([d for d, kept in zip(documents, live, strict=True) if kept])
    assert len(whole.texts.dictionary) and len(whole.arrays["bit_terms"]) and len(whole.arrays["row_terms"])
    assert_same_arrays(Segment(merged, schema), whole)
    assert whole.document(7).body == documents[8].body


@pytest.mark.parametrize(
    ("forms", "bits"),
    [(1, 0), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8), (257, 16), (65_536, 16), (65_537, 32)],
)
def test_ordinals_of_forms_take_the_bits_they_need(forms: int, bits: int) -> None:
    """A term of so many forms between two terms of one and of two; each of its forms stands once."""
    form_terms = np.concatenate([[0], np.ones(forms, np.int64), [2, 2]])
    form_term_offsets = np.arange(forms + 4)
    term_offsets = np.array([0, 3, 3 + forms, 5 + forms])
    standing = np.concatenate([[0, 0, 0], 1 + np.arange(forms)[::-1], [forms + 2, forms + 1]])
    ordinals = ordinals_of_forms(standing, term_offsets, form_term_offsets, form_terms)
    packed = Packing.of(term_offsets, form_terms).pack(ordinals)
    assert len(packed) == -(-bits * forms // 8) + 1
    arrays = build_segment([], default_analyzer(), MetadataSchema({})) | {
        "form_terms": form_terms,
        "form_term_offsets": form_term_offsets,
        "term_offsets": term_offsets,
        "form_ordinals": packed,
        "positions": np.arange(5 + forms, dtype=np.uint32),
    }
    segment = Segment(arrays, MetadataSchema({}))
    assert np.array_equal(segment.ordinals(0, 3), ordinals)
    for form in (0, 1, forms, forms + 1, forms + 2):
        assert segment.form_positions(form).tolist() == np.flatnonzero(standing == form).tolist()


def test_the_sample_archive_builds_and_merges_alike() -> None:
    """The same on real sentences, dropping every third document."""
    documents = sample_documents()
    schema = MetadataSchema.of({"section": str, "tags": list})

    def build(some: list[Document]) -> Segment:
        return Segment(build_segment(some, default_analyzer(), schema), schema)

    live = np.arange(len(documents)) % 3 != 0
    merged = merge_segments([Part(build(documents[:20]), live[:20]), Part(build(documents[20:]), live[20:])], schema)
    assert_same_arrays(Segment(merged, schema), build([d for d, kept in zip(documents, live, strict=True) if kept]))


def test_what_is_merged_into_files_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As large arrays are; the files have no names left, and a disk without room is told of."""
    schema, documents = MetadataSchema.of({"section": str, "tags": list}), sample_documents()
    segments = [
        Segment(build_segment(some, default_analyzer(), schema), schema) for some in (documents[:20], documents[20:])
    ]
    parts = [Part(segments[0]), Part(segments[1], np.arange(len(segments[1])) % 2 == 0)]
    expected = merge_segments(parts, schema)
    monkeypatch.setattr(array_files, "_LARGE", 1)
    merged = merge_segments(parts, schema, scratch=tmp_path)
    assert isinstance(merged["positions"].base, mmap)
    assert_same_arrays(Segment(merged, schema), Segment(expected, schema))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match=r"space|large"):
        array_files.room_for(2**50, np.uint8, tmp_path)
    assert list(tmp_path.iterdir()) == []


@needs_loops
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=4), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=5),
)
def test_runs_are_laid_out_alike(entries: list[list[tuple[int, int]]], texts: list[list[int]]) -> None:
    """Whether compiled or by arrays: runs of some forms each, which are as wide as their entries, in some texts."""
    widths = np.array([max([shift for _, shift in own], default=0) + 1 for own in entries])
    forms, shifts = (np.array([entry[place] for own in entries for entry in own], np.uint32) for place in range(2))
    cut = CutRuns(widths, np.concatenate([[0], np.cumsum(list(map(len, entries)))]), forms, shifts)
    numbers = np.array([run % len(entries) for text in texts for run in text], np.int32)
    runs = Runs([], numbers, np.zeros(len(numbers)), np.array(list(map(len, texts)), np.int64))
    found = loops.compiled.entries(numbers, runs.counts, cut.firsts, widths, forms, shifts, 8)
    for one, other in zip(found, lay_out(runs, cut), strict=True):
        assert_array_equal(one, other, strict=True)


@needs_loops
@given(
    st.lists(st.sets(st.integers(0, 6)).map(sorted), min_size=1, max_size=6),
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 5))).flatmap(lambda places: st.permutations(sorted(places))),
)
def test_postings_are_sorted_alike(terms_of: list[list[int]], entries: list[tuple[int, int]]) -> None:
    """Whether dealt out by the compiled loop or sorted as rows: entries in any order, forms of any terms."""
    forms, positions = (
        np.array([entry[place] for entry in entries if entry[1] < len(terms_of)], np.uint32) for place in (1, 0)
    )
    offsets = np.concatenate([[0], np.cumsum(list(map(len, terms_of)))])
    terms = np.array([term for own in terms_of for term in own], np.int64)
    found = loops.compiled.postings(forms, positions, offsets, terms, 7)
    for one, other in zip(found, sorted_postings(forms, positions, offsets, terms, 7), strict=True):
        assert_array_equal(one, other)


@needs_loops
def test_compiled_loops_read_nothing_outside_of_their_arrays() -> None:
    """Arrays that do not fit each other are told of, as is a form that stands twice at one place."""
    one, two = np.zeros(1, np.uint32), np.array([0, 1])
    for runs, counts, firsts in (([1], [1], two), ([0], [2], two), ([0], [1], two[::-1]), ([0], [1], np.arange(3))):
        with pytest.raises(IndexError):
            loops.compiled.entries(np.array(runs), np.array(counts), np.ascontiguousarray(firsts), two[1:], one, one, 8)
    for forms, offsets, terms in ((one + 1, two, [0]), (one, two, [1]), (one, two, [0, 0]), (one, two[:0], [])):
        with pytest.raises(IndexError):
            loops.compiled.postings(forms, one, offsets, np.array(terms, np.int64), 1)
    with pytest.raises(IndexError):
        loops.compiled.postings(one, one[:0], two, np.zeros(1, np.int64), 1)
    with pytest.raises(ValueError, match="twice"):
        loops.compiled.postings(np.zeros(2, np.uint32), np.zeros(2, np.uint32), two, np.zeros(1, np.int64), 1)


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
