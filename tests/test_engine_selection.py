"""Documents as bitmaps, and what they have, against counting them one by one; compiled and not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from tests.snapshots import snapshot_of
from wco_search import Document, Index
from wco_search.documents import MetadataSchema
from wco_search.engine import loops, values
from wco_search.engine.selection import Selection, packed, tally
from wco_search.engine.snapshot import Snapshot

SCHEMA = MetadataSchema.of({"tags": list, "pages": int, "paid": bool, "price": float, "serial": int})
WAYS = [pytest.param(False, id="numpy"), *[pytest.param(True, id="compiled")] * loops.IS_BUILT]
SIZES = [(), (1,), (63, 64, 65), (5000,), (4096, 300)]


@pytest.fixture(autouse=True, params=WAYS)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either way."""
    monkeypatch.setattr(loops, "COMPILED", request.param)


def documents(count: int) -> list[Document]:
    """Documents with fields of every kind, of which they lack some."""
    return [
        Document(
            id=str(number),
            body="fossils in Ghana and Peru" if number % 3 else "timber of Peru",
            date=dt.date(2019, 12, 1) + dt.timedelta(number % 97) if number % 5 else None,
            source=f"s{number % 7}" if number % 4 else None,
            language=("en", "ru", None)[number % 3],
            metadata={
                "pages": number % 11 - 5,
                "paid": number % 2 == 0,
                "price": number % 6 / 4,
                "serial": (-1) ** number * number * 2**48,
                **({"tags": tuple(f"t{tag}" for tag in range(number % 4))} if number % 4 else {}),
            },
        )
        for number in range(count)
    ]


FIELDS: dict[str, Callable[[Document], Iterable[Any]]] = {
    "source": lambda one: [one.source],
    "language": lambda one: [one.language],
    "tags": lambda one: one.metadata.get("tags", ()),  # type: ignore[arg-type,return-value]
    "pages": lambda one: [one.metadata["pages"]],
    "paid": lambda one: [one.metadata["paid"]],
    "price": lambda one: [one.metadata["price"]],
    "serial": lambda one: [one.metadata["serial"]],
    "date": lambda one: [one.date],
    "date.year": lambda one: [one.date and one.date.year],
    "date.quarter": lambda one: [one.date and f"{one.date.year}-Q{(one.date.month + 2) // 3}"],
    "date.month": lambda one: [one.date and f"{one.date:%Y-%m}"],
    "date.weekday": lambda one: [one.date and one.date.isoweekday()],
    "country": lambda one: ["GH", "PE"] if "Ghana" in one.body else ["PE"],
}


@pytest.fixture(scope="module", params=SIZES, ids=str)
def archive(request: pytest.FixtureRequest) -> tuple[Snapshot, list[Document]]:
    """Segments of so many documents."""
    sizes = request.param
    made = documents(sum(sizes))
    return snapshot_of(made, SCHEMA, cuts=list(accumulate(sizes))[:-1]), made


