"""The query tree: frozen nodes that say what is asked, not how it is found.

Leaves name a field or, with `field=None`, mean the text of title and body together. Text in leaves is as typed:
analysis happens when a query is compiled against an index. Every node writes itself as query text with `to_text()`,
and `parse(node.to_text())` gives an equal node if `parse` can give that node at all: no empty texts, no AND directly
in an AND, no OR in an OR, no NOT in a NOT, two clauses or more. Spans point into the text that a node was read from and
take no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wco_search.query.syntax import quote, quote_fuzzy, quote_pattern, quote_value, quote_word, write_boost

Span = tuple[int, int]
"""A half-open range of code points."""

NOWHERE: Span = (0, 0)
"""The span of a node that was not read from text."""


MAX_LEVELS = 160
"""The most nodes one under the other: each takes four calls to write, and Python allows 1,000 in all."""


@dataclass(frozen=True, slots=True)
class Query:  # no ABC: its metaclass makes every `isinstance` and `case` ten times as slow
    """The root of all nodes.

    Attributes:
        span: Where the node stands in the text that it was read from.
    """

    span: Span = field(default=NOWHERE, compare=False, kw_only=True)

    def to_text(self) -> str:
        """The node in the query language.

        Example:
            >>> OrQuery((WordQuery("ископаемые", field="title"), PhraseQuery("единое окно", slop=2))).to_text()
            'title:ископаемые OR "единое окно"~2'
        """
        return self._written()

    def _written(self) -> str:
        """What `to_text` gives."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class EverythingQuery(Query):
    """Every document: `*`."""

    def _written(self) -> str:
        return "*"


