"""Measures against the definitions, the randomisation test against brute force, files of judgements, the command."""

from __future__ import annotations

import csv
import io
import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_cli import Run, make_run
from wco_search import Document, Index, ReadError
from wco_search.cli import ExitCode
from wco_search.judging import (
    MEASURES,
    Comparison,
    JudgedQuery,
    Judgement,
    Scores,
    compare,
    judge,
    randomisation_p,
    read_judgements,
    score_ranking,
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


RANKINGS = [  # ranking, grades, reciprocal rank, recall, nDCG
    ("a", {"a": 1}, 1, 1, 1),
    ("ba", {"a": 1}, 1 / 2, 1, 1 / math.log2(3)),
    ("bac", {"a": 1, "c": 1}, 1 / 2, 1, (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))),
    ("ba", {"a": 2, "b": 1}, 1, 1, (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))),
    ("ab", {"a": 2, "b": 1, "c": 0}, 1, 1, 1),
    ("ca", {"a": 1, "c": -1}, 1 / 2, 1, 1 / math.log2(3)),
    ("xyz", {"a": 1}, 0, 0, 0),
    ("", {"a": 1}, 0, 0, 0),
    ("0123456789a", {"a": 1}, 0, 0, 0),
    ("012345678a", {"a": 1}, 1 / 10, 1, 1 / math.log2(11)),
    ("abcdefghij", dict.fromkeys("abcdefghijklmnopqrst", 1), 1, 1 / 2, 1),
]


@pytest.mark.parametrize(("ranking", "grades", "mrr", "recall", "ndcg"), RANKINGS)
def test_measures(ranking: str, grades: dict[str, int], mrr: float, recall: float, ndcg: float) -> None:
    """Worked out by hand; only ten hits count."""
    assert score_ranking(list(ranking), grades) == Scores(mrr, pytest.approx(recall), pytest.approx(ndcg))


@given(st.permutations("abcdefgh"), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 4), min_size=1))
def test_measures_lie_between_0_and_1_and_the_ideal_order_is_best(ranking: list[str], grades: dict[str, int]) -> None:
    """Whatever the grades."""
    if not any(grades.values()):
        with pytest.raises(ValueError, match="no document is relevant"):
            score_ranking(ranking, grades)
        return
    scores = score_ranking(ranking, grades)
    assert all(0 <= getattr(scores, measure) <= 1 + 1e-12 for measure in MEASURES)
    ideal = sorted(ranking, key=lambda name: -grades.get(name, 0))
    assert score_ranking(ideal, grades) == Scores(1.0, 1.0, pytest.approx(1.0))


def small() -> Index:
    """Three documents, one found only across languages."""
    return Index.memory(
        [Document(id="1", body="Fossils."), Document(id="2", body="Timber."), Document(id="3", body="Таможня.")]
    )


def test_an_index_is_judged_by_what_it_finds() -> None:
    """Means over queries with relevant documents; what cannot be judged is told."""
    queries = [
        JudgedQuery("fossil", {"1": 2, "gone": 1}),
        JudgedQuery("timber", {"1": 1}, name="second"),
        JudgedQuery("fossil timber", {"1": 0}),
    ]
    judgement = judge(small(), queries, translate="off")
    assert judgement.queries == ("fossil", "second")
    assert (judgement.left_out, judgement.absent) == (("fossil timber",), ("gone",))
    assert judgement.means.mrr == 0.5
    assert judgement.means.recall == 0.25
    assert list(judgement.table().cells())[1] == ("second", 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="none of the queries has a relevant document"):
        judge(small(), queries[2:])
    with pytest.raises(ValueError, match="translate must be one of"):
        judge(small(), queries, translate="maybe")


def test_ten_hits_are_judged_whatever_else_is_asked_for() -> None:
    """A smaller page would make two settings incomparable."""
    assert judge(small(), [JudgedQuery("fossil", {"1": 1})], limit=0).means.mrr == 1.0


