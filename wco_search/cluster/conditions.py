"""Values in a query to clauses of OpenSearch: `date:2020-10`, `views:[10 TO 20]`, `source:reuters`.

What `wco_search.engine.conditions` makes of columns, made of fields of the cluster.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from wco_search.analysis.russian import nominative_surnames
from wco_search.cluster.layout import Json, columns_of, is_keyword
from wco_search.documents import FieldKind, plain_value
from wco_search.engine.conditions import WHAT, NotAValueError, date_range, remark_on, to_date, to_number
from wco_search.engine.entities import ENTITIES
from wco_search.engine.mentions import COUNTRY
from wco_search.engine.plan import Condition, Nothing, Plan
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.value_tests import Leaf, Tested, country_of, known_fields, leaf_text, named_values, surname_asked
from wco_search.errors import NotOfferedError, UnknownFieldError
from wco_search.query import ExactQuery, FuzzyQuery, PhraseQuery, RangeQuery, WildcardQuery, WordQuery
from wco_search.query.syntax import PARTS_OF_DAYS, WEEKDAY
from wco_search.text import fold

NO_DOCUMENTS: Final[Array] = np.zeros(0, np.bool_)
NONE: Final[Json] = {"match_none": {}}
_EXPANSIONS: Final = 1024  # keywords that one misspelt value may be near to; as many as Lucene joins


@dataclass(frozen=True, slots=True, eq=False)
class Clause(Condition):
    """A condition that the cluster tests.

    Attributes:
        query: The clause.
    """

    mask: Array = field(default_factory=lambda: NO_DOCUMENTS, repr=False)
    query: Json = field(default_factory=lambda: NONE)


@dataclass(frozen=True, slots=True)
class ClusterValues:
    """`wco_search.engine.value_tests.Values` of an index in a cluster.

    Attributes:
        snapshot: The words and the fields of the index.
        matching: Makes the clause of a plan.
        count: Counts the documents that match a clause.
    """

    snapshot: Snapshot
    matching: Callable[[Plan], Json]
    count: Callable[[Json], int]

    def test(self, leaf: Leaf, today: dt.date) -> Tested:
        """See `Values.test`."""
        columns = columns_of(self.snapshot.schema)
        if leaf.field == COUNTRY and COUNTRY not in columns:
            code, told = country_of(leaf)
            named: Json = {"exists": {"field": "countries"}} if code is None else {"term": {"countries": code}}
            return Tested(Clause(leaf.to_text(), query=named), "any" if code is None else "", told=told)
        if (name := leaf.field or "") in ENTITIES and name not in columns:
            return Tested(Clause(leaf.to_text(), query=_names(leaf, name)), "")
        if leaf.field == "id":
            return Tested(Clause(leaf.to_text(), query=_has_id(leaf)), "")
        if leaf.field and leaf.field.endswith(f".{WEEKDAY}"):
            raise NotOfferedError("a search by days of the week")
        name, _, part = name.partition(".")
        kind = columns.get(name)
        if kind is None or (part and (part not in PARTS_OF_DAYS or kind != "date")):
            raise UnknownFieldError(leaf.field or "", known_fields(self.snapshot))
        test = _keyword if is_keyword(kind) else _value
        return test(leaf, name, kind, today)

    def has_text(self, label: str, scope: Scope) -> Condition:
        """See `Values.has_text`."""
        return Clause(label, query={"exists": {"field": f"{scope}_length"}})

    def joined(self, condition: Condition, plan: Plan) -> Condition:
        """See `Values.joined`."""
        if isinstance(plan, Nothing):
            return condition
        query = query_of(condition)
        return Clause(condition.label, query={"bool": {"should": [query, self.matching(plan)]}})

    def is_found(self, condition: Condition) -> bool:
        """See `Values.is_found`."""
        return self.count(query_of(condition)) > 0


def query_of(condition: Condition) -> Json:
    """The clause of a condition."""
    assert isinstance(condition, Clause), "a condition of a commit is nothing that a cluster can test"
    return condition.query


def _names(leaf: Leaf, name: str) -> Json:
    values = named_values(leaf, name)
    if isinstance(leaf, WildcardQuery):
        return {"wildcard": {name: {"value": leaf.pattern, "case_insensitive": True}}}
    if values is None:
        return {"exists": {"field": name}}
    if (word := surname_asked(leaf, name)) is not None:
        surnames = dict.fromkeys([fold(word), *nominative_surnames(fold(word))])
        wildcards = [
            {"wildcard": {name: {"value": f"* {_escaped(one)}", "case_insensitive": True}}} for one in surnames
        ]
        return {"bool": {"should": wildcards}}
    is_exact = isinstance(leaf, ExactQuery)
    terms = [{"term": {name: {"value": value, "case_insensitive": not is_exact}}} for value in values]
    return {"bool": {"should": terms}}


def _escaped(text: str) -> str:
    """As a pattern that is *text* and nothing else."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def _has_id(leaf: Leaf) -> Json:
    if isinstance(leaf, RangeQuery):
        return {"match_all": {}} if leaf.low is None and leaf.high is None else NONE
    return {"term": {"id": leaf_text(leaf)}}


