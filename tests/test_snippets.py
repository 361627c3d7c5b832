"""Marks and snippets: which words are marked, where texts are cut, which sentences are shown."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.analysis import Token, default_analyzer
from wco_search.analysis.tokenizer import CHUNK
from wco_search.fragments import Fragment, Mark, Snippet
from wco_search.snippets import Highlighter, Marker, WordTest, make_snippet, mark_text

ANALYZER = default_analyzer()


def word(query: str) -> WordTest:
    """The test of one word in all its inflected forms."""
    return WordTest(terms=frozenset(ANALYZER.terms(list(ANALYZER.tokens(query))[-1].form)))


def exact(*forms: str) -> Marker:
    """A word in these forms only."""
    return Marker((WordTest(forms=frozenset(forms)),))


def phrase(query: str, *, slop: int = 0, field: str | None = None, weight: float = 1.0) -> Marker:
    """A phrase, or a single word."""
    words = tuple(
        WordTest(terms=frozenset(token.terms)) for token in ANALYZER.tokens(query) if token.kind in ("word", "part")
    )
    return Marker(words, slop, field, weight)


def words(query: str) -> list[Marker]:
    """A plain query: each word a marker of its own."""
    return [phrase(one) for one in query.split()]


def bracketed(text: str, marks: Iterable[Mark]) -> str:
    """*text* with its marks in [brackets]."""
    shown, place = "", 0
    for mark in marks:
        shown += f"{text[place : mark.start]}[{text[mark.start : mark.end]}]"
        place = mark.end
    return shown + text[place:]


def assert_marks(marked: str, markers: Sequence[Marker], *, field: str = "body") -> None:
    """The text of *marked* is marked at its [brackets] and nowhere else."""
    text = marked.replace("[", "").replace("]", "")
    assert bracketed(text, mark_text(text, markers, ANALYZER, field)) == marked


INFLECTED = [
    # query, text with every form that is marked
    ("таможня", "[Таможня] и [таможни] у [таможен], о [таможнях]; таможенный союз, таможенник"),
    ("окаменелость", "Изъяли 12 [окаменелостей], [окаменелости] вернули с [окаменелостью]."),
    ("идти", "Груз [шёл] морем, теперь [идёт] и [идут] поезда, [шедшие] порожними. Пошлина."),
    ("стать", "[Стали] дороже: прокат из [стали], сталью"),  # one written form of two words
    ("ёлка", "[Ёлка], [елки] и [ЁЛОК]"),
    ("ребёнок", "[Дети], [детей], [ребёнка] провезли через границу"),
    ("smuggle", "[Smuggling], [smuggled] goods; a smuggler [smuggles]"),
    ("organization", "The World Customs [Organization] is no organisation; the [Organization’s] magazine"),
    ("WCO", "[WCO], the [WCO’s] and the [wco]; ВТамО"),
    ("fossil", "[Fossils], ископаемые, a [FOSSIL]"),
    ("2020", "30 октября [2020] г., 2021, 12020"),
]


@pytest.mark.parametrize(("query", "marked"), INFLECTED)
def test_every_inflected_form_is_marked_and_nothing_else(query: str, marked: str) -> None:
    """A word is marked where the analyzer gives it a term of the query's word."""
    assert_marks(marked, [phrase(query)])


SPELT = [
    # query, text: other ways to write the same word
    ("замок", "[за\u0301мок] и [замо\u0301к]"),
    ("район", "[раи\u0306он], [район], [раи\u0306о\u0301на]"),
    ("таможня", "[та\u00adмож\u00adня] и [та\u200bмож\u200bня]"),
    ("таможня", "[tаможня] с латинской t"),
    ("груз", "🚢🚢 [груз] 👩\u200d✈️ [груза]𓂀 \U0001f1f7\U0001f1fa[грузы]"),
    ("груз", "\ufeff[Груз]\r\n[груза]\r\n\r\n\t[грузов]\u2028[грузу]"),
    ("treviño", "[Trevino], [Trevin\u0303o]"),
]


@pytest.mark.parametrize(("query", "marked"), SPELT)
def test_offsets_point_into_the_text_as_written(query: str, marked: str) -> None:
    """Stress marks, decomposed letters, soft hyphens, emoji and astral characters count as code points."""
    assert_marks(marked, [phrase(query)])


