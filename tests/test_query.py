"""The query language: what typed text means, and what is told about text that is not well formed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest

from wco_search.errors import QuerySyntaxError
from wco_search.query import (
    AndMaybeQuery,
    AndQuery,
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    NothingQuery,
    NotQuery,
    OrQuery,
    PhraseQuery,
    Query,
    RangeQuery,
    WildcardQuery,
    WordQuery,
    all_of,
    any_of,
    leaves,
    negation,
    parse,
    walk,
)
from wco_search.query import __doc__ as grammar
from wco_search.query.lexer import Kind
from wco_search.query.syntax import FIELD_ALIASES, OPERATORS
from wco_search.query.tree import MAX_LEVELS, children

FIELDS = [
    "title",
    "body",
    "date",
    "url",
    "source",
    "language",
    "country",
    "people",
    "organisations",
    "id",
    "views",
    "Section",
]


def words(text: str, field: str | None = None) -> list[Query]:
    """The words of *text* as nodes."""
    return [WordQuery(word, field) for word in text.split()]


def any_word(text: str, field: str | None = None) -> Query:
    """Any of the words of *text*."""
    return any_of(words(text, field))


def all_words(text: str, field: str | None = None) -> Query:
    """All of the words of *text*."""
    return all_of(words(text, field))


WORD = WordQuery
TREES: dict[str, list[tuple[str, Query]]] = {
    "words": [
        ("контрабанда", WORD("контрабанда")),
        ("контрабанда наркотиков", OrQuery((WORD("контрабанда"), WORD("наркотиков")))),
        ("  Spanish\tCustoms\n stopped\u00a0fossils ", any_word("Spanish Customs stopped fossils")),
        ("COVID-19 HSC/66 A-CIP 93rd 93-й", any_word("COVID-19 HSC/66 A-CIP 93rd 93-й")),
        ("C++ C# AT&T 8.3 U.S. what's д'Артаньян", any_word("C++ C# AT&T 8.3 U.S. what's д'Артаньян")),
        ("2020-03-05 30.10.2020 12:30", any_word("2020-03-05 30.10.2020 12:30")),
        ("press@wcoomd.org @wcoomd #IAmCustoms", any_word("press@wcoomd.org @wcoomd #IAmCustoms")),
        ("таможня, пошлина; экспорт: импорт! транзит…", any_word("таможня пошлина экспорт импорт транзит")),
        ("what is smuggling?", any_word("what is smuggling")),
        ("Что делать?! Кто виноват??", any_word("Что делать Кто виноват")),
        ("контейнер — судно - груз & вес + тара", any_word("контейнер судно груз вес тара")),
        ("container(s) f(x) (Foo_(bar))", any_word("container(s) f(x) Foo_(bar)")),
        ("std::vector", WORD("std::vector")),
        ("--help -—x", any_word("--help -—x")),
        ("and или not", any_word("and или not")),
        ("AND, OR-операция", any_word("AND OR-операция")),
        ("a|b R&D", any_word("a|b R&D")),
        ("[sic] x[1] a}", any_word("[sic] x[1] a")),
        ("2019..2020 >5", any_word("2019..2020 >5")),
        ("за\u00adмок\u0301 \u200bтаможня", any_word("за\u00adмок\u0301 таможня")),
        ("\x00ВТамО\x07WCO\x1f", any_word("ВТамО WCO")),
        ("\u200fgarder\u200e", WORD("garder\u200e")),
    ],
    "addresses": [
        ("http://www.wcoomd.org/en/media?page=2&q=a*", WildcardQuery(r"http://www.wcoomd.org/en/media\?page=2&q=a*")),
        ("https://ru.wikipedia.org/wiki/ВТО_(система)?", WORD("https://ru.wikipedia.org/wiki/ВТО_(система)?")),
        ("HTTP://x.y/~5 ftp://a.b mailto:a@b.c", any_word("HTTP://x.y/~5 ftp://a.b mailto:a@b.c")),
        ("url:http://x.y/z", WORD("http://x.y/z", "url")),
        ("gopher://x.y", WORD("gopher://x.y")),
    ],
    "phrases": [
        ('"regional workshop"', PhraseQuery("regional workshop")),
        ('"workshop"', PhraseQuery("workshop")),
        ("«единое окно»", PhraseQuery("единое окно")),
        (
            "“customs data” „новые правила“ „pravidla”",
            any_of(map(PhraseQuery, ["customs data", "новые правила", "pravidla"])),
        ),
        (r'"say \"yes\" \\ \n"', PhraseQuery(r'say "yes" \ \n')),
        ('"customs fossils"~5', PhraseQuery("customs fossils", 5)),
        ('"customs fossils"~0', PhraseQuery("customs fossils")),
        ('"a b"~5^2', PhraseQuery("a b", 5, boost=2.0)),
        ('"a b"^0.5,', PhraseQuery("a b", boost=0.5)),
        ('"a b"c', OrQuery((PhraseQuery("a b"), WORD("c")))),
        ('ООО"Ромашка"', OrQuery((WORD("ООО"), PhraseQuery("Ромашка")))),
        ('"a b"~5x', OrQuery((PhraseQuery("a b"), WORD("~5x")))),
        ('"a b"^2.5x', OrQuery((PhraseQuery("a b"), WORD("^2.5x")))),
        ("«ООО «Ромашка»» и", OrQuery((PhraseQuery("ООО «Ромашка"), WORD("и")))),
    ],
    "exact forms": [
        ("=fossils", ExactQuery("fossils")),
        ('="единое окно"', ExactQuery("единое окно")),
        ("=«окно»^2", ExactQuery("окно", boost=2.0)),
        ("title:=НЕ", ExactQuery("НЕ", "title")),
        ("=WCO?", ExactQuery("WCO")),
        ("a = b == c", any_word("a b c")),
        ("==x", WORD("==x")),
    ],
    "wildcards": [
        ("контр*", WildcardQuery("контр*")),
        ("wom?n *graph п*д*", any_of(map(WildcardQuery, ["wom?n", "*graph", "п*д*"]))),
        ("конт?ол? контр*? x*,", any_of(map(WildcardQuery, ["конт?ол?", "контр*?", "x*"]))),
        ("contr***band", WildcardQuery("contr*band")),
        (r"5\*a* \\*x", any_of([WildcardQuery(r"5\*a*"), WildcardQuery(r"\\*x")])),
        (r"a*\\", WildcardQuery(r"a*\\")),
        ("**важно** ***very***^2", OrQuery((WORD("важно"), WORD("very", boost=2.0)))),
        ("контр*^2", WildcardQuery("контр*", boost=2.0)),
        ("title:контр*", WildcardQuery("контр*", "title")),
        ("*", EverythingQuery()),
        ("source:*", RangeQuery("source", None, None)),
        ("source:(*)", RangeQuery("source", None, None)),
        ("*? fossils", OrQuery((EverythingQuery(), WORD("fossils")))),
        ("** a", WORD("a")),
    ],
    "fuzzy words": [
        ("Mikuria~", FuzzyQuery("Mikuria")),
        ("Mikuria~1 Микурия~2", OrQuery((FuzzyQuery("Mikuria"), FuzzyQuery("Микурия", 2)))),
        ("Mikuria~2^0.5,", FuzzyQuery("Mikuria", 2, boost=0.5)),
        ("title:Mikuria~", FuzzyQuery("Mikuria", field="title")),
        ("**Mikuria**~", FuzzyQuery("Mikuria")),
        ("~5 ~/x a~b ~~5", any_word("~5 ~/x a~b ~~5")),
    ],
    "boosts": [
        ("fossils^2", WORD("fossils", boost=2.0)),
        ("fossils^.5 a^1", OrQuery((WORD("fossils", boost=0.5), WORD("a")))),
        ("(a b^2)^3", OrQuery((WORD("a", boost=3.0), WORD("b", boost=6.0)))),
        (
            "((a)^2 title:(b *))^3",
            OrQuery((WORD("a", boost=6.0), WORD("b", "title", 3.0), RangeQuery("title", None, None))),
        ),
        ("x^y ^2 2^", any_word("x^y ^2 2^")),
        ("(a)^b", any_word("a ^b")),
    ],
    "fields": [
        ("title:fossils", WORD("fossils", "title")),
        ("TITLE:ископаемые Body:x", OrQuery((WORD("ископаемые", "title"), WORD("x", "body")))),
        ("section:news SECTION:a Section:b", any_word("news a b", "Section")),
        ("заголовок:а текст:б", OrQuery((WORD("а", "title"), WORD("б", "body")))),
        ("Источник:ВТамО язык:ru", AndQuery((WORD("ВТамО", "source"), WORD("ru", "language")))),
        ("title: fossils", WORD("fossils", "title")),
        ("дата: 2020 источник:\n«ВТамО»", AndQuery((WORD("2020", "date"), PhraseQuery("ВТамО", field="source")))),
        ('title:"единое окно"~2', PhraseQuery("единое окно", 2, "title")),
        (
            "title:(fossils date:2020 (b))",
            AndQuery((OrQuery((WORD("fossils", "title"), WORD("b", "title"))), WORD("2020", "date"))),
        ),
        ("title: (a AND b)", all_words("a b", "title")),
        ("title:(a NOT body:b)", AndQuery((WORD("a", "title"), NotQuery(WORD("b", "body"))))),
        ("title:body:x views:-5", AndQuery((WORD("body:x", "title"), WORD("-5", "views")))),
        ("title:AND", WORD("AND", "title")),
        ("Итого: пять", any_word("Итого пять")),
    ],
    "conditions": [
        ("fossils date:2020", AndQuery((WORD("fossils"), WORD("2020", "date")))),
        ("date:2020 fossils ivory", AndQuery((any_word("fossils ivory"), WORD("2020", "date")))),
        ("source:a source:b x", AndQuery((WORD("x"), OrQuery((WORD("a", "source"), WORD("b", "source")))))),
        ("source:(a b) x", AndQuery((WORD("x"), OrQuery((WORD("a", "source"), WORD("b", "source")))))),
        ("+a b date:2020", AndMaybeQuery(AndQuery((WORD("a"), WORD("2020", "date"))), WORD("b"))),
        ("a OR date:2020", OrQuery((WORD("a"), WORD("2020", "date")))),
        ("(date:2020) a", OrQuery((WORD("2020", "date"), WORD("a")))),
        ("a -date:2020", AndQuery((WORD("a"), NotQuery(WORD("2020", "date"))))),
    ],
    "dates": [
        ("date:2020 date:2020-10 дата:30.10.2020", any_word("2020 2020-10 30.10.2020", "date")),
        ('date:"30 октября 2020"', PhraseQuery("30 октября 2020", field="date")),
        ("date:30 AND октябрь", AndQuery((WORD("30", "date"), WORD("октябрь")))),
        ("date:2020 октябрь", AndQuery((WORD("октябрь"), WORD("2020", "date")))),
    ],
    "ranges": [
        ("views:[10 TO 20]", RangeQuery("views", "10", "20")),
        ("views:{10 ПО 20}", RangeQuery("views", "10", "20", includes_low=False, includes_high=False)),
        ("date:[2019 TO 2020}", RangeQuery("date", "2019", "2020", includes_high=False)),
        ("date:[* TO 2020]", RangeQuery("date", None, "2020")),
        (
            "date:[ TO 2020] views:[10 TO ]",
            AndQuery((RangeQuery("date", None, "2020"), RangeQuery("views", "10", None))),
        ),
        ('date:["1 мая 2020" TO «2 мая 2020»]', RangeQuery("date", "1 мая 2020", "2 мая 2020")),
        ("дата: [1 мая 2020 ПО 2 мая 2020]", RangeQuery("date", "1 мая 2020", "2 мая 2020")),
        (r'source:["[\"*\"]" TO \*]', RangeQuery("source", '["*"]', "*")),
        ('source:["" TO "z"]', RangeQuery("source", None, "z")),
        ("date:2019..2020, x", AndQuery((WORD("x"), RangeQuery("date", "2019", "2020")))),
        ("date:2019.. date:..2020", AndQuery((RangeQuery("date", "2019", None), RangeQuery("date", None, "2020")))),
        ("date:01.10.2020..09.10.2020", RangeQuery("date", "01.10.2020", "09.10.2020")),
        ('date:"1 мая 2020".."2 мая 2020"', RangeQuery("date", "1 мая 2020", "2 мая 2020")),
        ("views:> 10, x", AndQuery((WORD("x"), RangeQuery("views", "10", None, includes_low=False)))),
        ("title:wait...what", WORD("wait...what", "title")),
        ("views:>10", RangeQuery("views", "10", None, includes_low=False)),
        (
            "views:>=10 views:< 20",
            AndQuery((RangeQuery("views", "10", None), RangeQuery("views", None, "20", includes_high=False))),
        ),
        ('date:<="2 мая 2020"', RangeQuery("date", None, "2 мая 2020")),
        (
            "views:(>=10 AND <20)",
            AndQuery((RangeQuery("views", "10", None), RangeQuery("views", None, "20", includes_high=False))),
        ),
        (
            "date:(2019..2020 OR [2022 TO *])",
            OrQuery((RangeQuery("date", "2019", "2020"), RangeQuery("date", "2022", None))),
        ),
        ("title:(a > b)", any_word("a b", "title")),
    ],
    "operators": [
        ("fossils AND customs", all_words("fossils customs")),
        ("окаменелости И таможня И Испания", all_words("окаменелости таможня Испания")),
        ("a && b || c", OrQuery((all_words("a b"), WORD("c")))),
        ("a&&b||c", OrQuery((all_words("a b"), WORD("c")))),
        ("a OR b c ИЛИ d", any_word("a b c d")),
        ("a AND b OR c AND d", OrQuery((all_words("a b"), all_words("c d")))),
        ("a b AND c", OrQuery((WORD("a"), all_words("b c")))),
        ("NOT a", NotQuery(WORD("a"))),
        ("НЕ a", NotQuery(WORD("a"))),
        ("!a !(b)", AndQuery((NotQuery(WORD("a")), NotQuery(WORD("b"))))),
        ("NOT NOT a NOT NOT NOT b", AndQuery((WORD("a"), NotQuery(WORD("b"))))),
        ("a AND NOT b", AndQuery((WORD("a"), NotQuery(WORD("b"))))),
        ("NOT a AND b", AndQuery((NotQuery(WORD("a")), WORD("b")))),
        ("a b NOT c", AndQuery((any_word("a b"), NotQuery(WORD("c"))))),
        ("a OR NOT b", OrQuery((WORD("a"), NotQuery(WORD("b"))))),
        ("NOT a OR b", OrQuery((NotQuery(WORD("a")), WORD("b")))),
        ("a != b", any_word("a b")),
        ("a AND(b OR c)", AndQuery((WORD("a"), any_word("b c")))),
        ("NOT(spam) a", AndQuery((WORD("a"), NotQuery(WORD("spam"))))),
    ],
    "signs": [
        ("+a", WORD("a")),
        ("+a +b", all_words("a b")),
        ("+a b", AndMaybeQuery(WORD("a"), WORD("b"))),
        ("+a b c", AndMaybeQuery(WORD("a"), any_word("b c"))),
        ("b +a -c", AndMaybeQuery(AndQuery((WORD("a"), NotQuery(WORD("c")))), WORD("b"))),
        ("+a -b", AndQuery((WORD("a"), NotQuery(WORD("b"))))),
        ("a b -c -d", AndQuery((any_word("a b"), NotQuery(WORD("c")), NotQuery(WORD("d"))))),
        ("-a", NotQuery(WORD("a"))),
        ("-a -b", AndQuery((NotQuery(WORD("a")), NotQuery(WORD("b"))))),
        (
            'таможня -"единое окно" -5',
            AndQuery((WORD("таможня"), NotQuery(PhraseQuery("единое окно")), NotQuery(WORD("5")))),
        ),
        ("-title:x -контр* -=y", all_of(map(negation, [WORD("x", "title"), WildcardQuery("контр*"), ExactQuery("y")]))),
        ("+a OR b", AndMaybeQuery(WORD("a"), WORD("b"))),
        ("a OR -b", AndQuery((WORD("a"), NotQuery(WORD("b"))))),
        ("+a AND b c", OrQuery((all_words("a b"), WORD("c")))),
        ("a AND -b c", OrQuery((AndQuery((WORD("a"), NotQuery(WORD("b")))), WORD("c")))),
        ("a -NOT b", any_word("a b")),
        ("+NOT a b", AndQuery((WORD("b"), NotQuery(WORD("a"))))),
        ("-(NOT a) b", AndQuery((WORD("b"), WORD("a")))),
        ("(a)-b", AndQuery((WORD("a"), NotQuery(WORD("b"))))),
        ('"COVID"-19', OrQuery((PhraseQuery("COVID"), WORD("-19")))),
    ],
    "parentheses": [
        ("(a)", WORD("a")),
        ("((a b) c) AND d", AndQuery((any_word("a b c"), WORD("d")))),
        ("(a AND b) AND c", all_words("a b c")),
        ("+(a b) c", AndMaybeQuery(any_word("a b"), WORD("c"))),
        ("таможня(Россия и Казахстан)", any_word("таможня Россия и Казахстан")),
        ("() a (— !) (())", WORD("a")),
        ('f("x y")', OrQuery((WORD("f"), PhraseQuery("x y")))),
        (r"a(\)b)", WORD("a()b)")),
    ],
    "backslashes": [
        (r"\AND \И", any_word("AND И")),
        (r"\*x a\:b \(c\) \"d\" \+e \=f 5\?", any_word('*x a:b (c) "d" +e =f 5?')),
        (r"Новая\ Гвинея", WORD("Новая Гвинея")),
        (r"foo\~2 a\^2 b~\2", any_word("foo~2 a^2 b~2")),
        (r"title\:x", WORD("title:x")),
        ("a\\", WORD("a\\")),
        ("\\\n1", WORD("\n1")),
    ],
}


@pytest.mark.parametrize(("text", "tree"), [case for cases in TREES.values() for case in cases])
def test_typed_text_means_this_tree(text: str, tree: Query) -> None:
    """Well-formed queries, in both languages, give their tree without a warning, under `strict` too."""
    parsed = parse(text, fields=FIELDS, strict=True)
    assert parsed.query == tree
    assert parsed.warnings == ()
    assert parsed.text == text


@pytest.mark.parametrize("tree", [tree for cases in TREES.values() for _, tree in cases])
def test_a_tree_written_as_text_is_the_same_tree(tree: Query) -> None:
    """`to_text` gives well-formed text that means the node again."""
    assert parse(tree.to_text(), fields=FIELDS, strict=True).query == tree


FAULTS: list[tuple[str, str, str, str]] = [  # the text, how it is read, the part that is marked, words of the warning
    ("fossils AND", r"fossils OR \AND", "AND", "AND has nothing to join here; read as a word"),
    ("И снова таможня", r"\И OR снова OR таможня", "И", "nothing to join"),
    ("OR", r"\OR", "OR", "nothing to join"),
    ("a AND OR b", r"a OR \AND OR \OR OR b", "AND", "nothing to join"),
    ("title:(a AND)", r"title:a OR title:\AND", "AND", "nothing to join"),
    ("a NOT", r"a OR \NOT", "NOT", "nothing to join"),
    ("a &&", "a", "&&", "&& has nothing to join here; ignored"),
    ("a AND (&&)", "a", "&&", "ignored"),
    ('a -""', "a", "-", "- has nothing to join"),
    ('+"" b', "b", "+", "+ has nothing to join"),
    ("(таможня", "таможня", "(", "never closed"),
    ("a AND (b c", "a AND (b OR c)", "(", "read as closed at the end"),
    ("таможня)", "таможня", ")", "closes nothing"),
    ("a)^2 b", "a OR b", ")", "closes nothing"),
    ('"Spanish customs', "Spanish OR customs", '"', "never closed"),
    ("«Единое окно", "Единое OR окно", "«", "never closed"),
    ('title:"Spanish customs', "title:Spanish OR customs", '"', "never closed"),
    ('="exact form', '="exact" OR form', '"', "never closed"),
    ('=""*', "*", '""', "no word in these quotes"),
    ("=«*", "*", "«", "never closed"),
    ('монитор 24"', "монитор OR 24", '"', "never closed"),
    ('"" a', "a", '""', "no word in these quotes"),
    ("«—» a", "a", "«—»", "no word in these quotes"),
    ('"a b"~', '"a b"', "~", "needs a number"),
    ('"a b"~5000', '"a b"~1000', "~5000", "must be 0 to 1000; taken as 1000"),
    ('="a b"~5', '="a b"', "~5", "no effect"),
    ("=контр*", '="контр*"', "=контр*", "* and ? have no effect"),
    ("=Mikuria~", '="Mikuria"', "=Mikuria~", "~ has no effect"),
    ("wom?n~", "wom?n", "wom?n~", "~ has no effect"),
    ("Mikuria~3", "Mikuria~2", "Mikuria~3", "must be 1 to 2; taken as 2"),
    ("Mikuria~0", "Mikuria~", "Mikuria~0", "taken as 1"),
    ("a^1000", "a^100", "a^1000", "must be 0.01 to 100; taken as 100"),
    ("a^0", "a^0.01", "a^0", "taken as 0.01"),
    ("(a b)^0.001", "a^0.01 OR b^0.01", ")^0.001", "taken as 0.01"),
    ("(a^50 b)^3", "a^100 OR b^3", "a^50", "come to 150 here; taken as 100"),
    ("*^2", "*", "*^2", "does not rank"),
    ("views:>5^2", "views:{5 TO *]", "^2", "does not rank"),
    ("sorce:WCO", "sorce OR WCO", "sorce:", "no field 'sorce' (did you mean source?)"),
    ("автор:Микурия", "автор OR Микурия", "автор:", "there are: Section, body, country, date"),
    ('foo:"a b"', 'foo OR "a b"', "foo:", "read as words"),
    ("foo:(a b)", "foo OR a OR b", "foo:", "no field 'foo'"),
    ("foo:-a", r"foo OR \-a", "foo:", "no field 'foo'"),
    ("__:a", "a", "__:", "no field '__'"),
    ("title:", "title", "title:", "nothing to search for stands behind title:"),
    ("title: AND x", "title AND x", "title:", "nothing to search for"),
    ("title: || x", "title OR x", "title:", "nothing to search for"),
    ("title: -x", "title AND NOT x", "title:", "nothing to search for"),
    ("Москва:) x", "Москва OR x", ")", "closes nothing"),
    ("title: date:2020", "title AND date:2020", "title:", "nothing to search for"),
    ("(title: ) x", "title OR x", "title:", "nothing to search for"),
    ("title:() x", "title OR x", "title:", "nothing to search for"),
    ("title:— x", "title OR x", "title:", "nothing to search for"),
    ("views:> ", "views", "views:", "nothing to search for"),
    ("date:[2019 TO", "date OR 2019 OR TO", "date:", "not a range"),
    ("date:[a TO b TO c]", "date OR a OR TO OR b OR TO OR c", "date:", "not a range"),
    ("title:[sic]", "title OR sic", "title:", "not a range"),
    ("views:1..2..3", r"views:1\..2\..3", "views:1..2..3", "not a range"),
    ("с [2019 TO 2020]", "с OR 2019 OR TO OR 2020", "[", "a range needs a field"),
    (
        "date:30 октября 2020",
        "(октября OR 2020) AND date:30",
        "date:30 октября",
        'needs quotes, as in date:"30 октября 2020"',
    ),
    ("дата:(9 May)", "date:9 OR date:May", "9 May", 'date:"9 May 2020"'),
    ("—", "", "—", "nothing to search for: no letter and no digit"),
    (" ?! ", "", " ?! ", "nothing to search for"),
]


@pytest.mark.parametrize(("text", "read_as", "marked", "message"), FAULTS)
def test_what_is_not_syntax_is_read_as_words_and_told(text: str, read_as: str, marked: str, message: str) -> None:
    """A malformed query still searches, and a warning tells what happened where."""
    parsed = parse(text, fields=FIELDS)
    assert parsed.query.to_text() == read_as
    told = [(text[warning.start : warning.end], str(warning)) for warning in parsed.warnings]
    assert any(part == marked and message in what for part, what in told), told


@pytest.mark.parametrize("text", [fault[0] for fault in FAULTS])
def test_strict_raises_where_there_would_be_a_warning(text: str) -> None:
    """Under `strict` the leftmost warning is an error with its span, without what it is read as: nothing is read."""
    warnings = parse(text, fields=FIELDS).warnings
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, fields=FIELDS, strict=True)
    error = caught.value
    assert (error.start, error.end, error.query_text) == (warnings[0].start, warnings[0].end, text)
    assert warnings[0].message.startswith(error.hint)
    assert not re.search("ignored|read as|taken as", error.hint)


def test_a_strict_error_points_at_the_place() -> None:
    """The error shows the query with a caret under what was not understood."""
    with pytest.raises(QuerySyntaxError) as caught:
        parse("контрабанда) sorce:WCO", fields=FIELDS, strict=True)
    assert str(caught.value).splitlines() == [
        "this parenthesis closes nothing",
        "  контрабанда) sorce:WCO",
        "             ^",
    ]


def test_warnings_stand_in_the_order_of_the_text() -> None:
    """Whatever part of the parser tells them."""
    warnings = parse('AND a) sorce:b "c', fields=FIELDS).warnings
    assert [warning.start for warning in warnings] == [0, 5, 7, 15]


@pytest.mark.parametrize("text", ["", " ", "\t\n\x00\u200b", "\ufeff"])
def test_a_blank_query_asks_for_nothing_and_warns_of_nothing(text: str) -> None:
    """An empty search box is no mistake, under `strict` neither."""
    parsed = parse(text, strict=True)
    assert parsed.query == NothingQuery()
    assert parsed.warnings == ()


class TestCapitals:
    """In a query all in capitals the operator words are ordinary words."""

    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("ТАМОЖНЯ И ПРАВО", any_word("ТАМОЖНЯ И ПРАВО")),
            ("НЕ ВВОЗИТЬ ОРУЖИЕ", any_word("НЕ ВВОЗИТЬ ОРУЖИЕ")),
            ("CUSTOMS AND TRADE 2020", any_word("CUSTOMS AND TRADE 2020")),
            ("TITLE: И ПРАВО", OrQuery((WORD("И", "title"), WORD("ПРАВО")))),
        ],
    )
    def test_operators_are_words(self, text: str, tree: Query) -> None:
        """With a note how to get operators, which is no error under `strict`."""
        parsed = parse(text, fields=FIELDS, strict=True)
        assert parsed.query == tree
        assert all("write the others small" in warning.message for warning in parsed.warnings)
        assert len(parsed.warnings) <= 1

    def test_the_first_operator_is_marked_once(self) -> None:
        """One note does for the whole query."""
        text = "ЭКСПОРТ И ИМПОРТ ИЛИ ТРАНЗИТ"
        (note,) = parse(text).warnings
        assert text[note.start : note.end] == "И"

    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("ТАМОЖНЯ и право И WCO", any_of([*words("ТАМОЖНЯ и"), all_words("право WCO")])),
            ("2019 AND 2020", all_words("2019 2020")),
            ("НЕ WCO", NotQuery(WORD("WCO"))),
            ("WCO && UNESCO || !ВТО", OrQuery((all_words("WCO UNESCO"), NotQuery(WORD("ВТО"))))),
            ("+WCO -ВТО", AndQuery((WORD("WCO"), NotQuery(WORD("ВТО"))))),
        ],
    )
    def test_small_letters_symbols_and_signs_bring_operators_back(self, text: str, tree: Query) -> None:
        """One small letter, or no words to confuse them with, and operators are operators."""
        assert parse(text, strict=True).query == tree

    def test_capitals_are_written_with_symbols(self) -> None:
        """So that they are read again as operators."""
        tree = all_of([any_word("WCO ВТО"), negation(WORD("НАТО")), WORD("2020")])
        assert tree.to_text() == "(WCO || ВТО) && !НАТО && 2020"
        assert parse(tree.to_text(), strict=True).query == tree


class TestFields:
    """Which names before a colon are fields."""

    def test_without_a_list_any_name_is_a_field(self) -> None:
        """Names of a document's own fields and aliases in any case, others as typed."""
        assert parse("Views:1 TITLE:a Дата:2020").query == AndQuery(
            (WORD("a", "title"), WORD("1", "Views"), WORD("2020", "date"))
        )

    def test_without_a_list_only_known_names_take_a_space(self) -> None:
        """An ordinary sentence has colons too."""
        assert parse("Итого: пять title: шесть", strict=True).query == OrQuery(
            (WORD("Итого"), WORD("пять"), WORD("шесть", "title"))
        )

    def test_an_alias_needs_its_field(self) -> None:
        """`дата` is no field of an index without dates."""
        assert parse("дата:2020", fields=["title"]).query == any_word("дата 2020")

    def test_a_metadata_field_wins_over_an_alias(self) -> None:
        """An index may have its own field `источник`."""
        assert parse("источник:РИА", fields=["source", "источник"]).query == WORD("РИА", "источник")

    def test_names_that_differ_in_case_are_told_apart(self) -> None:
        """A name as it is spelled comes first."""
        query = parse("Views:1 views:2", fields=["views", "Views"]).query
        assert query == AndQuery((WORD("1", "Views"), WORD("2", "views")))

    def test_an_index_without_fields_says_so(self) -> None:
        """Advice never names what is not there."""
        (warning,) = parse("a:b", fields=[]).warnings
        assert warning.message == "there is no field 'a' (there are no fields); read as words"

    @pytest.mark.parametrize(("alias", "field"), FIELD_ALIASES.items())
    def test_every_alias_is_its_field_and_is_documented(self, alias: str, field: str) -> None:
        """Russian names of fields."""
        assert parse(f"{alias}:x", fields=FIELDS, strict=True).query == WORD("x", field)
        assert grammar is not None
        assert f"`{alias}`" in grammar


