"""How well an index answers queries whose answers are known, and whether one way of searching beats another.

    queries = read_judgements("judged.tsv")             # query TAB document id [TAB grade]
    now = judge(index, queries)
    other = judge(index, queries, translate="off")
    print(now.means, compare(now, other)["ndcg"].p_value)

Measures, each from 0 to 1, of the ten best hits:

- `mrr`: the reciprocal rank of the first relevant document, 0 without one (Voorhees 1999, TREC-8 question answering).
- `recall`: the share of all relevant documents that is among them.
- `ndcg`: the discounted cumulative gain over the best possible one, the gain of a grade being 2^grade - 1 (Järvelin and
  Kekäläinen 2002, with the gain of Burges et al. 2005).

Two ways of searching are compared by the paired randomisation test (Smucker, Allan, Carterette 2007, "A comparison of
statistical significance tests for information retrieval evaluation"): if it made no difference which way gave which of
a query's two figures, how often would the means differ as much as they do?
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import numpy as np

from wco_search.errors import ReadError
from wco_search.frames import Cell, Table
from wco_search.index import Index

Measure = Literal["mrr", "recall", "ndcg"]
MEASURES: tuple[Measure, ...] = ("mrr", "recall", "ndcg")
"""The measures, in the order in which they are told."""

DEPTH = 10
"""How many hits are judged: a page."""

PERMUTATIONS = 100_000
"""Random assignments of a randomisation test: a p of .05 is then known to within .0014, two standard errors."""

_EXACT = 16  # differing queries up to which all 2^n assignments are gone through, fewer than PERMUTATIONS
_SAME = 1e-12  # sums of the same numbers in another order differ by less, differences of figures by more
_GREATEST_GRADE = 100  # whose gain, 2^100, still adds up in a float; scales in use end at 4
_BLOCK = 1 << 22  # random signs drawn at a time: 4 MB


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query, and which documents answer it how well.

    Attributes:
        text: The query.
        grades: Grades by document id; 0 is not relevant, as is what has no grade.
        name: What it is called in reports; its text if not given.
    """

    text: str
    grades: Mapping[str, int]
    name: str = ""

    @property
    def label(self) -> str:
        """Its name, or its text."""
        return self.name or self.text


@dataclass(frozen=True, slots=True)
class Scores:
    """The measures of one ranking, or their means over rankings."""

    mrr: float
    recall: float
    ndcg: float

    def to_dict(self) -> dict[str, float]:
        """The measures by name."""
        return asdict(self)


def score_ranking(ranking: Sequence[str], grades: Mapping[str, int]) -> Scores:
    """The measures of one ranking of document ids.

    Raises:
        ValueError: No document is relevant, so that there is nothing to find.

    Example:
        >>> score_ranking(["b", "a"], {"a": 1})
        Scores(mrr=0.5, recall=1.0, ndcg=0.6309297535714575)
    """
    relevant = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    if not relevant:
        raise ValueError("no document is relevant: the best ranking would score as the worst")
    gains = [max(0, grades.get(document, 0)) for document in ranking[:DEPTH]]
    first = next((1 / rank for rank, gain in enumerate(gains, start=1) if gain > 0), 0.0)
    found = sum(gain > 0 for gain in gains)
    return Scores(first, found / len(relevant), _discounted(gains) / _discounted(relevant[:DEPTH]))