JOINED = [
    # markers, text: what of a joined word is marked
    (words("covid"), "[COVID]-19 и [covid]"),
    (words("covid 19"), "[COVID-19], [19-covid], [COVID] [19]"),
    ([exact("covid-19")], "[COVID-19], [COVID/19], COVID, 19"),
    ([exact("covid-19"), *words("covid")], "[COVID-19] и [COVID]-20"),
    (words("asia pacific"), "[Asia/Pacific], [Asia] [Pacific], [Asia]/Europe"),
    (words("us"), "U.S.A. и [US]"),
    ([exact("us")], "[U.S]., [US], [us]"),
    (words("whats app"), "[WhatsApp] и [Whats] [App]"),
    (words("app"), "Whats[App] и [app]"),
    (words("93"), "[93]rd, [93]-й, [93]"),
    (words("8 3"), "[8.3], [8,3], [8/3], [8]; [3]"),
    (words("customs fossils"), "[Customs] [fossils], customsfossils"),
    (words("один три"), "[один]-два-[три]"),
    (words("один два"), "[один-два]-три"),
    (words("o brien"), "[O’Brien], [O'Brien]"),
]


@pytest.mark.parametrize(("markers", "marked"), JOINED)
def test_parts_wholes_and_pieces_share_a_mark_only_side_by_side(markers: list[Marker], marked: str) -> None:
    """Tokens of one chunk join; words next to each other stay apart."""
    assert_marks(marked, markers)


PHRASES = [
    ("единое окно", 0, "[Единое] [окно]: окно единое; в [едином] [окне], единое новое окно"),
    ("world customs organization", 0, "[World] [Customs] [Organization], a world of customs; World Customs"),
    ("covid 19 pandemic", 0, "[COVID-19] [pandemic], COVID pandemic"),
    ("fossils, dinosaurs", 0, "[fossils]. [Dinosaurs] and fossils"),
    ("dog", 3, "[dog] cat [dogs]"),
    ("customs fossils", 2, "[Fossils] that Spanish [Customs] found; customs of the old fossils"),
    ("customs fossils", 3, "[customs] of the old [fossils]"),
    ("порт порт", 2, "порт и суда; из [порта] в [порт] шли три недели в порты"),
    ("a b c", 1, "[a] x [c] [b] z z b"),
    ("a b", 1, "a [a] [b] b b"),
    ("a b b", 1, "[b] [a] [b] z z z b a"),
    ("a b c", 2, "[a] [b] [b] [c] z z z b"),
]


@pytest.mark.parametrize(("query", "slop", "marked"), PHRASES)
def test_only_the_words_of_a_whole_phrase_are_marked(query: str, slop: int, marked: str) -> None:
    """Side by side in order, or with slop in any order in the smallest window that is narrow enough."""
    assert_marks(marked, [phrase(query, slop=slop)])


def test_a_lone_word_of_a_phrase_is_marked_if_another_marker_has_it() -> None:
    """Markers add up; the same marker twice changes nothing."""
    markers = [phrase("единое окно"), phrase("окно"), phrase("окно")]
    assert_marks("[Единое] [окно] и другие [окна], единое", markers)


def test_a_marker_of_one_field_marks_nothing_in_the_other() -> None:
    """`title:fossils` says nothing about the body."""
    assert_marks("[Fossils] found", [phrase("fossil", field="title")], field="title")
    assert_marks("Fossils found", [phrase("fossil", field="title")], field="body")
    assert_marks("Fossils found", [phrase("fossil", field="source")], field="body")
    assert_marks("Fossils found", [], field="body")


def test_a_word_test_takes_terms_and_forms() -> None:
    """Either is enough; a test of nothing fits nothing."""
    tokens = list(ANALYZER.tokens("таможней Customs"))
    either = WordTest(terms=frozenset({"таможн"}), forms=frozenset({"customs"}))
    assert [either.fits(token) for token in tokens] == [True, True]
    assert [WordTest().fits(token) for token in tokens] == [False, False]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"words": ()}, "at least one word"),
        ({"words": (WordTest(),), "slop": -1}, "slop must be 0 or more, not -1"),
        ({"words": (WordTest(),), "weight": -0.5}, "weight must be a finite number of 0 or more, not -0.5"),
        ({"words": (WordTest(),), "weight": math.nan}, "weight must be"),
        ({"words": (WordTest(),), "weight": math.inf}, "weight must be"),
    ],
)
def test_a_marker_that_makes_no_sense_is_refused(arguments: dict[str, object], reason: str) -> None:
    """The message says what is wanted."""
    with pytest.raises(ValueError, match=reason):
        Marker(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [{"fragments": 0}, {"length": 0}, {"length": -5}])
