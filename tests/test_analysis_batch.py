"""Quick ways of analysis against the slow ones that they stand in for."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pymorphy3 import MorphAnalyzer

from tests.conftest import SHARED_DATA, sample_documents
from wco_search import compiled
from wco_search.analysis import batch, default_analyzer, russian
from wco_search.analysis.batch import find_runs
from wco_search.analysis.stemming import english_stem, russian_stem
from wco_search.analysis.tokenizer import CHUNK, cut, forms_of_word, ordinary_forms, placed_forms
from wco_search.documents import Document, MetadataSchema
from wco_search.engine import postings, strings
from wco_search.engine.build import build_segment, distinct_rows, entries_of_run
from wco_search.text import fold

NASTY = "аяЁйz9A0-./_&@'’ʼ,\u0301\u00ad\u200b\ufeff \n\t№²½ªߐ𝔘𝟗税😀é"
"""Letters, digits, every kind of joiner, marks, spaces, signs, and characters beyond the first plane."""


IS_CUTTING_BUILT = hasattr(compiled, "cutting")


@pytest.fixture(autouse=True)
def _many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few texts there are, they are cut as many are."""
    monkeypatch.setattr(batch, "_FEW_CHARACTERS", 0)


def assert_same_chunks(texts: Sequence[str]) -> None:
    """The chunks of the runs of each text are the chunks of the text."""
    runs = find_runs(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "CUTTING", not compiled.CUTTING and IS_CUTTING_BUILT)
        other = find_runs(texts)
    assert other.distinct == runs.distinct
    assert other.numbers.tolist() == runs.numbers.tolist()
    assert other.starts.tolist() == runs.starts.tolist()
    assert other.counts.tolist() == runs.counts.tolist()
    assert len(runs.counts) == len(texts)
    assert len(set(runs.distinct)) == len(runs.distinct)
    assert list(dict.fromkeys(runs.numbers.tolist())) == list(range(len(runs.distinct)))
    owners = [text for text, count in zip(texts, runs.counts.tolist(), strict=True) for _ in range(count)]
    for text, number, start in zip(owners, runs.numbers.tolist(), runs.starts.tolist(), strict=True):
        assert text.startswith(runs.distinct[number], start)
    found = iter(runs.numbers.tolist())
    for text, count in zip(texts, runs.counts.tolist(), strict=True):
        chunks = [CHUNK.findall(runs.distinct[number]) for number in itertools.islice(found, count)]
        assert list(itertools.chain(*chunks)) == CHUNK.findall(text)
    assert not list(found)


@given(st.lists(st.text(NASTY, max_size=80), max_size=6))
def test_runs_hold_the_chunks_of_nasty_texts(texts: list[str]) -> None:
    """Joiners, marks and strange letters in every order, at the ends of texts too."""
    assert_same_chunks(texts)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_runs_hold_the_chunks_of_any_texts(texts: list[str]) -> None:
    """Even half surrogate pairs, which no document holds."""
    assert_same_chunks(texts)


def test_runs_hold_the_chunks_of_the_sample() -> None:
    """Real sentences, many at once and one by one, with runs longer than a key."""
    texts = [text for document in sample_documents() for text in (document.title, document.body)]
    assert_same_chunks(texts)
    for text in texts[:10]:
        assert_same_chunks([text])
    assert_same_chunks([f"{'таможня' * n} {'таможня' * n}й {'customs-' * n}s" for n in range(1, 9)])


