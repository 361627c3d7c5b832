"""What a document is about, and which words keep each other's company."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.stopwords import is_stop_word
from wco_search.documents import Document
from wco_search.engine.completion import count_with, documents_of_all
from wco_search.engine.plan import Group, Words
from wco_search.engine.score import idf
from wco_search.engine.snapshot import Slice, Snapshot
from wco_search.engine.strings import Array

MAX_TELLING: Final = 25  # words that a document is compared by: more bring the chance words of any text
_TITLE_COUNT: Final = 3  # places in the body that one in the title counts for: a headline says what a text is about
_WORDS_READ: Final = 5000  # of a text: its telling words have been said by then

SAMPLED_DOCS: Final = 200  # documents of a word that are read: enough for any word that is in a tenth of them
_SAMPLED_CHARS: Final = 60_000  # characters that are read of them, so that long articles cost no more than blurbs
_STRIDE: Final = 8  # passes in which a sample is read
_SURE: Final = 10.83  # a log-likelihood ratio that one pair in a thousand reaches by chance (chi-square, one degree)
_LEAST_SHARED: Final = 2  # documents of the sample that both words are in
_PART_SHARED: Final = 20  # and at least one in so many: what two of a hundred have is a trait of those two
_SHORTEST: Final = 2  # letters of a word that may be told
_LOOKED_AT: Final = 10  # candidates whose documents are counted for each word that is wanted
_WORD: Final = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")  # the tokenizer's words but for rare ones, in a tenth of its time
_MARKERS: Final[Mapping[Language, tuple[str, ...]]] = {
    "ru": ("в", "и", "на"),
    "en": ("the", "of", "and"),
    "other": (),
}
"""Terms of which any text of a language has one."""


DocFreqs = Callable[[Sequence[Group]], Sequence[int]]
"""Counts for each of some words the documents that have it."""


def telling_words(
    snapshot: Snapshot, analyzer: Analyzer, document: Document, *, least_df: int, doc_freqs: DocFreqs | None = None
) -> list[Words]:
    """The words that tell most what *document* is about, as leaves of a query: most telling first.

    By tf · idf, where a word in the title counts threefold and tf saturates: tf / (tf + 1) is the weight of the leaf.
    Words in fewer than *least_df* documents are left out. *doc_freqs* counts in place of the posting lists of
    *snapshot*.
    """
    counts: Counter[Group] = Counter()
    shown: dict[tuple[str, ...], Group] = {}
    for text, count in ((document.title, _TITLE_COUNT), (document.body, 1)):
        for form, terms in _content(snapshot, analyzer, text):
            counts[shown.setdefault(terms, Group(form, terms))] += count
    weighed = []
    found = [_doc_freq(snapshot, group) for group in counts] if doc_freqs is None else doc_freqs(list(counts))
    for (group, count), doc_freq in zip(counts.items(), found, strict=True):
        if doc_freq >= least_df:
            weight = count / (count + 1)
            weighed.append((-weight * idf(snapshot.size, doc_freq), group.label, Words((group,), weight=weight)))
    return [words for _, _, words in sorted(weighed, key=lambda one: one[:2])[:MAX_TELLING]]


def _content(snapshot: Snapshot, analyzer: Analyzer, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The form and terms of each word of a text that may tell something."""
    for token in snapshot.knowing(analyzer).tokens(text):
        if token.position >= _WORDS_READ:
            return
        if token.kind in ("word", "part") and _may_tell(token.form):
            yield token.form, token.terms


def _may_tell(form: str) -> bool:
    return len(form) >= _SHORTEST and not is_stop_word(form) and not form.isdigit()


def _doc_freq(snapshot: Snapshot, group: Group) -> int:
    """How many documents have *group*, deleted ones included, as in scores."""
    found = (snapshot.lists(one).of(group) for one in snapshot.slices)
    return sum(len(postings) for postings in found if postings is not None)