def test_no_room_for_a_snippet_is_refused(arguments: dict[str, int]) -> None:
    """There is always at least one fragment of at least one character."""
    with pytest.raises(ValueError, match="fragments and length must be at least 1"):
        make_snippet("", "груз", [], ANALYZER, **arguments)


# --- Which fragments --------------------------------------------------------------------------------------------------

NEWS = (
    "Таможня Испании провела операцию в порту Валенсии. "
    "В контейнере из Марокко нашли окаменелости. "
    "Среди них были зубы древней акулы и аммониты. "
    "Стоимость партии оценена в 200 тысяч евро. "
    "Эксперты подтвердили, что окаменелости подлинные. "
    "Дело передано в суд Валенсии."
)


def snippet_of(
    body: str, markers: Sequence[Marker], *, title: str = "", fragments: int = 3, length: int = 60
) -> Snippet:
    """A snippet that keeps the laws of all snippets."""
    snippet = make_snippet(title, body, markers, ANALYZER, fragments=fragments, length=length)
    assert_lawful(snippet, title, body, markers, most=fragments, length=length)
    return snippet


def shown(snippet: Snippet) -> str:
    """The line with marks in [brackets]."""
    return snippet.to_text(marks=("[", "]"))


FOUND = "В контейнере из Марокко нашли [окаменелости]."
TEETH = "Среди них были зубы древней [акулы] и аммониты."

CHOSEN = [
    # markers, most fragments, what is shown of NEWS
    (words("акула"), 3, f"… {TEETH} …"),
    (words("акула евро"), 3, f"… {TEETH} … Стоимость партии оценена в 200 тысяч [евро]. …"),
    ([phrase("акула"), phrase("евро", weight=3.0)], 1, "… Стоимость партии оценена в 200 тысяч [евро]. …"),
    (words("акула евро"), 1, f"… {TEETH} …"),
    (words("порт окаменелость"), 2, f"Таможня Испании провела операцию в [порту] Валенсии. … {FOUND} …"),
    (words("валенсия"), 3, "Таможня Испании провела операцию в порту [Валенсии]. … Дело передано в суд [Валенсии]."),
    (words("окаменелость"), 1, "… В контейнере из Марокко нашли [окаменелости]. …"),
    (words("окаменелость контейнер"), 3, "… В [контейнере] из Марокко нашли [окаменелости]. …"),
    ([phrase("в"), phrase("суд", weight=9.0)], 3, "… Дело передано [в] [суд] Валенсии."),
    ([phrase("суд", weight=0.0)], 3, "… Дело передано в [суд] Валенсии."),
    ([phrase("суд Валенсии")], 3, "… Дело передано в [суд] [Валенсии]."),
    ([phrase("Валенсии. В контейнере")], 3, "Таможня Испании провела операцию в порту [Валенсии]. …"),
    (words("пальмира"), 3, "Таможня Испании провела операцию в порту Валенсии. …"),
    ([], 3, "Таможня Испании провела операцию в порту Валенсии. …"),
]


@pytest.mark.parametrize(("markers", "fragments", "line"), CHOSEN)
def test_the_sentences_with_the_most_and_rarest_markers_are_shown(
    markers: list[Marker], fragments: int, line: str
) -> None:
    """Each further fragment adds a marker; a single marker is shown twice at most; the order is that of the text."""
    assert shown(snippet_of(NEWS, markers, fragments=fragments)) == line


def test_of_equal_sentences_the_one_with_more_marks_is_shown() -> None:
    """Then the earlier one."""
    body = "Порт закрыт на ремонт. Порт и порты вокруг него. Порт у порта. Всё остальное работает как прежде."
    assert shown(snippet_of(body, words("порт"), fragments=1)) == "… [Порт] и [порты] вокруг него. …"


def test_neighbouring_sentences_are_one_fragment_if_they_fit() -> None:
    """No ellipsis stands where nothing is left out."""
    markers = words("марокко акула суд")
    wide = snippet_of(NEWS, markers, length=100)
    assert shown(wide) == (
        "… В контейнере из [Марокко] нашли окаменелости. Среди них были зубы древней [акулы] и аммониты. … "
        "Дело передано в [суд] Валенсии."
    )
    assert len(snippet_of(NEWS, markers, length=88).fragments) == 3


