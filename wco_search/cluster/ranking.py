"""From a plan to a page, of the documents in a cluster: order, bonus, cursor, counts.

plan --words counted--> weights --> query --> best documents, ranked by every shard and joined by the cluster
                                              |-- the first 20: bonus for words that stand together, worked out here
                                              '-- explanations: the texts of the page evaluated here, as in a commit
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.cluster import words as word_tables
from wco_search.cluster.clauses import Clauses, Scoring
from wco_search.cluster.conditions import Clause
from wco_search.cluster.layout import Json, columns_of, is_keyword, key_of, to_document, to_signatures
from wco_search.cluster.lexicon import Lexicon
from wco_search.cluster.view import View
from wco_search.documents import Document
from wco_search.engine.copies import copy_leaders
from wco_search.engine.drilling import query_for
from wco_search.engine.entities import ENTITIES
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.mentions import COUNTRY
from wco_search.engine.merge import Part
from wco_search.engine.plan import (
    AllOf,
    AnyOf,
    Condition,
    Plan,
    Preferring,
    Without,
    Words,
    all_of,
    positive_words,
)
from wco_search.engine.ranking import LOOK_AHEAD, RELEVANCE, Request, SortKey
from wco_search.engine.recency import RECENCY_WEIGHT
from wco_search.engine.score import PROXIMITY_WINDOW
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.values import count_days
from wco_search.errors import CursorError, UnknownFieldError
from wco_search.languages import countries
from wco_search.languages.entities import organisation_names
from wco_search.query.syntax import PARTS_OF_DAYS
from wco_search.results import Explanation, FacetCount, Group
from wco_search.timeline import Timeline, make_timeline

MOST_FROM_START: Final = 10_000  # documents that OpenSearch passes over (`index.max_result_window`)
MOST_VALUES: Final = 10_000  # of a facet that are counted exactly; OpenSearch makes at most 65,535 buckets
_AGE_SCRIPT: Final = """
    if (doc['values.date'].size() == 0) return _score * (1 - params.weight);
    double days = Math.max(0.0, params.today - doc['values.date'].value.toLocalDate().toEpochDay());
    return _score * (1 - params.weight + params.weight * Math.pow(2.0, -days / params.half_life));