@pytest.mark.parametrize("rows", [0, 1000], ids=["values", "bitmaps"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_counts_are_those_of_the_documents(
    archive: tuple[Snapshot, list[Document]], share: float, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every kind of field, by the values of documents and by bitmaps of values."""
    monkeypatch.setattr(values, "_ROWS_PAY", rows)
    snapshot, made = archive
    mask = np.random.default_rng(7).random(len(made)) < share
    selection = Selection.of_mask(snapshot, mask)
    numbers = np.flatnonzero(mask).tolist()
    assert selection.size == len(numbers)
    assert selection.documents().tolist() == numbers
    for name, value_of in FIELDS.items():
        wanted = Counter(value for number in numbers for value in value_of(made[number]) if value is not None)
        found = [(one.value, one.count) for one in values.count(snapshot, name, selection)]
        assert found == sorted(wanted.items(), key=lambda pair: (-pair[1], pair[0]))
        assert [(one.value, one.count) for one in values.count(snapshot, name, selection, 2)] == found[:2]


@pytest.fixture(scope="module")
def index() -> Index:
    """Two segments, with deleted documents."""
    types = {"pages": int, "serial": int, "tags": list, "paid": bool, "price": float}
    made = Index.memory(documents(900)[:400], metadata=types)
    made.add(documents(900)[400:])
    made.delete([str(number) for number in range(0, 900, 9)])
    return made


@pytest.mark.parametrize("query", ["fossils", "fossils timber", "ghana AND peru", "peru NOT fossils", "*", "nothing"])
@pytest.mark.parametrize("filter", [None, {"source": "s3"}])
def test_counts_of_an_index(index: Index, query: str, filter: dict[str, str] | None) -> None:
    """Totals and timelines count the same documents."""
    results = index.search(query, limit=2000, filter=filter, facets=["source", "date.year", "tags"], dates="off")
    found = [hit.document for hit in results]
    assert results.total == len(found)
    for name in ("source", "date.year", "tags"):
        wanted = Counter(value for one in found for value in FIELDS[name](one) if value is not None)
        assert {one.value: one.count for one in results.facets[name]} == dict(wanted)
    timeline = results.timeline("month", relative=True)
    months = Counter(f"{one.date:%Y-%m}" for one in found if one.date)
    assert {f"{b.start:%Y-%m}": b.count for b in timeline.buckets if b.count} == dict(months)
    assert timeline.undated == sum(one.date is None for one in found)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.int64])
def test_codes_of_any_width(kind: type) -> None:
    """One a document, and any number."""
    bits = packed(np.arange(100) % 3 == 0)
    counts = np.zeros(4, np.int64)
    tally(bits, (np.arange(120) % 4).astype(kind), None, 20, counts)
    assert counts.tolist() == [sum((20 + d) % 4 == code for d in range(0, 100, 3)) for code in range(4)]
    tally(bits, np.zeros(200, kind), np.arange(0, 202, 2).astype(kind), 0, counts[:1])
    assert counts[0] == sum((20 + d) % 4 == 0 for d in range(0, 100, 3)) + 68


@pytest.mark.skipif(not loops.IS_BUILT, reason="the loops are not compiled here")
def test_numbers_that_name_nothing_are_refused() -> None:
    """In columns of a damaged file, and where arrays do not fit."""
    tally_compiled = loops.compiled.tally
    bits, counts = packed(np.ones(10, np.bool_)), np.zeros(3, np.int64)
    codes = np.zeros(10, np.uint8)
    for bad_codes, starts in (
        (codes[:9], None),
        (codes[:0], None),
        (np.full(10, 3, np.uint8), None),
        (codes, np.arange(10)),
        (codes[:9], np.arange(11)),
        (codes, np.arange(11) - 1),
        (np.full(10, 9, np.uint8), np.arange(11)),
    ):
        with pytest.raises(IndexError):
            tally_compiled(bits, bad_codes, starts, 0, counts)
    for first, size in ((11, 10), (3, 12), (2**40, 10)):
        with pytest.raises(IndexError):
            tally_compiled(bits, np.zeros(size, np.uint16), None, first, counts)
    for size in (64, 65, 127):
        with pytest.raises(IndexError):
            tally_compiled(packed(np.ones(size + 1, np.bool_)), np.zeros(size, np.uint32), None, 0, counts)
        with pytest.raises(IndexError):
            tally_compiled(packed(np.arange(300) == size), np.zeros(size, np.uint32), None, 0, counts)
    with pytest.raises(IndexError, match="before the first"):
        tally_compiled(bits, codes, None, -1, counts)
    with pytest.raises(IndexError, match="words of bitmaps"):
        loops.compiled.count_in_each(bits, bits[:-1])
    with pytest.raises(TypeError):
        tally_compiled(bits, codes, None, 0, counts.astype(np.int32))