class TestSpans:
    """Every node and warning knows its place."""

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ('title:"единое окно"~2^3 +Гвинея', ['title:"единое окно"~2^3', "Гвинея"]),
            ("a AND title:(wom?n OR x~), -date:2019..2020", ["a", "wom?n", "x~", "date:2019..2020"]),
            ("смотри: source:* =«окно» *", ["смотри:", "source:*", "=«окно»", "*"]),
            ("foo:bar AND", ["foo", "bar", "AND"]),
        ],
    )
    def test_leaves(self, text: str, parts: list[str]) -> None:
        """A leaf's span holds its field, quotes and suffixes."""
        spans = sorted(leaf.span for leaf in leaves(parse(text, fields=FIELDS).query))
        assert [text[start:end] for start, end in spans] == parts

    def test_compounds(self) -> None:
        """A compound spans its clauses, a negation its operator too."""
        text = "+Испания (НЕ Москва) fossils OR customs"
        query = parse(text).query
        nodes = {type(node): text[slice(*node.span)] for node in walk(query)}
        assert nodes[NotQuery] == "НЕ Москва"
        assert nodes[OrQuery] == "НЕ Москва) fossils OR customs"
        assert nodes[AndMaybeQuery] == text[1:]

    def test_spans_take_no_part_in_equality(self) -> None:
        """The same query typed elsewhere is the same query."""
        assert parse("  a").query == parse("a").query
        assert hash(parse("  a").query) == hash(parse("a").query)


