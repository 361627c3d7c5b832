"""Query text to tree: `parse`.

The tokens of `wco_search.query.lexer` are combined by precedence: NOT, then AND, then OR, which is also what stands
between words side by side. A sign or a NOT before a word side by side with others acts on all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from wco_search.dates import may_hold_date
from wco_search.query.lexer import Kind, Lexer, Token, field_names
from wco_search.query.report import QueryWarning, Report
from wco_search.query.syntax import INVISIBLE, MAX_BOOST, MAX_CHARS, MAX_LEAVES, MIN_BOOST, OPERATORS, SPACE
from wco_search.query.tree import (
    AndMaybeQuery,
    AndQuery,
    ExactQuery,
    FuzzyQuery,
    NothingQuery,
    OrQuery,
    PhraseQuery,
    Query,
    RangeQuery,
    Span,
    WildcardQuery,
    WordQuery,
    all_of,
    any_of,
    condition_field,
    cover,
    negation,
)

_BLANK = re.compile(f"[{SPACE}{INVISIBLE}]*")
_PREFIXES: frozenset[Kind] = frozenset({"+", "-", "not"})
_RANKED = (WordQuery, ExactQuery, PhraseQuery, WildcardQuery, FuzzyQuery)
_LONGEST_WORD = 255  # how far back from the end of a text that is cut to look for a space; longer words are cut too


_OPERATOR_WORDS = OPERATORS.keys()
_ANDS = frozenset(word for word, meaning in OPERATORS.items() if meaning == "and")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as it was understood.

    Attributes:
        query: The tree.
        warnings: What was not understood as syntax, by place; empty for a well-formed query.
        text: The text that was read.
        dates: Where in it words were taken for a date that no field's name announces.
    """

    query: Query
    warnings: tuple[QueryWarning, ...]
    text: str
    dates: tuple[Span, ...] = ()


def parse(
    text: str, *, fields: Collection[str] | None = None, strict: bool = False, dates: bool = False
) -> ParsedQuery:
    r"""Read *text* as a query. Every string is one: what is not syntax is read as words and told in the warnings.

    Args:
        text: The query (grammar in `wco_search.query`); of more than `MAX_CHARS` characters, the rest is ignored.
        fields: The names that are fields before a colon, in any case. None takes any name there.
        strict: Raise an error where there would be a warning.
        dates: Take unmistakable dates among the words for values of the field `date`, and let such a value have several
            words without quotes (`wco_search.dates` tells which). Relative dates stay words in the tree: what
            "yesterday" means is decided when it is searched for.

    Raises:
        QuerySyntaxError: Under *strict*, for the leftmost fault, with its span.

    Example:
        >>> parsed = parse("title:(fossils НЕ smuggling) AND", fields=["title", "body"])
        >>> print(parsed.query.to_text())
        title:fossils AND NOT title:smuggling OR \AND
        >>> [str(warning) for warning in parsed.warnings]
        ['AND has nothing to join here; read as a word']
        >>> parse("workshop 19-23 October 2020", dates=True).query.to_text()
        'workshop AND date:"19-23 October 2020"'
    """
    may_be_dated = dates and may_hold_date(text)
    if not may_be_dated and (plain := _read_plainly(text)) is not None:
        return ParsedQuery(plain, (), text)
    report = Report()
    kept = _within_limit(text, report)
    names = field_names(None if fields is None else frozenset(fields))
    lexer = Lexer(kept, names, report, dates=may_be_dated)
    tokens = _settled(lexer.read(), kept, report)
    query = _Tree(tokens, len(kept), report).read()
    if query is None and not _BLANK.fullmatch(kept):
        report.add("there is nothing to search for: no letter and no digit", 0, len(kept))
    if strict:
        report.raise_first(text)
    return ParsedQuery(query or NothingQuery(), report.warnings(), text, tuple(lexer.dates))


class PlainQuery(NamedTuple):
    """A query of nothing but words, as most are.

    Attributes:
        joined: How its words are: any will do, all are needed, they stand side by side, or the only one begins so.
        words: They.
    """

    joined: Literal["any", "all", "phrase", "prefix"]
    words: Sequence[str]


