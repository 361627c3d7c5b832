"""`Searcher`: the searches of one commit; what `Index` asks, and answers as `Results`.

A search of ordinary words takes some tens of microseconds beside the kernel's own, so nothing is made here that was not
asked for: hits, counts, timelines and suggestions are worked out when `Results` is asked for them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.archive import (
    LazyHighlighter,
    Translate,
    about,
    check_page,
    check_switches,
    markers_of,
    no_suggestion,
    nothing_of_these_days,
    seen_on,
    sort_keys,
    told_by,
)
from wco_search.documents import Document, FieldKind
from wco_search.engine.association import telling_words
from wco_search.engine.compile import Compiled
from wco_search.engine.crossing import Crossing, Mode
from wco_search.engine.plan import Condition
from wco_search.engine.ranking import Answer, Request, SortKey, answer, identity_of
from wco_search.engine.recency import Recency
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.synonymy import SynonymTable, Synonymy
from wco_search.engine.values import requested_facets, timeline
from wco_search.languages import Source
from wco_search.query import Query
from wco_search.results import Group, Hit, Interpretation, Results
from wco_search.snippets import Highlighter
from wco_search.understanding import Filter, Switch, Understanding, Understood

if TYPE_CHECKING:
    from wco_search.engine.whoosh_search import WhooshQuery


class Options(NamedTuple):
    """How a query is to be searched for: the keyword arguments of `Index.search`."""

    limit: int
    offset: int
    after: str | None
    filter: Filter | None
    sort: str | Sequence[str]
    facets: Sequence[str] | Mapping[str, int | None]
    recency: float | None
    translate: Translate
    synonyms: bool
    layout: Switch
    dates: Switch
    today: dt.date | None
    strict: bool
    explain: bool
    group: Literal["near"] | None

    def identity(
        self, text: str, keys: Sequence[SortKey], told: Sequence[Interpretation], fresh: Recency | None
    ) -> str:
        """A name of the search of a query *text*, the same for all of its pages."""
        days = [part for part in told if part.kind == "date"]
        switches = (self.translate, self.synonyms, self.layout, self.dates, self.group)
        return identity_of(text, self.filter, keys, *switches, days, fresh)


class Searcher:
    """The searches of one commit. Never changes but for what it keeps to be quick, so threads may share it.

    Attributes:
        snapshot: The commit.
        kinds: The kinds of the index's own fields.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        analyzer: Analyzer,
        kinds: Mapping[str, FieldKind],
        source: Callable[[], Source],
        synonyms: SynonymTable | None,
    ) -> None:
        self.snapshot = snapshot
        self.kinds = kinds
        self._analyzer = analyzer
        self._source = source
        self._synonyms = synonyms
        self._crossings: dict[Mode, Crossing] = {}

    def search(self, query: str | Query | WhooshQuery, options: Options) -> Results:
        """See `Index.search`."""
        started = time.perf_counter()
        limit, offset, after, restriction, sort, facets, recency, *_, strict, explain, group = options
        check_switches(options.translate, options.layout, options.dates, group)
        check_page(limit, offset, after)
        keys = sort_keys(sort)
        understanding = self.understanding(
            translate=options.translate,
            synonyms=options.synonyms,
            today=options.today,
            dates=options.dates,
            layout=options.layout,
        )
        understood = understanding.query(query, strict=strict)
        filters = [] if restriction is None else [understanding.filter(restriction)]
        fresh = None if recency is None else Recency(recency, understanding.today)
        told = told_by(understood.compiled, filters)
        request = Request(
            understood.compiled, filters, keys, limit, offset, after, requested_facets(facets) if facets else {},
            explain, fresh, group is not None, partial(options.identity, understood.text, keys, told, fresh),
        )  # fmt: skip
        return self._results(understanding, query, understood, request, told, started)

    def similar(self, target: str | Document, *, limit: int, filter: Filter | None) -> Results:
        """See `Index.similar`."""
        started = time.perf_counter()
        check_page(limit, 0, None)
        if not isinstance(target, str | Document):
            raise TypeError(f"similar takes an id, another text or a Document, not {target!r}")
        snapshot = self.snapshot
        document = target if isinstance(target, Document) else self._document(target) or Document(body=target)
        number = snapshot.number_of(document.id)
        least_df = 1 if number is None else 2  # a word that only the document has finds no other
        words = telling_words(snapshot, self._analyzer, document, least_df=least_df)
        query, understood = about(target, document, words)
        understanding = self.understanding()
        filters = [] if filter is None else [understanding.filter(filter)]
        if number is not None:
            filters.append(Compiled(Condition("another document", np.arange(snapshot.size) != number)))
        request = Request(
            understood.compiled, filters, (), limit,
            identity=partial(identity_of, "similar", document.id, understood.text, filter),
        )  # fmt: skip
        return self._results(understanding, query, understood, request, told_by(understood.compiled, filters), started)

    def understanding(
        self,
        *,
        translate: Translate = "off",
        synonyms: bool = False,
        today: dt.date | None = None,
        dates: Switch = "auto",
        layout: Switch = "off",
        is_standing: bool = False,
    ) -> Understanding:
        """How a query is to be understood, and by default a filter."""
        return Understanding(
            self.snapshot,
            self._analyzer,
            None if translate == "off" else self._crossing(translate),
            self._synonymy if synonyms and self._synonyms is not None else None,
            seen_on(today),
            dates,
            layout,
            is_standing,
        )

    def _crossing(self, mode: Mode) -> Crossing:
        found = self._crossings.get(mode)
        if found is None:
            found = self._crossings[mode] = Crossing(self.snapshot, self._known, self._source(), mode)
        return found

    @cached_property
    def _synonymy(self) -> Synonymy | None:
        return None if self._synonyms is None else Synonymy(self.snapshot, self._known, self._synonyms)

    @property
    def _known(self) -> Analyzer:
        return self.snapshot.knowing(self._analyzer)

    def _document(self, document_id: str) -> Document | None:
        number = self.snapshot.number_of(document_id)
        return None if number is None else self.snapshot.document(number)

    def _results(
        self,
        understanding: Understanding,
        query: str | Query | WhooshQuery,
        understood: Understood,
        request: Request,
        told: tuple[Interpretation, ...],
        started: float,
    ) -> Results:
        snapshot = self.snapshot
        found = answer(snapshot, request)
        return Results(
            query_text=understood.text,
            total=found.total,
            size=len(found.documents),
            hits=partial(_hits, snapshot, self._analyzer, found),
            facets=found.facets,
            warnings=_warnings(understanding, understood, request, found),
            interpretation=told,
            after=found.after,
            timeline=partial(timeline, snapshot, found.selection, partial(understanding.narrower, query, understood)),
            suggestion=partial(understanding.suggestion, understood) if isinstance(query, str) else no_suggestion,
            took_s=time.perf_counter() - started,
            metadata=self.kinds,
        )


def _warnings(understanding: Understanding, understood: Understood, request: Request, found: Answer) -> tuple[str, ...]:
    """What could not be taken as meant, each once."""
    warnings = [*understanding.snapshot.warnings, *understood.warnings, *request.compiled.warnings]
    for one in request.filters:
        warnings += one.warnings
    if understanding.taken and not found.documents and not found.total():
        warnings += nothing_of_these_days(understanding.taken, told_by(understood.compiled, request.filters))
    return tuple(dict.fromkeys(warnings)) if warnings else ()


def _hits(snapshot: Snapshot, analyzer: Analyzer, found: Answer) -> list[Hit]:
    """The hits of the page; their documents are read field by field, when they are looked at."""
    highlighter = LazyHighlighter(
        lambda: Highlighter(markers_of(found.rarities()), analyzer, forms_of=snapshot.forms_of)
    )
    documents = snapshot.documents_at(found.documents)
    groups: list[Group | None] = [None] * len(documents)
    if found.groups:
        groups = [
            Group.of(document, map(snapshot.document, others))
            for document, others in zip(documents, found.groups, strict=True)
        ]
    return Hit.page(found.ranks, found.scores, documents, found.explanations, groups, highlighter)