def test_a_run_whose_slot_is_taken_is_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs fall on one slot: only one can have it."""
    monkeypatch.setattr(compiled, "CUTTING", False)
    monkeypatch.setattr(batch, "_slot_of", lambda keys: keys[0].astype("int64") * 0)
    monkeypatch.setattr(batch, "_CHARACTERS", 100)
    assert_same_chunks([text for document in sample_documents() for text in (document.title, document.body)])


def words_of_one_slot() -> list[str]:
    """Some hundred words of four letters that the compiled loop's hash, at its first size, sends to one slot."""
    letters = np.frombuffer(ascii_lowercase.encode(), np.uint8).astype(np.uint64)
    hashes = np.array([0xCBF29CE484222325], np.uint64)
    for _ in range(4):
        hashes = ((hashes[:, None] ^ letters) * np.uint64(0x100000001B3)).ravel()
    slots = (hashes * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(24)) & np.uint64(4 * 4096 - 1)
    fullest = np.bincount(slots.astype(np.intp)).argmax()
    numbers = np.flatnonzero(slots == fullest).tolist()
    return ["".join(ascii_lowercase[number // 26**power % 26] for power in (3, 2, 1, 0)) for number in numbers]


@pytest.mark.skipif(not IS_CUTTING_BUILT, reason="the loop is not compiled here")
def test_compiled_runs_are_told_apart_whatever_their_hashes() -> None:
    """More of one slot than are sought there, then more runs than the table has room for at first, and all again."""
    alike, many = words_of_one_slot(), [f"w{number * 7919 % 20_011}" for number in range(60_000)]
    assert len(alike) > 40
    texts = [" ".join(alike), *alike, " ".join(many), " ".join(alike)]
    distinct, packed, starts, counts = compiled.cutting.runs(texts, batch._table())
    words = " ".join(texts).split(" ")
    assert distinct == list(dict.fromkeys(words))
    assert [distinct[number] for number in np.frombuffer(packed, np.int32).tolist()] == words
    assert np.frombuffer(starts, np.uint32)[: len(alike)].tolist() == [5 * place for place in range(len(alike))]
    assert counts == [text.count(" ") + 1 for text in texts]


@pytest.mark.skipif(not IS_CUTTING_BUILT, reason="the loop is not compiled here")
def test_what_cannot_be_cut_is_refused() -> None:
    """No text, and a table that is too short."""
    with pytest.raises(TypeError, match="must be a string, not int"):
        compiled.cutting.runs([3], batch._table())  # type: ignore[list-item]
    with pytest.raises(ValueError, match="3 code points"):
        compiled.cutting.runs([], batch._table()[:3])


def test_portions_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts cut one by one are numbered as texts cut together."""
    monkeypatch.setattr(compiled, "CUTTING", False)
    texts = [document.body for document in sample_documents()]
    together = find_runs(texts)
    monkeypatch.setattr(batch, "_CHARACTERS", 1)
    singly = find_runs(texts)
    assert singly.distinct == together.distinct
    assert singly.numbers.tolist() == together.numbers.tolist()
    assert singly.counts.tolist() == together.counts.tolist()


@pytest.mark.skipif(not (SHARED_DATA / "bulk-ru-msdocs").is_dir(), reason="needs the large sets")
@pytest.mark.parametrize("name", ["bulk-ru-msdocs", "bulk-en-msdocs"])
def test_runs_hold_the_chunks_of_real_texts(name: str) -> None:
    """Manuals full of names from programs."""
    with gzip.open(SHARED_DATA / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        assert_same_chunks([json.loads(line)["body"] for line in itertools.islice(lines, 200)])


@given(st.text("aAbBzZ019", min_size=1, max_size=24) | st.from_regex("[A-Za-z0-9а-яА-ЯёЁ'-]+", fullmatch=True))
def test_words_give_the_forms_of_their_entries(chunk: str) -> None:
    """Where forms are given without entries, they are those of the entries, all at the first position."""
    entries = cut(chunk).entries
    forms = forms_of_word(chunk)
    if forms is not None:
        assert forms == [entry.form for entry in entries]
        assert {entry.position for entry in entries} == {0}
        assert cut(chunk).width == 1


@given(st.text("aBя9Ж-./_'’é\u0301\u00ad", max_size=24))
@example("Español-WhatsApp2/U.S. Ex-O'Brien's")
def test_placed_forms_are_those_of_the_entries(text: str) -> None:
    """With their positions, of chunks of every kind."""
    for chunk in CHUNK.findall(text):
        entries, width = cut(chunk)
        assert placed_forms(chunk) == ([(entry.form, entry.position) for entry in entries], width)


@pytest.mark.skipif(not IS_CUTTING_BUILT, reason="the loop is not compiled here")
@given(st.text("aBcяЖё9é-./_&@,'’–\u0301", max_size=24))
@example("1,5 раз,два U.S. WhatsApp2 1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17")
@example("a1b2c3d4e5f6g7h8i9a1b2c3d4e5f6g7h8i9 a1a1 93rd " + "а" * 256)
def test_compiled_entries_are_those_of_the_rules(text: str) -> None:
    """Of every run that is plain enough, in the same order; others are left to the rules."""
    for run in (*batch.find_runs([text]).distinct, *batch._runs_by_arrays([text]).distinct):
        assert compiled.chunks.entries_of_run(run) in (None, entries_of_run(run))


@pytest.mark.skipif(not IS_CUTTING_BUILT, reason="the loop is not compiled here")
@pytest.mark.parametrize("run", ["covid-19", "93rd", "iPhone12", "1,5", "U.S", "Азия/Европа", "A-CIP", "2020–2021"])
def test_plain_runs_are_cut_by_the_compiled_loop(run: str) -> None:
    """So that the test above compares something."""
    assert compiled.chunks.entries_of_run(run) == entries_of_run(run)


@given(st.lists(st.text("aBяЖё9é-", min_size=1, max_size=5)))
@example(["а" * 300, "Ё", "b", "Word", "ß"])
def test_ordinary_forms_are_those_of_the_entries(texts: list[str]) -> None:
    """Of those chunks that are one word without pieces, among them all words in lower case."""
    chunks = CHUNK.findall(" ".join(texts))
    found = dict(zip(*ordinary_forms(chunks), strict=True))
    for place, form in found.items():
        assert [(entry.form, entry.kind) for entry in cut(chunks[place]).entries] == [(form, "word")]
    assert found.keys() >= {
        place for place, chunk in enumerate(chunks) if set(chunk) <= {"a"} or set(chunk) <= set("яё")
    }


@given(st.text("abzABZ09", min_size=1, max_size=20))
def test_names_in_programs_are_cut_by_the_rules(word: str) -> None:
    """The pattern for ASCII names gives the runs that the rules give."""
    from wco_search.analysis.tokenizer import _runs, _runs_of_any

    assert list(_runs(word)) == list(_runs_of_any(word))


# -- lemmas and stems

ODD_RUSSIAN = "ёлка елка еж всё стали шёл идти кое-что по-русски онлайн-курс когда-нибудь микурия абырвалг а я ъ - ' x"


def test_quick_lemmas_are_those_of_the_parser() -> None:
    """Thousands of words of the dictionary, folded and as written, and words that are not in it."""
    morph = MorphAnalyzer(lang="ru")
    known = morph.dictionary.iter_known_words
    words = [word for start in ("ё", "об", "кар", "лес", "стал", "наи", "по-") for word, *_ in known(start)][::12]
    assert len(words) > 5_000
    texts = " ".join(document.body for document in sample_documents())
    unknown = [f"{word}щик" for word in words[::50]] + [f"супер-{word}" for word in words[::50]]
    for word in {*words, *map(fold, words), *map(fold, CHUNK.findall(texts)), *unknown, *ODD_RUSSIAN.split(), "а" * 41}:
        is_known = len(word) <= 40 and morph.word_is_known(word)
        lemmas = dict.fromkeys(map(fold, morph.normal_forms(word))) if is_known else ()
        assert russian.lemmas(word) == tuple(lemmas), word
        assert russian.lemma_set(word) == set(lemmas), word


ENGLISH_ENDINGS = (
    "ization ational fulness ousness iveness tional biliti lessli entli ation alism ousli iviti fulli enci anci abli "
    "izer ator alli bli ogi li alize icate iciti ative ical ness ful ement ance ible ment ant ism ate ous ive ion er "
    "ic e l ed eed eedly ingly edly ing s ss us ies ied sses y lly tted"
)


def test_quick_english_stems_are_those_of_the_rules() -> None:
    """Real words, every pair of last letters, and every ending behind every other and behind roots of each kind."""
    from nltk.stem.snowball import EnglishStemmer

    rules, stem = EnglishStemmer().stem, english_stem()
    words = {word.lower() for d in sample_documents() for word in CHUNK.findall(d.body) if word.isascii()}
    words |= {f"{start}{a}{b}" for start in ("be", "gener") for a in ascii_lowercase for b in ascii_lowercase}
    endings = ENGLISH_ENDINGS.split()
    roots = ("", "x", "tr", "bab", "gener", "say", "yy", "ayy", "oper", "iz")
    words |= {f"{root}{one}{other}" for root in roots for one in ("", *endings) for other in endings}
    words |= set(EnglishStemmer._EnglishStemmer__special_words)
    for word in words:
        assert stem(word) == (rules(word) or word), word


@given(
    st.text("aeiouybdglmnrstz", min_size=1, max_size=12)
    | st.text("acdeilnotyz'", min_size=1, max_size=9)
    | st.text("aeéßøñydls'-", min_size=1, max_size=9)
)
def test_quick_english_stems_are_those_of_the_rules_for_any_word(word: str) -> None:
    """The letters that endings are made of, in any order."""
    from nltk.stem.snowball import EnglishStemmer

    assert english_stem()(word) == (EnglishStemmer().stem(word) or word)


ENDINGS = (
    "ующая ющая ивший ывшись ав явши ась ейшими ость остью нн ь ъ эй юй юет ююще юют юю юя юешь уя цью йте ешь ило аю "
    "иях ья ие шчий ця ць"
)


def test_quick_russian_stems_are_those_of_the_rules() -> None:
    """Words of the dictionary, and every ending behind every other and behind roots of each kind."""
    from nltk.stem.snowball import RussianStemmer

    rules, stem = RussianStemmer().stem, russian_stem()
    known = MorphAnalyzer(lang="ru").dictionary.iter_known_words
    words = [word for start in ("ё", "об", "кар", "вою", "стал", "зна", "эк") for word, *_ in known(start)][::12]
    endings = ENDINGS.split()
    roots = ("", "к", "ой", "зна", "воя", "таможен", "переезд", "йод", "щи", "объ", "экз", "поэ")
    words += [f"{root}{one}{other}" for root in roots for one in ("", *endings) for other in endings]
    for word in map(fold, words):
        assert stem(word) == (rules(word) or word), word


@given(
    st.text("аеийоуыьъэюялнмтвшщсг", max_size=12)
    | st.text("-аеийюяьъцчшщтвсуіїєґђ", max_size=10)
    | st.text("-aeiuychkstxz019аеийюяьъцстмло", max_size=12)
)
@example("xml-документами")
def test_quick_russian_stems_are_those_of_the_rules_for_any_word(word: str) -> None:
    """The letters that endings are made of, in any order."""
    from nltk.stem.snowball import RussianStemmer

    assert russian_stem()(word) == (RussianStemmer().stem(word) or word)


def test_a_segment_is_the_same_for_few_texts_and_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte, whichever way texts are cut."""
    documents = [*sample_documents(), Document(id="nasty", body=NASTY * 3)]
    many = build_segment(documents, default_analyzer(), MetadataSchema({}))
    monkeypatch.setattr(batch, "_FEW_CHARACTERS", 10**9)
    few = build_segment(documents, default_analyzer(), MetadataSchema({}))
    assert {name: array.tobytes() for name, array in few.items()} == {n: array.tobytes() for n, array in many.items()}


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), max_size=30), st.sampled_from([1, 2**30]))
def test_packed_rows_are_the_sorted_distinct_ones(rows: list[tuple[int, ...]], scale: int) -> None:
    """Rows that fit in 64 bits, and rows that do not."""
    columns = [np.array([row[place] * scale for row in rows], np.int64) for place in range(3)]
    found = distinct_rows(*columns)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == sorted(
        {tuple(value * scale for value in row) for row in rows}
    )