def _discounted(gains: Sequence[int]) -> float:
    return sum((2.0**gain - 1) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


@dataclass(frozen=True, slots=True)
class Judgement:
    """How judged queries fared.

    Attributes:
        queries: Their names.
        scores: The scores of each.
        left_out: Queries for which no document is relevant; they have no scores.
        absent: Relevant documents that the index does not have; nobody could find them.

    Example:
        >>> judgement = Judgement(("a", "b"), (Scores(1, 1, 1), Scores(0, 0.5, 0)))
        >>> judgement.means
        Scores(mrr=0.5, recall=0.75, ndcg=0.5)
    """

    queries: tuple[str, ...]
    scores: tuple[Scores, ...]
    left_out: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def means(self) -> Scores:
        """The means over all queries that have scores."""
        return Scores(*(fmean(self.column(measure)) for measure in MEASURES))

    def column(self, measure: Measure) -> list[float]:
        """One measure of every query."""
        return [getattr(scores, measure) for scores in self.scores]

    def table(self) -> Table:
        """One row a query: its name and the measures."""
        rows: list[Mapping[str, Cell]] = [
            {"query": query, **scores.to_dict()} for query, scores in zip(self.queries, self.scores, strict=True)
        ]
        return Table({"query": "keyword", **dict.fromkeys(MEASURES, "float")}, rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "means": self.means.to_dict(),
            "queries": list(self.table().rows),
            "left_out": list(self.left_out),
            "absent": list(self.absent),
        }


def judge(index: Index, queries: Sequence[JudgedQuery], **search_options: Any) -> Judgement:
    """Ask *index* each of *queries* and score what it gives.

    Args:
        index: The index.
        queries: Judged queries.
        search_options: As for `Index.search`; the best ten hits are always taken.

    Raises:
        ValueError: No query has a relevant document; and as `Index.search`.

    Example:
        >>> from wco_search import Document
        >>> index = Index.memory([Document(id="1", body="Timber."), Document(id="2", body="Fossils.")])
        >>> judge(index, [JudgedQuery("fossil", {"2": 1})]).means
        Scores(mrr=1.0, recall=1.0, ndcg=1.0)
    """
    asked = [query for query in queries if _relevant(query)]
    if not asked:
        raise ValueError("none of the queries has a relevant document, one with a grade above 0")
    options = {**search_options, "limit": DEPTH}
    scores = tuple(
        score_ranking([hit.document.id for hit in index.search(query.text, **options)], query.grades) for query in asked
    )
    wanted = dict.fromkeys(document for query in asked for document in _relevant(query))
    return Judgement(
        tuple(query.label for query in asked),
        scores,
        tuple(query.label for query in queries if not _relevant(query)),
        tuple(document for document in wanted if document not in index),
    )


def _relevant(query: JudgedQuery) -> list[str]:
    return [document for document, grade in query.grades.items() if grade > 0]


# -- comparison


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of two ways of searching.

    Attributes:
        difference: The mean of the first less that of the second.
        p_value: How often chance alone would make means differ at least as much, either way.
        wins, ties, losses: For how many queries the first was better, as good, and worse.
    """

    difference: float
    p_value: float
    wins: int
    ties: int
    losses: int

    def to_dict(self) -> dict[str, float]:
        """The comparison as plain JSON values."""
        return asdict(self)


def compare(first: Judgement, second: Judgement, *, seed: int = 0) -> dict[Measure, Comparison]:
    """Each measure of the same queries, asked in two ways.

    Args:
        first: The one way.
        second: The other way.
        seed: Of the random assignments; the same gives the same figures.

    Raises:
        ValueError: The queries are not the same ones.

    Example:
        >>> good, bad = Scores(1.0, 1.0, 1.0), Scores(0.5, 1.0, 0.6)
        >>> compare(Judgement(("a", "b"), (good, good)), Judgement(("a", "b"), (bad, good)))["mrr"]
        Comparison(difference=0.25, p_value=1.0, wins=1, ties=1, losses=0)
    """
    if first.queries != second.queries:
        raise ValueError("only the same queries, in the same order, can be compared")
    return {
        measure: _compared(
            [one - other for one, other in zip(first.column(measure), second.column(measure), strict=True)], seed
        )
        for measure in MEASURES
    }


def _compared(differences: Sequence[float], seed: int) -> Comparison:
    return Comparison(
        difference=fmean(differences),
        p_value=randomisation_p(differences, seed=seed),
        wins=sum(one > _SAME for one in differences),
        ties=sum(abs(one) <= _SAME for one in differences),
        losses=sum(one < -_SAME for one in differences),
    )


def randomisation_p(differences: Sequence[float], *, permutations: int = PERMUTATIONS, seed: int = 0) -> float:
    """Two-sided p-value of paired *differences* under the randomisation test.

    Each difference is as likely to have had the other sign. Up to 16 differences that are not zero, all assignments of
    signs are counted; of more, *permutations* random ones, the observed one among them, so that no p-value is 0
    (Phipson and Smyth 2010).

    Example:
        >>> randomisation_p([1.0, 1.0, 1.0]), randomisation_p([0.0, 0.0])
        (0.25, 1.0)
    """
    telling = np.array([one for one in differences if abs(one) > _SAME])
    if not len(telling):
        return 1.0
    observed = abs(float(telling.sum())) - _SAME * len(telling)
    if len(telling) <= _EXACT:
        numbers = np.arange(2 ** len(telling))[:, None]
        signs = 1.0 - 2.0 * (numbers >> np.arange(len(telling)) & 1)
        return float(np.mean(np.abs(signs @ telling) >= observed))
    extreme = sum(_extreme(telling, observed, permutations, np.random.default_rng(seed)))
    return (extreme + 1) / (permutations + 1)


def _extreme(
    telling: np.ndarray[Any, np.dtype[np.float64]], observed: float, permutations: int, random: np.random.Generator
) -> Iterator[int]:
    """How many of *permutations* random sums are as large as *observed*, block by block."""
    rows = max(1, _BLOCK // len(telling))
    for start in range(0, permutations, rows):
        shape = (min(rows, permutations - start), len(telling))
        signs = 1.0 - 2.0 * random.integers(0, 2, shape, dtype=np.int8)
        yield int(np.count_nonzero(np.abs(signs @ telling) >= observed))


# -- files


def read_judgements(path: str | Path) -> list[JudgedQuery]:
    r"""The judged queries of a file in UTF-8.

    A line is `query TAB document id` or `query TAB document id TAB grade`, grade 1 where none is given; or it is JSON,
    `{"query": ..., "relevant": {id: grade}}`, with a list of ids in place of the mapping where all have grade 1.
    Lines of one query belong together.

    Raises:
        ReadError: A line is neither, or there is none; tells which.
        OSError: The file cannot be read.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "judged.tsv")
        >>> _ = path.write_text("fossils\ta\nfossils\tb\t2\n", encoding="utf-8")
        >>> read_judgements(path)[0].grades
        {'a': 1, 'b': 2}
    """
    queries: dict[str, dict[str, int]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ReadError(path, None, f"not UTF-8 at byte {error.start}; convert it first") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            query, grades = _parsed_json(line) if line.startswith("{") else _parsed_tabs(line.rstrip("\r"))
        except ValueError as error:
            raise ReadError(path, number, str(error)) from error
        queries.setdefault(query, {}).update(grades)
    if not queries:
        raise ReadError(path, None, "there are no judged queries; write one as: query TAB document id")
    return [JudgedQuery(query, grades) for query, grades in queries.items()]


def _parsed_tabs(line: str) -> tuple[str, Mapping[str, int]]:
    query, *rest = line.split("\t")
    if len(rest) not in (1, 2) or not (query.strip() and rest[0]):
        raise ValueError("not of the form: query TAB document id [TAB grade]")
    grade = rest[1].strip() if len(rest) == 2 else "1"
    if not grade.removeprefix("-").isdecimal():
        raise ValueError(f"the grade {grade!r} is not a whole number")
    return query, {rest[0]: _checked_grade(int(grade))}


def _parsed_json(line: str) -> tuple[str, Mapping[str, int]]:
    form = 'not of the form {"query": "...", "relevant": {"document id": grade}}'
    try:
        record = json.loads(line)
        query, relevant = record["query"], record["relevant"]
        grades = dict.fromkeys(relevant, 1) if isinstance(relevant, list) else relevant
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(form) from error
    if not isinstance(query, str) or not query.strip() or not isinstance(grades, dict):
        raise ValueError(form)
    return query, {str(name): _checked_grade(grade) for name, grade in grades.items()}


def _checked_grade(grade: object) -> int:
    if isinstance(grade, bool) or not isinstance(grade, int):
        raise ValueError(f"the grade {grade!r} is not a whole number")  # noqa: TRY004  # of a file, not of a call
    if grade > _GREATEST_GRADE:
        raise ValueError(f"the grade {grade} is above {_GREATEST_GRADE}")
    return grade


__all__ = [
    "DEPTH",
    "MEASURES",
    "PERMUTATIONS",
    "Comparison",
    "JudgedQuery",
    "Judgement",
    "Measure",
    "Scores",
    "compare",
    "judge",
    "randomisation_p",
    "read_judgements",
    "score_ranking",
]
