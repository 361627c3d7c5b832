"""Near-duplicates: what is near, groups of hits, groups of an index, differences."""

from __future__ import annotations

import datetime as dt
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.strategies import texts
from wco_search import Document, Index
from wco_search.differences import word_diff
from wco_search.engine import signatures as module
from wco_search.engine.check import segment_problems
from wco_search.engine.copies import is_copy
from wco_search.engine.segment import Segment
from wco_search.engine.signatures import NEAR, bins_of, leaders, near_pairs, similarity

WORDS = [f"слово{n}" for n in range(300)] + [f"word{n}" for n in range(300)]
AGENCY = "as reported by the agency".split()


def random_text(chance: random.Random, size: int) -> list[str]:
    """Words by chance."""
    return [chance.choice(WORDS) for _ in range(size)]


def scattered(chance: random.Random, words: list[str]) -> list[str]:
    """Every tenth word, by chance, is another."""
    changed = list(words)
    for place in chance.sample(range(len(words)), len(words) // 10):
        changed[place] = chance.choice(WORDS)
    return changed


COPIES = {
    "the same": lambda chance, words: words,
    "in capitals": lambda chance, words: [word.upper() for word in words],
    "cut": lambda chance, words: words[: -(len(words) // 10)],
    "with an agency's line": lambda chance, words: [*words, *(AGENCY * len(words))[: len(words) // 10]],
    "edited": scattered,
}


def index_of(*several: list[str]) -> Index:
    """An index of texts, with their places as ids."""
    return Index.memory(Document(id=str(place), body=" ".join(words)) for place, words in enumerate(several))


def rows(index: Index) -> np.ndarray:
    """The signatures of an index of one segment."""
    return index.snapshot.slices[0].segment.signatures


@pytest.mark.parametrize("how", COPIES)
def test_copies_that_share_nine_words_of_ten_are_near(how: str) -> None:
    """At least 95 of 100; unlike texts never."""
    chance = random.Random(how)
    originals = [random_text(chance, size) for size in range(20, 420, 2)]
    copies = [COPIES[how](chance, words) for words in originals]
    bins = bins_of(rows(index_of(*originals, *copies)))
    near = similarity(bins[:200], bins[200:]) >= NEAR
    assert near.mean() >= 0.95
    assert not (similarity(bins[:199], bins[1:200]) >= NEAR / 2).any()


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("a b c d e f g", "a b c d e f g", False),  # seven words
        ("a b c d e f g h", "a b c d e f g h", True),
        ("A, B c — d e f g h.", "a b c d e f g h", True),
        ("Ёлка b c d e f g h", "елка b c d e f g h", True),
        ("a b c d e f g h", "h g f e d c b a", False),
        ("a b c d e f g h", "a b c x e f g h", False),
    ],
)
def test_short_texts(one: str, other: str, is_near: bool) -> None:
    """Under eight words nothing is near; the order of words counts."""
    assert (len(near_pairs(rows(index_of(one.split(), other.split())))[0]) == 1) == is_near


def test_signatures_estimate_the_share_of_common_pairs() -> None:
    """Against the sets themselves, within four standard errors."""
    chance = random.Random(5)
    for kept in range(0, 200, 10):
        words = random_text(chance, 200)
        other = [*words[:kept], *random_text(chance, 200 - kept)]
        one_set, other_set = set(pairwise(words)), set(pairwise(other))
        exact = len(one_set & other_set) / len(one_set | other_set)
        bins = bins_of(rows(index_of(words, other)))
        assert similarity(bins[0], bins[1]) == pytest.approx(exact, abs=0.19)


def test_bands_find_the_pairs_that_comparing_all_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short and long texts, pairs and larger groups."""
    chance = random.Random(7)
    several = []
    for size in (8, 12, 20, 60, 200) * 10:
        words = random_text(chance, size)
        several += [words, *(scattered(chance, words) for _ in range(chance.randrange(4)))]
    signatures = rows(index_of(*several))
    exact = leaders(len(signatures), near_pairs(signatures))
    copies = np.count_nonzero(exact != np.arange(len(exact)))
    assert copies > 50
    monkeypatch.setattr(module, "_FEW", 0)
    found = leaders(len(signatures), near_pairs(signatures))
    assert np.count_nonzero(found != exact) <= copies / 20  # of short texts; nothing else is missed
    assert ((found == exact) | (found == np.arange(len(exact)))).all()


def test_the_sample_archive_has_no_duplicates() -> None:
    """Sixty different pieces of news."""
    assert list(Index.memory(sample_documents(), metadata={"section": str, "tags": list}).duplicates()) == []


def test_a_damaged_signature_is_noticed() -> None:
    """By the check, which makes all signatures anew from the words."""
    segment = index_of(random_text(random.Random(1), 50)).snapshot.slices[0].segment
    damaged = segment.arrays["signatures"].copy()
    damaged[3] ^= 1
    problems = segment_problems(Segment({**segment.arrays, "signatures": damaged}, segment.schema))
    assert list(problems) == ["signatures does not follow from the positions"]


REPORT = (
    "On 23 October 2020 the second meeting of the working group ended; 45 delegates of 12 administrations agreed on "
    "the plan that Ghana had drafted, and thanked Ghana for its work on the new guide to risk management at the border"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"ended": "closed", "guide": "handbook"}, True),
        ({"12 administrations": "14 administrations"}, False),
        ({"second": "third"}, False),
        ({"On 23 October": "On 30 October"}, False),
        ({"October": "November"}, False),
        ({"Ghana": "Togo"}, False),  # again and again: another country's news
        ({"that Ghana": "that Togo"}, True),  # once: an editor's word
        ({" at the border": ""}, True),
        ({"and thanked Ghana for its work on the new guide to risk management at the border": ""}, False),
    ],
)
def test_what_a_copy_is(changes: dict[str, str], expected: bool) -> None:
    """Words may change, figures and what it is about may not; in either order, and in Russian."""
    edited = REPORT
    for old, new in changes.items():
        edited = edited.replace(old, new)
    assert is_copy(REPORT, edited) == is_copy(edited, REPORT) == expected


def test_what_a_russian_copy_is() -> None:
    """Numerals and months in any case."""
    report = "Это третье обновление выпуска, в нём исправлены ошибки; следующее ожидается в мае, как сообщил проект"
    assert is_copy(report, report.replace("сообщил", "объявил"))
    assert not is_copy(report, report.replace("третье", "пятое"))
    assert not is_copy(report, report.replace("в мае", "в июне"))


def test_announcements_of_one_form_are_no_copies() -> None:
    """Whatever their signatures; those with the same title figures are."""
    form = (
        "The project announces an update of its distribution, which adds corrections of security and serious problems."
    )
    titles = ["Updated Debian 12.4 released", "Updated Debian 12.5 released", "Debian 12.4 updated", "Updated"]
    index = Index.memory(Document(id=str(n), title=title, body=form) for n, title in enumerate(titles))
    assert [group.ids for group in index.duplicates()] == [("0", "2", "3")]


@pytest.mark.parametrize("how", COPIES)
def test_edited_copies_are_told_as_such(how: str) -> None:
    """Signatures and facts together, at least 95 of 100."""
    chance = random.Random(how)
    spelt = str.maketrans("0123456789", "abcdefghij")  # words with digits would be figures
    originals = [random_text(chance, size) for size in range(20, 420, 2)]
    copies = [" ".join(COPIES[how](chance, words)).translate(spelt) for words in originals]
    assert (
        sum(is_copy(" ".join(one).translate(spelt), other) for one, other in zip(originals, copies, strict=True)) >= 190
    )


NEWS = "Spanish Customs stopped a shipment of fossils in the port of Valencia last week"
OTHER = "The regional workshop on fossils was opened by officials of nine customs administrations"


def archive() -> Index:
    """Three papers have one story, the earliest from 1 May; one has another."""
    return Index.memory(
        [
            Document(id="late", body=NEWS, date=dt.date(2020, 5, 3), source="B"),
            Document(id="other", body=OTHER, date=dt.date(2020, 5, 2), source="A"),
            Document(id="early", body=f"{NEWS} (agency)", date=dt.date(2020, 5, 1), source="A"),
            Document(id="undated", body=f"{NEWS}, officials said"),
        ]
    )


def test_a_page_shows_each_story_once() -> None:
    """The best ranked leads, its group is in the order of days, and the total counts documents."""
    results = archive().search("fossils Valencia", group="near")
    assert [hit.document.id for hit in results] == ["late", "other"]
    assert (len(results), results.total, results.after) == (2, 4, None)
    group = results[0].group
    assert group is not None
    assert group.ids == ("early", "late", "undated")
    assert group.dates == (dt.date(2020, 5, 1), dt.date(2020, 5, 3), None)
    assert group.sources == ("A", "B", None)
    assert group.diff().to_text() == f"{NEWS}[- (agency)-]"
    assert results[1].diff(results[1]).is_empty
    assert results[0].to_dict()["group"]["documents"][0] == {"id": "early", "date": "2020-05-01", "source": "A"}


def test_without_grouping_hits_have_no_group() -> None:
    """As ever."""
    results = archive().search("fossils Valencia")
    assert [hit.group for hit in results] == [None] * 4
    assert "group" not in results[0].to_dict()
    with pytest.raises(ValueError, match="group must be one of"):
        archive().search("fossils", group="far")  # type: ignore[arg-type]


@st.composite
def stories(draw: st.DrawFn) -> list[Document]:
    """Documents of few stories, in any order, each told in some words more or less."""
    told = []
    for place in range(draw(st.integers(1, 14))):
        story = draw(st.integers(0, 3))
        body = [f"s{story}w{word}" for word in range(30)] + draw(st.sampled_from([[], ["fossils"], ["fossils", "x"]]))
        told.append(Document(id=str(place), body=f"news {' '.join(body)}", date=draw(st.none() | st.dates())))
    return told


@settings(max_examples=40)
@given(stories(), st.integers(1, 3), st.sampled_from(["news", "news OR fossils", "news AND fossils", "fossils"]))
@pytest.mark.parametrize("sort", ["relevance", "date"])
def test_pages_together_show_every_story_once(sort: str, documents: list[Document], limit: int, query: str) -> None:
    """Each match is in one group, the first by rank leads it, and pages follow each other without a gap."""
    index = Index.memory(documents)
    ranking = [hit.document.id for hit in index.search(query, sort=sort, limit=100)]
    stories_of = {document.id: document.body.split()[1] for document in documents}
    expected: dict[str, list[str]] = {}
    for found in ranking:
        expected.setdefault(stories_of[found], []).append(found)
    shown, after = [], None
    while True:
        page = index.search(query, sort=sort, limit=limit, after=after, group="near")
        assert page.total == len(ranking)
        shown += list(page)
        after = page.after
        if after is None:
            break
        assert len(page) == limit
    assert [hit.document.id for hit in shown] == [several[0] for several in expected.values()]
    assert [hit.rank for hit in shown] == [ranking.index(hit.document.id) + 1 for hit in shown]
    for hit, several in zip(shown, expected.values(), strict=True):
        assert hit.group is not None and sorted(hit.group.ids) == sorted(several)
        assert list(hit.group.documents) == sorted(hit.group.documents, key=lambda d: d.date or dt.date.max)


@settings(max_examples=40)
@given(stories())
def test_duplicates_are_the_stories_told_twice(documents: list[Document]) -> None:
    """In one segment and in several, deletions included."""
    index = Index.memory(documents)
    for document in documents[1::3]:
        index.delete(document.id)
    for document in documents[2::3]:
        index.add(Document(id=f"{document.id}-again", body=document.body, date=document.date))
    expected: dict[str, set[str]] = {}
    for document in index.documents():
        expected.setdefault(document.body.split()[1], set()).add(document.id)
    groups = list(index.duplicates())
    assert sorted(map(sorted, expected.values())) == sorted(
        [*(sorted(group.ids) for group in groups), *(sorted(ids) for ids in expected.values() if len(ids) == 1)]
    )
    assert all(group.leading == group.documents[0] for group in groups)
    firsts = [group.leading.date or dt.date.max for group in groups]
    assert firsts == sorted(firsts)


@given(texts, texts)
def test_a_diff_holds_both_texts(earlier: str, later: str) -> None:
    """Without what was inserted it is the earlier one, without what was deleted the later one."""
    diff = word_diff(earlier, later)
    assert "".join(piece.text for piece in diff.pieces if piece.change != "insert") == earlier
    assert "".join(piece.text for piece in diff.pieces if piece.change != "delete") == later
    assert diff.is_empty == (earlier == later)
    assert word_diff(earlier, earlier.replace(" ", "\n ")).is_empty


def test_a_diff_is_safe_to_show() -> None:
    """Markup is escaped, control characters are not written."""
    diff = word_diff("a <b> c", "a <i>\x1b[2J c")
    assert "\x1b" not in diff.to_text() + diff.to_html()
    assert diff.to_html() == "a &lt;<del>b</del><ins>i</ins>&gt;<ins>\ufffd[2J</ins> c"
    assert diff.to_dict()["pieces"][0] == ["same", "a <"]
