"""From a plan to a page: filters, order, cursor, counts.

What is made anew at every search is a named tuple: that takes a third of the time of a frozen dataclass.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from wco_search.engine import values
from wco_search.engine.compile import Compiled
from wco_search.engine.copies import copy_leaders
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.matching import matching
from wco_search.engine.plan import Words
from wco_search.engine.recency import Recency
from wco_search.engine.search import Ranking, Shape, shape_of
from wco_search.engine.selection import Selection
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import CursorError
from wco_search.results import Explanation, FacetCount

RELEVANCE = "relevance"
LOOK_AHEAD = 100  # documents at least in which near-duplicates of those of a page are sought


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order: `relevance`, or a field; documents without a value come last either way."""

    field: str
    descending: bool

    @classmethod
    @lru_cache(maxsize=1000)
    def parse(cls, text: str) -> SortKey:
        """`views` and `+views` ascend, `-views` descends; bare `date` and `relevance` descend: newest, best first."""
        name = text.lstrip("+-")
        bare_descends = name in ("date", RELEVANCE)
        return cls(name, descending=text.startswith("-") or (bare_descends and not text.startswith("+")))


_BEST_FIRST = SortKey(RELEVANCE, descending=True)


class Answer(NamedTuple):
    """What a search found: document numbers and scores of the page, and what is known about all matches.

    Attributes:
        selection: Tells which documents of the commit match.
        ranks: Where each stands among all matches, from 1.
        groups: For each the numbers of its near-duplicates that rank behind it; empty where hits are not grouped.
        total: Tells how many documents match; it may take as long as the search did.
        after: Tells, given that number, the cursor of the next page; None on the last.
        rarities: Tells how much each word weighs, for marking it.
    """

    documents: list[int]
    scores: list[float]
    ranks: list[int]
    groups: list[list[int]]
    selection: Callable[[], Selection]
    total: Callable[[], int]
    after: Callable[[int], str | None]
    facets: dict[str, tuple[FacetCount, ...]]
    explanations: list[Explanation | None]
    rarities: Callable[[], dict[Words, float]]


class Request(NamedTuple):
    """A search, all names resolved.

    Attributes:
        sort: The order, most important key first; empty for the best first.
        limit, offset, after: Which part of the ranking is wanted; see `Index.search`.
        facets: Fields to count, each with the most values to give.
        recency: What lowers the scores of older documents; None leaves them as they are.
        is_grouped: Whether of near-duplicates only the best ranked is to be shown, with the others as its group.
        identity: Tells a name of query, filter and order, so that a cursor is not used with another search.
    """

    compiled: Compiled
    filters: Sequence[Compiled] = ()
    sort: Sequence[SortKey] = ()
    limit: int = 10
    offset: int = 0
    after: str | None = None
    facets: Mapping[str, int | None] = MappingProxyType({})
    explain: bool = False
    recency: Recency | None = None
    is_grouped: bool = False
    identity: Callable[[], str] = str


def answer(snapshot: Snapshot, request: Request) -> Answer:
    """Evaluate *request*, by the quick way where it has the shape for it.

    Raises:
        UnknownFieldError: The order or a facet names a field that the index does not have.
        CursorError: The cursor belongs to another search or is none.
    """
    masks = [matching(snapshot, restriction.plan) for restriction in request.filters]
    first = request.offset if request.after is None else _first_of_page(snapshot, request, request.after)
    shape = None if first is None else shape_of(request.compiled.plan, masks)
    if first is None or shape is None:
        return _answer_exhaustively(snapshot, request, masks)
    return _answer_quickly(snapshot, request, shape, first)


def _answer_quickly(snapshot: Snapshot, request: Request, shape: Shape, first: int) -> Answer:
    ranking = Ranking(snapshot, request.compiled, shape)
    if _is_by_relevance(request.sort):

        def best(count: int) -> tuple[Array, Array]:
            return ranking.best(count, request.recency)

    else:
        score = _weighed(snapshot, request, ranking.scores)
        matches = ranking.selection.documents()

        def best(count: int) -> tuple[Array, Array]:
            documents = _sorted(snapshot, request.sort, matches, score, count)
            return documents, score(documents)

    shown = _shown(snapshot, request, first, best)
    return _answer(snapshot, request, _Found(shown, lambda: ranking.selection, ranking.total, ranking.rarities))


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
    first = request.offset + _resume(snapshot, request, documents, scores)
    shown = _shown(snapshot, request, first, lambda count: (documents[:count], scores[:count]))
    selection = partial(Selection.of_mask, snapshot, mask)
    return _answer(snapshot, request, _Found(shown, selection, lambda: len(documents), evaluation.rarities))


