"""What is being typed to what it may become: words of the index that begin so and stand together with those before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.stopwords import is_stop_word
from wco_search.engine.plan import Group
from wco_search.engine.snapshot import Slice, Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.value_tests import known_fields
from wco_search.query.syntax import FIELD_ALIASES
from wco_search.text import fold

_LAST_WORD: Final = re.compile(r"[^\s\"«»“”„()+:=]*\Z")  # what the query language sets before a word is none of it
_BEGINNING: Final = re.compile(r"(?:\A|\s)[-+!(\"«“„]*(?:\w+:=?[(\"«“„]*)?\Z")  # where a word not yet typed may begin
_FIELD: Final = re.compile(r"\w+:")
_FIELD_BEFORE: Final = re.compile(r"(?:\A|[\s(\-+!])(\w+(?:\.\w+)?):=?[(\"«“„]*\Z")
_FUNCTION_WORDS: Final = 40  # at most so many begin with one letter; they complete no query
_CANDIDATES: Final = 80  # most frequent completions that are looked at in the light of the words before
_SAMPLED: Final = 1000  # documents by which these are ordered first


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that a prefix may become; how often its last word stands, or how many documents have all of its words."""

    text: str
    count: int


def _is_of_values(name: str, snapshot: Snapshot) -> bool:
    """Whether it is a field whose values are no words of texts."""
    own = name.lower()
    return FIELD_ALIASES.get(own, own) in {*known_fields(snapshot)} - {"title", "body"}


Together = Callable[[list[Group], Mapping[int, Group]], dict[int, int]]
"""Counts for each of some families the documents that have it and all of the words before."""


def completions(
    snapshot: Snapshot, analyzer: Analyzer, prefix: str, limit: int, together: Together | None = None
) -> list[Completion]:
    """The most frequent texts that begin with *prefix*: its last word completed, what is before it as typed.

    Behind signs that hang on a word, as in `c++` or `"single window"`, none is being typed.

    *together* counts in place of the posting lists of *snapshot*.
    """
    match = _LAST_WORD.search(prefix.rstrip())
    typed = match.group().lstrip("-!") if match else ""
    last, before = fold(typed), prefix.rstrip().removesuffix(typed)
    if not typed and _BEGINNING.search(before) is None:
        return []
    if (name := _FIELD_BEFORE.search(before)) and _is_of_values(name[1], snapshot):
        return []
    table = snapshot.form_table
    groups = _groups_of(snapshot, analyzer, before)
    wanted = _CANDIDATES if groups else limit + _FUNCTION_WORDS
    families = [family for family in table.most_frequent(last, wanted) if not is_stop_word(table.shown(family, last))]
    if groups:
        candidates = {family: Group("", table.terms(family)) for family in families}
        counts = _together(snapshot, groups, candidates) if together is None else together(groups, candidates)
        found = [(counts[family], family) for family in _best(counts) if counts[family]][:limit]
    else:
        standing = (family for family in families if snapshot.stands(Group("", table.terms(family))))
        found = [(table.totals.item(family), family) for family in islice(standing, limit)]
    lead = before.lstrip()
    return [Completion(f"{lead}{table.shown(family, last)}", count) for count, family in found]


Context = list[tuple[Slice, Array]]
"""Some documents (intp), by slice."""


def _groups_of(snapshot: Snapshot, analyzer: Analyzer, before: str) -> list[Group]:
    """The words *before* that tell something: function words and words that no document has are passed over."""
    tokens = snapshot.knowing(analyzer).tokens(_FIELD.sub(" ", before))
    return [
        Group(token.form, token.terms)
        for token in tokens
        if token.kind in ("word", "part") and not is_stop_word(token.form) and any(map(snapshot.has_term, token.terms))
    ]


def documents_of_all(snapshot: Snapshot, one: Slice, groups: list[Group]) -> Array:
    """The documents of a slice that have all of *groups* and are not deleted, by their numbers in it (intp)."""
    lists = snapshot.lists(one)
    found: Array | None = None
    for group in groups:
        postings = lists.of(group)
        if postings is None:
            return np.zeros(0, np.intp)
        if found is None:
            found = postings.docs.astype(np.intp)
        else:
            found = found.compress(postings.impacts_of(found, lists.scratch.impacts) > 0)
    if found is None:
        return np.zeros(0, np.intp)
    return found if one.live is None else found.compress(one.live.take(found))


def _together(snapshot: Snapshot, before: list[Group], families: Mapping[int, Group]) -> dict[int, int]:
    """How many documents have all of the words *before* and each of *families*."""
    context = [(one, documents_of_all(snapshot, one, before)) for one in snapshot.slices]
    step = max(1, sum(len(docs) for _, docs in context) // _SAMPLED)
    sample = [(one, docs[::step]) for one, docs in context]
    sampled = {family: count_with(snapshot, sample, group) for family, group in families.items()}
    if step > 1:
        return {family: count_with(snapshot, context, families[family]) for family in _best(sampled)}
    return sampled


def _best(counts: dict[int, int]) -> list[int]:
    return sorted(counts, key=lambda family: -counts[family])  # stable: ties stay in the order of frequency


def count_with(snapshot: Snapshot, context: Context, group: Group) -> int:
    """How many of some documents have *group*."""
    total = 0
    for one, docs in context:
        lists = snapshot.lists(one)
        postings = lists.of(group)
        if postings is not None and len(docs):
            total += int(np.count_nonzero(postings.impacts_of(docs, lists.scratch.impacts)))
    return total