def plain_query(text: str) -> PlainQuery | None:
    """What *text* asks where it is words with a space between, or with AND, or in straight quotes, or ends in `*`.

    What `parse` makes of such a text is the same; None of any other, and of a longer one than is read.

    Example:
        >>> plain_query("smuggling of fossils"), plain_query("fossils OR timber"), plain_query("COVID-19")
        (PlainQuery(joined='any', words=['smuggling', 'of', 'fossils']), None, None)
        >>> plain_query("fossils AND timber"), plain_query('"single window"').joined, plain_query("fossil*").joined
        (PlainQuery(joined='all', words=['fossils', 'timber']), 'phrase', 'prefix')
    """
    kind, bare = _bare(text)
    words = bare.split(" ")
    if len(text) > MAX_CHARS or not all(map(str.isalnum, words)):
        return None
    if len(words) > MAX_LEAVES or (kind == "prefix" and len(words) > 1):
        return None
    if kind != "any" or _OPERATOR_WORDS.isdisjoint(words):
        return PlainQuery(kind, words)
    between, operands = words[1::2], words[::2]
    if len(words) % 2 and _ANDS.issuperset(between) and _OPERATOR_WORDS.isdisjoint(operands) and not text.isupper():
        return PlainQuery("all", operands)
    return None


def _bare(text: str) -> tuple[Literal["any", "phrase", "prefix"], str]:
    """*text* without the signs around it that `plain_query` knows, and what they say."""
    if text.endswith('"') and text.startswith('"'):
        return "phrase", text[1:-1]
    return ("prefix", text[:-1]) if text.endswith("*") else ("any", text)


def _read_plainly(text: str) -> Query | None:
    """The tree of a text of `plain_query`: that of the lexer and the parser below, in a tenth of their time."""
    plain = plain_query(text)
    if plain is None:
        return None
    span = (0, len(text))
    if plain.joined == "phrase":
        return PhraseQuery(text[1:-1], span=span)
    if plain.joined == "prefix":
        return WildcardQuery(text, span=span)
    leaves = _placed(text.split(" "))
    if plain.joined == "all":
        return AndQuery(tuple(leaves[::2]), span=span)
    return leaves[0] if len(leaves) == 1 else OrQuery(tuple(leaves), span=span)


def _placed(words: Iterable[str]) -> list[WordQuery]:
    """Leaves of words that stand one behind the other, a space apart."""
    leaves = []
    start = 0
    for word in words:
        end = start + len(word)
        leaves.append(WordQuery(word, span=(start, end)))
        start = end + 1
    return leaves


def _within_limit(text: str, report: Report) -> str:
    if len(text) <= MAX_CHARS:
        return text
    end = text.rfind(" ", MAX_CHARS - _LONGEST_WORD, MAX_CHARS)
    end = end if end >= 0 else MAX_CHARS
    report.add(f"the query is longer than {MAX_CHARS:,} characters", end, len(text), fate="the rest is ignored")
    return text[:end]


def _settled(tokens: list[Token], text: str, report: Report) -> list[Token]:
    """The tokens with operators and signs only where they have something to act on; other operator words are words."""
    starts = _operand_starts(tokens, text)
    room = MAX_LEAVES - sum(token.kind == "leaf" for token in tokens)
    settled: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind in ("and", "or"):
            is_live = index > 0 and tokens[index - 1].kind in ("leaf", ")") and starts[index + 1]
        else:
            is_live = starts[index] or token.kind == ")"
        if is_live:
            settled.append(token)
            continue
        is_word = token.leaf is not None and room > 0
        fate = "read as a word" if is_word else "ignored"
        report.add(f"{text[token.start : token.end]} has nothing to join here", token.start, token.end, fate=fate)
        if is_word:
            room -= 1
            settled.append(replace(token, kind="leaf"))
    return settled


def _operand_starts(tokens: list[Token], text: str) -> list[bool]:
    """For each token and for the end, whether something to search for starts there; a sign must touch it."""
    starts = [False] * (len(tokens) + 1)
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind in _PREFIXES and starts[index + 1]:
            starts[index] = text[token.start] not in "+-!" or tokens[index + 1].start == token.end
        else:
            starts[index] = token.kind in ("leaf", "(")
    return starts


