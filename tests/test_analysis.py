"""Words of both languages to terms: tables, and laws that hold for every text."""

from __future__ import annotations

import string
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.analysis import Analyzer, default_analyzer
from wco_search.analysis.analyzer import Token
from wco_search.analysis.stopwords import ENGLISH, RUSSIAN
from wco_search.analysis.tokenizer import MAX_FORM, MAX_JOINERS
from wco_search.text import fold

RUSSIAN_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"


def analyze(text: str) -> list[Token]:
    """The tokens of *text*, after checking what must hold of any tokens."""
    analyzer = default_analyzer()
    tokens = list(analyzer.tokens(text))
    position = 0
    for token in tokens:
        assert text[token.start : token.end] == token.surface
        assert token.form
        assert token.terms
        assert all(token.terms)
        assert list(token.terms) == sorted(set(token.terms))
        assert analyzer.terms(token.form) == token.terms
        assert token.kind == "whole" or fold(token.form) == token.form
        assert token.kind == "whole" or token.position >= position
        position = max(position, token.position)
    assert list(Analyzer().tokens(text)) == tokens
    return tokens


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Таможня изъяла 12 окаменелостей.", "таможня изъяла 12 окаменелостей"),
        ("Fossils, seized; in Valencia!", "fossils seized in valencia"),
        ("COVID-19", "covid 19 covid-19"),
        ("HSC/66", "hsc 66 hsc-66"),
        ("A-CIP", "a cip a-cip"),
        ("Asia/Pacific", "asia pacific asia-pacific"),
        ("онлайн-семинар", "онлайн семинар онлайн-семинар"),
        ("7.11 7-11 7/11", "7 11 7-11 7 11 7-11 7 11 7-11"),
        ("30,5 1,000,000", "30 5 30-5 1 000 000 1-000-000"),
        ("раз,два", "раз два"),
        ("93rd 93-й 93th", "93rd 93 93 й 93-й 93th 93"),
        ("WhatsApp", "whatsapp whats app"),
        ("SQLServer2019", "sqlserver2019 sql server 2019"),
        ("WCO’s WCO's", "wco's wco's"),
        ("O’Brien", "o brien o-brien"),
        ("U.S. U.S.A.", "u s us u s a usa"),
        ("snake_case", "snake case snake-case"),
        ("AT&T", "at t at-t"),
        ("2019–2020", "2019 2020 2019-2020"),
        ("да — нет", "да нет"),
        ("tsqlили", "tsqlили tsql или"),
        ("Ёлка ЁЛКА елка", "елка елка елка"),
        ("за́мок", "замок"),
        ("та\u00adмож\u00adня", "таможня"),
        ("ﬁle ＷＣＯ №5", "file wco 5"),
        ("Treviño Straße", "trevino strasse"),
        ("税関", "税関"),
        ("--- ... !!! —", ""),
        ("", ""),
    ],
)
def test_forms(text: str, forms: str) -> None:
    """What a text is cut into; a whole and pieces stand behind their words."""
    assert " ".join(token.form for token in analyze(text)) == forms


@pytest.mark.parametrize(
    ("written", "also"),
    [
        ("таможня", "таможней таможни таможню таможнях Таможен"),
        ("окаменелость", "окаменелостей окаменелости ОКАМЕНЕЛОСТЯМИ"),
        ("контрабанда", "контрабанды контрабандой контрабанду"),
        ("идти", "шёл шла идут пошлют иди"),
        ("человек", "люди людей людьми человека"),
        ("ребёнок", "дети детей ребенка детьми"),
        ("хороший", "лучше хорошая лучший"),
        ("Микурия", "Микурией Микурии Микурию"),
        ("Киото", "Киото КИОТО"),
        ("онлайн-семинар", "онлайн-семинара онлайн-семинарами"),
        ("fossil", "fossils Fossil FOSSILS fossil's fossil’s"),
        ("smuggle", "smuggling smuggled smuggles"),
        ("organization", "organizations organize"),
        ("country", "countries COUNTRY’S"),
        ("decision-making", "decision-making Decision-Making decision‑making"),
        ("за́мок", "замок замка ЗАМОК"),
        ("КИРГИЗИЯ", "Киргизия киргизии"),
    ],
)
def test_inflections_share_a_term(written: str, also: str) -> None:
    """Every inflected form meets its word."""
    terms = set(analyze(written)[-1].terms)
    for form in also.split():
        if form == "пошлют":  # a form of another word, which must not
            assert not terms & set(analyze(form)[-1].terms)
        else:
            assert terms & set(analyze(form)[-1].terms), form


