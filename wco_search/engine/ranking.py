"""From a plan to a page: filters, order, cursor, counts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wco_search.engine.compile import Compiled, known_fields
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.plan import Words
from wco_search.engine.search import Ranking, Shape, shape_of
from wco_search.engine.signatures import leaders
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import CursorError, UnknownFieldError
from wco_search.results import Explanation, FacetCount

RELEVANCE = "relevance"
_LOOK_AHEAD = 100  # documents at least in which near-duplicates of those of a page are sought


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
    total: Callable[[], int]
    after: Callable[[int], str | None]
    facets: dict[str, tuple[FacetCount, ...]]
    explanations: list[Explanation | None]
    rarities: Callable[[], dict[Words, float]]


@dataclass(frozen=True, slots=True)
class Request:
    """A search, all names resolved.

    Attributes:
        is_grouped: Whether of near-duplicates only the best ranked is to be shown, with the others as its group.
        identity: Tells a name of query, filter and order, so that a cursor is not used with another search.
    """

    compiled: Compiled
    filters: Sequence[Compiled]
    sort: Sequence[SortKey]
    page: Page
    facets: Sequence[str]
    explain: bool
    is_grouped: bool
    identity: Callable[[], str]


def answer(snapshot: Snapshot, request: Request) -> Answer:
    """Evaluate *request*, by the quick way where it has the shape for it.

    Raises:
        UnknownFieldError: The order or a facet names a field that the index does not have.
        CursorError: The cursor belongs to another search or is none.
    """
    masks = [Evaluation(snapshot, restriction.plan).matches.mask for restriction in request.filters]
    first = _first_of_page(snapshot, request)
    if _is_by_relevance(request.sort) and first is not None and not request.facets:
        shape = shape_of(request.compiled.plan, masks)
        if shape is not None:
            return _answer_quickly(snapshot, request, shape, first)
    return _answer_exhaustively(snapshot, request, masks)


def _answer_quickly(snapshot: Snapshot, request: Request, shape: Shape, first: int) -> Answer:
    ranking = Ranking(snapshot, request.compiled, shape)
    shown = _shown(snapshot, request, first, ranking.best)
    return _answer(snapshot, request, shown, ranking.total, {}, ranking.rarities)


def _answer_exhaustively(snapshot: Snapshot, request: Request, masks: Sequence[Array]) -> Answer:
    evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
    mask = evaluation.matches.mask
    for restriction in masks:
        mask = mask & restriction
    documents, scores = _ordered(evaluation, mask, request.sort)
    first = request.page.offset + _resume(snapshot, request, documents, scores)
    shown = _shown(snapshot, request, first, lambda count: (documents[:count], scores[:count]))
    facets = {name: _count(snapshot, name, mask) for name in request.facets}
    return _answer(snapshot, request, shown, lambda: len(documents), facets, evaluation.rarities)


@dataclass(frozen=True, slots=True)
class _Shown:
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
    limit = request.page.limit
    if not request.is_grouped:
        documents, scores = best(first + limit)
        ranks = list(range(first + 1, len(documents) + 1))
        return _Shown(documents[first:].tolist(), scores[first:].tolist(), ranks, [])
    count = first + max(_LOOK_AHEAD, 4 * limit)
    while True:
        documents, scores = best(count)
        leader_of = leaders(snapshot.signatures(documents))
        places = np.flatnonzero(leader_of == np.arange(len(documents)))
        places = places[places >= first]
        if len(places) > limit or len(documents) < count:
            break
        count *= 2
    chosen = places[:limit]
    groups = [documents[np.flatnonzero(leader_of == place)[1:]].tolist() for place in chosen.tolist()]
    ranks = (chosen + 1).tolist()
    return _Shown(documents[chosen].tolist(), scores[chosen].tolist(), ranks, groups, is_last=len(places) <= limit)


def _answer(
    snapshot: Snapshot,
    request: Request,
    shown: _Shown,
    total: Callable[[], int],
    facets: dict[str, tuple[FacetCount, ...]],
    rarities: Callable[[], dict[Words, float]],
) -> Answer:
    def after(matching: int) -> str | None:
        if not documents or shown.is_last or shown.ranks[-1] >= matching:
            return None
        return _cursor(snapshot, request, documents[-1], shown.scores[-1], shown.ranks[-1])

    documents = shown.documents
    explanations: list[Explanation | None] = [None] * len(documents)
    if request.explain:
        evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
        explanations = [evaluation.explain(number) for number in documents]
    return Answer(documents, shown.scores, shown.ranks, shown.groups, total, after, facets, explanations, rarities)


def _is_by_relevance(sort: Sequence[SortKey]) -> bool:
    return not sort or sort[0] == SortKey(RELEVANCE, descending=True)


def _first_of_page(snapshot: Snapshot, request: Request) -> int | None:
    """How many documents lie before the page, where that can be told without the ranking."""
    if request.page.after is None:
        return request.page.offset
    generation, identity, rank, _, _ = _read_cursor(request.page.after)
    return rank if (generation, identity) == (snapshot.manifest.generation, request.identity()) else None


def _ordered(evaluation: Evaluation, mask: Array, sort: Sequence[SortKey]) -> tuple[Array, Array]:
    if _is_by_relevance(sort):
        return evaluation.ranking(mask)  # a total order but for exact ties, which no further key is worth
    documents = np.flatnonzero(mask)
    scores = evaluation.matches.scores[documents]
    keys: list[Array] = [documents]
    for key in reversed(sort):
        keys += _sort_arrays(evaluation.snapshot, key, documents, scores)
    order = np.lexsort(keys)
    return documents[order], scores[order]


def _sort_arrays(snapshot: Snapshot, key: SortKey, documents: Array, scores: Array) -> list[Array]:
    """The order of *documents* under one key as numpy.lexsort takes it, least significant first."""
    if key.field == RELEVANCE:
        return [-scores if key.descending else scores]
    column = snapshot.columns.get(key.field)
    if column is None:
        raise UnknownFieldError(key.field, [RELEVANCE, *snapshot.columns])
    _, places = np.unique(column.sort_keys()[documents], return_inverse=True)  # places can be negated, any value cannot
    missing = ~column.known()[documents]
    return [-places if key.descending else places, missing]


def _count(snapshot: Snapshot, name: str, mask: Array) -> tuple[FacetCount, ...]:
    column = snapshot.columns.get(name)
    if column is None:
        raise UnknownFieldError(name, [n for n in known_fields(snapshot) if n in snapshot.columns])
    counted = sorted(column.counts(mask).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count) for value, count in counted)


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
