"""`Index.check`: each rule of the layout, broken alone, is named."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wco_search import CorruptIndexError, Document, Index
from wco_search.engine.array_files import write_arrays
from wco_search.engine.check import examine, statistics_problems
from wco_search.engine.manifest import SegmentFiles
from wco_search.engine.segment import array_types
from wco_search.engine.storage import FolderStorage
from wco_search.index import schema_of

Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index large enough to have bitmaps and rows, with every kind of column, a deleted document, two segments."""
    kinds = {"section": str, "tags": list, "views": int, "rate": float, "urgent": bool, "seen": dt.date}
    index = Index.create(tmp_path_factory.mktemp("check") / "ix", metadata=kinds)
    rng = random.Random(1)
    metadata = {
        "section": "ёлки", "tags": ["b", "a"], "views": 3, "rate": 0.5, "urgent": True, "seen": dt.date(2020, 1, 2)
    }  # fmt: skip
    index.add(
        Document(
            id=f"{number:04}",
            title="Fossils" if number % 2 else "",
            body=(
                f"Таможня изъяла стали {number % 7}." if number % 3 else "Customs stopped fossils: smuggling, fossil."
            )
            + "".join(f" слово{rng.randrange(200)}" for _ in range(6 if number % 40 else 2)),
            metadata=metadata if number % 5 else {},
            source="ТАСС" if number % 2 else "Reuters",
            date=dt.date(2020, 1, 1) + dt.timedelta(number % 300),
        )
        for number in range(6200)
    )
    index.add([Document(id=f"late-{number}", body="Timber, fossils.") for number in range(3)])
    index.delete(["0003", "0005"])
    return Path(index.path)


@pytest.fixture(scope="module")
def good(folder: Path) -> Arrays:
    """The arrays of its first segment, in memory."""
    commit = FolderStorage(folder).load()
    return {name: np.array(array) for name, array in commit.files[commit.manifest.segments[0].arrays].items()}


Change = Callable[[Any], Any]


def swapped(first: int = 0, second: int = 1) -> Change:
    """Two entries in each other's place."""

    def change(array: Any) -> Any:
        array[[first, second]] = array[[second, first]]
        return array

    return change


def put(place: int, value: Any) -> Change:
    """One entry is another; *value* may be worked out from the array."""

    def change(array: Any) -> Any:
        array[place] = value(array) if callable(value) else value
        return array

    return change


def cut(array: Any) -> Any:
    """The last entry is missing."""
    return array[:-1]


def more(array: Any) -> Any:
    """There is one entry too many."""
    return np.concatenate([array, array[-1:]])


def raised(array: Any) -> Any:
    """Every entry is one larger."""
    return array + array.dtype.type(1)


def doubled(array: Any) -> Any:
    """Another type than the layout's."""
    return array.astype(np.float64 if array.dtype.kind != "f" or array.dtype.itemsize == 4 else np.float32)