@dataclass(frozen=True, slots=True)
class NothingQuery(Query):
    """No document: what an empty query asks for."""

    def _written(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class WordQuery(Query):
    """A word in any of its inflected forms: `fossils`, `title:fossils`; in a keyword field, its value."""

    text: str
    field: str | None = None
    boost: float = 1.0

    def _written(self) -> str:
        return _leaf_text(self.field, quote_word(self.text), self.boost)


@dataclass(frozen=True, slots=True)
class ExactQuery(Query):
    """A word in exactly this form, case and ё aside: `="fossils"`; several words, in this order."""

    text: str
    field: str | None = None
    boost: float = 1.0

    def _written(self) -> str:
        return _leaf_text(self.field, f"={quote(self.text)}", self.boost)


@dataclass(frozen=True, slots=True)
class PhraseQuery(Query):
    """Words side by side in this order; with `slop`, all of them in any order with at most so many other words between.

    `"regional workshop"`, `"customs fossils"~5`.
    """

    text: str
    slop: int = 0
    field: str | None = None
    boost: float = 1.0

    def _written(self) -> str:
        slop = f"~{self.slop}" if self.slop else ""
        return _leaf_text(self.field, f"{quote(self.text)}{slop}", self.boost)


@dataclass(frozen=True, slots=True)
class WildcardQuery(Query):
    """Words as written that fit a pattern: `*` is any run of characters, `?` any one: `контр*`, `wom?n`.

    In the pattern, a backslash before `*`, `?` or a backslash makes it an ordinary character.
    """

    pattern: str
    field: str | None = None
    boost: float = 1.0

    def _written(self) -> str:
        return _leaf_text(self.field, quote_pattern(self.pattern), self.boost)


@dataclass(frozen=True, slots=True)
class FuzzyQuery(Query):
    """Words as written within one or two edits (letters changed, added, lost or swapped): `Mikuria~`, `Mikurya~2`."""

    text: str
    distance: int = 1
    field: str | None = None
    boost: float = 1.0

    def _written(self) -> str:
        distance = "" if self.distance == 1 else str(self.distance)
        return _leaf_text(self.field, f"{quote_fuzzy(self.text)}~{distance}", self.boost)


@dataclass(frozen=True, slots=True)
class RangeQuery(Query):
    """Values from `low` to `high`, as typed; None is open: `views:[10 TO 20]`, `date:2019..2020`, `views:>=10`.

    With both ends open, the documents that have the field at all: `views:*`.
    """

    field: str
    low: str | None
    high: str | None
    includes_low: bool = True
    includes_high: bool = True

    def _written(self) -> str:
        opening = "[" if self.includes_low else "{"
        closing = "]" if self.includes_high else "}"
        low = "*" if self.low is None else quote_value(self.low)
        high = "*" if self.high is None else quote_value(self.high)
        return f"{self.field}:{opening}{low} TO {high}{closing}"


@dataclass(frozen=True, slots=True)
class _Branching(Query):
    """A node with others under it.

    Attributes:
        levels: How many nodes lie on the longest way down.
    """

    levels: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        levels = 1 + max(map(levels_of, children(self)), default=0)
        if levels > MAX_LEVELS:
            raise ValueError(
                f"a query of more than {MAX_LEVELS} nodes one under the other; "
                "write clauses of one kind as one AndQuery or OrQuery"
            )
        object.__setattr__(self, "levels", levels)


def levels_of(query: Query) -> int:
    """How many nodes with others under them lie on the longest way down, at most `MAX_LEVELS`."""
    return query.levels if isinstance(query, _Branching) else 0


@dataclass(frozen=True, slots=True)
class AndQuery(_Branching):
    """All of the clauses: `a AND b`, `a И b`, `+a +b`."""

    clauses: tuple[Query, ...]

    def _written(self) -> str:
        if _is_with_exclusions(self):
            excluded = (_signed("-", clause.clause) for clause in self.clauses if isinstance(clause, NotQuery))
            return " ".join([self.clauses[0].to_text(), *excluded])
        return _joined(" AND ", " && ", list(map(_demand, self.clauses)))


@dataclass(frozen=True, slots=True)
class OrQuery(_Branching):
    """Any of the clauses, better the more: `a b`, `a OR b`, `a ИЛИ b`."""

    clauses: tuple[Query, ...]

    def _written(self) -> str:
        return _joined(" OR ", " || ", list(map(_alternative, self.clauses)))


@dataclass(frozen=True, slots=True)
class AndMaybeQuery(_Branching):
    """`required` decides what matches, `optional` ranks it higher: `+a b`."""

    required: Query
    optional: Query

    def _written(self) -> str:
        optional = self.optional.clauses if isinstance(self.optional, OrQuery) else (self.optional,)
        return " ".join([*self._required_texts(), *map(_optional, optional)])

    def _required_texts(self) -> Iterator[str]:
        clauses = self.required.clauses if isinstance(self.required, AndQuery) else (self.required,)
        negative = [isinstance(clause, NotQuery) for clause in clauses]
        if negative[0] or negative != sorted(negative):  # signs would put what is excluded last
            yield _signed("+", self.required)
            return
        for clause in clauses:
            yield _signed("-", clause.clause) if isinstance(clause, NotQuery) else _signed("+", clause)


@dataclass(frozen=True, slots=True)
class NotQuery(_Branching):
    """The documents that the clause does not match; adds nothing to a score: `NOT a`, `НЕ a`, `-a`."""

    clause: Query

    def _written(self) -> str:
        clause = _wrapped(self.clause, _COMPOUND)
        text = f"NOT {clause}"
        return f"!{clause}" if text.isupper() else text  # see _joined


_TEXT = (None, "title", "body")  # fields that hold words to be ranked by; all others hold values
_LEVELS = (AndQuery, OrQuery, AndMaybeQuery)
_COMPOUND = (*_LEVELS, NotQuery)


def any_of(clauses: Iterable[Query]) -> Query:
    """One query for any of *clauses*, of which there is at least one: alternatives in alternatives are laid flat.

    Example:
        >>> a, b, c = map(WordQuery, "abc")
        >>> any_of([any_of([a, b]), c]).to_text(), any_of([a]) == a
        ('a OR b OR c', True)
    """
    flat = [part for clause in clauses for part in (clause.clauses if isinstance(clause, OrQuery) else (clause,))]
    return flat[0] if len(flat) == 1 else OrQuery(tuple(flat), span=cover(flat))


def all_of(clauses: Iterable[Query]) -> Query:
    """One query for all of *clauses*, of which there is at least one: demands in demands are laid flat.

    Example:
        >>> a, b, c = map(WordQuery, "abc")
        >>> all_of([a, all_of([b, negation(c)])]).to_text()
        'a AND b AND NOT c'
    """
    flat = [part for clause in clauses for part in (clause.clauses if isinstance(clause, AndQuery) else (clause,))]
    return flat[0] if len(flat) == 1 else AndQuery(tuple(flat), span=cover(flat))


def negation(clause: Query, *, span: Span | None = None) -> Query:
    """The opposite of *clause*; two negations cancel out.

    Example:
        >>> a = WordQuery("a")
        >>> negation(a).to_text(), negation(negation(a)) == a
        ('NOT a', True)
    """
    return clause.clause if isinstance(clause, NotQuery) else NotQuery(clause, span=span or clause.span)


def condition_field(query: Query) -> str | None:
    """The one field, other than the text, that all leaves of *query* are values of; None where there is no such.

    Example:
        >>> source = WordQuery("WCO", "source")
        >>> condition_field(source), condition_field(WordQuery("WCO")), condition_field(WordQuery("WCO", "title"))
        ('source', None, None)
    """
    fields = {getattr(leaf, "field", None) for leaf in leaves(query)}
    field = fields.pop()
    return None if fields or field in _TEXT else field


def cover(queries: Iterable[Query]) -> Span:
    """The shortest span with the spans of all *queries* in it.

    Example:
        >>> cover([WordQuery("a", span=(4, 5)), WordQuery("b", span=(1, 2))])
        (1, 5)
    """
    starts, ends = zip(*(query.span for query in queries), strict=True)
    return min(starts), max(ends)


def children(query: Query) -> tuple[Query, ...]:
    """The nodes directly under *query*, from left to right; none under a leaf.

    Example:
        >>> children(AndMaybeQuery(WordQuery("a"), WordQuery("b")))[1].to_text()
        'b'
    """
    match query:
        case AndQuery(clauses) | OrQuery(clauses):
            return clauses
        case AndMaybeQuery(required, optional):
            return (required, optional)
        case NotQuery(clause):
            return (clause,)
        case _:
            return ()


def walk(query: Query) -> Iterator[Query]:
    """*query* and every node under it: parents before children, from left to right.

    Example:
        >>> [type(node).__name__ for node in walk(negation(WordQuery("a")))]
        ['NotQuery', 'WordQuery']
    """
    waiting = [query]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def leaves(query: Query) -> Iterator[Query]:
    """The nodes of *query* that have none under them, from left to right, those under a NOT included.

    Example:
        >>> [leaf.to_text() for leaf in leaves(any_of([WordQuery("a"), negation(PhraseQuery("b c"))]))]
        ['a', '"b c"']
    """
    return (node for node in walk(query) if not children(node))


def _leaf_text(field_name: str | None, text: str, boost: float) -> str:
    prefix = "" if field_name is None else f"{field_name}:"
    return f"{prefix}{text}{write_boost(boost)}"


def _is_with_exclusions(query: AndQuery) -> bool:
    """Whether it is alternatives minus something, which reads best, and without parentheses, as `a OR b -c`."""
    first, *rest = query.clauses
    return isinstance(first, OrQuery) and all(isinstance(clause, NotQuery) for clause in rest)


def _joined(word: str, symbol: str, texts: list[str]) -> str:
    """The texts with an operator between: its symbol where all is in capitals, for there the words are no operators."""
    text = word.join(texts)
    return symbol.join(texts) if text.isupper() else text


def _wrapped(clause: Query, kinds: type[Query] | tuple[type[Query], ...]) -> str:
    return f"({clause.to_text()})" if isinstance(clause, kinds) else clause.to_text()


def _demand(clause: Query) -> str:
    return _wrapped(clause, _LEVELS)


def _alternative(clause: Query) -> str:
    is_chain = isinstance(clause, AndQuery) and not _is_with_exclusions(clause)
    return clause.to_text() if is_chain else _wrapped(clause, _LEVELS)


def _optional(clause: Query) -> str:
    is_taken_otherwise = isinstance(clause, NotQuery) or condition_field(clause) is not None
    return f"({clause.to_text()})" if is_taken_otherwise else _alternative(clause)


def _signed(sign: str, clause: Query) -> str:
    return f"{sign}{_wrapped(clause, _COMPOUND)}"