class TestTree:
    """Nodes on their own."""

    def test_query_itself_is_no_node(self) -> None:
        """Only its kinds can be written."""
        with pytest.raises(NotImplementedError):
            Query().to_text()

    @pytest.mark.parametrize(
        ("tree", "text"),
        [
            (AndQuery((any_word("a b"), negation(any_word("c d")))), "a OR b -(c OR d)"),
            (AndQuery((any_word("a b"), WORD("c"), negation(WORD("d")))), "(a OR b) AND c AND NOT d"),
            (OrQuery((AndQuery((any_word("a b"), negation(WORD("c")))), WORD("d"))), "(a OR b -c) OR d"),
            (AndMaybeQuery(all_of([WORD("a"), negation(WORD("b"))]), any_word("c d")), "+a -b c d"),
            (AndMaybeQuery(all_of([negation(WORD("a")), WORD("b")]), WORD("c")), "+(NOT a AND b) c"),
            (AndMaybeQuery(negation(WORD("a")), negation(WORD("b"))), "+(NOT a) (NOT b)"),
            (
                AndMaybeQuery(WORD("a"), OrQuery((all_words("b c"), AndMaybeQuery(WORD("d"), WORD("e"))))),
                "+a b AND c (+d e)",
            ),
            (WORD("AND", boost=2), r"\AND^2"),
            (WORD("5?", "views", 0.25), r"views:5\?^0.25"),
            (FuzzyQuery("mailto:x"), r"mailto\:x~"),
            (WildcardQuery("http:a?b"), r"http\:a?b"),
            (RangeQuery("source", "TO", "[a]"), 'source:["TO" TO "[a]"]'),
            (NothingQuery(), ""),
        ],
    )
    def test_is_written_with_few_parentheses(self, tree: Query, text: str) -> None:
        """And means the same again."""
        assert tree.to_text() == text
        assert parse(text).query == tree

    def test_walk_and_leaves_go_from_left_to_right(self) -> None:
        """Parents before children; a NOT's leaf is a leaf."""
        query = parse("+a -b (c AND d)").query
        assert [node.to_text() for node in walk(query)] == [
            "+a -b c AND d", "a AND NOT b", "a", "NOT b", "b", "c AND d", "c", "d",
        ]  # fmt: skip
        assert [leaf.to_text() for leaf in leaves(query)] == ["a", "b", "c", "d"]
        assert [child.to_text() for child in children(query)] == ["a AND NOT b", "c AND d"]

    @pytest.mark.parametrize(
        "deeper",
        [
            NotQuery,
            lambda query: AndQuery((query, WordQuery("a"))),
            lambda query: OrQuery((WordQuery("a"), query)),
            lambda query: AndMaybeQuery(query, WordQuery("a")),
            lambda query: AndMaybeQuery(WordQuery("a"), query),
        ],
    )
    def test_a_tree_has_a_deepest_level(self, deeper: Callable[[Query], Query]) -> None:
        """The deepest that may be made is written and read; one more is refused with what to do instead."""
        tree: Query = WordQuery("b")
        for _ in range(MAX_LEVELS):
            tree = deeper(tree)
        assert "b" in tree.to_text()
        with pytest.raises(ValueError, match="more than 160 nodes one under the other; write clauses"):
            deeper(tree)

    def test_every_operator_word_is_documented(self) -> None:
        """The table in the package's docstring names each."""
        assert grammar is not None
        assert set(OPERATORS.values()) <= set(get_args(Kind))
        for word in (*OPERATORS, "&&", r"\|\|", "TO", "ПО"):
            assert f" {word} " in grammar or f"`{word} " in grammar
