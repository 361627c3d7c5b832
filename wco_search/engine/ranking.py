"""From a plan to a page: filters, order, cursor, counts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wco_search.engine import values
from wco_search.engine.compile import Compiled
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.matching import matching
from wco_search.engine.plan import Words
from wco_search.engine.recency import Recency
from wco_search.engine.search import Ranking, Shape, shape_of
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import CursorError
from wco_search.results import Explanation, FacetCount

RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order: `relevance`, or a field; documents without a value come last either way."""

    field: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> SortKey:
        """`views` and `+views` ascend, `-views` descends; bare `date` and `relevance` descend: newest, best first."""
        name = text.lstrip("+-")
        bare_descends = name in ("date", RELEVANCE)
        return cls(name, descending=text.startswith("-") or (bare_descends and not text.startswith("+")))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a ranking is wanted."""

    limit: int
    offset: int = 0
    after: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a search found: document numbers and scores of the page, and what is known about all matches.

    Attributes:
        matching: Tells for each document of the commit whether it matches.
        total: Tells how many documents match; it may take as long as the search did.
        after: Tells, given that number, the cursor of the next page; None on the last.
        rarities: Tells how much each word weighs, for marking it.
    """

    documents: list[int]
    scores: list[float]
    first_rank: int
    matching: Callable[[], Array]
    total: Callable[[], int]
    after: Callable[[int], str | None]
    facets: dict[str, tuple[FacetCount, ...]]
    explanations: list[Explanation | None]
    rarities: Callable[[], dict[Words, float]]


@dataclass(frozen=True, slots=True)
class Request:
    """A search, all names resolved.

    Attributes:
        facets: Fields to count, each with the most values to give.
        recency: What lowers the scores of older documents; None leaves them as they are.
        identity: Tells a name of query, filter and order, so that a cursor is not used with another search.
    """

    compiled: Compiled
    filters: Sequence[Compiled]
    sort: Sequence[SortKey]
    page: Page
    facets: Mapping[str, int | None]
    explain: bool
    recency: Recency | None
    identity: Callable[[], str]


def answer(snapshot: Snapshot, request: Request) -> Answer:
    """Evaluate *request*, by the quick way where it has the shape for it.

    Raises:
        UnknownFieldError: The order or a facet names a field that the index does not have.
        CursorError: The cursor belongs to another search or is none.
    """
    masks = [matching(snapshot, restriction.plan) for restriction in request.filters]
    first = _first_of_page(snapshot, request)
    shape = None if first is None else shape_of(request.compiled.plan, masks)
    if first is None or shape is None:
        return _answer_exhaustively(snapshot, request, masks)
    return _answer_quickly(snapshot, request, shape, first)


def _answer_quickly(snapshot: Snapshot, request: Request, shape: Shape, first: int) -> Answer:
    ranking = Ranking(snapshot, request.compiled, shape)
    end = first + request.page.limit
    if _is_by_relevance(request.sort):
        documents, scores = ranking.best(end, request.recency)
        documents, scores = documents[first:], scores[first:]
    else:
        score = _weighed(snapshot, request, ranking.scores)
        documents = _sorted(snapshot, request.sort, ranking.mask.nonzero()[0], score, end)[first:]
        scores = score(documents)
    found = _Found(documents.tolist(), scores.tolist(), lambda: ranking.mask, ranking.total, ranking.rarities)
    return _answer(snapshot, request, first, found)


