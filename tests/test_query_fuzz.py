"""Laws of the query language that hold for every text and every tree, its limits, and its speed on hostile texts."""

from __future__ import annotations

import random
import re
import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wco_search.errors import QuerySyntaxError
from wco_search.query import (
    AndMaybeQuery,
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    NothingQuery,
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
from wco_search.query.syntax import MAX_CHARS, MAX_DEPTH, MAX_LEAVES, MAX_WARNINGS

FIELDS = ["title", "body", "date", "source", "views", "рубрика"]

MARKS = r"""
    AND OR NOT И ИЛИ НЕ TO ПО && || & | ! + - = ( ) (s) [ ] { } .. ... > <= * ** ? ~ ~2 ~9 ^ ^2 ^.3 " « » “ ” „ \ \* \"
    title: дата: foo: рубрика: _: http:// http: mailto: : :: , . ; … — ' № x~ октября a B слово ТАМОЖНЯ 1 30
"""
SPACES = ["\n", "\x00", "\u200e", "\ufeff", *" " * 6]
LETTERS = ["\u0301", "\ud800", "ǅ", "ß", "İ", "ª"]
PIECES = [*MARKS.split(), *SPACES, *LETTERS, " TO ", " ПО "]

typed = st.one_of(
    st.text(),
    st.text(alphabet=st.characters()),  # lone surrogates too
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
)


@given(typed, st.sampled_from([None, FIELDS]))
@example("(" * 60 + "a", None)
@example('="«*', FIELDS)
def test_every_text_is_a_query_that_is_written_as_it_is_read(text: str, fields: list[str] | None) -> None:
    """Nothing raises; spans lie in the text; the tree written as text and read again is the same tree."""
    parsed = parse(text, fields=fields)
    for node in walk(parsed.query):
        assert 0 <= node.span[0] <= node.span[1] <= len(text)
    for warning in parsed.warnings:
        assert 0 <= warning.start <= warning.end <= len(text)
        assert warning.message
    assert len(parsed.warnings) <= MAX_WARNINGS + 2
    assert parse(parsed.query.to_text(), fields=fields).query == parsed.query


@given(typed)
def test_strict_differs_in_nothing_but_the_error(text: str) -> None:
    """It gives the same query where there is no fault, and an error that prints where there is one."""
    parsed = parse(text, fields=FIELDS)
    error = strict_error(text)
    if error is None:
        assert parse(text, fields=FIELDS, strict=True) == parsed
    else:
        assert (error.start, error.end) in [(warning.start, warning.end) for warning in parsed.warnings]
        assert "^" in str(error)


def strict_error(text: str) -> QuerySyntaxError | None:
    """The error that `strict` raises, if it does."""
    try:
        parse(text, fields=FIELDS, strict=True)
    except QuerySyntaxError as error:
        return error
    return None


def is_searchable(text: str) -> bool:
    """Whether a word has something to search for."""
    return any(char.isalnum() for char in text)


def is_pattern(pattern: str) -> bool:
    """Whether a wildcard pattern can be typed: a `?` at the end of an ordinary word would ask."""
    marks = re.sub(r"\\.", "", pattern, flags=re.DOTALL).rstrip("?")
    return is_searchable(pattern) and ("*" in marks or "?" in marks) and "**" not in pattern


texts = st.one_of(st.sampled_from(["AND", "НЕ", "foo:bar", "WCO", "окно", "C++", "http://x/?~", "a..b"]), typed).filter(
    is_searchable
)
values = st.one_of(st.sampled_from(["2019", "TO", "1 мая 2020", "*", "[", ">=5"]), st.text(min_size=1, max_size=200))
patterns = st.lists(st.sampled_from(["*", "?", "a", "Ж", "-", "(", ":", ",", '"', "http:", "\\*", "\\\\", " "])).map(
    "".join
)
field_names = st.sampled_from([None, "title", "date", "рубрика"])
boosts = st.one_of(st.just(1.0), st.floats(0.01, 100.0))
terms = st.one_of(
    st.builds(WordQuery, texts, field_names, boosts),
    st.builds(ExactQuery, texts, field_names, boosts),
    st.builds(PhraseQuery, texts, st.integers(0, 1_000), field_names, boosts),
    st.builds(WildcardQuery, patterns.filter(is_pattern), field_names, boosts),
    st.builds(FuzzyQuery, texts, st.integers(1, 2), field_names, boosts),
    st.builds(
        RangeQuery,
        st.sampled_from(["date", "views"]),
        st.none() | values,
        st.none() | values,
        st.booleans(),
        st.booleans(),
    ),
    st.just(EverythingQuery()),
)


def compounds(trees: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """Nodes over *trees*, as `parse` lays them flat."""
    several = st.lists(trees, min_size=2, max_size=4)
    return st.one_of(
        several.map(all_of), several.map(any_of), st.builds(AndMaybeQuery, trees, trees), trees.map(negation)
    )


@given(st.recursive(terms, compounds, max_leaves=12))
@settings(max_examples=300)
def test_every_tree_is_read_as_it_is_written(tree: Query) -> None:
    """`parse(tree.to_text())` gives the tree, without a fault, whatever its words look like."""
    text = tree.to_text()
    assert parse(text, fields=FIELDS).query == tree
    assert parse(text).query == tree
    hints = [warning.message for warning in parse(text, fields=FIELDS).warnings]
    assert all("needs quotes" in hint for hint in hints)  # a word behind a date may look like its month


@given(st.lists(terms, min_size=1, max_size=5), st.data())
def test_grouping_does_not_matter_among_alternatives_and_among_demands(
    clauses: list[Query], data: st.DataObject
) -> None:
    """However they are bracketed, all of them lie in one node."""
    cut = data.draw(st.integers(1, len(clauses)))
    left, right = clauses[:cut], clauses[cut:]
    for combine in (any_of, all_of):
        assert combine([combine(left), *right]) == combine(clauses)


class TestLimits:
    """Bounds on size: what is beyond them is ignored, and told."""

    def test_a_long_text_is_cut_at_a_space(self) -> None:
        """The last word that fits is whole."""
        text = "таможня " * (MAX_CHARS // 8 - 500) + "x" * 3_990 + " контрабанда" * 2
        parsed = parse(text)
        *_, last = leaves(parsed.query)
        assert last == WordQuery("x" * 3_990)
        assert [(warning.start, warning.end) for warning in parsed.warnings] == [(MAX_CHARS - 10, len(text))]
        assert "longer than 10,000 characters" in parsed.warnings[0].message
        assert parsed.text == text

    def test_a_text_without_spaces_is_cut_anywhere(self) -> None:
        """One word of more than 10,000 characters."""
        assert parse("x" * (MAX_CHARS + 1)).query == WordQuery("x" * MAX_CHARS)

    def test_the_longest_text_is_read_whole(self) -> None:
        """10,000 characters are not too many."""
        assert parse("x" * MAX_CHARS, strict=True).query == WordQuery("x" * MAX_CHARS)

    def test_leaves_beyond_the_limit_are_ignored(self) -> None:
        """Also those in a group that is still open."""
        text = "(" + "a " * MAX_LEAVES + "b c)"
        parsed = parse(text)
        assert parsed.query == any_of([WordQuery("a")] * MAX_LEAVES)
        assert [(text[warning.start : warning.end], warning.message) for warning in parsed.warnings] == [
            ("b c)", "more than 1024 words; the rest is ignored")
        ]

    def test_as_many_leaves_as_the_limit_are_read(self) -> None:
        """With all the operators between them."""
        assert len(list(leaves(parse(" AND ".join("a" * MAX_LEAVES), strict=True).query))) == MAX_LEAVES

    def test_dangling_operators_do_not_count_beyond_the_limit(self) -> None:
        """They are words too."""
        parsed = parse("a " * (MAX_LEAVES - 1) + "OR OR OR")
        assert len(list(leaves(parsed.query))) == MAX_LEAVES
        fates = [warning.message.partition("; ")[2] for warning in parsed.warnings]
        assert fates == ["read as a word", "ignored", "ignored"]

    def test_parentheses_nest_to_the_limit(self) -> None:
        """50 deep, a field on the outermost reaches the innermost."""
        text = "title:" + "(a AND " * MAX_DEPTH + "b" + ")" * MAX_DEPTH
        query = parse(text, fields=FIELDS, strict=True).query
        assert query == all_of([*[WordQuery("a", "title")] * MAX_DEPTH, WordQuery("b", "title")])

    def test_deeper_parentheses_are_ignored(self) -> None:
        """Their content is read in the group around; the rest of the query is not affected."""
        text = "(" * (MAX_DEPTH + 2) + "a AND b" + ")" * (MAX_DEPTH + 2) + " c"
        parsed = parse(text)
        assert parsed.query == OrQuery((all_of([WordQuery("a"), WordQuery("b")]), WordQuery("c")))
        assert [warning.start for warning in parsed.warnings] == [MAX_DEPTH, MAX_DEPTH + 1]

    def test_a_deeper_field_still_applies(self) -> None:
        """Only its parentheses are ignored."""
        parsed = parse("(" * MAX_DEPTH + "title:(a b", fields=FIELDS)
        assert parsed.query == any_of([WordQuery("a", "title"), WordQuery("b", "title")])

    def test_no_depth_breaks_the_interpreter(self) -> None:
        """Ten thousand parentheses, signs or negations are no recursion error."""
        for text in ("(" * MAX_CHARS, "(" * 4_999 + "a" + ")" * 4_999, "-(" * 4_999 + "a", "NOT " * 2_499 + "a"):
            assert len(list(walk(parse(text).query))) <= MAX_DEPTH + 2

    def test_many_warnings_are_counted(self) -> None:
        """Twenty are told, then how many more there are."""
        warnings = parse(")" * 100 + " x").warnings
        assert len(warnings) == MAX_WARNINGS + 1
        assert warnings[-1].message == "and 80 more places like these"

    def test_many_unknown_fields_are_counted(self) -> None:
        """No advice is worked out that nobody sees."""
        warnings = parse("".join(f"поле{number}:x " for number in range(30)), fields=FIELDS).warnings
        assert warnings[-1].message == "and 10 more places like these"

    def test_a_long_number_is_a_number(self) -> None:
        """Digits beyond any range are clamped like others."""
        digits = "9" * 5_000
        assert parse(f"a^{digits}").query == WordQuery("a", boost=100.0)
        assert parse(f"a~{digits}").query == FuzzyQuery("a", 2)
        assert parse(f'"a b"~{digits}').query == PhraseQuery("a b", 1_000)


def nested_text(generator: random.Random, depth: int) -> str:
    """A well-formed query with parentheses *depth* deep."""
    if depth == 0:
        return generator.choice(["a", "B", "title:слово", "-c", "+d", "NOT e"])
    inner = f"{generator.choice(['', '', '+', '-', '!', 'title:'])}({nested_text(generator, depth - 1)})"
    around = [
        generator.choice(["", "x ", "x AND ", "NOT x ", "+x ", "-x ", "x OR ", "NOT x OR ", "x AND y "]) for _ in "12"
    ]
    tail = generator.choice(["", " z", " AND z", " AND NOT z", " -z", " +z", " OR NOT z", " NOT z"])
    return f"{around[0]}{inner}{tail}"


@pytest.mark.parametrize("seed", range(200))
def test_the_deepest_query_is_written_no_deeper(seed: int) -> None:
    """What is read from 50 levels of parentheses is written with at most 50, so it can be read again."""
    text = nested_text(random.Random(seed), MAX_DEPTH)
    query = parse(text, fields=FIELDS, strict=True).query
    assert parse(query.to_text(), fields=FIELDS, strict=True).query == query


HOSTILE = (
    '"[ TO ',
    "(",
    ")",
    "-(",
    "a(",
    "a(b)",
    "()",
    "(a)^2",
    "a:",
    "title:",
    "title: ",
    "title:(",
    "title:[",
    "date:[a TO ",
    'a:[" ',
    "a:[x" + " " * 50,
    'a:"1".."',
    "a:1..",
    "a:>",
    "a:" + "1," * 80 + " ",
    "+",
    "- ",
    "!",
    "AND ",
    "НЕ ",
    "a AND ",
    "&&",
    '"',
    '""',
    '\\"',
    "«",
    "„a“",
    '="',
    "\\",
    "*",
    "**a",
    "a?",
    "~1",
    "^1",
    "a^9 ",
    ".",
    "…",
    "x" * 63 + ":",
    "\u200b",
    "\x00",
)


def steps(text: str) -> int:
    """How many function calls, Python's own included, it takes to parse *text*."""
    count = 0

    def tally(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        parse(text, fields=FIELDS)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_no_faster_than_the_text(piece: str) -> None:
    """Twice the text is at most about twice the calls."""
    long = (piece * MAX_CHARS)[:MAX_CHARS]
    half = steps(long[: MAX_CHARS // 2])
    assert steps(long) < 2.2 * half + 500
    assert isinstance(parse(long, fields=FIELDS).query, Query)


def test_a_query_of_punctuation_only_finds_nothing() -> None:
    """Signs of every kind have nothing to act on."""
    for piece in (
        "+",
        "-",
        "!",
        "(",
        ")",
        "=",
        "~",
        "^",
        "?",
        "—",
        "…",
        "\\",
        '"',
        "«",
        "&&",
        "||",
        "[",
        "{",
        ">",
        "..",
    ):
        assert parse(piece * 3).query == NothingQuery(), piece


@given(
    st.lists(st.sampled_from(["a", "таможня", "AND", "И", "NOT", "x_1", "_x", "ВТамО", "2020", "Не", "ТО"]), max_size=6)
)
def test_plain_words_are_read_quickly_to_the_same_tree(words: list[str]) -> None:
    """The short way and the long way, which a trailing space asks for."""
    text = " ".join(words)
    quick, slow = parse(text, fields=FIELDS), parse(text + " ", fields=FIELDS)
    assert quick.query == slow.query
    assert [leaf.span for leaf in leaves(quick.query)] == [leaf.span for leaf in leaves(slow.query)]
    assert quick.query.span == slow.query.span


@given(
    st.lists(st.sampled_from(["a", "AND", "И", "таможня", "ВТамО", "OR", "2020"]), min_size=1, max_size=5),
    st.sampled_from(['"{}"', "{}*", "{}", 'x "{}"']),
)
def test_phrases_and_prefixes_are_read_quickly_to_the_same_tree(words: list[str], form: str) -> None:
    """The short way and the long way, which a trailing space asks for."""
    text = form.format(" ".join(words))
    quick, slow = parse(text, fields=FIELDS), parse(text + " ", fields=FIELDS)
    assert quick.query == slow.query
    assert [leaf.span for leaf in leaves(quick.query)] == [leaf.span for leaf in leaves(slow.query)]
    assert quick.query.span == slow.query.span