@dataclass(frozen=True, slots=True)
class _Factor:
    """A leaf or a group with what its signs make of it; a condition is a value, or a group of values, of one field."""

    query: Query
    signs: frozenset[Kind]
    is_negative: bool
    is_condition: bool


@dataclass(frozen=True, slots=True)
class _Level:
    """The clauses that stand side by side, sorted by sign."""

    required: list[Query] = field(default_factory=list)
    optional: list[Query] = field(default_factory=list)
    excluded: list[Query] = field(default_factory=list)
    conditions: dict[str, list[Query]] = field(default_factory=dict)

    def narrow(self, condition: Query) -> None:
        """Of several values of a field one must hold; a bound holds beside everything, as in `views:>10 views:<20`."""
        is_bound = isinstance(condition, RangeQuery) and None in (condition.low, condition.high)
        key = str(condition.span) if is_bound else condition_field(condition) or ""
        self.conditions.setdefault(key, []).append(condition)

    def combined(self) -> Query | None:
        optional = [any_of(self.optional)] if self.optional else []
        demands = [*map(any_of, self.conditions.values()), *self.excluded]
        if self.required and optional:
            both = (all_of([*self.required, *demands]), optional[0])
            return AndMaybeQuery(*both, span=cover(both))
        demands = [*self.required, *optional, *demands]
        return all_of(demands) if demands else None


class _Tree:
    """Builds the tree of settled tokens; the call depth is bounded by `MAX_DEPTH`."""

    def __init__(self, tokens: list[Token], end: int, report: Report) -> None:
        self._tokens = [*tokens, Token(")", end, end)]  # the whole text as one group
        self._index = 0
        self._report = report

    def read(self) -> Query | None:
        """The tree, or None where there is nothing to search for."""
        return self._group(1.0)

    def _next(self) -> Token:
        self._index += 1
        return self._tokens[self._index - 1]

    def _take(self, kind: Kind) -> bool:
        is_next = self._tokens[self._index].kind == kind
        self._index += is_next
        return is_next

    def _group(self, boost: float) -> Query | None:
        level = _Level()
        while not self._take(")"):
            self._clause(level, boost)
        return level.combined()

    def _clause(self, level: _Level, boost: float) -> None:
        is_alternative = self._take("or")
        factors = self._chain(boost)
        is_alternative = is_alternative or self._tokens[self._index].kind == "or"
        if len(factors) > 1:
            level.optional.append(all_of(factor.query for factor in factors))
            return
        for factor in factors:  # one, or none
            if factor.is_negative and (factor.signs != {"not"} or not is_alternative):
                level.excluded.append(factor.query)
            elif "+" in factor.signs and not factor.is_negative:
                level.required.append(factor.query)
            elif factor.is_condition and not is_alternative:
                level.narrow(factor.query)
            else:
                level.optional.append(factor.query)

    def _chain(self, boost: float) -> list[_Factor]:
        """The factors with AND between them."""
        factors = [self._factor(boost)]
        while self._take("and"):
            factors.append(self._factor(boost))
        return [factor for factor in factors if factor]

    def _factor(self, boost: float) -> _Factor | None:
        start = self._tokens[self._index].start
        signs: list[Kind] = []
        while (token := self._next()).kind in _PREFIXES:
            signs.append(token.kind)
        query = self._boosted(token.leaf, boost) if token.leaf else self._group(boost * token.boost)
        if query is None:
            return None
        is_plain_group = token.leaf is None and token.end - token.start == 1
        is_condition = not is_plain_group and condition_field(query) is not None
        is_negative = len(signs) % 2 != signs.count("+") % 2  # two negations cancel out
        if is_negative:
            query = negation(query, span=(start, query.span[1]))
        return _Factor(query, frozenset(signs), is_negative, is_condition)

    def _boosted(self, leaf: Query, factor: float) -> Query:
        if factor == 1.0 or not isinstance(leaf, _RANKED):
            return leaf
        boost = leaf.boost * factor
        within = min(max(boost, MIN_BOOST), MAX_BOOST)
        if within != boost:
            self._report.add(f"the factors behind ^ come to {boost:g} here", *leaf.span, fate=f"taken as {within:g}")
        return replace(leaf, boost=within)