"""
_EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """A document as the cluster ranked it.

    Attributes:
        document: The document.
        score: Its score.
        place: The values that it was sorted by.
        met: The labels of the conditions that it meets, where they were asked for.
        signature: What tells its copies, as the cluster writes it, where hits are grouped.
    """

    document: Document
    score: float
    place: tuple[Any, ...]
    met: frozenset[str] = frozenset()
    signature: str = ""


class Ranking:
    """The answer to one request; what is asked of the cluster once more is asked when it is wanted."""

    def __init__(self, view: View, analyzer: Analyzer, request: Request) -> None:
        """Ask for the page.

        Raises:
            UnknownFieldError: The order or a facet names a field that the index does not have.
            CursorError: The cursor belongs to another search or is none.
            ViewLostError: The cluster does not keep the view any more.
        """
        self._view = view
        self._analyzer = analyzer
        self._request = request
        self._plan = request.compiled.plan
        self._leaves = list(dict.fromkeys([*positive_words(self._plan), *_words_of(request.compiled.neighbours)]))
        view.learn(self._leaves)
        self._sort = _sort_of(view, request.sort)
        self._by_relevance = not request.sort or request.sort[0] == SortKey(RELEVANCE, descending=True)
        self._facets = _facet_requests(view, request.facets)
        self._has_bonus = self._by_relevance and bool(request.compiled.neighbours)
        self._first, after = self._start()
        self.hits: list[Found] = []
        self.ranks: list[int] = []
        self.groups: list[Group | None] = []
        self._is_last = False
        if request.is_grouped:
            self._show_groups()
        else:
            self._show(after)

    @property
    def lexicon(self) -> Lexicon:
        """The words that the index has."""
        return self._view.lexicon

    # -- the query

    def _clauses(self, *, is_named: bool = False) -> Clauses:
        return Clauses(Scoring(self._weight, self._view.lexicon.means), is_named)

    def _weight(self, words: Words) -> float:
        return words.weight * self._view.idf(words)

    @cached_property
    def query(self) -> Json:
        """The clause of the query with its filters."""
        clauses = self._clauses(is_named=self._request.explain)
        filters = [self._clauses().of(one.plan) for one in self._request.filters]
        scored = clauses.of(self._plan)
        return {"bool": {"must": [scored], "filter": filters}} if filters else scored

    def _weighed(self) -> Json:
        recency = self._request.recency
        if recency is None:
            return self.query
        params = {
            "weight": RECENCY_WEIGHT,
            "today": (recency.today - _EPOCH).days,
            "half_life": recency.half_life,
        }
        return {"script_score": {"query": self.query, "script": {"source": _AGE_SCRIPT, "params": params}}}

    def _start(self) -> tuple[int, list[Any] | None]:
        """How many documents lie before the page, and the place of the last of them, where it is known."""
        page = self._request
        if page.after is None:
            if page.offset + page.limit > MOST_FROM_START:
                raise ValueError(
                    f"offset and limit together must be at most {MOST_FROM_START:,}; read further pages with after="
                )
            return page.offset, None
        cursor = _Cursor.read(page.after)
        if cursor.identity != self._request.identity():
            raise CursorError("it belongs to another query, filter or order")
        if page.is_grouped:
            return cursor.rank, None  # what came before may have copies here
        if self._by_relevance and cursor.rank < PROXIMITY_WINDOW:
            return cursor.rank, None  # the best may have changed places: they are ranked again
        if cursor.state == self._view.state:
            return cursor.rank, cursor.place
        return cursor.rank, self._present_place(cursor)

    def _present_place(self, cursor: _Cursor) -> list[Any]:
        """Where the last document of the page before stands now; where it stood then, if it is gone."""
        own = {"bool": {"must": [self._weighed()], "filter": [{"ids": {"values": [key_of(cursor.id)]}}]}}
        hits = self._view.search({"size": 1, "query": own, "sort": self._sort, "track_scores": True})["hits"]["hits"]
        return list(hits[0]["sort"]) if hits else cursor.place

    def _show(self, after: list[Any] | None) -> None:
        """Show the page behind the first documents, or behind a place."""
        limit = self._request.limit
        skipped = 0 if after is not None else self._first
        has_bonus = self._has_bonus and after is None and self._first < PROXIMITY_WINDOW
        size = skipped + limit
        found = self._ranked(max(size, PROXIMITY_WINDOW) if has_bonus and limit else size, after, has_bonus=has_bonus)
        self.hits = found[skipped:size]
        self.ranks = list(range(self._first + 1, self._first + 1 + len(self.hits)))
        self.groups = [None] * len(self.hits)

    def _show_groups(self) -> None:
        """Show of copies the best ranked; see `wco_search.engine.ranking`."""
        limit = self._request.limit
        count = self._first + max(LOOK_AHEAD, 4 * limit)
        while True:
            count = min(count, MOST_FROM_START)
            found = self._ranked(count, None, has_bonus=self._has_bonus)
            leader_of = _leaders(found)
            places = np.flatnonzero(leader_of == np.arange(len(found)))
            places = places[places >= self._first_behind(found)]
            if len(places) > limit or len(found) < count or count == MOST_FROM_START:
                break
            count *= 2
        self._is_last = len(places) <= limit
        for place in places[:limit].tolist():
            others = np.flatnonzero(leader_of == place)[1:].tolist()
            self.hits.append(found[place])
            self.ranks.append(place + 1)
            self.groups.append(Group.of(found[place].document, [found[other].document for other in others]))

    def _first_behind(self, found: Sequence[Found]) -> int:
        """The first place of the page, in a ranking from the start; of another state, behind the cursor's document."""
        after = self._request.after
        if after is None or (cursor := _Cursor.read(after)).state == self._view.state:
            return self._first
        ids = [one.document.id for one in found]
        return ids.index(cursor.id) + 1 if cursor.id in ids else self._first

    def _ranked(self, size: int, after: list[Any] | None, *, has_bonus: bool) -> list[Found]:
        """The first *size* documents, or those behind a place."""
        body: Json = {
            "size": size,
            "query": self._weighed(),
            "sort": self._sort,
            "track_scores": True,
            "track_total_hits": True,
            "_source": ["document"],
        }
        if self._request.is_grouped:
            body["docvalue_fields"] = ["signature"]
        if self._facets:
            body["aggs"] = self._facets
        if after is not None:
            body["search_after"] = after
        answer = self._view.search(body)
        self.total: int = int(answer["hits"]["total"]["value"])
        self._counted = answer.get("aggregations", {})
        schema = self._view.lexicon.schema
        found = [
            Found(
                to_document(hit["_source"]["document"], schema),
                float(hit["_score"]),
                tuple(hit["sort"]),
                frozenset(hit.get("matched_queries", ())),
                *hit.get("fields", {}).get("signature", ()),
            )
            for hit in answer["hits"]["hits"]
        ]
        self._last_place = found[-1].place if found else ()
        return self._with_bonus(found) if has_bonus else found

    def _with_bonus(self, found: list[Found]) -> list[Found]:
        head = found[:PROXIMITY_WINDOW]
        if not head:
            return found
        evaluation = self._evaluation(head)
        bonuses = evaluation.bonuses(np.arange(len(head)))
        if self._request.recency is not None:
            bonuses = bonuses * self._request.recency.factors(evaluation.snapshot, np.arange(len(head)))
        better = [replace(one, score=one.score + bonus) for one, bonus in zip(head, bonuses.tolist(), strict=True)]
        better.sort(key=lambda one: -one.score)  # stable: equals stay as they were
        return [*better, *found[PROXIMITY_WINDOW:]]

    def _evaluation(self, found: Sequence[Found]) -> Evaluation:
        """The plan over a commit of just these documents, as rare and frequent as words are in the whole index."""
        lexicon = self._view.lexicon
        segment = word_tables.segment_of(
            [one.document for one in found], lexicon.knowing(self._analyzer), lexicon.schema
        )
        snapshot = Snapshot(lexicon.manifest, [Part(segment, None, lexicon.means)], lexicon.schema)
        plan = _with_masks(self._plan, lambda label: np.array([label in one.met for one in found], np.bool_))
        return Evaluation(snapshot, plan, self._request.compiled.neighbours, self._view)

    # -- what is known of the page

    def explanations(self) -> list[Explanation | None]:
        """How each hit came to its score, where that was asked for."""
        if not self._request.explain or not self.hits:
            return [None] * len(self.hits)
        evaluation = self._evaluation(self.hits)
        told = [evaluation.explain(number) for number in range(len(self.hits))]
        recency = self._request.recency
        if recency is None:
            return list(told)
        return [recency.explain(evaluation.snapshot, number, one) for number, one in enumerate(told)]

    def rarities(self) -> dict[Words, float]:
        """For each scoring leaf its weight times its idf: how much it tells when it is found."""
        return {words: self._weight(words) for words in positive_words(self._plan)}

    def after(self, total: int) -> str | None:
        """The cursor of the next page; None on the last."""
        if not self.hits or self._is_last or self.ranks[-1] >= total:
            return None
        last = self.hits[-1]
        place = last.place
        if self._by_relevance and self.ranks[-1] <= PROXIMITY_WINDOW:
            place = self._last_place  # of the last in the order of plain scores; see `_start`
        cursor = _Cursor(self._view.state, self._request.identity(), self.ranks[-1], list(place), last.document.id)
        return cursor.written()

    def facets(self) -> dict[str, tuple[FacetCount, ...]]:
        """The values of the fields asked for."""
        return {
            name: _facet(self._view, name, limit, self._counted[name]) for name, limit in self._request.facets.items()
        }

    def timeline(
        self, query: Callable[[], Callable[[dt.date, dt.date], str | None]], by: Any, relative: bool
    ) -> Timeline:
        """The timeline of all matches; see `wco_search.results.Results.timeline`."""
        days, counts = self._days(self.query)
        all_days, all_counts = self._days({"match_all": {}}) if relative else ([], [])
        return make_timeline(
            days,
            self.total - sum(counts),
            by,
            counts=counts,
            all_days=np.asarray(all_days, np.int64) if relative else None,
            all_counts=all_counts,
            query=query(),
        )

    def _days(self, query: Json) -> tuple[list[int], list[int]]:
        answer = self._view.search({"size": 0, "query": query, "aggs": {"days": _each_day("date")}})
        return _days_of(answer["aggregations"]["days"])