def test_a_short_body_is_shown_whole() -> None:
    """White space around it is not part of it."""
    body = "\n\tИзъяты окаменелости.\n\nДело передано в суд.  "
    (fragment,) = snippet_of(body, words("суд")).fragments
    assert (fragment.text, fragment.start, fragment.cut_before, fragment.cut_after) == (body.strip(), 2, False, False)


def test_a_phrase_across_sentences_is_shown_whole_if_it_fits() -> None:
    """The end of a sentence inside a phrase that was found does not cut it."""
    assert shown(snippet_of(NEWS, [phrase("Валенсии. В контейнере")], length=100)) == (
        "Таможня Испании провела операцию в порту [Валенсии]. [В] [контейнере] из Марокко нашли окаменелости. …"
    )


def test_the_title_is_shown_where_it_has_a_mark() -> None:
    """It comes first and whole; a title without marks is shown beside the snippet anyway."""
    title = "Окаменелости в порту"
    assert shown(snippet_of(NEWS, words("окаменелость акула"), title=title)) == (
        "[Окаменелости] в порту — … В контейнере из Марокко нашли [окаменелости]. "
        "… Среди них были зубы древней [акулы] и аммониты. …"
    )
    assert shown(snippet_of("Суд.", words("суд"), title=title)) == "[Суд]."
    assert shown(snippet_of("", words("порт"), title=title)) == "Окаменелости в [порту]"
    assert shown(snippet_of("Суд.", words("порт"), title=title)) == "Окаменелости в [порту] — Суд."


def test_a_long_title_is_cut_around_its_mark() -> None:
    """Even a headline of a page's length leaves the body its place."""
    title = "О внесении изменений в решение Комиссии Таможенного союза о ввозе окаменелостей и предметов коллекций"
    assert shown(snippet_of("", words("окаменелость"), title=title)) == (
        "… союза о ввозе [окаменелостей] и предметов коллекций"
    )


@pytest.mark.parametrize("body", ["", " \n\u00a0\u2028"])
def test_nothing_to_show_is_an_empty_snippet(body: str) -> None:
    """No text, no fragment."""
    assert snippet_of(body, words("груз")) == Snippet(())


# --- Where texts are cut ----------------------------------------------------------------------------------------------

SENTENCES = [
    # | where a sentence ends
    "Груз задержан.| Возбуждено дело!| Кто виноват?| Неясно…| Ждём",
    "Customs acted.| Goods were seized!| Why?| Unclear...| Wait",
    "Ввоз А. С. Пушкин и А.С. Грибоедов одобрили.| Лермонтов молчал",
    "Groups — см. Приложение.| Дальше",
    "Дом на ул. Ленина у им. Гагарина в г. Москве, т.е. Россия.| Проверка",
    "В 2020 г. Китай и др. страны, т. е. Азия, гг. Шанхай и Пекин.| Конец",
    "Мебель, посуда и т.д.| Таможня молчит",
    "Mr. Smith and Dr. J. R. Brown of the U.S. Customs met in St. Petersburg.| Nobody else",
    "See No. 5, Vol. 16 and Fig. 2 of Oct. 30.| It was modern art.| The end",
    "См. ст. 16 и стр. 3, окт. 2020.| Он купил рис.| Повезло",
    "Пошлина 8.3 процента, 1.5 млн. 300 тыс. евро.| Итого",
    "Рост в 2020.| Падение в 2021.| Всё",
    "1. Введение.| 2. Заключение.| 3. Приложение",
    "«Стой!» — крикнул он.| «Пропуск?»| — Вот",
    "(Закрыто.)| [Открыто.]| “Really?”| “Yes.”| Fine",
    "Он сказал: «Нет.»| 15 человек ушли",
    "Заголовок|\nПервый абзац|\r\nВторой раздел|\rТретий|\u2028Четвёртый",
    "Строка, которую\nперенёс редактор, и line\r\nwrapped by hand.| Next",
    "Пункт без точки|\n\nстрочными буквами|\r\n\r\nещё раз",
    "Вот что он сказал... и ушёл.| Точка",
    "Сайт wcoomd.org, файл a.b.c и IP 10.0.0.1 недоступны.| Позже",
    "Итог. 😀 таков|\n😀😀 Флаг 🇷🇺 поднят.| 🚢 Отплыли",
    "Хорошо.Слитно не режем.| Верно",
    "Ша\u0301пка.| И\u0306. Йод и И\u0306.О. Царь.| Точка",
    "Привет!!!| Что?!| ...Пауза.| Ура",
    "税関は動いた.| 化石を押収",
]


