"""Stored texts: they come back, whatever they are, and damage is told and cannot take memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from wco_search import CorruptIndexError, Document, Index
from wco_search.engine import loops
from wco_search.engine.segment import Segment
from wco_search.engine.texts import TextStore

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NEWS = [(f"Новость {n}", f"Customs seized {n * 7919} crates of fossils in port {n % 31}. " * 4) for n in range(2000)]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_texts_come_back(texts: list[tuple[str, str]]) -> None:
    """Empty ones and any character, again from its arrays."""
    store = TextStore.from_arrays(TextStore.of(texts).arrays())
    assert [store[number] for number in range(len(store))] == texts


WAYS = [False, *[True] * loops.IS_BUILT]
BYTES = [
    *map(str.encode, "aж—я\u0080\xff\u0800\ud7ff\ue000\uffff😀"),
    *map(bytes.fromhex, "80 D0 C180 E29F E0 E09FBF EDA080 F4".split()),
]


@given(st.lists(st.sampled_from(BYTES), max_size=8).map(b"".join), st.lists(st.sampled_from(BYTES)).map(b"".join))
def test_any_bytes_are_read_or_told(title: bytes, body: bytes) -> None:
    """With the compiled loops and without: what is not UTF-8 is damage."""
    store = TextStore._of_encoded([(title, body)], np.zeros(0, np.uint8))
    for is_compiled in WAYS:
        with patch.object(loops, "COMPILED", is_compiled):
            try:
                expected = title.decode(), body.decode()
            except UnicodeDecodeError:
                with pytest.raises(CorruptIndexError, match="is not UTF-8"):
                    store[0]
            else:
                assert store[0] == expected


def test_the_same_texts_are_the_same_bytes() -> None:
    """With a dictionary, which many like texts have; it makes them small."""
    one, other = TextStore.of(NEWS), TextStore.of(iter(NEWS))
    assert all(np.array_equal(array, other.arrays()[name]) for name, array in one.arrays().items())
    assert len(one.dictionary) > 0
    assert len(one.blob) + len(one.dictionary) < sum(len(title + body) for title, body in NEWS) / 4
    assert [one[number] for number in range(len(one))] == NEWS


OTHER_NEWS = [
    (f"Note {n}", f"Quota {n * 104729} of grain; Зерно, партия {n % 17}, осмотрена. " * 5) for n in range(1500)
]


@pytest.mark.parametrize(("first", "second"), [(1900, 900), (900, 1500), (900, 0), (0, 0)])
@pytest.mark.parametrize("is_shared", [True, False])
def test_stores_joined(first: int, second: int, is_shared: bool) -> None:
    """Some documents of each, in order; frames with the dictionary of most documents are copied, not made again."""
    one = TextStore.of(NEWS)
    other = TextStore.of(OTHER_NEWS, one.dictionary if is_shared else None)
    kept = np.flatnonzero(np.arange(len(NEWS)) % 7 != 3)[:first], np.arange(second)
    joined = TextStore.concatenated([(one, kept[0]), (other, kept[1])])
    expected = [NEWS[n] for n in kept[0].tolist()] + OTHER_NEWS[:second]
    assert [joined[number] for number in range(len(joined))] == expected
    most = one if is_shared or first >= second else other
    if first + second:
        assert np.array_equal(joined.dictionary, most.dictionary)
    for number, old in enumerate(kept[0].tolist()):
        if most is one:
            frames = [s.blob[s.offsets[n] : s.offsets[n + 1]].tobytes() for s, n in ((joined, number), (one, old))]
            assert frames[0] == frames[1]


def test_a_dictionary_is_learnt_anew_where_none_is_common() -> None:
    """Three stores with a dictionary each; and stores too small to have one."""
    three = [TextStore.of(texts) for texts in (NEWS[:1000], OTHER_NEWS[:1000], [(b, a) for a, b in NEWS[1000:]])]
    joined = TextStore.concatenated([(store, np.arange(1000)) for store in three])
    assert all(not np.array_equal(joined.dictionary, store.dictionary) for store in three)
    assert joined[2500] == three[2][500]
    small = [TextStore.of(NEWS[first : first + 50]) for first in range(0, 2000, 50)]
    joined = TextStore.concatenated([(store, np.arange(50)) for store in small])
    assert not any(len(store.dictionary) for store in small)
    assert all(np.array_equal(array, TextStore.of(NEWS).arrays()[name]) for name, array in joined.arrays().items())


STORE = TextStore.of([("Title", "Customs seized fossils. " * 50)])
LETTER = TextStore.of([("", "ж")])
BOMB = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(50_000_000))
DAMAGES = {
    "a strange frame": {"blob": np.frombuffer(b"not a frame at all", np.uint8)},
    "a cut frame": {"blob": STORE.blob[:-3]},
    "a frame with its head": {"blob": np.frombuffer(BOMB, np.uint8)},
    "a frame that grows": {"blob": np.frombuffer(BOMB, np.uint8)[6:]},
    "a size too small": {"body_sizes": STORE.body_sizes - 1},
    "a size too large": {"body_sizes": STORE.body_sizes + 1},
    "a cut inside a character": {"blob": LETTER.blob, "title_sizes": np.array([1]), "body_sizes": np.array([1])},
}


@pytest.mark.parametrize("is_compiled", WAYS)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_told(
    damage: dict[str, np.ndarray],  # type: ignore[type-arg]
    is_compiled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never other text, never more memory than the sizes say."""
    monkeypatch.setattr(loops, "COMPILED", is_compiled)
    blob = damage.get("blob", STORE.blob)
    store = replace(STORE, **{"offsets": np.array([0, len(blob)]), **damage})
    with pytest.raises(CorruptIndexError, match="text of document 0"):
        store[0]


def test_a_reader_of_a_damaged_text_is_told_where(tmp_path: Path) -> None:
    """The index's folder is in the error; ids can still be read."""
    index = Index.create(tmp_path / "ix")
    index.add(Document(id="1", title="News", body="Fossils were seized. " * 20))
    (one,) = index.snapshot.slices
    arrays = {**one.segment.arrays, "texts.blob": one.segment.arrays["texts.blob"][:-4]}
    segment = Segment(arrays, index.snapshot.schema, index.path)
    assert segment.document(0).id == "1"
    with pytest.raises(CorruptIndexError, match="text of document 0") as caught:
        _ = segment.document(0).body
    assert index.path in str(caught.value)