@dataclass(frozen=True, slots=True)
class Association:
    """A word that stands with another more often than chance would have it.

    Attributes:
        text: The word, in the form that lists show.
        score: The log-likelihood ratio of the two.
        documents: How many documents have both.
    """

    text: str
    score: float
    documents: int


class Company(Protocol):
    """The documents of some words, among all of their language: what associations are counted in."""

    @property
    def size(self) -> int:
        """How many documents of the language there are."""

    def texts(self) -> Iterable[str]:
        """Title and body of documents of the words, spread evenly over them, at most `SAMPLED_DOCS`."""

    def among_all(self, groups: Sequence[Group]) -> Sequence[int]:
        """How many documents of the language have each of *groups*."""

    def among_own(self, groups: Sequence[Group]) -> Sequence[int]:
        """How many documents of the words have each of *groups*, of whatever language they are."""


CompanyOf = Callable[[Sequence[Group], Sequence[str]], Company]
"""Finds the documents that have all of some words, and those of their language, which have any of some terms."""


def associations(
    snapshot: Snapshot, analyzer: Analyzer, text: str, limit: int, company_of: CompanyOf | None = None
) -> list[Association]:
    """The words that most surely belong to the documents of *text* (one word, or several that all are there).

    A sample of these documents is compared with all others of the language: T. Dunning, "Accurate methods for the
    statistics of surprise and coincidence", 1993. Families are told once. *company_of* finds and counts documents in
    place of *snapshot*.
    """
    tokens = [token for token in snapshot.knowing(analyzer).tokens(text) if token.kind in ("word", "part")]
    groups = [Group(token.form, token.terms) for token in tokens]
    if not groups:
        return []
    find = partial(_CompanyHere, snapshot) if company_of is None else company_of
    company = find(groups, _MARKERS[language_of_form(tokens[0].form)])
    shared, read = _shared_families(snapshot, company.texts())
    own = {family for group in groups for family in _families_of(snapshot, group)}
    least = max(_LEAST_SHARED, read // _PART_SHARED)
    counts = {family: count for family, count in shared.items() if count >= least and family not in own}
    if not counts:
        return []
    table = snapshot.form_table
    likely = _ranked(counts, {family: table.totals.item(family) for family in counts}, read, company.size)
    families = [family for family, _ in likely[: _LOOKED_AT * limit]]
    doc_freqs = company.among_all([Group("", table.terms(family)) for family in families])
    ranked = _ranked(
        {family: counts[family] for family in families}, dict(zip(families, doc_freqs, strict=True)), read, company.size
    )
    found = [(family, score) for family, score in ranked[:limit] if score >= _SURE]
    documents = company.among_own([Group("", table.terms(family)) for family, _ in found])
    return [
        Association(table.shown(family), score, count) for (family, score), count in zip(found, documents, strict=True)
    ]


class _CompanyHere:
    """`Company` of a commit.

    Documents are known to be of a language by its function words; else any word of a language would belong to any other
    of it. All documents are taken, where none of the words' is among those: short texts, words of no language.
    """

    def __init__(self, snapshot: Snapshot, groups: Sequence[Group], markers: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._own = [(one, documents_of_all(snapshot, one, list(groups))) for one in snapshot.slices]
        everything = [(one, _live(one)) for one in snapshot.slices]
        found = [(one, live & _having_any(snapshot, one, markers)) for one, live in everything]
        is_met = any(mask[docs].any() for (_, docs), (_, mask) in zip(self._own, found, strict=True))
        self._all = found if is_met else everything

    @property
    def size(self) -> int:
        """See `Company`."""
        return sum(int(np.count_nonzero(mask)) for _, mask in self._all)

    def texts(self) -> Iterator[str]:
        """See `Company`."""
        own = [
            docs[mask[docs]] + one.first_document for (one, docs), (_, mask) in zip(self._own, self._all, strict=True)
        ]
        numbers = np.concatenate([np.zeros(0, np.int64), *own])
        step = max(1, -(-len(numbers) // SAMPLED_DOCS))
        for number in in_passes(numbers[::step].astype(np.int64).tolist()):
            document = self._snapshot.document(number)
            yield f"{document.title}\n{document.body}"

    def among_all(self, groups: Sequence[Group]) -> list[int]:
        """See `Company`."""
        return [self._count_among(group) for group in groups]

    def _count_among(self, group: Group) -> int:
        found = ((mask, self._snapshot.lists(one).of(group)) for one, mask in self._all)
        return sum(int(np.count_nonzero(mask[postings.docs])) for mask, postings in found if postings is not None)

    def among_own(self, groups: Sequence[Group]) -> list[int]:
        """See `Company`."""
        return [count_with(self._snapshot, self._own, group) for group in groups]


_T = TypeVar("_T")


def in_passes(sample: Sequence[_T]) -> Iterator[_T]:
    """A sample in the order in which it is read, so that what is left out is not the end of the archive.

    Example:
        >>> list(in_passes(range(18)))
        [0, 8, 16, 1, 9, 17, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]
    """
    for start in range(_STRIDE):
        yield from sample[start::_STRIDE]


def _ranked(counts: Mapping[int, int], doc_freqs: Mapping[int, int], read: int, size: int) -> list[tuple[int, float]]:
    """The families of *counts* with their log-likelihood ratios, surest first."""
    families = list(counts)
    both = np.array([counts[family] for family in families], np.float64)
    others = np.array([min(doc_freqs[family], size - read + counts[family]) for family in families], np.float64)
    ratios = log_likelihood(both, read, np.maximum(others, both), size).tolist()
    return sorted(zip(families, ratios, strict=True), key=lambda pair: (-pair[1], pair[0]))


def _families_of(snapshot: Snapshot, group: Group) -> Iterator[int]:
    """The families of the forms that have any of the terms of *group*."""
    for form in snapshot.forms_of(group.terms):
        family = snapshot.form_table.family(form)
        if family is not None:
            yield family


def _live(one: Slice) -> Array:
    return np.ones(len(one.segment), np.bool_) if one.live is None else one.live


def _having_any(snapshot: Snapshot, one: Slice, terms: Iterable[str]) -> Array:
    mask = np.zeros(len(one.segment), np.bool_)
    for term in terms:
        if (postings := snapshot.lists(one).term(term)) is not None:
            mask[postings.docs] = True
    return mask


def _shared_families(snapshot: Snapshot, texts: Iterable[str]) -> tuple[Counter[int], int]:
    """In how many documents of a sample each family stands, and how many documents the sample has.

    Forms of one document only are passed over: they are half of all, and seldom tell anything.
    """
    documents: list[set[str]] = []
    chars = 0
    for text in texts:
        if documents and chars + len(text) > _SAMPLED_CHARS:
            break
        chars += len(text)
        documents.append(set(_WORD.findall(text.lower().replace("ё", "е"))))
    forms = Counter(form for document in documents for form in document)
    table = snapshot.form_table
    families = {form: table.family(form) for form, count in forms.items() if count > 1 and _may_tell(form)}
    counts: Counter[int] = Counter()
    for document in documents:
        found = {families.get(form) for form in document}
        counts.update(family for family in found if family is not None)
    return counts, len(documents)


def log_likelihood(both: Array, ones: int, others: Array, size: int) -> Array:
    """Dunning's G² of words that stand in *both* of *ones* documents and in *others* of all *size*.

    0 where a word avoids the *ones*.

    Example:
        >>> log_likelihood(np.array([5.0, 1.0]), 10, np.array([6.0, 50.0]), 1000).round(1).tolist()
        [43.7, 0.4]
    """
    observed = (both, ones - both, others - both, size - ones - others + both)
    share = others / size
    expected = (ones * share, ones * (1 - share), (size - ones) * share, (size - ones) * (1 - share))
    total = np.zeros(len(both))
    for seen, by_chance in zip(observed, expected, strict=True):
        positive = seen > 0
        total[positive] += seen[positive] * np.log(seen[positive] / by_chance[positive])
    ratios: Array = np.where(both > expected[0], 2 * total, 0.0)
    return ratios
