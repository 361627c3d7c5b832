"""Each format of the readers: the documents of a small real-life file, and what a damaged one says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED_DATA
from wco_search.documents import Document
from wco_search.errors import ReadError
from wco_search.readers import Reading, feeds, read
from wco_search.readers.newsroom import date_line, is_read_more

DATA = Path(__file__).parent / "data" / "readers"
SEED = SHARED_DATA / "seed" / "000_87001bc04607b9c1.txt"

Reader = Callable[..., Reading]


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    """Writes a file of that name and reads it."""

    def make(name: str, content: str, **options: Any) -> Reading:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return read(path, **options)

    return make


def reasons(result: Reading) -> list[tuple[int | None, str]]:
    """Line and reason of every problem, once all has been read."""
    list(result)
    return [(problem.line, problem.reason) for problem in result.problems]


def day(text: str) -> dt.date:
    """2020-10-30 as a date."""
    return dt.date.fromisoformat(text)


# Newsroom pages.


@pytest.mark.skipif(not SEED.exists(), reason=f"the newsroom page is not at {SEED}")
def test_every_item_of_the_newsroom_page_is_one_dated_document() -> None:
    """Nothing is lost of the real page, and nothing made up."""
    documents = list(read(SEED, strict=True))
    lines = [line.strip() for line in SEED.read_text(encoding="utf-8").splitlines()]
    blurbs = [line for line in lines if line and line != "read more" and date_line(line) is None]
    assert [document.body for document in documents] == blurbs
    assert len(documents) == len({document.id for document in documents}) == 41
    assert [document.date for document in documents] == [found for line in lines if (found := date_line(line))]
    assert {document.title for document in documents} == {""}


def test_newsroom_in_russian() -> None:
    """Dates, links and blank lines as the Russian site writes them."""
    documents = list(read(DATA / "newsroom-ru.txt", strict=True))
    assert [(str(document.date), document.language) for document in documents] == [
        ("2020-10-30", "ru"),
        ("2020-10-29", "en"),
        ("2020-10-26", "ru"),
    ]
    assert documents[1].body == (
        "The seaport of Niamey does not exist: the goods came by road.\n"
        "Customs of Niger held a seminar on 22 October 2020."
    )


def test_newsroom_in_english() -> None:
    """English dates in either order."""
    assert [str(document.date) for document in read(DATA / "newsroom-en.txt", strict=True)] == [
        "2020-10-30",
        "2020-10-29",
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "30 октября 2020\nА.\nread more\n29 октября 2020\nБ.\nread more",
            [("2020-10-30", "А."), ("2020-10-29", "Б.")],
        ),
        ("30 октября 2020\nА.\n29 октября 2020\nБ.", [("2020-10-30", "А."), ("2020-10-29", "Б.")]),
        ("\ufeff30 октября 2020\u00a0 \r\nА.\r\nread more \r\n", [("2020-10-30", "А.")]),
        ("30 октября 2020\rА.\rread more\r", [("2020-10-30", "А.")]),
        ("30 октября 2020\n\nА.\n\n\nБ.\n\nread more\n\n", [("2020-10-30", "А.\n\n\nБ.")]),
        ("30 октября 2020\nА.\nread more\nТекст без даты.", [("2020-10-30", "А."), (None, "Текст без даты.")]),
        # A date right above the next one ends the text before it: the meeting is on the 12th.
        (
            "30 октября 2020\nСессия откроется\n12 ноября 2020\n29 октября 2020\nБ.",
            [("2020-10-30", "Сессия откроется\n12 ноября 2020"), ("2020-10-29", "Б.")],
        ),
        ("30 октября 2020\nСессия откроется\n12 ноября 2020", [("2020-10-30", "Сессия откроется\n12 ноября 2020")]),
        ("30 октября 2020\nС 12 октября 2020 идёт сессия.", [("2020-10-30", "С 12 октября 2020 идёт сессия.")]),
        ("2020-10-30\n2020-10-29 12:00 Open session.", [("2020-10-30", "2020-10-29 12:00 Open session.")]),
    ],
)
def test_newsroom_shapes(reading: Reader, text: str, items: list[tuple[str | None, str]]) -> None:
    """Where an item begins and ends."""
    found = [
        (document.date and str(document.date), document.body) for document in reading("news.txt", text, strict=True)
    ]
    assert found == items


def test_newsroom_text_before_the_first_date_is_kept(reading: Reader) -> None:
    """It has no date, and so do not its lines go to the item below."""
    documents = list(reading("news.txt", "Новости\n\n30 октября 2020\nА.\n", format="newsroom"))
    assert [(document.date, document.body) for document in documents] == [(None, "Новости"), (day("2020-10-30"), "А.")]


@pytest.mark.parametrize(
    ("text", "line", "bodies"),
    [
        ("30 октября 2020\n29 октября 2020\nБ.\n", 1, ["Б."]),
        ("28 октября 2020\nА.\nread more\n30 октября 2020\nread more\n29 октября 2020\nБ.\n", 4, ["А.", "Б."]),
        ("28 октября 2020\nА.\nread more\n30 октября 2020\n", 4, ["А."]),
        ("28 октября 2020\nА.\n\n30 октября 2020\n \u00a0\n29 октября 2020\nБ.", 4, ["А.", "Б."]),
    ],
)
def test_newsroom_date_without_text_is_a_problem(reading: Reader, text: str, line: int, bodies: list[str]) -> None:
    """The day is told, and the other items are read."""
    result = reading("news.txt", text)
    assert [document.body for document in result] == bodies
    assert reasons(result) == [(line, "the date 2020-10-30 has no text under it")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("30 октября 2020", "2020-10-30"),
        ("  09 октября 2020\u00a0", "2020-10-09"),
        ("30.10.2020 14:05", "2020-10-30"),
        ("30 октября 2020, в 14:05 МСК", "2020-10-30"),
        ("Friday, October 30, 2020 at 2:05 p.m. GMT", "2020-10-30"),
        ("2020-10-30T14:05:00.123+03:00", "2020-10-30"),
        ("Fri, 30 Oct 2020 14:05:00 +0300 (MSK)", "2020-10-30"),
        ("31 июня 2020", None),
        ("октябрь 2020", None),
        ("2020", None),
        ("30 октября 2020 года таможня задержала груз", None),
        ("", None),
        ("Friday, October 30, 2020 at 2:05 p.m. in the building of the WCO in Brussels", None),
    ],
)
def test_date_lines(line: str, expected: str | None) -> None:
    """A date and nothing else, perhaps with a time of day."""
    found = date_line(line)
    assert (found and str(found)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("read more", True),
        ("Читать далее >", True),
        ("ПОДРОБНЕЕ", True),
        ("read more...", True),
        ("Read more news", False),
    ],
)
def test_read_more_lines(line: str, expected: bool) -> None:
    """The link alone, with any arrow."""
    assert is_read_more(line) is expected


# Plain text and Markdown.


def test_text_with_a_title() -> None:
    """A short line with an empty one below it."""
    [document] = read(DATA / "guinea.txt", strict=True)
    assert (document.title, document.date) == ("Единое окно Гвинеи", None)
    assert document.body.startswith("Гвинея ввела") and document.body.endswith("2020 года.")


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Таможня задержала груз.", "", "Таможня задержала груз."),
        ("Таможня задержала груз.\n", "", "Таможня задержала груз."),
        ("Таможня задержала груз.\n\n", "", "Таможня задержала груз."),
        ("Первая строка\nВторая строка\n", "", "Первая строка\nВторая строка"),
        ("\n\n«Корсар»\n\nТекст.\n", "«Корсар»", "Текст."),
        ("- пункт\n\nТекст.\n", "", "- пункт\n\nТекст."),
        ("т" * 201 + "\n\nТекст.", "", "т" * 201 + "\n\nТекст."),
        ("30 октября 2020", "", "30 октября 2020"),
        ("---\nтекст после черты", "", "---\nтекст после черты"),
        ("---\nни одного ключа\n---\nтекст", "", "---\nни одного ключа\n---\nтекст"),
    ],
)
def test_text_shapes(reading: Reader, text: str, title: str, body: str) -> None:
    """The title is never taken where it might be a paragraph."""
    [document] = reading("a.txt", text, strict=True)
    assert (document.title, document.body) == (title, body)


def test_markdown_with_front_matter() -> None:
    """Fields of a document from the front matter, everything else of it as metadata, the heading as title."""
    assert list(read(DATA / "corsair.md", strict=True)) == [
        Document(
            title="Операция «Корсар»",
            date=day("2020-10-09"),
            url="https://customs.example/ru/corsair",
            language="ru",
            body="Испанская таможня задержала **окаменелости**.\n\n## Что дальше\n\nИх изучат в музее.",
            metadata={"tags": ["таможня", "контрабанда"], "section": "Новости: море"},
        )
    ]


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Корсар #\nТекст.", "Корсар", "Текст."),
        ("## Корсар\nТекст.", "Корсар", "Текст."),
        ("Корсар\n======\nТекст.", "Корсар", "Текст."),
        ("Вступление.\n# Корсар\nТекст.", "Корсар", "Вступление.\nТекст."),
        ("Вступление.\n## Раздел\nТекст.", "", "Вступление.\n## Раздел\nТекст."),
        ("```sh\n# remark\n```\nТекст.", "", "```sh\n# remark\n```\nТекст."),
        ("```\ncode\n```\n# Корсар\nТекст.", "Корсар", "```\ncode\n```\nТекст."),
        ("Корсар\n\nТекст.", "Корсар", "Текст."),
        ("# Корсар", "Корсар", ""),
        ("---\ntitle: Другой\n---\n# Корсар\nТекст.", "Другой", "# Корсар\nТекст."),
        ("---\ntitle: Корсар\n---\n# Корсар\nТекст.", "Корсар", "Текст."),
    ],
)
def test_markdown_titles(reading: Reader, text: str, title: str, body: str) -> None:
    """Which heading is the title, and that no other line is lost with it."""
    [document] = reading("a.md", text, strict=True)
    assert (document.title, document.body) == (title, body)


def test_front_matter_lists_and_bad_lines(reading: Reader) -> None:
    """A line that cannot be read costs only itself."""
    text = "---\ntags:\n  - таможня\n  - 'порт'\nsource: WCO\n - stray\n{bad}\n...\nТекст."
    result = reading("a.md", text)
    [document] = result
    assert (document.metadata, document.source, result.skipped) == ({"tags": ("таможня", "порт")}, "WCO", 0)
    assert [problem.line for problem in result.problems] == [6, 7]


def test_front_matter_with_a_bad_date_is_a_problem(reading: Reader) -> None:
    """A document must not silently lose its date."""
    assert reasons(reading("a.md", "---\ndate: вчера\n---\nТекст.")) == [
        (None, "the date 'вчера' is not a day; write it as 2020-10-30")
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize(("text", "reason"), [(" \n\n", "holds no text"), ("---\ntitle: A\n---\n\n", "holds no text")])
def test_text_without_text(reading: Reader, name: str, text: str, reason: str) -> None:
    """White space, or front matter alone."""
    assert reasons(reading(name, text)) == [(None, reason)]


# Web pages.


def test_page_that_lists_articles() -> None:
    """One document an item: with its own address where it has one, undated where the date is no day."""
    base = "https://customs.example"
    fields = [
        ("", day("2020-10-30"), f"{base}/ru/newsroom/spain.html"),
        ("", day("2020-10-29"), f"{base}/ru/magazine"),
        ("Единое окно", day("2020-10-29"), None),
        ("", None, f"{base}/niger"),
    ]
    bodies = [
        "Испанская таможня задержала контейнер с окаменелостями в порту Валенсии.",
        "The WCO has published the 93rd edition of its magazine.",
        "Гвинея ввела единое окно для внешней торговли.",
        "вчера\nТаможня Нигера провела семинар о добросовестности.",
    ]
    documents = list(read(DATA / "listing.html", strict=True))
    assert [(document.title, document.date, document.url) for document in documents] == fields
    assert [document.body for document in documents] == bodies
    assert {document.source for document in documents} == {"Вестник таможни"}


def test_saved_article() -> None:
    """What the page says of itself, and its text without menus, footers and other news."""
    [document] = read(DATA / "article.html", strict=True)
    assert (document.title, document.date) == ("Операция «Корсар»", day("2020-10-09"))
    assert (document.url, document.source) == ("https://customs.example/ru/corsair", "Вестник таможни")
    assert document.body.startswith("Испанская таможня вместе") and document.body.endswith("по этому делу.")
    assert "яйца динозавров" in document.body and "Главная" not in document.body


LISTINGS = {
    "rows of a table": "<table>{}</table>|<tr><td>{day}.10.2020</td><td>Груз номер {day}. <a>Подробнее</a></td></tr>",
    "headings and paragraphs without a frame": "{}|<h4>{day} October 2020</h4><p>Груз номер {day}.</p>",
    "bare text behind bold dates": "<p>{}</p>|<b>{day}.10.2020</b> Груз <i>номер</i> {day}. <a>read more</a><br>",
    "machine-readable times": "{}|<div><time datetime='2020-10-{day}'>{day} Oct</time><p>Груз номер {day}.</p></div>",
    "a date before its paragraph in one element": "{}|<div>{day} октября 2020<p>Груз номер {day}.</p></div>",
    "the date below the text": "{}|<section><p>Груз номер {day}.</p><small>{day} октября 2020</small></section>",
}


@pytest.mark.parametrize("shape", LISTINGS)
def test_shapes_of_lists(reading: Reader, shape: str) -> None:
    """Lists as sites write them, with and without a frame around each item."""
    outer, item = LISTINGS[shape].split("|")
    page = f"<body>{outer.format(''.join(item.format(day=day) for day in (30, 29, 28)))}</body>"
    found = [(str(document.date), document.body, document.url) for document in reading("p.html", page, strict=True)]
    assert found == [(f"2020-10-{day}", f"Груз номер {day}.", None) for day in (30, 29, 28)]


def test_address_shared_by_items_names_none_of_them(reading: Reader) -> None:
    """Else the second item would replace the first one in an index."""
    item = "<li><i>{day}.10.2020</i> <p>Груз номер {day}.</p> <a href='https://customs.example/{to}'>read more</a></li>"
    page = f"<ul>{item.format(day=30, to='')}{item.format(day=29, to='')}{item.format(day=28, to='28')}</ul>"
    assert [document.url for document in reading("p.html", page)] == [None, None, "https://customs.example/28"]


def test_addresses_of_items(reading: Reader) -> None:
    """That of "read more" before that of the heading before any other; resolved by <base>; only of the web."""
    links = [
        "<a href='photo'>photo</a> <h3><a href='title'>Т</a></h3> <a href='more'>Read more</a>",
        "<a href='photo2'>photo</a> <a href='title2'><h3>Т</h3></a>",
        "<a href='mailto:a@b.example'>mail</a> <a href='http://['>broken</a> <a>none</a> <a href='third'>T</a>",
    ]
    items = "".join(f"<li><i>{30 - n}.10.2020</i> <p>Груз {n}.</p> {link}</li>" for n, link in enumerate(links))
    page = f"<head><base href='https://customs.example/ru/'></head><ul>{items}</ul>"
    assert [document.url for document in reading("p.html", page)] == [
        f"https://customs.example/ru/{end}" for end in ("more", "title2", "third")
    ]


ARTICLES = {
    "two dates only": "<h1>Т</h1><p>30.10.2020</p><p>Груз задержан.</p><p>31.10.2020</p><p>Груз отпущен.</p>",
    "dates without texts": "<h1>Т</h1><p>Груз задержан и отпущен.</p>" + "<li>30.10.2020</li>" * 3,
    "dated comments": "<h1>Т</h1><p>Груз задержан.</p>"
    + "<div class=comment-list><div><i>30.10.2020</i> Очень длинный ответ читателя на эту новость.</div></div>" * 3,
}


@pytest.mark.parametrize("shape", ARTICLES)
def test_pages_with_dates_that_are_no_lists(reading: Reader, shape: str) -> None:
    """One document, in which every word is kept."""
    [document] = reading("p.html", f"<body>{ARTICLES[shape]}</body>", strict=True)
    assert "Груз" in document.body


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<meta name=date content='2020-10-09'>", "", "2020-10-09"),
        ("<meta itemprop=datePublished content='9 октября 2020'>", "", "2020-10-09"),
        ("", "<time datetime='2020-10-09T10:00'>вчера</time>", "2020-10-09"),
        (
            "<meta property='article:published_time' content='soon'>",
            "<time datetime='2020-10-09'>9</time>",
            "2020-10-09",
        ),
        ("", "© 2019", None),
    ],
)
def test_day_of_an_article(reading: Reader, head: str, body: str, expected: str | None) -> None:
    """The day that the page states; never one that is guessed from a copyright line."""
    page = f"<html><head>{head}</head><body><h1>Корсар</h1><p>Таможня задержала груз.</p>{body}</body></html>"
    [document] = reading("p.html", page, strict=True)
    assert (document.date and str(document.date)) == expected


def test_page_with_an_xml_declaration(reading: Reader) -> None:
    """XHTML says its encoding twice, and may be wrong about it once it was saved."""
    page = '<?xml version="1.0" encoding="windows-1251"?><html><body><p>Таможня задержала груз.</p></body></html>'
    [document] = reading("p.xhtml", page, strict=True)
    assert document.body == "Таможня задержала груз."


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<html></html>", "holds no text"),
        (" \n ", "holds no HTML"),
        ("<!-- only a comment -->", "holds no HTML"),
        ("<div>" * 300 + "Груз", "more than 255 elements inside each other"),
        ("<p>Груз\0</p>", "a NUL character"),
    ],
)
def test_pages_without_text(reading: Reader, page: str, reason: str) -> None:
    """Empty or hostile pages say what they are."""
    [(_, found)] = reasons(reading("p.html", page))
    assert found.startswith(reason)


def test_control_characters_cost_no_text(reading: Reader) -> None:
    """Parsers stop at them; old archives hold them."""
    [document] = reading(
        "p.html", "<title>А</title><p>Таможня\x01 задержала\x0c груз.</p><p>Он\x1f цел.</p>", strict=True
    )
    assert document.body.split() == "Таможня задержала груз. Он цел.".split()


def test_page_of_very_many_elements(reading: Reader) -> None:
    """It is read without the search for the article, which would take minutes."""
    [document] = reading("p.html", "<title>А</title><nav>меню</nav>" + "<p>Груз</p>" * 60_000, strict=True)
    assert document.body == "\n".join(["Груз"] * 60_000)


# Feeds.


def test_rss() -> None:
    """The whole text before the teaser, markup taken off, Russian dates, an address from the guid."""
    documents = list(read(DATA / "feed.rss", strict=True))
    assert [(document.title, document.date, document.url) for document in documents] == [
        ("Операция «Корсар»", day("2020-10-09"), "https://customs.example/ru/corsair"),
        ("Guinea", day("2020-10-29"), "https://customs.example/en/guinea"),
    ]
    assert documents[0].body == "Испанская таможня задержала контейнер с окаменелостями.\nОн пришёл в Валенсию."
    assert {document.source for document in documents} == {"Вестник таможни"}


def test_atom() -> None:
    """The day of publication, not of the update; XHTML content; the title of the feed, not of an entry's source."""
    documents = list(read(DATA / "feed.atom", strict=True))
    assert [(document.title, document.date, document.url, document.body) for document in documents] == [
        (
            "Operation Corsair",
            day("2020-10-09"),
            "https://customs.example/en/corsair",
            "Spanish Customs stopped fossils.\nThey came by sea.",
        ),
        ("Single window", day("2020-10-29"), "https://customs.example/en/window", "Guinea opened its single window."),
    ]
    assert {document.source for document in documents} == {"Customs Herald"}


