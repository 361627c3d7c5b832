"""What else could be asked: completions, spelling, similar documents, related words."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.snapshots import snapshot_of
from tests.strategies import archives
from wco_search import Document, Index, InvalidDocumentError, RelatedWord
from wco_search.analysis.stopwords import is_stop_word
from wco_search.engine import forms
from wco_search.engine.association import log_likelihood
from wco_search.engine.expansion import edit_distances
from wco_search.engine.forms import FormTable
from wco_search.engine.letters import LetterBits
from wco_search.engine.spelling import nearest
from wco_search.engine.strings import StringTable


@pytest.fixture(scope="module")
def index() -> Index:
    """The sample archive, in two segments, and a hundred reports that make some words frequent."""
    made = Index.memory(sample_documents(), metadata={"section": str, "tags": list})
    made.add(
        Document(id=f"r{n}", body="Таможенники предъявили декларацию. Inspectors of the customs.") for n in range(40)
    )
    return made


# -- forms and families


def families_by_hand(documents: list[Document], cuts: list[int]) -> dict[tuple[str, ...], Counter[str]]:
    """For each set of terms its forms with their counts."""
    found: dict[tuple[str, ...], Counter[str]] = {}
    snapshot = snapshot_of(documents, cuts=cuts)
    for form in {form for one in snapshot.slices for form in one.segment.forms}:
        terms = snapshot.terms_of(form)
        assert terms is not None
        found.setdefault(terms, Counter())[form] += snapshot.count_of(form)
    return found


@settings(max_examples=80)
@given(archives(), st.sampled_from(["", "т", "та", "c", "cu", "к", "1", "щ"]), st.integers(1, 6), st.data())
def test_most_frequent_families_are_those_by_hand(
    documents: list[Document], prefix: str, limit: int, data: st.DataObject
) -> None:
    """One segment or several; by total, then by the first form with the prefix."""
    documents = [Document(id=d.id, title=d.title, body=d.body) for d in documents]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(documents)), max_size=2))) if documents else []
    table = snapshot_of(documents, cuts=cuts).form_table
    by_hand = families_by_hand(documents, cuts)
    fitting = {
        terms: (-sum(counts.values()), min(form for form in counts if form.startswith(prefix)))
        for terms, counts in by_hand.items()
        if any(form.startswith(prefix) for form in counts)
    }
    expected = sorted(fitting, key=lambda terms: fitting[terms])[:limit]
    found = table.most_frequent(prefix, limit)
    assert [table.terms(family) for family in found] == expected
    assert [-table.totals.item(family) for family in found] == [fitting[terms][0] for terms in expected]
    for family in found:
        assert table.shown(family, prefix) in by_hand[table.terms(family)]
        assert table.shown(family, prefix).startswith(prefix)


def test_both_ways_to_the_most_frequent_agree(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges large and small, sorted in several steps, scanned in several blocks."""
    table = index.snapshot.form_table
    monkeypatch.setattr(forms, "_FORMS_A_FAMILY", 1)
    monkeypatch.setattr(forms, "_BLOCK", 50)
    answers = []
    for part in (1, 10**6):  # never scanned but for everything; always
        monkeypatch.setattr(forms, "_PART_SCANNED", part)
        answers.append([table.most_frequent(prefix, limit) for prefix in "cнпs" for limit in (1, 3, 30, 1000)])
    assert answers[0] == answers[1]
    assert all(answers[0])


# -- completion


def test_forms_of_a_word_are_one_completion() -> None:
    """By their sum; in the basic form, where it is there."""
    index = Index.memory(
        [Document(body="Контрабанду, контрабандой, контрабанда; контракт, контракты, контроль. Fossils fossil")]
    )
    assert [(one.text, one.count) for one in index.suggest("КОНТ")] == [
        ("контрабанда", 3),
        ("контракт", 2),
        ("контроль", 1),
    ]
    assert [(one.text, one.count) for one in index.suggest("fos")] == [("fossil", 2)]
    assert [one.text for one in index.suggest("контрабандо")] == ["контрабандой"]


COMPLETED = [
    ("", []),
    ("щщщ", []),
    ("Изъяли ока", [("Изъяли окаменелости", 2)]),
    ("изъял о", [("изъял окаменелости", 2), ("изъял оружие", 1)]),
    ("timber о", []),
    ("неведомо ока", [("неведомо окаменелости", 2)]),
    ("в ока", [("в окаменелости", 2)]),
    ('title:изъяли "ока', [('title:изъяли "окаменелости', 2)]),
    ("  окам", [("окаменелости", 2)]),
    ("и", [("изъяли", 3)]),
    ("timber -о", []),
    ("Изъяли +ока", [("Изъяли +окаменелости", 2)]),
    ("c++", []),
    ("timber+", []),
    ("timber(", []),
    ('"timber"', []),
    ('"изъяли оружие" ', []),
    ("c++ timb", [("c++ timber", 2)]),
    ("оружие +", [("оружие +изъяли", 1), ("оружие +оружие", 1)]),
    ('оружие "', [('оружие "изъяли', 1), ('оружие "оружие', 1)]),
    ("оружие title:", [("оружие title:изъяли", 1), ("оружие title:оружие", 1)]),
    ("language:тим", []),
    ("оружие country:о", []),
    ("язык:о", []),
    ("оружие (title:", [("оружие (title:изъяли", 1), ("оружие (title:оружие", 1)]),
]


