"""The documents of some words in a cluster, and those of their language: what associations are counted in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wco_search.cluster.clauses import Clauses
from wco_search.cluster.layout import Json
from wco_search.cluster.view import View
from wco_search.engine.association import SAMPLED_DOCS, in_passes
from wco_search.engine.plan import AllOf, Group, Words, any_of

_SEED: Final = 1  # any: the same sample is read each time
_IN_ORDER: Final[list[Json]] = [{"order": "asc"}, {"id": "asc"}]
_TEXTS: Final = ["document.title", "document.body"]


@dataclass(frozen=True, slots=True)
class Company:
    """See `wco_search.engine.association.Company`.

    Of more documents than a sample has, the sample is drawn by a hash of their place in the archive, as a cluster
    cannot give every tenth document without reading all.

    Attributes:
        view: What is searched.
        own: The clause of the documents of the words.
        population: The clause of those of the language.
        size: How many these are.
    """

    view: View
    own: Json
    population: Json
    size: int

    @classmethod
    def of(cls, view: View, groups: Sequence[Group], markers: Sequence[str]) -> Company:
        """The documents that have all of *groups*; those of their language have any of the terms *markers*."""
        own = Clauses().of(AllOf(tuple(Words((group,)) for group in groups)))
        everything: Json = {"match_all": {}}
        if not markers:
            return cls(view, own, everything, view.size)
        marked = Clauses().of(any_of([Words((Group(marker, (marker,)),)) for marker in markers]))
        size, both = view.counts([marked, _both(marked, own)])
        return cls(view, own, marked, size) if both else cls(view, own, everything, view.size)

    def texts(self) -> Iterator[str]:
        """See `wco_search.engine.association.Company`."""
        chosen = _both(self.own, self.population)
        if self.view.count(chosen) <= SAMPLED_DOCS:
            asked: Json = {"query": chosen, "sort": _IN_ORDER}
        else:
            drawn = {"query": chosen, "random_score": {"seed": _SEED, "field": "order"}, "boost_mode": "replace"}
            asked = {"query": {"function_score": drawn}}
        hits = self.view.search({**asked, "size": SAMPLED_DOCS, "_source": _TEXTS})["hits"]["hits"]
        for hit in in_passes(hits):
            document = hit["_source"]["document"]
            yield f"{document['title']}\n{document['body']}"

    def among_all(self, groups: Sequence[Group]) -> list[int]:
        """See `wco_search.engine.association.Company`."""
        return self._counts(self.population, groups)

    def among_own(self, groups: Sequence[Group]) -> list[int]:
        """See `wco_search.engine.association.Company`."""
        return self._counts(self.own, groups)

    def _counts(self, among: Json, groups: Sequence[Group]) -> list[int]:
        return self.view.counts([Clauses().of(Words((group,))) for group in groups], among)


def _both(*clauses: Json) -> Json:
    return {"bool": {"filter": list(clauses)}}