RULES: list[tuple[str, Change, str]] = [
    ("ids.offsets", raised, "ids: offsets do not cut the text"),
    ("ids.offsets", swapped(1, 2), "ids: offsets do not cut the text"),
    ("ids.offsets", cut, "ids: offsets do not cut the text"),
    ("ids.blob", put(0, 0xFF), "ids: not UTF-8 at byte 0"),
    ("ids.blob", put(3, ord("1")), "ids are distinct and id_order sorts them"),
    ("id_order", swapped(), "ids are distinct and id_order sorts them"),
    ("id_order", put(0, 1), "ids are distinct and id_order sorts them"),
    ("id_order", cut, "ids are distinct and id_order sorts them"),
    ("terms.offsets", cut, "terms: offsets do not cut the text"),
    ("terms.offsets", swapped(1, 2), "terms: offsets do not cut the text"),
    ("terms.blob", put(-1, 0xD1), "terms: not UTF-8"),
    ("terms.blob", put(0, ord("z")), "terms are sorted"),
    ("forms.offsets", cut, "forms: offsets do not cut the text"),
    ("forms.offsets", put(-2, lambda o: o[-2] + 1), "forms: a string is cut inside a character"),
    ("forms.blob", put(0, ord("z")), "forms are sorted"),
    ("texts.offsets", swapped(1, 2), "texts: offsets do not cut the frames"),
    ("texts.offsets", cut, "texts: there are not two sizes for each text"),
    ("texts.title_sizes", cut, "texts: there are not two sizes for each text"),
    ("texts.body_sizes", more, "texts: there are not two sizes for each text"),
    ("texts.body_sizes", raised, "texts: the text of document 0"),
    ("texts.title_sizes", raised, "texts: the text of document 0"),
    ("texts.blob", put(0, 0), "texts: the text of document 0 cannot be read"),
    ("texts.blob", cut, "texts: offsets do not cut the frames"),
    ("texts.dictionary", lambda a: a[::-1], "texts: the text of document"),
    ("field_starts", cut, "texts and fields belong to the documents"),
    ("field_starts", raised, "fields follow each other with a gap"),
    ("field_starts", swapped(3, 4), "fields follow each other with a gap"),
    ("field_starts", put(1, 3), "fields follow each other with a gap"),
    ("field_starts", put(1, lambda a: a[1] + 1), "positions lie in the fields"),
    ("field_starts", put(-1, lambda a: a[-1] + 1), "every position of a field has a posting"),
    ("form_term_offsets", put(1, 0), "every form has terms, each once"),
    ("form_term_offsets", cut, "every form has terms, each once"),
    ("form_terms", put(0, lambda a: np.iinfo(a.dtype).max), "every form has terms, each once"),
    ("form_terms", swapped(), "every form stands as often as is counted"),
    ("term_offsets", cut, "every term has postings"),
    ("term_offsets", put(0, 1), "every term has postings"),
    ("term_offsets", put(1, 0), "every term has postings"),
    ("term_offsets", put(-1, lambda a: a[-1] - 1), "every term has postings"),
    ("form_ordinals", cut, "every posting a form"),
    ("form_ordinals", put(-1, lambda a: a[-1] | 0x80), "every posting a form"),
    ("form_ordinals", put(0, lambda a: a[0] ^ 1), "every form stands as often as is counted"),
    ("signatures", raised, "signatures"),
    ("form_counts", raised, "every form stands as often as is counted"),
    ("form_counts", put(0, 0), "every form stands as often as is counted"),
    ("form_counts", cut, "every form has terms, each once"),
    ("positions", swapped(), "positions ascend within a term"),
    ("positions", put(-1, 2**32 - 1), "positions lie in the fields"),
    ("positions", put(1, lambda a: a[0]), "positions ascend within a term"),
    ("positions", cut, "every term has postings"),
    ("date.values", cut, "column date: there is not one value for each document"),
    ("date.present", cut, "column date: there is not one value for each document"),
    ("date.values", put(0, 0), "column date: a value is no day"),
    ("metadata-5.values", put(1, 3_652_060), "column seen: a value is no day"),
    ("metadata-2.values", cut, "column views: there is not one value for each document"),
    ("metadata-3.present", lambda a: np.full(len(a), 2, np.uint8).view(np.bool_), "column rate: present is neither"),
    ("metadata-4.values", lambda a: np.full(len(a), 2, np.uint8).view(np.bool_), "column urgent: a value is neither"),
    ("source.codes", put(0, 9), "column source: a code is that of no word"),
    ("source.codes", cut, "column source: starts do not cut the codes"),
    ("source.starts", swapped(1, 2), "column source: starts do not cut the codes"),
    ("source.starts", cut, "column source: starts do not cut the codes"),
    ("source.starts", put(1, 2), "column source: a document has several words"),
    ("source.blob", put(0, 0xFF), "column source: not UTF-8 at byte 0"),
    ("source.offsets", cut, "column source: offsets do not cut the text"),
    ("metadata-1.blob", swapped(), "column tags: words are not sorted"),
    ("doc_offsets", put(1, lambda a: a[1] - 1), "doc_offsets does not follow from the positions"),
    ("docs", swapped(), "docs does not follow from the positions"),
    ("docs", put(-1, 6200), "docs does not follow from the positions"),
    ("impacts", put(5, 0.25), "impacts does not follow from the positions"),
    ("max_impacts", put(0, 9.0), "max_impacts does not follow from the positions"),
    ("tenth_impacts", put(0, 9.0), "tenth_impacts does not follow from the positions"),
    ("champion_terms", put(0, lambda a: a[0] + 1), "champion_terms does not follow from the positions"),
    ("champion_offsets", put(-1, lambda a: a[-1] - 1), "champion_offsets does not follow from the positions"),
    ("champion_docs", swapped(), "champion_docs does not follow from the positions"),
    ("champion_rests", put(0, 9.0), "champion_rests does not follow from the positions"),
    ("bit_terms", lambda a: a - a.dtype.type(1), "bit_terms does not follow from the positions"),
    ("bits", put(0, 0), "bits does not follow from the positions"),
    ("bit_ranks", put(1, 1), "bit_ranks does not follow from the positions"),
    ("row_terms", lambda a: a - a.dtype.type(1), "row_terms does not follow from the positions"),
    ("row_idfs", put(0, 9.0), "row_idfs does not follow from the positions"),
    ("row_levels", lambda a: a[::-1], "row_levels does not follow from the positions"),
    ("row_unit", raised, "row_unit does not follow from the positions"),
    ("names.letters", put(0, 25), "names.letters does not follow from the forms"),
    ("named-country.starts", cut, "column named-country: starts do not cut the codes"),
    ("named-people.starts", more, "column named-people: starts do not cut the codes"),
    ("named-organisations.starts", raised, "column named-organisations: starts do not cut the codes"),
    ("names.lengths", raised, "names.lengths does not follow from the forms"),
    ("names.owners", swapped(), "names.owners does not follow from the forms"),
    ("names.skeletons", cut, "names.skeletons does not follow from the forms"),
    ("names.firsts", swapped(1, 2), "names.firsts does not follow from the forms"),
    ("names.shorter", more, "names.shorter does not follow from the forms"),
    ("names.buckets", put(-1, 0), "names.buckets does not follow from the forms"),
]