@pytest.mark.parametrize(("prefix", "expected"), COMPLETED)
def test_the_last_word_is_completed_in_the_light_of_the_others(prefix: str, expected: list[tuple[str, int]]) -> None:
    """Only with words that all stand in one document; what was typed before stays; function words complete nothing."""
    index = Index.memory(
        [
            Document(body="Изъяли окаменелости и"),
            Document(body="Изъяли окаменелости"),
            Document(body="Изъяли оружие"),
            Document(id="gone", body="Timber оружие"),
            Document(body="timber"),
        ]
    )
    index.delete("gone")
    found = [(one.text, one.count) for one in index.suggest(prefix)]
    assert (found or expected == []) if not prefix else found == expected


def test_words_of_deleted_documents_are_not_offered() -> None:
    """Neither as a completion nor as a correction, though their segment still has them."""
    index = Index.memory([Document(body="Timber and timetables"), Document(id="gone", body="Paleontological timeline")])
    assert [one.text for one in index.suggest("pal")] == ["paleontological"]
    assert index.search("paleontologicl").suggestion == "paleontological"
    index.delete("gone")
    assert index.suggest("pal") == []
    assert {one.text for one in index.suggest("tim")} == {"timber", "timetables"}
    assert index.search("paleontologicl").suggestion is None
    assert index.search("timbr").suggestion == "timber"


# -- spelling


@given(st.text("абвгдex", min_size=1, max_size=9), st.lists(st.text("абвгдex12", min_size=1, max_size=10), max_size=30))
def test_signatures_let_every_near_word_through(word: str, words: list[str]) -> None:
    """All within one or two edits are among the candidates, those with digits aside."""
    table = StringTable.sorted_of(set(words))
    for distance in (1, 2):
        kept = set(table.take(LetterBits.of(table).near(word, distance)))
        near = [w for w in table if edit_distances(word, [w]).item() <= distance and w.isalpha()]
        assert kept.issuperset(near)
        assert not any(char.isdigit() for w in kept for char in w)


def test_edit_distances_of_words_longer_than_a_machine_word() -> None:
    """More than 64 letters; no candidates; an empty word."""
    long = "таможня" * 12
    others = [long, long[1:], f"x{long}", long[:40] + long[41] + long[40] + long[42:], "я"]
    assert edit_distances(long, others).tolist() == [0, 1, 1, 1, len(long) - 1]
    assert edit_distances("", ["", "ab"]).tolist() == [0, 2]
    assert edit_distances("ab", []).tolist() == []


@pytest.mark.parametrize("word", ["custms", "тамжня", "inspecters", "декларация", "щщщщщщщ"])
def test_nearest_is_that_by_hand(index: Index, word: str) -> None:
    """Among all forms without digits: fewest edits, same first letter, most frequent family."""
    table: FormTable = index.snapshot.form_table
    ranked = []
    for number, form in enumerate(table.forms):
        distance = edit_distances(word, [form]).item()
        if 0 < distance <= 2 and not any(map(str.isdigit, form)):
            ranked.append((distance, form[0] != word[0], -table.totals.item(table.family_of[number]), form))
    found = nearest(table, word, 2)
    assert (found and found.form) == (min(ranked)[3] if ranked else None)


CORRECTED = [
    ("customs", None),
    ("cusotms", "customs"),  # swapped
    ("custms", "customs"),  # missing
    ("custtoms", "customs"),  # too many
    ("cuztoms", "customs"),  # wrong
    ("декларацыю", "декларацию"),
    ("декларацыя", "декларацию"),  # two edits
    ("тамажен", None),  # far from everything
    ("Custms OR inspektors^2", "Customs OR inspectors^2"),
    ("CUSTMS", "CUSTOMS"),
    ("body:custms -title:custms", "body:customs -title:customs"),
    ('"custms" =custms custms* custms~ source:custms', None),
    ("declarations", None),  # a dictionary has it
    ("декларациями", None),  # the index has it in another form
    ("custms2", None),  # digits
    ("cus", None),  # too short
    ("", None),
    ("(custms  ,  custms)", "(customs  ,  customs)"),
]


@pytest.mark.parametrize(("query", "expected"), CORRECTED)
def test_misspelt_words_are_put_right(query: str, expected: str | None) -> None:
    """Plain words only; everything else as typed."""
    index = Index.memory([Document(id=str(n), body="Customs inspectors, предъявите декларацию") for n in range(3)])
    results = index.search(query)
    assert results.suggestion == expected
    assert results.to_dict()["suggestion"] == expected