def test_rss_1() -> None:
    """RDF, where the items stand beside the channel."""
    [document] = read(DATA / "feed.xml", strict=True)
    assert (document.title, document.date, document.source) == (
        "Operation Corsair",
        day("2020-10-09"),
        "Customs Herald",
    )


def rss(*items: str) -> str:
    """A feed of these items."""
    return (
        "<rss><channel><title>Т</title>\n" + "\n".join(f"<item>{item}</item>" for item in items) + "\n</channel></rss>"
    )


def test_feed_with_bad_entries(reading: Reader) -> None:
    """A bad entry is a problem at its line, and the next one is read."""
    feed = rss("<title>А</title><pubDate>вчера</pubDate>", "<guid>7</guid>", "<title>Б</title><link>/relative</link>")
    result = reading("f.xml", feed)
    assert [(document.title, document.url) for document in result] == [("Б", None)]
    assert [(problem.line, problem.reason.split(" is ")[0]) for problem in result.problems] == [
        (2, "the date 'вчера'"),
        (3, "body"),
    ]


def test_feed_cut_off(reading: Reader) -> None:
    """What stands before the damage is read."""
    result = reading("f.rss", rss("<title>А</title>", "<title>Б</title>").removesuffix("</channel></rss>"))
    assert [document.title for document in result] == ["А", "Б"]
    assert [problem.reason.startswith("not well-formed XML: ") for problem in result.problems] == [True]