def test_every_array_is_in_the_table(good: Arrays) -> None:
    """Of columns of one kind one will do."""
    named = {name for name, _, _ in RULES}
    parts = {name.rpartition(".")[2] for name in named if name.startswith(("date.", "source.", "metadata-"))}
    columns = ("date.", "url.", "source.", "language.", "metadata-", "named-")
    assert {name for name in good if not name.startswith(columns)} <= named
    assert parts == {"values", "present", "codes", "starts", "blob", "offsets"}


def put_in(folder: Path, to: Path, arrays: Mapping[str, Any], deleted: Any = None, **facts: Any) -> Index:
    """An index whose first segment has other arrays, under right checksums."""
    storage = FolderStorage(folder)
    commit = storage.load()
    (first, second), files = commit.manifest.segments, dict(commit.manifest.files)
    to.mkdir()
    for name in commit.manifest.file_names():
        (to / name).symlink_to(folder / name)
    for name, changed in ((first.arrays, arrays), (first.deleted, deleted)):
        if changed is not None and name is not None:
            files[name] = write_arrays(to / name, changed)
    whole = replace(commit.manifest, segments=(first, second), files=files, **facts)
    (to / f"manifest-{whole.generation:010d}.json").write_bytes(whole.to_bytes())
    return Index.open(to)