@given(st.lists(st.lists(st.sampled_from([0.25, 0.5, 0.75, 1.0, 1.25]), min_size=1, max_size=80), max_size=6))
def test_champions(lists: list[list[float]]) -> None:
    """At most a sixteenth of the documents of a long list, each with more impact than any other; no two lists mix."""
    offsets = np.cumsum([0, *map(len, lists)])
    docs = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(one)) * 3 for one in lists)])
    impacts = np.array([impact for one in lists for impact in one], np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_FEWEST_CHAMPIONS", 2)
        found = postings._champions(offsets, docs, impacts)
    assert found["champion_terms"].tolist() == [term for term, one in enumerate(lists) if len(one) >= 32]
    bounds = zip(
        found["champion_terms"], found["champion_rests"], itertools.pairwise(found["champion_offsets"]), strict=True
    )
    for term, rest, (start, end) in bounds:
        own = {3 * place: impact for place, impact in enumerate(lists[term])}
        champions = found["champion_docs"][start:end].tolist()
        assert champions == sorted(doc for doc, impact in own.items() if impact > rest)
        assert len(champions) <= len(own) / postings.CHAMPIONS
        assert rest == max(impact for doc, impact in own.items() if doc not in champions)


@given(
    st.lists(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=25), max_size=8), st.sampled_from([1, 12, 1000])
)
def test_tenth_largest_impacts(lists: list[list[float]], long: int) -> None:
    """However long a list must be to be treated by itself."""
    offsets = np.cumsum([0, *map(len, lists)])
    flat = np.array([value for one in lists for value in one], np.float32)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(postings, "_LONG_LIST", max(long, 10))
        found = postings._tenth_largest(offsets, flat)
    assert found.tolist() == [sorted(one)[-10] if len(one) >= 10 else 0 for one in lists]


@pytest.mark.parametrize("block", [1, 50])
def test_blocks_of_terms_do_not_matter(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """What is derived term by term is what is derived at once."""
    whole = build_segment(sample_documents(), default_analyzer(), MetadataSchema({}))
    monkeypatch.setattr(strings, "_BLOCK", block)
    parted = build_segment(sample_documents(), default_analyzer(), MetadataSchema({}))
    assert {name: array.tobytes() for name, array in parted.items()} == {n: a.tobytes() for n, a in whole.items()}