def _keyword(leaf: Leaf, name: str, kind: FieldKind, today: dt.date) -> Tested:  # noqa: ARG001  # as `_value`
    folded, raw = f"folded.{name}", f"raw.{name}"
    match leaf:
        case WordQuery(text=text) | PhraseQuery(text=text):
            return _tested(leaf, {"term": {folded: fold(text)}}, f"“{text}”")
        case ExactQuery(text=text):
            return _tested(leaf, {"term": {raw: text}}, f"“{text}”")
        case WildcardQuery(pattern=pattern):
            escaped = fold(pattern).replace("\\", "\\\\")
            return _tested(leaf, {"wildcard": {folded: {"value": escaped}}}, f"“{pattern}”")
        case FuzzyQuery(text=text, distance=distance):
            near = {"value": fold(text), "fuzziness": distance, "max_expansions": _EXPANSIONS}
            return _tested(leaf, {"fuzzy": {folded: near}}, f"“{text}” or nearly so")
        case RangeQuery(low=None, high=None):
            return _tested(leaf, {"exists": {"field": raw}}, "any")
        case RangeQuery(low=low, high=high):
            ends = (None if end is None else fold(end) for end in (low, high))
            return _tested(leaf, _range(leaf, folded, *ends), f"{low or ''}..{high or ''}")


def _value(leaf: Leaf, name: str, kind: FieldKind, today: dt.date) -> Tested:
    path = f"values.{name}"
    if isinstance(leaf, WildcardQuery | FuzzyQuery):
        raise NotAValueError(f"the field holds {WHAT[kind]}; * ? and ~ are for words")
    if isinstance(leaf, RangeQuery):
        if leaf.low is None and leaf.high is None:
            return _tested(leaf, {"exists": {"field": path}}, "any")
        if kind != "date":
            ends = (None if end is None else to_number(kind, end) for end in (leaf.low, leaf.high))
            return _tested(leaf, _range(leaf, path, *ends), f"{leaf.low or ''}..{leaf.high or ''}")
        written = [None if end is None else to_date(end, today) for end in (leaf.low, leaf.high)]
        period = date_range(*written, closed=(leaf.includes_low, leaf.includes_high))
    elif kind == "date":
        written = [to_date(leaf.text, today)]
        period = written[0].period if written[0] else date_range(None, None, closed=(True, True))
    else:
        value = to_number(kind, leaf.text)
        return _tested(leaf, {"term": {path: value}}, str(value))
    remark = remark_on(period, filter(None, written))
    days = {sign: plain_value(day) for sign, day in (("gte", period.start), ("lte", period.end)) if day is not None}
    return Tested(Clause(leaf.to_text(), query={"range": {path: days}}), str(period), remark)


def _tested(leaf: Leaf, query: Json, meaning: str) -> Tested:
    return Tested(Clause(leaf.to_text(), query=query), meaning)


def _range(leaf: RangeQuery, path: str, low: object, high: object) -> Json:
    ends: Json = {}
    if low is not None:
        ends["gte" if leaf.includes_low else "gt"] = low
    if high is not None:
        ends["lte" if leaf.includes_high else "lt"] = high
    return {"range": {path: ends}}


def filter_of_languages(language: str, *, is_of_it: bool) -> Json:
    """The clause of the documents of a language, or of all others."""
    own = {"term": {"folded.language": fold(language)}}
    return own if is_of_it else {"bool": {"must_not": [own]}}