def _leaders(found: Sequence[Found]) -> Array:
    signatures = to_signatures(one.signature for one in found)
    return copy_leaders(signatures, lambda places: [found[place].document for place in places])


def _words_of(pairs: Iterable[tuple[Words, Words]]) -> Iterable[Words]:
    return (words for pair in pairs for words in pair)


def _with_masks(plan: Plan, mask_of: Callable[[str], Array]) -> Plan:
    """*plan* with its conditions as those of a commit."""
    match plan:
        case Clause(label=label):
            return Condition(label, mask_of(label))
        case AnyOf(branches=branches):
            return AnyOf(tuple(_with_masks(branch, mask_of) for branch in branches))
        case AllOf(branches=branches):
            return all_of([_with_masks(branch, mask_of) for branch in branches])
        case Preferring(required=required, optional=optional):
            return Preferring(_with_masks(required, mask_of), _with_masks(optional, mask_of))
        case Without(branch=branch):
            return Without(_with_masks(branch, mask_of))
    return plan


# -- order


def _sort_of(view: View, keys: Sequence[SortKey]) -> list[Json]:
    """The order of a search; equals stay in the order in which they were added."""
    columns = columns_of(view.lexicon.schema)
    order: list[Json] = []
    for key in keys or [SortKey(RELEVANCE, descending=True)]:
        direction = "desc" if key.descending else "asc"
        if key.field == RELEVANCE:
            order.append({"_score": {"order": direction}})
            if not order[:-1] and key.descending:
                break  # exact ties are not worth a further key
        elif key.field not in columns:
            raise UnknownFieldError(key.field, [RELEVANCE, *columns])
        else:
            path = f"{'first' if is_keyword(columns[key.field]) else 'values'}.{key.field}"
            order.append({path: {"order": direction, "missing": "_last"}})
    return [*order, {"order": {"order": "asc"}}, {"id": {"order": "asc"}}]


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A place in a ranking: behind the document *id*, number *rank*, in the state of the index that *state* names."""

    state: str
    identity: str
    rank: int
    place: list[Any]
    id: str

    def written(self) -> str:
        """The cursor as text."""
        content = [self.state, self.identity, self.rank, self.place, self.id]
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()

    @classmethod
    def read(cls, text: str) -> _Cursor:
        """The cursor that `written` gave.

        Raises:
            CursorError: It is none.
        """
        try:
            state, identity, rank, place, own = json.loads(base64.urlsafe_b64decode(text.encode()))
            return cls(str(state), str(identity), max(0, int(rank)), list(place), str(own))
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise CursorError("it is not one that a search returned") from error


# -- counts


def _facet_requests(view: View, facets: Mapping[str, int | None]) -> dict[str, Json]:
    return {name: _facet_request(view, name) for name in facets}


def _facet_request(view: View, name: str) -> Json:
    columns = columns_of(view.lexicon.schema)
    kind = columns.get(name)
    if kind == "date":
        return _each_day(name)
    if kind is not None:
        return _values(f"{'raw' if is_keyword(kind) else 'values'}.{name}")
    if name in _NAMED:
        return _values(_NAMED[name])
    field, _, part = name.partition(".")
    if part not in PARTS_OF_DAYS or columns.get(field) != "date":
        days = [own for own, one in columns.items() if one == "date"]
        raise UnknownFieldError(name, [*_NAMED, *columns, *(f"{own}.{part}" for own in days for part in PARTS_OF_DAYS)])
    return _each_day(field)


def _values(path: str) -> Json:
    return {"terms": {"field": path, "size": MOST_VALUES, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _each_day(name: str) -> Json:
    return {"date_histogram": {"field": f"values.{name}", "calendar_interval": "day", "min_doc_count": 1}}


def _days_of(counted: Json) -> tuple[list[int], list[int]]:
    """The days, as `datetime.date.toordinal` counts, and how many documents are of each."""
    buckets = counted["buckets"]
    epoch = _EPOCH.toordinal()
    return [epoch + bucket["key"] // 86_400_000 for bucket in buckets], [bucket["doc_count"] for bucket in buckets]


def _facet(view: View, name: str, limit: int | None, counted: Json) -> tuple[FacetCount, ...]:
    kind = columns_of(view.lexicon.schema).get(name)
    if kind == "date":
        days, counts = _days_of(counted)
        best = sorted(zip(days, counts, strict=True), key=lambda one: (-one[1], one[0]))
        return tuple(
            FacetCount(dt.date.fromordinal(day), count, to_query=query_for(name)) for day, count in best[:limit]
        )
    if kind is None and name not in _NAMED:
        return count_days(*_days_of(counted), name, limit)
    names_of = _names if kind is not None else _NAMES.get(name, _names)
    return tuple(
        FacetCount(
            bool(bucket["key"]) if kind == "boolean" else bucket["key"],
            bucket["doc_count"],
            names_of(bucket["key"]),
            query_for(name),
        )
        for bucket in counted["buckets"][:limit]
    )


def _names(_: object) -> Mapping[str, str]:
    """A value is called what it is."""
    return {}


_NAMED: Final[Mapping[str, str]] = {COUNTRY: "countries", **{name: name for name in ENTITIES}}
"""What texts name, and the fields that hold it."""

_NAMES: Final[Mapping[str, Callable[[str], Mapping[str, str]]]] = {
    COUNTRY: lambda code: countries()[code].names,
    "organisations": organisation_names,
}
"""What such values are called, by language."""