@pytest.mark.parametrize("cut", SENTENCES)
def test_sentences_end_where_a_reader_sees_them_end(cut: str) -> None:
    """Abbreviations, initials, decimals and wrapped lines do not end them; paragraphs and lists' items do."""
    sentences = cut.split("|")
    text = "".join(sentences)
    body = f"{text}\n\n{'Z' * len(text)} end"
    for sentence in sentences:
        last = list(ANALYZER.tokens(sentence))[-1]
        here = Counter(token.form for token in ANALYZER.tokens(text))
        assert here[last.form] == 1, "the last word of a sentence must name it"
        (fragment,) = snippet_of(body, [exact(last.form)], fragments=1, length=len(text) + 1).fragments
        assert fragment.text == sentence.strip()


LONG = (
    "В соответствии с решением Комиссии Таможенного союза, принятым в октябре, ввоз окаменелостей допускается лишь по "
    "разрешению музея, а вывоз запрещён вовсе; исключения, перечисленные в приложении, рассматривает особый совет"
)

PIECES = [
    # text, word, length, the piece that shows it
    (LONG, "решение", 60, "В соответствии с решением Комиссии Таможенного союза,"),
    (LONG, "октябрь", 60, "принятым в октябре, ввоз окаменелостей допускается лишь"),
    (LONG, "музей", 60, "по разрешению музея, а вывоз запрещён вовсе; исключения,"),
    (LONG, "вывоз", 40, "разрешению музея, а вывоз запрещён"),
    (LONG, "совет", 60, "перечисленные в приложении, рассматривает особый совет"),
    ("раз два три четыре пять шесть семь восемь девять десять", "пять", 30, "раз два три четыре пять шесть"),
    ("раз два три — четыре пять шесть семь восемь девять", "четыре", 40, "четыре пять шесть семь восемь девять"),
    ("но, " + "слово " * 20, "но", 40, "но, слово слово слово слово слово"),
]


@pytest.mark.parametrize(("text", "query", "length", "piece"), PIECES)
def test_a_long_sentence_is_cut_behind_clauses_or_between_words(text: str, query: str, length: int, piece: str) -> None:
    """Pieces are of about the same size."""
    (fragment,) = snippet_of(text, words(query), fragments=1, length=length).fragments
    assert fragment.text == piece


def test_a_phrase_is_not_cut_where_a_long_sentence_can_be_cut_elsewhere() -> None:
    """The clause inside the phrase is no place to cut then."""
    text = "Сегодня на пост доставили три вагона, полных окаменелостей и прочих редкостей"
    assert shown(snippet_of(text, words("вагон"), length=45)).endswith("[вагона], …")
    found = snippet_of(text, [phrase("вагон полный окаменелость")], length=45)
    assert "[вагона], [полных] [окаменелостей]" in shown(found)


UNBROKEN = [
    # text without spaces, word, length, the fragment
    ("груз " + "я" * 300, "груз", 50, "груз"),
    ("груз " + "я" * 300, "я" * 300, 50, "я" * 300),
    ("=" * 100 + "груз" + "=" * 100, "груз", 50, None),
    ("a=" * 200 + "груз", "груз", 50, None),
    ("/".join(["порт"] * 40), "порт", 30, "/".join(["порт"] * 16)),
    ("e\u0301" * 30 + "=\u0301\u0302" * 40 + "груз", "груз", 31, None),
    ("👩\u200d✈️👍🏽" * 40 + "груз", "груз", 33, None),
    ("груз" + "\u0301" * 500 + " конец", "груз", 20, "груз" + "\u0301" * 500),
    ("груз\u200d " * 9, "груз", 4, "груз\u200d"),
    ("\u200dтаможня, порт", "таможня", 5, "таможня"),
    ("税関が化石を押収した" * 30 + "、груз", "груз", 20, None),
]


@pytest.mark.parametrize(("text", "query", "length", "piece"), UNBROKEN)
def test_words_letters_with_marks_and_joined_emoji_are_never_cut(
    text: str, query: str, length: int, piece: str | None
) -> None:
    """The laws of all snippets hold; a word longer than the limit is shown whole."""
    (fragment,) = snippet_of(text, words(query), fragments=1, length=length).fragments
    assert piece is None or fragment.text == piece


BEGINNINGS = [
    # length, how a body without marks begins
    (60, "Таможня Испании провела операцию в порту Валенсии. …"),
    (100, "Таможня Испании провела операцию в порту Валенсии. В контейнере из Марокко нашли окаменелости. …"),
    (30, "Таможня Испании провела …"),
    (3, "Таможня …"),
]