@pytest.mark.parametrize(
    ("one", "other"),
    [("стат", "статус"), ("таможня", "та"), ("2019", "2020"), ("HSC/66", "HSC/67"), ("кот", "который"), ("wco", "wto")],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    """Words that look a little alike share no term."""
    assert not set(analyze(one)[-1].terms) & set(analyze(other)[-1].terms)


def test_all_lemmas_of_an_ambiguous_form_are_terms() -> None:
    """`стали` is both "became" and "of steel"."""
    (token,) = analyze("стали")
    assert set(analyze("сталь")[0].terms) | set(analyze("стать")[0].terms) <= set(token.terms)


@pytest.mark.parametrize("word", ["тaможня", "тамoжня", "таможня", "тамоЖня"])
def test_look_alike_letters_are_folded(word: str) -> None:
    """A Latin а in a Russian word is no other word."""
    assert analyze(word)[0].form == "таможня"


def test_look_alikes_fold_towards_the_majority() -> None:
    """A Cyrillic о in an English word makes it no Russian one."""
    assert analyze("custоms")[0].form == "customs"
    assert analyze("KБ")[0].form == "кб"


@pytest.mark.parametrize("alphabet", [RUSSIAN_LETTERS, string.ascii_lowercase])
def test_every_letter_finds_itself_in_any_case_and_normal_form(alphabet: str) -> None:
    """Upper and lower, composed and decomposed: one form."""
    for letter in alphabet:
        word = f"к{letter}т" if letter in RUSSIAN_LETTERS else f"k{letter}t"
        spellings = {
            unicodedata.normalize(form, spelling)
            for form in ("NFC", "NFD", "NFKC", "NFKD")
            for spelling in (word, word.upper(), word.capitalize())
        }
        assert len({analyze(spelling)[0].form for spelling in spellings}) == 1, letter


def test_short_i_stays_its_own_letter() -> None:
    """й is not и, though it decomposes to it; ё is е."""
    assert fold(unicodedata.normalize("NFD", "йод")) == "йод"
    assert fold(unicodedata.normalize("NFD", "мёд")) == "мед"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "а" * 10_000,
        "a." * 5_000,
        "aB" * 5_000,
        "9a" * 5_000,
        "а-" * 5_000,
        "\u0301" * 1000,
        "a\u0301" * 999,
    ],
)
def test_monstrous_words_are_bounded(text: str) -> None:
    """A word without end costs little and has a bounded form."""
    tokens = analyze(text)
    assert all(len(token.form) <= MAX_FORM for token in tokens)
    assert len(tokens) <= 3 * len(text)


def test_long_chains_are_cut() -> None:
    """A path of many parts is found by its parts, and whole only to a bound."""
    path = "/".join(f"part{n}" for n in range(3 * MAX_JOINERS))
    assert [token.surface for token in analyze(path) if token.kind == "part"] == path.split("/")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_laws_hold_for_any_text(text: str) -> None:
    """Offsets, positions, terms: see `analyze`."""
    analyze(text)


@given(st.text(alphabet=RUSSIAN_LETTERS + "abcxyz019-/.’'\u0301\u00ad AЯ", max_size=60))
def test_laws_hold_for_text_full_of_joiners(text: str) -> None:
    """The same where nearly every character joins or cuts."""
    analyze(text)


@given(st.text(max_size=40))
def test_folding_is_idempotent(text: str) -> None:
    """Folding a folded word changes nothing."""
    assert fold(fold(text)) == fold(text)


@given(st.text("абвгдеёжзийАЁЙЯ019-", min_size=1, max_size=12))
def test_plain_russian_is_folded_quickly_to_the_same_form(word: str) -> None:
    """The short way, and the long way, which an invisible sign asks for."""
    assert fold(word) == fold("\u200b" + word)


def test_positions_are_those_of_words() -> None:
    """Parts count, wholes and pieces do not."""
    tokens = analyze("The COVID-19 pandemic and WhatsApp news")
    assert {token.form: token.position for token in tokens} == {
        "the": 0,
        "covid": 1,
        "19": 2,
        "covid-19": 1,
        "pandemic": 3,
        "and": 4,
        "whatsapp": 5,
        "whats": 5,
        "app": 5,
        "news": 6,
    }


def test_stop_words_are_words_of_their_language() -> None:
    """No list mixes alphabets, and every entry is one folded form."""
    assert all(set(word) <= set(RUSSIAN_LETTERS) for word in RUSSIAN)
    assert all(set(word) <= set(string.ascii_lowercase + "'") for word in ENGLISH)
    assert all(fold(word) == word for word in RUSSIAN | ENGLISH)


def test_explain_tells_language_lemmas_and_terms() -> None:
    """Each step is visible."""
    traces = {trace.token.surface: trace for trace in default_analyzer().explain("стали из HSC/66 ships")}
    assert traces["стали"].lemmas == ("стать", "сталь")
    assert traces["из"].is_stop_word
    assert (traces["HSC/66"].language, traces["HSC/66"].token.kind) == ("other", "whole")
    assert traces["ships"].to_dict()["terms"] == ["ship"]


def test_threads_share_an_analyzer() -> None:
    """Four threads analyse the same text as one does."""
    text = "Таможенная служба изъяла окаменелости, the fossils of HSC/66. " * 3
    analyzer = Analyzer()
    expected = list(Analyzer().tokens(text))
    with ThreadPoolExecutor(4) as pool:
        assert all(tokens == expected for tokens in pool.map(lambda _: list(analyzer.tokens(text)), range(40)))


def test_terms_are_pinned() -> None:
    """A change here is a change of the recipe: raise `RECIPE`, or every index in the world misses hits."""
    words = "таможенного единого окна контрабанда шёл Мальдивы facilitation harmonized COVID-19 93rd стекла"
    assert [term for token in analyze(words) for term in token.terms] == [
        "таможен", "един", "окн", "контрабанд", "идт", "мальдив", "facilit", "harmon", "covid", "19", "covid-19",
        "93rd", "93", "стекл", "стеч",
    ]  # fmt: skip


def test_import_loads_no_dictionary() -> None:
    """`import wco_search` and a tree of errors cost no dictionary, no Whoosh, no NumPy."""
    code = (
        "import sys, wco_search; wco_search.WcoSearchError; "
        "print([m for m in ('numpy','nltk','pymorphy3','whoosh','babel','lxml','rich','click') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