class _Shown(NamedTuple):
    """What is shown of a ranking.

    Attributes:
        documents, scores, ranks, groups: As in `Answer`.
        is_last: Whether nothing behind it is left to be shown; None where that only the number of matches tells.
    """

    documents: list[int]
    scores: list[float]
    ranks: list[int]
    groups: list[list[int]]
    is_last: bool | None = None


def _shown(snapshot: Snapshot, request: Request, first: int, best: Callable[[int], tuple[Array, Array]]) -> _Shown:
    """What is shown of the ranking of which *best* gives so many documents, behind the first *first*."""
    limit = request.limit
    if not request.is_grouped:
        documents, scores = best(first + limit)
        numbers, values = documents.tolist(), scores.tolist()
        if first:
            numbers, values = numbers[first:], values[first:]
        return _Shown(numbers, values, list(range(first + 1, first + len(numbers) + 1)), [])
    count = first + max(LOOK_AHEAD, 4 * limit)
    while True:
        documents, scores = best(count)
        leader_of = _leaders(snapshot, documents)
        places = np.flatnonzero(leader_of == np.arange(len(documents)))
        places = places[places >= first]
        if len(places) > limit or len(documents) < count:
            break
        count *= 2
    chosen = places[:limit]
    groups = [documents[np.flatnonzero(leader_of == place)[1:]].tolist() for place in chosen.tolist()]
    ranks = (chosen + 1).tolist()
    return _Shown(documents[chosen].tolist(), scores[chosen].tolist(), ranks, groups, is_last=len(places) <= limit)


def _leaders(snapshot: Snapshot, documents: Array) -> Array:
    return copy_leaders(
        snapshot.signatures(documents), lambda places: map(snapshot.document, documents[places].tolist())
    )


class _Found(NamedTuple):
    """What either way found; see `Answer`."""

    shown: _Shown
    selection: Callable[[], Selection]
    total: Callable[[], int]
    rarities: Callable[[], dict[Words, float]]


def _answer(snapshot: Snapshot, request: Request, found: _Found) -> Answer:
    shown = found.shown

    def after(matches: int) -> str | None:
        if not shown.documents or shown.is_last or shown.ranks[-1] >= matches:
            return None
        return _cursor(snapshot, request, shown.documents[-1], shown.scores[-1], shown.ranks[-1])

    facets: dict[str, tuple[FacetCount, ...]] = {}
    if request.facets:
        selection = found.selection()
        facets = {name: values.count(snapshot, name, selection, limit) for name, limit in request.facets.items()}
    explanations: list[Explanation | None] = [None] * len(shown.documents)
    if request.explain:
        evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
        explanations = [_explained(snapshot, request, evaluation, number) for number in shown.documents]
    return Answer(
        shown.documents, shown.scores, shown.ranks, shown.groups, found.selection, found.total, after, facets,
        explanations, found.rarities,
    )  # fmt: skip


def _explained(snapshot: Snapshot, request: Request, evaluation: Evaluation, document: int) -> Explanation:
    explanation = evaluation.explain(document)
    return explanation if request.recency is None else request.recency.explain(snapshot, document, explanation)


def _is_by_relevance(sort: Sequence[SortKey]) -> bool:
    return not sort or sort[0] == _BEST_FIRST


def _first_of_page(snapshot: Snapshot, request: Request, after: str) -> int | None:
    """How many documents lie before the page behind a cursor, where that can be told without the ranking."""
    generation, identity, rank, _, _ = _read_cursor(after)
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
    if request.after is None:
        return 0
    generation, identity, rank, score, document_id = _read_cursor(request.after)
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