@pytest.mark.parametrize(("length", "line"), BEGINNINGS)
def test_a_body_without_marks_is_shown_from_its_beginning(length: int, line: str) -> None:
    """It ends with a sentence where that leaves enough, else with a word."""
    assert shown(snippet_of(f"\n {NEWS}", [], length=length)) == line


def test_a_page_of_markup_stays_harmless() -> None:
    """What the archive has in its text is shown as text in a browser and in a terminal."""
    body = "<script>alert('груз')</script> \x1b[31mГруз\x1b[0m <b onclick=x>"
    snippet = snippet_of(body, words("груз"), length=200)
    assert snippet.to_html() == (
        "&lt;script&gt;alert(&#x27;<mark>груз</mark>&#x27;)&lt;/script&gt; "
        "\ufffd[31m<mark>Груз</mark>\ufffd[0m &lt;b onclick=x&gt;"
    )


# --- Laws of all snippets ---------------------------------------------------------------------------------------------


def fitting(text: str, marker: Marker) -> Iterator[list[Token]]:
    """The tokens of each occurrence of *marker*, by trying every place."""
    places: dict[int, list[Token]] = {}
    for token in ANALYZER.tokens(text):
        places.setdefault(token.position, []).append(token)

    def at(position: int, test: WordTest) -> list[Token]:
        return [token for token in places.get(position, []) if test.fits(token)]

    def has_all(window: range) -> bool:
        needed = Counter(marker.words)
        return all(sum(bool(at(position, test)) for position in window) >= needed[test] for test in needed)

    if marker.slop == 0 or len(marker.words) == 1:
        for start in places:
            found = [at(start + step, test) for step, test in enumerate(marker.words)]
            if all(found):
                yield [token for tokens in found for token in tokens]
        return
    for start in places:
        for end in range(start + 1, start + len(marker.words) + marker.slop + 1):
            window = range(start, end)
            if has_all(window) and not has_all(window[1:]) and not has_all(window[:-1]):
                yield [token for position in window for test in marker.words for token in at(position, test)]


def marked_by_hand(text: str, markers: Iterable[Marker], field: str) -> set[int]:
    """Every code point of *text* that belongs to a token to be marked."""
    sought = [marker for marker in markers if marker.field in (None, field)]
    tokens = [token for marker in sought for found in fitting(text, marker) for token in found]
    return {place for token in tokens for place in range(token.start, token.end)}


def longest_word(text: str) -> int:
    """Code points of the longest run of *text* that may not be cut: a chunk or a sign, with what is tied to it."""
    tied = {place for chunk in CHUNK.finditer(text) for place in range(chunk.start() + 1, chunk.end())}
    tied |= {
        place
        for place in range(1, len(text))
        if unicodedata.category(text[place])[0] == "M"
        or text[place] == "\u200d"
        or (text[place - 1] == "\u200d" and unicodedata.category(text[place]) == "So")
        or "\U0001f3fb" <= text[place] <= "\U0001f3ff"
    }
    free = [place for place in range(len(text) + 1) if place not in tied]
    return max((end - start for start, end in pairwise(free)), default=0)


def assert_lawful(
    snippet: Snippet, title: str, body: str, markers: Sequence[Marker], *, most: int, length: int
) -> None:
    """What holds for every snippet, whatever the texts."""
    in_body = [fragment for fragment in snippet.fragments if fragment.field == "body"]
    in_title = list(snippet.fragments[: len(snippet.fragments) - len(in_body)])
    assert [fragment.field for fragment in in_title] in ([], ["title"])
    assert len(in_body) <= most
    for original, pieces in ((title, in_title), (body, in_body)):
        for before, after in pairwise(pieces):
            assert before.end <= after.start
        for piece in pieces:
            assert_lawful_fragment(piece, original, length)
            expected = mark_text(original, markers, ANALYZER, piece.field)
            assert piece.marks == tuple(mark for mark in expected if piece.start <= mark.start < piece.end)
    assert bool(in_title) == bool(mark_text(title, markers, ANALYZER, "title"))
    assert bool(in_body) == bool(body.strip())
    for original, pieces, field in ((title, in_title, "title"), (body, in_body, "body")):
        if pieces and mark_text(original, markers, ANALYZER, field):
            assert all(piece.marks for piece in pieces)