def test_feed_with_comments_in_its_texts(reading: Reader) -> None:
    """A comment does not cut a text in two."""
    [document] = reading("f.rss", rss("<description>Груз <!-- ! -->задержан.</description>"), strict=True)
    assert document.body == "Груз задержан."


def test_feed_with_markup_and_marks_that_parsers_refuse(reading: Reader) -> None:
    """Deep markup in a text, a comment alone, and the control characters of old programs cost no word."""
    deep = "&lt;div>" * 300 + "Груз" + "&lt;/div>"
    texts = [deep, "Груз\x01 и\x0b порт", "&lt;!-- ! -->", "x"]
    result = reading(
        "f.rss", rss(*(f"<title>{n}</title><description>{text}</description>" for n, text in enumerate(texts)))
    )
    assert [document.body for document in result] == ["Груз", "Груз и порт", "", "x"]
    assert result.problems == []


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<urlset/>", "XML, but neither RSS nor Atom: its root is <urlset>"),
        ("<rss/>", "holds no documents"),
        ("Таможня", "not well-formed XML: "),
        (
            "<?xml version='1.0'?>\n<!-- <rss> --><!DOCTYPE rss SYSTEM 'rss.dtd'><rss/>",
            "declares a document type (DTD)",
        ),
        (f'<!DOCTYPE rss [<!ENTITY a0 "ха">{BOMB}]><rss>&a9;</rss>', "declares a document type (DTD)"),
        ('<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss>&f;</rss>', "declares a document type (DTD)"),
        (" " * 300_000 + "<!DOCTYPE rss><rss/>", "declares a document type (DTD)"),
        ("<rss>" + "<a>" * 300, "not well-formed XML: Excessive depth"),
    ],
    ids=lambda value: value[:30],
)
def test_files_that_are_no_feeds(reading: Reader, text: str, reason: str) -> None:
    """Other XML, damaged XML, and XML that attacks its reader."""
    [(_, found)] = reasons(reading("f.xml", text))
    assert found.startswith(reason)


def test_feed_with_an_endless_entry(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up before it fills the memory; what is before it is read."""
    monkeypatch.setattr(feeds, "RECORD_LIMIT", 300_000)
    result = reading("f.xml", rss("<title>А</title>", "<a/>" * 400_000))
    assert [document.title for document in result] == ["А"]
    assert reasons(result) == [(None, "an entry of more than 300,000 characters")]


def test_strict_raises_the_first_problem(reading: Reader) -> None:
    """As an error with the same facts."""
    with pytest.raises(ReadError, match=r"f\.xml:1: XML, but neither RSS nor Atom") as caught:
        list(reading("f.xml", "<urlset/>", strict=True))
    assert caught.value.line == 1