def _answer_exhaustively(snapshot: Snapshot, request: Request, masks: Sequence[Array]) -> Answer:
    evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
    mask = evaluation.matches.mask
    for restriction in masks:
        mask = mask & restriction
    if _is_by_relevance(request.sort):  # a total order but for exact ties, which no further key is worth
        factors = None if request.recency is None else request.recency.factors(snapshot, np.arange(snapshot.size))
        documents, scores = evaluation.ranking(mask, factors)
    else:
        score = _weighed(snapshot, request, evaluation.matches.scores.take)
        documents = _sorted(snapshot, request.sort, mask.nonzero()[0], score)
        scores = score(documents)
    first = request.page.offset + _resume(snapshot, request, documents, scores)
    shown = slice(first, first + request.page.limit)
    found = _Found(
        documents[shown].tolist(), scores[shown].tolist(), lambda: mask, lambda: len(documents), evaluation.rarities
    )
    return _answer(snapshot, request, first, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What either way found; see `Answer`."""

    documents: list[int]
    scores: list[float]
    matching: Callable[[], Array]
    total: Callable[[], int]
    rarities: Callable[[], dict[Words, float]]


def _answer(snapshot: Snapshot, request: Request, first: int, found: _Found) -> Answer:
    def after(matches: int) -> str | None:
        last = first + len(found.documents)
        if not found.documents or last >= matches:
            return None
        return _cursor(snapshot, request, found.documents[-1], found.scores[-1], last)

    facets = {name: values.count(snapshot, name, found.matching(), limit) for name, limit in request.facets.items()}
    explanations: list[Explanation | None] = [None] * len(found.documents)
    if request.explain:
        evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
        explanations = [_explained(snapshot, request, evaluation, number) for number in found.documents]
    return Answer(
        found.documents, found.scores, first + 1, found.matching, found.total, after, facets, explanations,
        found.rarities,
    )  # fmt: skip


def _explained(snapshot: Snapshot, request: Request, evaluation: Evaluation, document: int) -> Explanation:
    explanation = evaluation.explain(document)
    return explanation if request.recency is None else request.recency.explain(snapshot, document, explanation)


def _is_by_relevance(sort: Sequence[SortKey]) -> bool:
    return not sort or sort[0] == SortKey(RELEVANCE, descending=True)


def _first_of_page(snapshot: Snapshot, request: Request) -> int | None:
    """How many documents lie before the page, where that can be told without the ranking."""
    if request.page.after is None:
        return request.page.offset
    generation, identity, rank, _, _ = _read_cursor(request.page.after)
    return rank if (generation, identity) == (snapshot.manifest.generation, request.identity()) else None


_Score = Callable[[Array], Array]


def _weighed(snapshot: Snapshot, request: Request, score: _Score) -> _Score:
    """*score* with the factor of recency, where that is asked for."""
    recency = request.recency
    return score if recency is None else lambda documents: score(documents) * recency.factors(snapshot, documents)


def _sorted(
    snapshot: Snapshot, sort: Sequence[SortKey], documents: Array, score: _Score, count: int | None = None
) -> Array:
    """The first *count* of *documents* in the order of *sort*, at last by number; of the others only the first key is
    looked at.
    """
    first, *others = sort
    keys = _keys(snapshot, first, documents, score)
    if count is not None and count < len(documents):
        if count == 0:
            return documents[:0]
        good = (keys <= np.partition(keys, count - 1)[count - 1]).nonzero()[0]
        documents, keys = documents.take(good), keys.take(good)
    arrays = [keys, *(_keys(snapshot, key, documents, score) for key in others)]
    order = np.lexsort((documents, *reversed(arrays)))
    return documents.take(order[:count])


def _keys(snapshot: Snapshot, key: SortKey, documents: Array, score: _Score) -> Array:
    """Numbers that ascend in the order of *key*, for each of *documents*; where there is no value, the largest."""
    if key.field == RELEVANCE:
        scores = score(documents)
        return -scores if key.descending else scores
    places = values.places(snapshot, key.field).take(documents)
    return np.where(places < 0, snapshot.size, -places if key.descending else places)


def identity_of(*parts: Any) -> str:
    """A short name of a search, the same in every process."""
    return hashlib.blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=6).hexdigest()


def _cursor(snapshot: Snapshot, request: Request, last: int, score: float, rank: int) -> str:
    content = [snapshot.manifest.generation, request.identity(), rank, score, snapshot.id_of(last)]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _resume(snapshot: Snapshot, request: Request, documents: Array, scores: Array) -> int:
    """How many documents of the ranking lie before the cursor.

    In the commit it was made in, that is a number. In a later one it is the place behind the same document, and where
    that is gone, behind all that score at least as high as it did.
    """
    if request.page.after is None:
        return 0
    generation, identity, rank, score, document_id = _read_cursor(request.page.after)
    if identity != request.identity():
        raise CursorError("it belongs to another query, filter or order")
    if generation == snapshot.manifest.generation:
        return rank
    number = snapshot.number_of(document_id)
    place = np.flatnonzero(documents == (-1 if number is None else number))
    if len(place):
        return int(place[0]) + 1
    return int(np.count_nonzero(scores >= score)) if _is_by_relevance(request.sort) else rank


def _read_cursor(text: str) -> tuple[int, str, int, float, str]:
    try:
        generation, identity, rank, score, document_id = json.loads(base64.urlsafe_b64decode(text.encode()))
        return int(generation), str(identity), max(0, int(rank)), float(score), str(document_id)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorError("it is not one that a search returned") from error