def assert_lawful_fragment(fragment: Fragment, original: str, length: int) -> None:
    """It is what it says it is, no word is cut, and it is not too long."""
    start, end = fragment.start, fragment.end
    assert fragment.text == original[start:end] == fragment.text.strip() != ""
    assert fragment.cut_before == bool(original[:start].strip())
    assert fragment.cut_after == bool(original[end:].strip())
    assert end - start <= max(length, longest_word(original))
    for chunk in CHUNK.finditer(original):
        assert not chunk.start() < start < chunk.end()
        assert not chunk.start() < end < chunk.end()
    if not original[end : end + 1].isspace():
        assert not unicodedata.category(original[end : end + 1] or " ").startswith("M")
    assert all(start <= mark.start < mark.end <= end for mark in fragment.marks)


def assert_marks_are_tokens(text: str, markers: Sequence[Marker], field: str) -> None:
    """The marks cover exactly the tokens of all occurrences, and the signs that join them within a chunk."""
    marks = mark_text(text, markers, ANALYZER, field)
    assert all(before.end <= after.start for before, after in pairwise(marks))
    by_hand = marked_by_hand(text, markers, field)
    covered = {place for mark in marks for place in range(mark.start, mark.end)}
    assert by_hand <= covered
    for mark in marks:
        assert {mark.start, mark.end - 1} <= by_hand
        assert any(chunk.start() <= mark.start < mark.end <= chunk.end() for chunk in CHUNK.finditer(text))
    for place in covered - by_hand:
        assert not text[place].isalnum()
        assert {place - 1, place + 1} <= by_hand


QUERIES = [
    *words("таможня груз окаменелость customs fossil covid 19 app in а"),
    exact("covid-19"),
    exact("us", "грузов", "a"),
    phrase("таможенный груз"),
    phrase("customs fossils", weight=4.0),
    phrase("covid 19 груз"),
    phrase("груз груз"),
    phrase("груз таможня", slop=2),
    phrase("груз груз customs", slop=3, weight=0.0),
    phrase("а in", slop=1),
    phrase("груз", field="title"),
    phrase("customs", field="body", weight=2.5),
]
WORDS = [
    "таможня",
    "Таможенный",
    "груз",
    "Груза",
    "гру\u0301зов",
    "та\u00adможню",
    "окаменелости",
    "раи\u0306он",
    "г",
    "ул",
]
WORDS += [
    "Customs",
    "fossils",
    "COVID-19",
    "covid",
    "19",
    "WhatsApp",
    "U.S.",
    "in",
    "а",
    "A",
    "8.3",
    "1,5",
    "слово" * 12,
]
WORDS += ["👩\u200d✈️", "👍🏽", "🇷🇺", "𝒳", "税関", "हिन्दी", "<b>", "\x1b[1m", "\u202e"]
SIGNS = [*'.!…,;-/’«»"(=&', " —", "\u0301", "\u200d", "\u200b", "\ufeff"]
SPACES = [" ", " ", " ", " ", ". ", "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u2028"]
ATOMS = st.sampled_from(WORDS + SIGNS + SPACES)
TEXTS = st.lists(ATOMS, max_size=60).map("".join) | st.lists(ATOMS, max_size=60).map(" ".join) | st.text(max_size=60)
MARKERS = st.lists(st.sampled_from(QUERIES), max_size=5)


@given(TEXTS, MARKERS, st.sampled_from(["title", "body"]))
def test_marks_are_the_tokens_that_an_exhaustive_search_finds(text: str, markers: list[Marker], field: str) -> None:
    """Nothing else is marked, nothing is missed."""
    assert_marks_are_tokens(text, markers, field)


@given(TEXTS, TEXTS, MARKERS, st.integers(1, 4), st.integers(1, 80))
def test_every_snippet_keeps_the_laws(
    title: str, body: str, markers: list[Marker], fragments: int, length: int
) -> None:
    """Spans, marks, order, limits and ends of words, for any text."""
    snippet = snippet_of(body, markers, title=title, fragments=fragments, length=length)
    assert snippet == make_snippet(title, body, markers, ANALYZER, fragments=fragments, length=length)


@given(TEXTS, MARKERS, st.integers(5, 80))
def test_with_room_for_all_every_marker_is_shown(body: str, markers: list[Marker], length: int) -> None:
    """With enough fragments, each single word that occurs anywhere is seen somewhere."""
    single = [marker for marker in markers if len(marker.words) == 1]
    snippet = snippet_of(body, single, fragments=len(single) + 1, length=length)
    for marker in single:
        everywhere = mark_text(body, [marker], ANALYZER, "body")
        seen = [mark for mark in everywhere if any(one.start <= mark.start < one.end for one in snippet.fragments)]
        assert bool(seen) == bool(everywhere)


