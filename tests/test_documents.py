"""Documents as values: equal, hashable, portable, also when their fields are read only when asked for."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import pickle

import numpy as np
import pytest

from wco_search import Document, Index
from wco_search.documents import MetadataSchema, plain_value

ONE = Document(
    id="1", title="Единое окно", body="Гвинея.", date=dt.date(2024, 5, 2), metadata={"tags": ["a", "b"], "views": 3}
)


@pytest.fixture(params=["made", "stored"])
def document(request: pytest.FixtureRequest) -> Document:
    """The same document, made by hand and read from an index."""
    if request.param == "made":
        return ONE
    found = Index.memory([ONE], metadata={"tags": list, "views": int}).get("1")
    assert found is not None
    return found


def test_a_stored_document_is_like_the_one_that_was_added(document: Document) -> None:
    """Equal, of one hash, one representation, one class."""
    assert document == ONE
    assert hash(document) == hash(ONE)
    assert repr(document) == repr(ONE)
    assert document.to_dict() == ONE.to_dict()
    assert type(document) is Document


def test_documents_travel(document: Document) -> None:
    """Through pickle, copy, replace and JSON."""
    assert pickle.loads(pickle.dumps(document)) == ONE
    assert copy.deepcopy(document) == copy.copy(document) == ONE
    assert dataclasses.replace(document, title="x").title == "x"
    plain = json.loads(json.dumps(document.to_dict()))
    assert Document(**{**plain, "date": dt.date.fromisoformat(plain["date"])}) == ONE


def test_documents_are_frozen(document: Document) -> None:
    """A field cannot be set, and a field that is none is not there."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        document.title = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="titel"):
        _ = document.titel


def test_moments_become_days_and_lists_become_tuples() -> None:
    """A document holds nothing that can change under it."""
    made = Document(body="x", date=dt.datetime(2024, 5, 2, 13, 0), metadata={"tags": ["a"]})
    assert made.date == dt.date(2024, 5, 2)
    assert type(made.date) is dt.date
    assert made.metadata == {"tags": ("a",)}


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        (str, "Право", "Право"),
        (int, "12", 12),
        (int, -5, -5),
        (float, "0.5", 0.5),
        (float, 3, 3.0),
        (bool, "да", True),
        (bool, "no", False),
        (dt.date, "2024-05-02", dt.date(2024, 5, 2)),
        (dt.date, dt.datetime(2024, 5, 2, 1), dt.date(2024, 5, 2)),
        (list, "a, b,", ("a", "b")),
        (list, ["a"], ("a",)),
        (int, np.int64(12), 12),
        (int, np.uint8(12), 12),
        (float, np.float32(0.5), 0.5),
        (float, np.int32(3), 3.0),
        (bool, np.True_, True),
        (dt.date, np.datetime64("2024-05-02"), dt.date(2024, 5, 2)),
        (int, "", None),
        (str, "", ""),
        (int, None, None),
    ],
)
def test_values_are_taken_as_their_kind(kind: type, value: object, stored: object) -> None:
    """Text that reads as the kind is taken, as a CSV file has nothing else."""
    assert MetadataSchema.of({"x": kind}).coerce("x", value, document_id=None) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, 3),
        (str, "\ud800"),
        (int, 0.5),
        (int, True),
        (int, np.True_),
        (int, np.float64(3)),
        (int, np.array([3])),
        (bool, np.int64(1)),
        (float, "nan"),
        (float, True),
        (bool, "maybe"),
        (bool, 1),
        (dt.date, "May"),
        (dt.date, 3),
        (list, 3),
        (list, [3]),
    ],
)
def test_values_of_another_kind_are_refused(kind: type, value: object) -> None:
    """With the value and the kind in the message."""
    from wco_search import InvalidDocumentError

    with pytest.raises(InvalidDocumentError, match="is not a value of kind"):
        MetadataSchema.of({"x": kind}).coerce("x", value, document_id="1")


def test_plain_values() -> None:
    """What JSON can hold."""
    assert plain_value(dt.date(2024, 5, 2)) == "2024-05-02"
    assert plain_value(("a", "b")) == ["a", "b"]
    assert plain_value(3) == 3
