"""From a plan to a page: filters, order, cursor, counts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wco_search.engine.compile import Compiled, known_fields
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.plan import Words
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import CursorError, UnknownFieldError
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
    """What a search found: document numbers and scores of the page, and what is known about all matches."""

    documents: list[int]
    scores: list[float]
    first_rank: int
    total: int
    after: str | None
    facets: dict[str, tuple[FacetCount, ...]]
    explanations: list[Explanation | None]
    rarities: dict[Words, float]


@dataclass(frozen=True, slots=True)
class Request:
    """A search, all names resolved.

    Attributes:
        identity: Names query, filter and order, so that a cursor is not used with another search.
    """

    compiled: Compiled
    filters: Sequence[Compiled]
    sort: Sequence[SortKey]
    page: Page
    facets: Sequence[str]
    explain: bool
    identity: str


def answer(snapshot: Snapshot, request: Request) -> Answer:
    """Evaluate *request* exhaustively.

    Raises:
        UnknownFieldError: The order or a facet names a field that the index does not have.
        CursorError: The cursor belongs to another search or is none.
    """
    evaluation = Evaluation(snapshot, request.compiled.plan, request.compiled.neighbours)
    mask = evaluation.matches.mask
    for restriction in request.filters:
        mask = mask & Evaluation(snapshot, restriction.plan).matches.mask
    documents, scores = _ordered(evaluation, mask, request.sort)
    first = request.page.offset + _resume(snapshot, request, documents, scores)
    shown = slice(first, first + request.page.limit)
    numbers = documents[shown].tolist()
    more = numbers and first + len(numbers) < len(documents)
    return Answer(
        documents=numbers,
        scores=scores[shown].tolist(),
        first_rank=first + 1,
        total=len(documents),
        after=_cursor(snapshot, request, numbers[-1], scores[shown][-1].item(), first + len(numbers)) if more else None,
        facets={name: _count(snapshot, name, mask) for name in request.facets},
        explanations=[evaluation.explain(number) if request.explain else None for number in numbers],
        rarities=evaluation.rarities(),
    )


def _ordered(evaluation: Evaluation, mask: Array, sort: Sequence[SortKey]) -> tuple[Array, Array]:
    if not sort or sort[0] == SortKey(RELEVANCE, descending=True):
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
    column = snapshot.segment.columns.get(key.field)
    if column is None:
        raise UnknownFieldError(key.field, [RELEVANCE, *snapshot.segment.columns])
    _, places = np.unique(column.sort_keys()[documents], return_inverse=True)  # places can be negated, any value cannot
    missing = ~column.known()[documents]
    return [-places if key.descending else places, missing]


def _count(snapshot: Snapshot, name: str, mask: Array) -> tuple[FacetCount, ...]:
    column = snapshot.segment.columns.get(name)
    if column is None:
        raise UnknownFieldError(name, [n for n in known_fields(snapshot) if n in snapshot.segment.columns])
    counted = sorted(column.counts(mask).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count) for value, count in counted)


def identity_of(*parts: Any) -> str:
    """A short name of a search, the same in every process."""
    return hashlib.blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=6).hexdigest()


def _cursor(snapshot: Snapshot, request: Request, last: int, score: float, rank: int) -> str:
    content = [snapshot.manifest.generation, request.identity, rank, score, snapshot.segment.ids[last]]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _resume(snapshot: Snapshot, request: Request, documents: Array, scores: Array) -> int:
    """How many documents of the ranking lie before the cursor.

    In the commit it was made in, that is a number. In a later one it is the place behind the same document, and where
    that is gone, behind all that score at least as high as it did.
    """
    if request.page.after is None:
        return 0
    generation, identity, rank, score, document_id = _read_cursor(request.page.after)
    if identity != request.identity:
        raise CursorError("it belongs to another query, filter or order")
    if generation == snapshot.manifest.generation:
        return rank
    number = snapshot.segment.number_of(document_id)
    place = np.flatnonzero(documents == (-1 if number is None else number))
    if len(place):
        return int(place[0]) + 1
    return int(np.count_nonzero(scores >= score)) if request.sort[:1] in ([], [SortKey(RELEVANCE, True)]) else rank


def _read_cursor(text: str) -> tuple[int, str, int, float, str]:
    try:
        generation, identity, rank, score, document_id = json.loads(base64.urlsafe_b64decode(text.encode()))
        return int(generation), str(identity), max(0, int(rank)), float(score), str(document_id)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorError("it is not one that a search returned") from error