DIFFERENCES = st.lists(st.sampled_from([0.0, 0.1, -0.1, 0.3, 0.5, -1.0, 1 / 3]), min_size=1, max_size=8)


def brute_p(differences: list[float]) -> float:
    """The share of all assignments of signs whose sum is at least as far from 0."""
    observed = abs(sum(differences))
    sums = [
        abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    return sum(one >= observed - 1e-9 for one in sums) / len(sums)


@given(DIFFERENCES)
def test_p_is_that_of_all_assignments(differences: list[float]) -> None:
    """Zeros change nothing, though they double the number of assignments; nor does a change of all signs."""
    assert randomisation_p(differences) == pytest.approx(brute_p(differences))
    assert randomisation_p([-one for one in differences]) == randomisation_p(differences)


@pytest.mark.parametrize("seed", [0, 1])
def test_p_by_random_assignments_is_close_to_the_exact_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within four standard errors of it; and the same each time."""
    differences = [0.3, 0.2, -0.1, 0.4, 0.1, -0.2, 0.5, 0.1, 0.3, -0.1]
    exact = randomisation_p(differences)
    monkeypatch.setattr("wco_search.judging._EXACT", 0)
    sampled = randomisation_p(differences, permutations=20_000, seed=seed)
    assert sampled == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 20_000))
    assert randomisation_p(differences, permutations=20_000, seed=seed) == sampled
    assert randomisation_p([1.0] * 40, permutations=999) == 1 / 1000  # never 0


def test_comparison_counts_wins_ties_and_losses() -> None:
    """By query, and for each measure alone."""

    def judged(*figures: float) -> Judgement:
        return Judgement(tuple("abcd"), tuple(Scores(one, 1.0, one) for one in figures))

    compared = compare(judged(1, 1, 0.5, 0), judged(0.5, 1, 0.25, 1))
    p_value = brute_p([0.5, 0, 0.25, -1])
    assert compared["mrr"] == Comparison(pytest.approx(-0.0625), p_value, wins=2, ties=1, losses=1)
    assert compared["recall"] == Comparison(0.0, 1.0, wins=0, ties=4, losses=0)
    with pytest.raises(ValueError, match="same queries"):
        compare(judged(1, 1, 1, 1), Judgement(("a",), (Scores(1, 1, 1),)))


FILES = {
    "tabs": "fossil\t1\t2\nfossil\t2\nтаможня\t3\t0\n",
    "tabs of Windows": "\ufefffossil\t1\t2\r\n\r\nfossil\t2\r\nтаможня\t3\t0\r\n",
    "JSON Lines": '{"query": "fossil", "relevant": {"1": 2, "2": 1}}\n{"query": "таможня", "relevant": {"3": 0}}\n',
    "both": '{"query": "fossil", "relevant": ["2"]}\nfossil\t1\t2\nтаможня\t3\t0',
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_files_of_judgements(tmp_path: Path, content: str) -> None:
    """However they are written, lines of one query belong together."""
    path = tmp_path / "judged"
    path.write_text(content, encoding="utf-8")
    assert read_judgements(path) == [JudgedQuery("fossil", {"1": 2, "2": 1}), JudgedQuery("таможня", {"3": 0})]


BAD = [
    ("fossil\n", 1, "not of the form: query TAB"),
    ("fossil\t1\n\nfossil\t\t1\n", 3, "not of the form: query TAB"),
    ("a\tb\tc\td\n", 1, "not of the form: query TAB"),
    ("fossil\t1\t1.5\n", 1, "the grade '1.5' is not a whole number"),
    ("fossil\t1\t101\n", 1, "the grade 101 is above 100"),
    ('{"query": "x"}\n', 1, "not of the form {"),
    ('{"query": "x", "relevant": 3}\n', 1, "not of the form {"),
    ('{"query": "x", "relevant": [[]]}\n', 1, "not of the form {"),
    ('{"query": "x", "relevant": {"1": true}}\n', 1, "the grade True is not a whole number"),
    ("{\n", 1, "not of the form {"),
    ("\n", None, "there are no judged queries"),
    (b"\xff\n", None, "not UTF-8 at byte 0"),
]


@pytest.mark.parametrize(("content", "line", "told"), BAD)
def test_a_file_that_is_none_is_told_by_its_line(
    tmp_path: Path, content: str | bytes, line: int | None, told: str
) -> None:
    """Nothing is passed over."""
    path = tmp_path / "judged"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ReadError) as raised:
        read_judgements(path)
    assert (raised.value.line, told in raised.value.reason) == (line, True)


# -- the command


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """An index beside a file of judgements: one query is answered only across languages."""
    with Index.create(tmp_path / "ix") as index:
        index.add(small().documents())
    path = tmp_path / "judged.tsv"
    path.write_text("fossil\t1\ncustoms\t3\nnobody\t1\t0\ntimber\tgone\n", encoding="utf-8")
    return path


def test_judge_tells_people_the_means(run: Run, judged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what could not be judged, in either language."""
    outcome = run("judge", judged, "--index", "ix")
    assert outcome.code == ExitCode.FOUND
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines == [["MRR@10", "R@10", "nDCG@10"], ["queries:", "3", *["0.6667"] * 3]]
    assert outcome.err.splitlines() == [
        "queries left out, for which no document is relevant: 1",
        "relevant documents that the index does not have: 1; nobody could find them",
    ]
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    russian = run("judge", judged, "--index", "ix")
    assert "запросов: 3" in russian.out
    assert russian.err.startswith("пропущено запросов")


def test_judge_compares_two_ways_of_searching(run: Run, judged: Path) -> None:
    """Differences, chance, wins; for people, and for programs in the same figures."""
    outcome = run("judge", judged, "--index", "ix", "--against", "translate=off,dates=off")
    rows = [line.split() for line in outcome.out.splitlines()]
    assert [row[-1] for row in rows] == ["nDCG@10", "0.6667", "0.3333", "+0.3333", "1.0000", "1/2/0"]
    data = run("judge", judged, "--index", "ix", "--against", "translate=off", "--json").data
    assert data["comparison"]["mrr"] == {
        "difference": pytest.approx(1 / 3),
        "p_value": 1.0,
        "wins": 1,
        "ties": 2,
        "losses": 0,
    }
    assert (data["means"]["mrr"], data["against"]["means"]["mrr"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert (data["left_out"], data["absent"]) == (["nobody"], ["gone"])
    alone = run("judge", judged, "--index", "ix", "--options", "translate=off", "--json").data
    assert alone == data["against"]


def test_judge_writes_a_table_of_queries(run: Run, judged: Path) -> None:
    """One row each, of both ways where there are two."""
    alone = csv.DictReader(io.StringIO(run("judge", judged, "--index", "ix", "--csv").out))
    assert [(row["query"], row["mrr"]) for row in alone] == [("fossil", "1.0"), ("customs", "1.0"), ("timber", "0.0")]
    both = run("judge", judged, "--index", "ix", "--csv", "--against", "translate=off")
    rows = list(csv.DictReader(io.StringIO(both.out)))
    assert [row["ndcg_against"] for row in rows] == ["1.0", "0.0", "0.0"]


FAILURES = [
    (["none.tsv"], "none.tsv: No such file or directory"),
    (["judged.tsv", "--index", "none"], "there is no such folder"),
    (["judged.tsv", "--options", "translate=maybe"], "translate must be one of 'auto', 'only', 'off'"),
    (["judged.tsv", "--options", "sort=nothing"], "the index has no field 'nothing'"),
    (["empty.tsv"], "empty.tsv: there are no judged queries"),
]


@pytest.mark.parametrize(("args", "told"), FAILURES)
def test_judge_fails_in_one_message(run: Run, judged: Path, args: list[str], told: str) -> None:
    """With exit code 2."""
    judged.with_name("empty.tsv").write_text("", encoding="utf-8")
    outcome = run("judge", *args, *([] if "--index" in args else ["--index", "ix"]))
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert told in outcome.err
