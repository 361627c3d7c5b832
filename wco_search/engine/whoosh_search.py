"""Whoosh's searcher over one snapshot, with the library's score, and any Whoosh query as a plan.

Whoosh's own matchers do the work over our postings. Before they do, a query tree is put right where they are wrong:

                    in Whoosh                                           here
    AndNot(a, b)    may give a document of `b`, the first of `a`        `a` without the documents of `b`
    Require(a, b)   gives what `b` lacks (2.7.4), or fails (whoosh3)    `a` within the documents of `b`
    Or              drops scores of 0 and less in small indexes         goes the way of large indexes
    Every(field)    reads all postings of the field                     asks which documents have it
    ColumnQuery     fails when it is scored                             scores 1
    a `Word`        is one term                                         is any of its terms, also in a phrase

and no document is left out to save time, which costs Whoosh hits of `DisjunctionMax` and scaled `Or`, and totals.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

import numpy as np

from wco_search.analysis.stopwords import is_stop_word
from wco_search.engine.compile import Compiled
from wco_search.engine.plan import Given, Group, Nothing, Words
from wco_search.engine.score import idf
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import MAX_EXPANSIONS, Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.whoosh_analyzer import Word, whoosh
from wco_search.engine.whoosh_fields import refuse_zone
from wco_search.engine.whoosh_reader import ArrayReader
from wco_search.engine.whoosh_terms import TEXT_FIELDS
from wco_search.errors import UnknownFieldError

WhooshQuery: TypeAlias = whoosh.query.Query
"""Any node of a query tree of Whoosh; Whoosh has no types, so this is for the reader."""

_SCOPES: Final[dict[str, Scope]] = {"title": "title", "body": "body"}


class ArrayBM25(whoosh.scoring.WeightingModel):  # type: ignore[misc]  # Whoosh has no types
    """The library's own score for the terms of title and body of an `ArrayReader`; a value of another field scores 1.

    One term scores exactly as it does in a query of this library with that field; see `wco_search.engine.score`.
    """

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        """How much the term tells."""
        parent = searcher.get_parent()
        return idf(parent.doc_count_all(), parent.doc_frequency(fieldname, text))

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> Any:  # noqa: ARG002
        """The scorer of one term."""
        if fieldname not in _SCOPES:
            return whoosh.scoring.WeightScorer(1.0)
        norms = searcher.reader().snapshot.field_norms[TEXT_FIELDS.index(fieldname) :: 2]
        return _TermScorer(self.idf(searcher, fieldname, text), norms)


class _TermScorer(whoosh.scoring.BaseScorer):  # type: ignore[misc]
    def __init__(self, rarity: float, norms: Array) -> None:
        self._rarity = rarity
        self._norms = norms

    def score(self, matcher: Any) -> float:
        freq = matcher.weight()
        return self._rarity * float(np.float32(freq / (freq + self._norms.item(matcher.id()))))


class ArraySearcher(whoosh.searching.Searcher):  # type: ignore[misc]
    """A `whoosh.searching.Searcher` over an `ArrayReader`: its whole vocabulary, with exact hits and totals.

    Equal scores are in the order of documents. Threads share readers, not searchers.

    Raises:
        ValueError: A query holds a datetime with a time zone, or is nested too deeply (some hundred levels).
    """

    def __init__(self, reader: Any, weighting: Any = ArrayBM25, **options: Any) -> None:
        super().__init__(reader, weighting=weighting, **options)

    def collector(self, limit: int | None = 10, **options: Any) -> Any:
        """A collector for these options of `search`, set to visit every match."""
        if options.get("filter") is not None and not options["filter"]:
            options["filter"] = whoosh.query.NullQuery  # an empty filter lets nothing through; Whoosh takes it for none
        collector = super().collector(limit, **options)
        inner = collector
        while hasattr(inner, "child"):
            inner = inner.child
        if isinstance(inner, whoosh.collectors.TopCollector):
            inner.replace, inner.usequality = 0, False  # the two ways in which it leaves documents out
        return collector

    def search_with_collector(self, q: WhooshQuery, collector: Any, context: Any = None) -> None:
        """Collect the matches of *q*."""
        with _within_recursion_limit():
            super().search_with_collector(put_right(q), collector, context)

    def docs_for_query(self, q: WhooshQuery, for_deletion: bool = False) -> Iterator[int]:  # Whoosh's signature
        """The numbers of the documents that *q* matches, ascending."""
        with _within_recursion_limit():
            yield from super().docs_for_query(put_right(q), for_deletion=for_deletion)


@contextlib.contextmanager
def _within_recursion_limit() -> Iterator[None]:
    try:
        yield
    except RecursionError as error:
        raise ValueError("the query is nested too deeply for Whoosh; write its clauses as one And or Or") from error


# -- query trees


class _Without(whoosh.query.AndNot):  # type: ignore[misc]
    def matcher(self, searcher: Any, context: Any = None) -> Any:
        unwanted = frozenset(self.b.docs(searcher))
        return whoosh.matching.FilterMatcher(self.a.matcher(searcher, context), unwanted, exclude=True)


class _Within(whoosh.query.Require):  # type: ignore[misc]
    def docs(self, searcher: Any) -> Any:
        return whoosh.query.Query.docs(self, searcher)

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        return whoosh.matching.FilterMatcher(self.a.matcher(searcher, context), frozenset(self.b.docs(searcher)))


class _EveryWith(whoosh.query.Every):  # type: ignore[misc]
    def matcher(self, searcher: Any, context: Any = None) -> Any:  # noqa: ARG002
        documents = searcher.reader().documents_with(self.fieldname)
        return whoosh.matching.ListMatcher(documents, all_weights=self.boost)


class _PhraseOfWords(whoosh.query.Phrase):  # type: ignore[misc]
    """A phrase some of whose words have several terms."""

    def terms(self, phrases: bool = False) -> Iterator[tuple[str, str]]:  # Whoosh's signature
        return ((self.fieldname, term) for word in self.words for term in _terms_of(word)) if phrases else iter(())

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        words = [_any_term(self.fieldname, word, whoosh.query.SpanOr) for word in self.words]
        near = whoosh.query.SpanNear2(words, slop=self.slop, ordered=True, mindist=1).matcher(searcher, context)
        return near if self.boost == 1 else whoosh.matching.WrappingMatcher(near, boost=self.boost)


def _terms_of(word: Any) -> tuple[Any, ...]:
    return word.terms if isinstance(word, Word) else (word,)


def _any_term(field: str, word: Any, combine: Any, **options: Any) -> Any:
    """The query for any term of *word*."""
    terms = [whoosh.query.Term(field, term, **options) for term in _terms_of(word)]
    return terms[0] if len(terms) == 1 else combine(terms)


def put_right(query: WhooshQuery) -> WhooshQuery:
    """*query* with what Whoosh evaluates wrongly replaced; the given tree stays as it is.

    Raises:
        TypeError: *query* is no `whoosh.query.Query`.
        ValueError: It holds a datetime with a time zone, which Whoosh would drop in silence.
    """
    if not isinstance(query, whoosh.query.Query):
        raise TypeError(f"expected a whoosh.query.Query, not {type(query).__name__}; a parser makes one of text")
    return _put_right(query, {})


def _put_right(query: WhooshQuery, done: dict[int, WhooshQuery]) -> WhooshQuery:
    found = done.get(id(query))  # some nodes hold a clause in two places
    if found is None:
        changes = {name: new for name, old in vars(query).items() if (new := _clauses_put_right(old, done)) is not old}
        found = query
        if changes:
            found = copy.copy(query)
            vars(found).update(changes)
        found = done[id(query)] = _replacement(found)
    return found


def _clauses_put_right(value: Any, done: dict[int, WhooshQuery]) -> Any:
    refuse_zone(value)
    if isinstance(value, whoosh.query.Query):
        return _put_right(value, done)
    if isinstance(value, list | tuple):
        clauses = [_clauses_put_right(clause, done) for clause in value]
        if any(new is not old for new, old in zip(clauses, value, strict=True)):
            return type(value)(clauses)
    return value


def _replacement(query: WhooshQuery) -> WhooshQuery:
    match query:
        case _Without() | _Within() | _EveryWith() | _PhraseOfWords():
            return query
        case whoosh.query.AndNot():
            return _Without(query.a, query.b)
        case whoosh.query.Require():
            return _Within(query.a, query.b)
        case whoosh.query.Or() if type(query) is whoosh.query.Or:
            query = copy.copy(query)
            query.matcher_type = whoosh.query.Or.DEFAULT_MATCHER
        case whoosh.query.Every() if query.fieldname is not None:
            return _EveryWith(query.fieldname, query.boost)
        case whoosh.query.ColumnQuery():
            return whoosh.query.ConstantScoreQuery(query)
        case whoosh.query.Phrase() if any(isinstance(word, Word) for word in query.words):
            return _PhraseOfWords(query.fieldname, query.words, query.slop, query.boost, query.char_ranges)
        case whoosh.query.Term() if isinstance(query.text, Word):
            return _any_term(query.fieldname, query.text, whoosh.query.Or, boost=query.boost)
    return query


def _clauses(query: WhooshQuery) -> Iterator[WhooshQuery]:
    """The clauses of a node that say what is sought, not those that say what is not."""
    match query:
        case whoosh.query.Not():
            return
        case whoosh.query.AndNot() | whoosh.query.SpanNot():
            yield query.a
            return
    for value in vars(query).values():
        for clause in value if isinstance(value, list | tuple) else (value,):
            if isinstance(clause, whoosh.query.Query):
                yield clause


def _leaves(query: WhooshQuery) -> Iterator[WhooshQuery]:
    """The leaves of what is sought, each once."""
    seen: set[int] = set()
    stack = [query]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        clauses = list(_clauses(node))
        stack += reversed(clauses)
        if not clauses and not isinstance(node, whoosh.query.Not):
            yield node


# -- plans


def compile_whoosh(query: WhooshQuery, snapshot: Snapshot) -> Compiled:
    """Evaluate a Whoosh query over *snapshot*: the plan holds every match with its score, and the words to mark.

    Raises:
        TypeError: *query* is no `whoosh.query.Query`.
        UnknownFieldError: A clause names a field that the index does not have.
        ValueError: As `ArraySearcher`.
    """
    if not isinstance(query, whoosh.query.Query):
        raise TypeError(f"a query is text, a parsed query or a whoosh.query.Query, not {type(query).__name__}")
    if isinstance(query, type(whoosh.query.NullQuery)):
        why = f": {query.error}" if query.error else ""
        return Compiled(Nothing(), warnings=(f"the query was not understood by Whoosh's parser{why}",))
    reader = ArrayReader(snapshot.whole)
    leaves = list(_leaves(query))
    for leaf in leaves:
        if leaf.field() not in (None, *reader.schema.names()):
            raise UnknownFieldError(leaf.field(), snapshot.field_names)
    mask, scores = np.zeros(snapshot.size, np.bool_), np.zeros(snapshot.size)
    numbers = snapshot.live_numbers()
    for document, score in ArraySearcher(reader).search(query, limit=None).items():
        mask[numbers[document]], scores[numbers[document]] = True, score
    words = dict.fromkeys(words for leaf in leaves for words in _words(leaf, reader))
    return Compiled(Given(str(query), mask, scores, tuple(words)))


def _words(leaf: WhooshQuery, reader: ArrayReader) -> Iterator[Words]:
    """What to mark for one leaf: a phrase as a whole, the terms of a pattern together."""
    scope = _SCOPES.get(leaf.field())
    if scope is None:
        return
    if isinstance(leaf, whoosh.query.Phrase):
        groups = tuple(Group(str(word), terms=tuple(map(str, _terms_of(word)))) for word in leaf.words)
        if groups:
            yield Words(groups, leaf.slop - 1 if len(groups) > 1 else 0, scope)
        return
    terms = tuple(dict.fromkeys(islice(_existing_terms(leaf, reader), MAX_EXPANSIONS)))
    if terms:
        label = terms[0] if len(terms) == 1 else str(leaf)
        yield Words((Group(label, terms=terms),), 0, scope, telling=not all(map(is_stop_word, terms)))


def _existing_terms(leaf: WhooshQuery, reader: ArrayReader) -> Iterator[str]:
    for field, text in leaf.expanded_terms(reader, phrases=True):
        for term in _terms_of(text):
            if (field, term) in reader:
                yield term.decode() if isinstance(term, bytes) else str(term)


__all__ = ["ArrayBM25", "ArraySearcher", "WhooshQuery", "compile_whoosh", "put_right"]