@pytest.mark.parametrize(("name", "change", "expected"), RULES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(RULES)])
def test_a_broken_rule_is_named(
    folder: Path, tmp_path: Path, good: Arrays, name: str, change: Change, expected: str
) -> None:
    """One array is other than it must be, with a checksum that fits: one line tells the segment and the rule."""
    arrays = {**good, name: change(good[name].copy())}
    problems = put_in(folder, tmp_path / "ix", arrays).check().problems
    assert len(problems) == 1
    assert problems[0].startswith("segment-0000000001-0.npys: ")
    assert expected in problems[0]


def test_a_type_that_is_not_that_of_the_layout_is_named(folder: Path, good: Arrays) -> None:
    """Of every array."""
    manifest = FolderStorage(folder).load().manifest
    schema = schema_of(manifest)
    assert array_types(schema).keys() == good.keys()
    for name, array in good.items():
        arrays = {**good, name: doubled(array)}
        found = examine(lambda _, a=arrays: (a, []), SegmentFiles("s"), schema, manifest.statistics)  # type: ignore[misc]
        assert len(found.problems) == 1
        assert found.problems[0].startswith(f"s: {name}: of type float")
        assert not found.is_whole


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        ([5, 3], "deleted: numbers do not ascend"),
        ([3, 3], "deleted: numbers do not ascend"),
        ([3, 6200], "deleted: number 6200 is that of no document"),
        ([-1, 3], "deleted: number -1 is that of no document"),
        ([0.5], "deleted: of type float64, not whole numbers"),
    ],
)
def test_deleted_numbers(folder: Path, tmp_path: Path, good: Arrays, deleted: list[float], expected: str) -> None:
    """They ascend and are those of documents; where they are not, the index does not open, and `check` tells why."""
    index = put_in(folder, tmp_path / "ix", good, {"deleted": np.array([3, 5])})
    assert index.check().ok
    index.close()
    with pytest.raises(CorruptIndexError, match=re.escape(expected)):
        put_in(folder, tmp_path / "other", good, {"deleted": np.array(deleted)})
    storage = FolderStorage(tmp_path / "other")
    manifest = storage.load().manifest
    found = examine(
        partial(storage.examine, manifest), manifest.segments[0], schema_of(manifest), manifest.statistics
    )  # fmt: skip
    assert found.problems == (f"{manifest.segments[0].deleted}: {expected}",)
    assert not found.is_whole


@pytest.mark.parametrize("name", ["mean_title_length", "mean_body_length", "reference_documents"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), "much", None])
def test_statistics(folder: Path, name: str, value: object) -> None:
    """A number that is missing or none."""
    manifest = FolderStorage(folder).load().manifest
    assert list(statistics_problems(manifest)) == []
    broken = replace(manifest, statistics={**manifest.statistics, name: value})  # type: ignore[dict-item]
    assert list(statistics_problems(broken)) == [f"statistics: {name} is {value!r}"]


def test_an_id_in_two_segments(folder: Path, tmp_path: Path, good: Arrays) -> None:
    """A document that was replaced must be deleted."""
    (tmp_path / "ix").mkdir()
    storage = FolderStorage(folder)
    commit = storage.load()
    first, _ = commit.manifest.segments
    for name in commit.manifest.file_names():
        (tmp_path / "ix" / name).symlink_to(folder / name)
    twin = replace(commit.manifest, segments=(first, SegmentFiles(first.arrays)))
    (tmp_path / "ix" / f"manifest-{twin.generation:010d}.json").write_bytes(twin.to_bytes())
    expected = "segment-0000000001-0.npys: id '0000' is that of a document of another segment"
    assert Index.open(tmp_path / "ix").check().problems == (expected,)


def test_a_missing_array_is_named(good: Arrays, folder: Path) -> None:
    """Whichever it is."""
    manifest = FolderStorage(folder).load().manifest
    for name in good:
        arrays = {other: array for other, array in good.items() if other != name}
        found = examine(lambda _, a=arrays: (a, []), SegmentFiles("s"), schema_of(manifest), manifest.statistics)  # type: ignore[misc]
        assert found.problems == (f"s: there is no array {name}",)
