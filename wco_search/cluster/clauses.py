"""A plan to a query of OpenSearch that matches the same documents and gives them the same score.

    word                  its term in the title + its term in the body        each weighed by weight · idf
    word of several terms the places where any of them stands (`intervals`), each counted once
    word by its forms     all of them, as one term of which frequencies add up
    translations          the best of them (`dis_max`)
    phrase                its words side by side (`intervals`)
    phrase with slop      windows that hold its words (the same)
    AND, OR, NOT          `bool`

Two things are scored otherwise than in a commit: a phrase with slop, of which wider windows count for less; and a
pattern that several forms of one place meet (`what*`: WhatsApp is found by whatsapp, whats and app), each of which
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wco_search.cluster.conditions import NONE, filter_of_languages, query_of
from wco_search.cluster.layout import SEPARATOR, Json, flat_and_slope
from wco_search.engine.plan import (
    AllOf,
    AnyOf,
    Condition,
    Everything,
    Given,
    Group,
    Nothing,
    Plan,
    Preferring,
    Without,
    Words,
)
from wco_search.engine.score import TITLE_WEIGHT
from wco_search.engine.segment import Scope
from wco_search.errors import NotOfferedError

_FIELDS: Final[dict[Scope, tuple[tuple[str, float], ...]]] = {
    "text": (("title", TITLE_WEIGHT), ("body", 1.0)),
    "title": (("title", 1.0),),
    "body": (("body", 1.0),),
}


# `intervals` scores the places that it finds by freq / (freq + 1), from which freq is had back. In single precision
# that is exact to some thousand, and whole where no window is wider than what it holds. The length is rounded as in
# `wco_search.engine.score.encode_length`.
_IMPACT_SCRIPT: Final = """
    double freq = _score / (1.0 - _score);
    if (params.is_whole) freq = Math.round(freq);
    int length = (int) doc[params.length].value;
    int shift = 28 - Integer.numberOfLeadingZeros(length - 24);
    if (length > 24 && shift > 0) length = 24 + ((length - 24) >> shift << shift);
    return params.weight * freq / (freq + params.flat + params.slope * length);
"""


@dataclass(frozen=True, slots=True)
class Scoring:
    """What scores depend on.

    Attributes:
        weight_of: Weight times idf of a leaf.
        means: The mean lengths of title and body.
    """

    weight_of: Callable[[Words], float]
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Clauses:
    """Makes clauses for one search.

    Attributes:
        scoring: None where only matches count.
        is_named: Whether each condition is to be told of in `matched_queries`, by its label.
    """

    scoring: Scoring | None = None
    is_named: bool = False

    def of(self, plan: Plan) -> Json:
        """The clause of a plan.

        Raises:
            NotOfferedError: The plan was made of a tree of Whoosh.
        """
        match plan:
            case Words():
                return self._words(plan)
            case Condition():
                query = query_of(plan)
                return {"bool": {"filter": [query], **({"_name": plan.label} if self.is_named else {})}}
            case AnyOf(branches=branches):
                return {"bool": {"should": list(map(self.of, branches)), "minimum_should_match": 1}}
            case AllOf(branches=branches):
                return {"bool": {"must": list(map(self.of, branches))}}
            case Preferring(required=required, optional=optional):
                return {"bool": {"must": [self.of(required)], "should": [self.of(optional)], "minimum_should_match": 0}}
            case Without(branch=branch):
                return {"bool": {"filter": [{"match_all": {}}], "must_not": [self.of(branch)]}}
            case Everything():
                return {"bool": {"filter": [{"match_all": {}}]}}
            case Nothing():
                return NONE
            case Given():
                raise NotOfferedError("a query tree of Whoosh")

    def _words(self, words: Words) -> Json:
        weight = 1.0 if self.scoring is None else self.scoring.weight_of(words)
        found = (
            self._phrase(words, weight) if len(words.groups) > 1 else self.group(words.groups[0], words.scope, weight)
        )
        if words.among is None:
            return found
        among = filter_of_languages(words.among.language, is_of_it=words.among.is_of_it)
        return {"bool": {"must": [found], "filter": [among]}}

    def group(self, group: Group, scope: Scope, weight: float = 1.0) -> Json:
        """The clause of one word."""
        if group.weights:
            weighed = zip(group.terms, group.weights, strict=True)
            return {"dis_max": {"queries": [_either(scope, weight * own, _term(term)) for term, own in weighed]}}
        if len(group.terms) == 1:
            return _either(scope, weight, _term(group.terms[0]))
        if not group.terms:
            return _either(scope, weight, _any_form(_apart(group.forms))) if group.forms else NONE
        if self.scoring is None:  # the same matches, with no look at positions
            return _either(scope, weight, lambda field, _: {"terms": {f"{field}_terms": list(group.terms)}})
        return self._counted(_any_of(group.terms), "terms", scope, weight)

    def _phrase(self, words: Words, weight: float) -> Json:
        by_terms = bool(words.groups[0].terms)
        groups = [group.terms if by_terms else group.forms for group in words.groups]
        if not all(groups):
            return NONE
        order = "unordered" if words.slop else "ordered"
        windows = {"all_of": {"intervals": list(map(_any_of, groups)), "mode": order, "max_gaps": words.slop}}
        return self._counted(windows, "terms" if by_terms else "forms", words.scope, weight, is_whole=not words.slop)

    def _counted(self, intervals: Json, what: str, scope: Scope, weight: float, *, is_whole: bool = True) -> Json:
        """The clause of the places that *intervals* finds among terms or forms, scored by how many there are."""

        def make(field: str, weight: float) -> Json:
            found: Json = {"intervals": {f"{field}_{what}": intervals}}
            if self.scoring is None:
                return found
            flat, slope = flat_and_slope(field, self.scoring.means)
            params = {
                "is_whole": is_whole, "length": f"{field}_length", "weight": weight, "flat": flat, "slope": slope,
            }  # fmt: skip
            return {"script_score": {"query": found, "script": {"source": _IMPACT_SCRIPT, "params": params}}}

        return _either(scope, weight, make)


_Make = Callable[[str, float], Json]


def _either(scope: Scope, weight: float, make: _Make) -> Json:
    """The clause that *make* gives for each text of *scope*; their scores add up."""
    several = [make(field, weight * own) for field, own in _FIELDS[scope]]
    return several[0] if len(several) == 1 else {"bool": {"should": several, "minimum_should_match": 1}}


def _term(term: str) -> _Make:
    return lambda field, boost: {"term": {f"{field}_terms": {"value": term, "boost": boost}}}


def _any_form(forms: Sequence[str]) -> _Make:
    """Any of *forms*, given at one position: then they score as one term."""
    return lambda field, boost: {"match": {f"{field}_forms": {"query": SEPARATOR.join(forms), "boost": boost}}}


def _apart(forms: Sequence[str]) -> list[str]:
    """*forms* without the wholes (covid-19) of which the first part (covid) is among them.

    That stands at the same position, which would count for two.
    """
    known = frozenset(forms)
    return [form for form in forms if "-" not in form or form.partition("-")[0] not in known]


def _any_of(tokens: Sequence[str]) -> Json:
    return {"any_of": {"intervals": [{"match": {"query": token}} for token in tokens]}}