def forms_in(*texts: str) -> Callable[[Iterable[str]], set[str]]:
    """For terms, the forms of *texts* that have any of them, as an index tells them."""
    terms = {token.form: set(token.terms) for text in texts for token in ANALYZER.tokens(text)}
    return lambda sought: {form for form in terms if not terms[form].isdisjoint(sought)}


@given(TEXTS, TEXTS, MARKERS, st.integers(1, 4), st.integers(1, 80))
def test_seeking_known_forms_gives_the_snippets_of_cutting_the_whole_text(
    title: str, body: str, markers: list[Marker], fragments: int, length: int
) -> None:
    """Marks, positions of phrases, borders of the text: all the same."""
    seeking = Highlighter(markers, ANALYZER, forms_of=forms_in(title, body))
    cutting = make_snippet(title, body, markers, ANALYZER, fragments=fragments, length=length)
    assert seeking.snippet(title, body, fragments=fragments, length=length) == cutting
    assert seeking.marks(body, "body") == mark_text(body, markers, ANALYZER, "body")


@pytest.mark.parametrize(
    ("markers", "marked"),
    [
        *JOINED,
        *(([phrase(query)], marked) for query, marked in [*INFLECTED, *SPELT]),
        *(([phrase(query, slop=slop)], marked) for query, slop, marked in PHRASES),
    ],
)
def test_words_are_found_by_their_known_forms(markers: list[Marker], marked: str) -> None:
    """Every way to write a word is sought."""
    text = marked.replace("[", "").replace("]", "")
    highlighter = Highlighter(markers, ANALYZER, forms_of=forms_in(text))
    assert bracketed(text, highlighter.marks(text, "body")) == marked


def test_a_pattern_of_very_many_beginnings_is_marked_as_well() -> None:
    """The whole text is cut then."""
    text = " ".join(f"{a}{b}{c}ция" for a in "абвгд" for b in "аеиоу" for c in "бвгд")
    highlighter = Highlighter([exact(*text.split())], ANALYZER, forms_of=forms_in(text))
    assert len(highlighter.marks(text, "body")) == 100


@given(st.lists(TEXTS, max_size=4), MARKERS)
def test_a_highlighter_gives_the_same_for_document_after_document(bodies: list[str], markers: list[Marker]) -> None:
    """What it remembers of one document does not show in the next."""
    highlighter = Highlighter(markers, ANALYZER)
    for body in bodies:
        assert highlighter.snippet(body, body) == make_snippet(body, body, markers, ANALYZER)
        assert highlighter.marks(body, "title") == mark_text(body, markers, ANALYZER, "title")


def test_a_highlighter_forgets_rather_than_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory is bounded whatever the number of documents."""
    monkeypatch.setattr("wco_search.snippets._MOST_KNOWN", 3)
    highlighter = Highlighter(words("груз"), ANALYZER)
    for number in range(10):
        body = f"Груз номер {number}"
        assert bracketed(body, highlighter.marks(body, "body")) == f"[Груз] номер {number}"
        assert len(highlighter._known) <= 3


HUGE = {
    "every word marked": "груз таможня " * 20_000,
    "sentences": "Груз прошёл таможню. " * 12_000,
    "one word": "груз " + "я" * 250_000,
    "full stops": "груз " + "." * 250_000,
    "closing quotes": "груз " + ".»" * 125_000,
    "white space": "груз" + " \n" * 125_000 + "таможня",
    "combining marks": "груз" + "\u0301" * 250_000,
    "signs with marks": "груз" + "=\u0301" * 125_000,
    "joined emoji": "груз" + "👩\u200d" * 125_000,
    "joiners": "груз/" * 50_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_the_work_grows_with_the_text_alone(name: str) -> None:
    """A quarter of a million characters take a fraction of a second; were the work quadratic, they would take hours."""
    near = [phrase("таможня груз", slop=50), phrase("груз груз", slop=9)]
    markers = [*words("груз таможня"), phrase("груз таможня"), *near]
    snippet = make_snippet("", HUGE[name], markers, ANALYZER)
    assert snippet.fragments
    forms = {"груз": {"груз"}, "таможн": {"таможню", "таможня"}}
    seeking = Highlighter(markers, ANALYZER, forms_of=lambda terms: set().union(*(forms[term] for term in terms)))
    assert seeking.snippet("", HUGE[name]) == snippet