@pytest.mark.parametrize(("times", "expected"), [(19, None), (20, "таможенник")])
def test_a_misspelling_that_the_index_has_is_told_where_it_is_much_rarer(times: int, expected: str | None) -> None:
    """Twenty times."""
    index = Index.memory([Document(body="таможеник " + "таможенник " * times)])
    assert index.search("таможеник").suggestion == expected


def test_a_word_on_the_other_layout_is_told() -> None:
    """A query read on the other layout is no slip; one with a word on it is."""
    index = Index.memory([Document(body="Таможня изъяла окаменелости, customs")])
    assert index.search("nfvj;yz").suggestion is None
    assert index.search("изъяла jrfvtytkjcnb customs окаменелости").suggestion in (
        None,
        "изъяла окаменелости customs окаменелости",
    )


@pytest.mark.parametrize("text", ["zzz", "яяя", "zzzz", "qqq", "zff", "саа"])
def test_letters_at_random_are_no_slip(text: str) -> None:
    """Not on the other layout either, though яяя has the stem of a word; a word of three letters still is."""
    index = Index.memory([Document(body="Я и таможня, сам")])
    results = index.search(text)
    assert (results.suggestion, results.interpretation) == (None, ())
    assert [(part.kind, part.meaning) for part in index.search("cfv").interpretation] == [("layout", "сам")]


# -- similar documents


def test_similar_documents_share_telling_words(index: Index) -> None:
    """The document itself is left out, also of the total; a filter restricts; the words are told."""
    found = index.similar("sample-031", limit=5)
    assert "sample-031" not in [hit.document.id for hit in found]
    assert found.total == index.similar("sample-031", limit=0).total > 0
    (told,) = found.interpretation
    assert told.kind == "similar"
    assert 0 < len(told.meaning.split(", ")) <= 25
    assert not any(map(is_stop_word, told.meaning.split(", ")))
    assert all(hit.document.language == "ru" for hit in index.similar("sample-031", filter="language:ru"))
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)


def test_similar_takes_text_and_documents() -> None:
    """A document that the index has not, or a text; titles tell more than bodies."""
    index = Index.memory(
        [
            Document(id="a", body="fossils fossils"),
            Document(id="b", body="timber timber"),
            Document(id="c", body="steel"),
        ]
    )
    assert [hit.document.id for hit in index.similar("a fossil was found")] == ["a"]
    assert index.similar("a fossil was found").interpretation[0].text == "a fossil was found"
    found = index.similar(Document(id="new", title="Timber", body="fossils"))
    assert [hit.document.id for hit in found] == ["b", "a"]
    assert (index.similar("of the").total, index.similar("b").total) == (0, 0)
    with pytest.raises(InvalidDocumentError, match="empty"):
        index.similar(" ")
    with pytest.raises(ValueError, match="limit"):
        index.similar("a", limit=-1)


# -- related words


def related_archive() -> Index:
    """Half of the documents in each language; fossils stand with amber, ископаемые with янтарём."""
    english = [
        f"The fossils and amber of case {n}" if n % 8 == 0 else f"The news of day {n} and timber" for n in range(80)
    ]
    russian = [f"В деле ископаемые и янтарь {n}" if n % 8 == 0 else f"В этот день лес и {n}" for n in range(80)]
    return Index.memory(Document(body=text) for text in [*english, *russian])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fossil", [("amber", 10), ("case", 10)]),
        ("ископаемых", [("дело", 10), ("янтарь", 10)]),
        ("timber fossil", []),
        ("неведомое", []),
        ("", []),
    ],
)
def test_related_words_keep_company_within_their_language(word: str, expected: list[tuple[str, int]]) -> None:
    """Function words, numbers and the word itself are not told."""
    found = related_archive().related(word)
    assert sorted((one.text.replace("деле", "дело"), one.documents) for one in found) == expected
    assert all(isinstance(one, RelatedWord) and one.score > 10.83 for one in found)
    assert len(related_archive().related(word, limit=1)) == min(1, len(expected))


@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 100), st.data())
def test_log_likelihood_is_dunnings(ones: int, others: int, rest: int, data: st.DataObject) -> None:
    """By his formula, from the four cells."""
    both = data.draw(st.integers(0, min(ones, others)))
    size = ones + others - both + rest
    cells = [(both, ones * others), (ones - both, ones * (size - others))]
    cells += [(others - both, (size - ones) * others), (rest, (size - ones) * (size - others))]
    by_hand = 2 * sum(seen * math.log(seen * size / product) for seen, product in cells if seen)
    found = log_likelihood(np.array([float(both)]), ones, np.array([float(others)]), size).item()
    assert found == pytest.approx(by_hand if both * size > ones * others else 0.0, abs=1e-9)
