"""A plan to a query of OpenSearch that matches the same documents and gives them the same score.

    word                  its term in the title + its term in the body        each weighed by weight · idf
    word of several terms all its forms, as one term of which frequencies add up
    translations          the best of them (`dis_max`)
    phrase                its words side by side
    phrase with slop      windows that hold its words (`intervals`); see below
    AND, OR, NOT          `bool`

Two things are scored otherwise than in a commit: a phrase with slop, of which wider windows count for less; and a
phrase with a word of several terms, for less in a shard that lacks one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wco_search.cluster.conditions import NONE, filter_of_languages, query_of
from wco_search.cluster.layout import SEPARATOR, Json
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


@dataclass(frozen=True, slots=True)
class Clauses:
    """Makes clauses for one search.

    Attributes:
        forms_of: The folded forms of some terms.
        weight_of: Weight times idf of a leaf; None where only matches count.
        is_named: Whether each condition is to be told of in `matched_queries`, by its label.
    """

    forms_of: Callable[[Iterable[str]], list[str]]
    weight_of: Callable[[Words], float] | None = None
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
        weight = 1.0 if self.weight_of is None else self.weight_of(words)
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
        forms = self.forms_of(group.terms) if group.terms else list(group.forms)
        return _either(scope, weight, _any_form(_apart(forms))) if forms else NONE

    def _phrase(self, words: Words, weight: float) -> Json:
        by_terms = bool(words.groups[0].terms)
        groups = [group.terms if by_terms else group.forms for group in words.groups]
        if not all(groups):
            return NONE
        what = "terms" if by_terms else "forms"
        share = weight / _scorers(groups)
        make = _near if words.slop else _side_by_side
        return _either(words.scope, share, lambda field, boost: make(f"{field}_{what}", groups, words.slop, boost))


_Make = Callable[[str, float], Json]


def _either(scope: Scope, weight: float, make: _Make) -> Json:
    """The clause that *make* gives for each text of *scope*; their scores add up."""
    several = [make(field, weight * own) for field, own in _FIELDS[scope]]
    return several[0] if len(several) == 1 else {"bool": {"should": several, "minimum_should_match": 1}}


def _term(term: str) -> _Make:
    return lambda field, boost: {"term": {f"{field}_terms": {"value": term, "boost": boost}}}


def _any_form(forms: list[str]) -> _Make:
    """Any of *forms*, given at one position: then they score as one term."""
    return lambda field, boost: {"match": {f"{field}_forms": {"query": SEPARATOR.join(forms), "boost": boost}}}


def _apart(forms: list[str]) -> list[str]:
    """*forms* without the wholes (covid-19) of which the first part (covid) is among them.

    That stands at the same position, which would count for two.
    """
    known = frozenset(forms)
    return [form for form in forms if "-" not in form or form.partition("-")[0] not in known]


_Groups = Sequence[tuple[str, ...]]


def _scorers(groups: _Groups) -> int:
    """How often Lucene adds up the score of a phrase: once for every term that a scripted similarity is asked for."""
    if all(len(group) == 1 for group in groups):
        return len(groups)
    return len({term for group in groups for term in group})


def _side_by_side(path: str, groups: _Groups, slop: int, boost: float) -> Json:
    tokens = " ".join(map(SEPARATOR.join, groups))
    return {"match_phrase": {path: {"query": tokens, "slop": slop, "boost": boost}}}


def _near(path: str, groups: _Groups, slop: int, boost: float) -> Json:
    """Windows that hold all words in any order, scored by how near these stand in the order given."""
    sought = [{"any_of": {"intervals": [{"match": {"query": token}} for token in group]}} for group in groups]
    windows = {"all_of": {"intervals": sought, "mode": "unordered", "max_gaps": slop}}
    reach = slop + 2 * len(groups)  # to turn two words round costs two moves
    scored = _side_by_side(path, groups, reach, boost)
    return {"bool": {"filter": [{"intervals": {path: windows}}], "should": [scored]}}
