"""Speed: build, open, ask, add; this library and its rivals in turn, each in a process of its own on one core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Self

from benchmarks import corpus as corpora
from benchmarks import queries as questions
from benchmarks.corpus import Corpus
from benchmarks.figures import Latency, ratio_of
from benchmarks.queries import Query, QuerySets
from benchmarks.rivals import OURS

SNIPPETS = "snippets"
"""The class that is `sample` once more, with HTML snippets in place of ids."""

BUILT_OFTEN = (OURS, "tantivy")
SMALL_ADD = 10  # documents: a newsroom's day
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

Say = Callable[[str], None]
Described = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        sizes: Documents of each corpus.
        classes: Query classes, `snippets` among them.
        rivals: Engines beside this library.
        rounds: How many times each class is run, each time with queries of its own.
        per_round: Queries a round.
        builds: How many times the index is built; by rivals whose build is not judged, once.
        probes: Fresh processes that open the index and ask one query.
        adds: Small additions.
        core: The core that all engines are bound to.
        clock: `wall` or `cpu`, see `benchmarks.worker`.
        reuse: Engines whose index of an earlier run is taken as it is.
        work: Folder for corpora and indexes.
        source: See `benchmarks.corpus.make`.
    """

    sizes: tuple[int, ...]
    classes: tuple[str, ...]
    rivals: tuple[str, ...]
    work: Path
    rounds: int = 5
    per_round: int = 200
    builds: int = 3
    probes: int = 5
    adds: int = 10
    core: int = 0
    clock: str = "wall"
    reuse: tuple[str, ...] = ()
    source: str = "auto"


@dataclass(slots=True)
class Engine:
    """All figures of one engine on one corpus.

    Attributes:
        builds: For each time the index was built: `build_s`, `peak_bytes` of memory, `index_bytes` on disk.
        probes: For each fresh process: `import_s`, `open_s`, `open_bytes` of memory then, `first_s` of the first query,
            `first_bytes` of memory after it.
        latency: By class of queries.
        adds_ns: Nanoseconds of each small addition.
        segments: Parts of the index.
        searched_bytes: Memory of the process after all queries.
        reused: Whether the index is of an earlier run; its `builds` are too then.
    """

    builds: list[dict[str, float]] = field(default_factory=list)
    probes: list[dict[str, float]] = field(default_factory=list)
    latency: dict[str, Latency] = field(default_factory=dict)
    adds_ns: list[int] = field(default_factory=list)
    segments: int = 0
    searched_bytes: int = 0
    reused: bool = False

    def build(self, field_: str) -> list[float]:
        """One figure of every build."""
        return [one[field_] for one in self.builds]

    def probe(self, field_: str) -> float:
        """The median of one figure over the fresh processes."""
        return median(one[field_] for one in self.probes)

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Engine:
        """The figures that `asdict` made plain JSON of."""
        return cls(**{**plain, "latency": {name: Latency.load(one) for name, one in plain["latency"].items()}})


@dataclass(frozen=True, slots=True)
class Outcome:
    """All figures of one corpus, by engine, ours first; `left_out` are engines not given a corpus of this size."""

    corpus: Corpus
    engines: Mapping[str, Engine]
    left_out: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self) | {"corpus": asdict(self.corpus) | {"path": self.corpus.path.name}}

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Outcome:
        """The figures that `to_plain` gave."""
        corpus = Corpus(**{**plain["corpus"], "path": Path(plain["corpus"]["path"])})
        engines = {name: Engine.load(one) for name, one in plain["engines"].items()}
        return cls(corpus, engines, tuple(plain["left_out"]))


class Process:
    """An engine's process, and the commands that it takes (see `benchmarks.worker`)."""

    def __init__(self, engine: str, plan: Plan) -> None:
        self._engine = engine
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", engine, str(plan.core), plan.clock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD | {"PYTHONPATH": _python_path()},
        )

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Have a command carried out, and wait for its answer.

        Raises:
            RuntimeError: The process ended instead.
        """
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            status = self._child.wait()
            raise RuntimeError(f"{self._engine} ended with status {status} in {command!r}; see its error above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()


def _python_path() -> str:
    here = str(Path(__file__).parents[1])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def describe(plan: Plan) -> dict[str, dict[str, Any]]:
    """What each engine can do and how it is set up, as it says itself."""
    found = {}
    for name in (OURS, *plan.rivals):
        with Process(name, plan) as process:
            found[name] = process.do("describe")
    return found


def measure(plan: Plan, described: Described, say: Say) -> Iterator[Outcome]:
    """Measure each size in turn."""
    for size in plan.sizes:
        corpus = corpora.make(plan.work, size, source=plan.source)
        say(f"\n{size:,} documents ({corpus.source}, stride {corpus.stride}, {corpus.text_bytes:,} bytes of text), "
            f"hash {corpus.digest}")  # fmt: skip
        able = [name for name in described if size <= described[name]["most_documents"]]
        left_out = tuple(name for name in described if name not in able)
        engines = {name: Engine() for name in able}
        _measure_one(_Run(plan, corpus, described, engines, say))
        yield Outcome(corpus, engines, left_out)


@dataclass(frozen=True, slots=True)
class _Run:
    """One corpus being measured."""

    plan: Plan
    corpus: Corpus
    described: Described
    engines: Mapping[str, Engine]
    say: Say

    def folder(self, name: str) -> Path:
        return self.plan.work / f"index-{name}-{self.corpus.documents}-{self.corpus.digest[:8]}"

    def able(self, class_: str, query: Query) -> list[str]:
        """The engines that answer such queries."""
        if class_ == SNIPPETS:
            return [name for name in self.engines if self.described[name]["has_snippets"]]
        return [
            name
            for name in self.engines
            if query.kind in self.described[name]["kinds"] and (query.days is None or self.described[name]["has_dates"])
        ]

    @contextmanager
    def opened(self, name: str) -> Iterator[Process]:
        with Process(name, self.plan) as process:
            process.do("open", folder=str(self.folder(name)))
            yield process


def _measure_one(run: _Run) -> None:
    sets = questions.make(run.corpus, per_set=run.plan.per_round, sets=run.plan.rounds + 1)
    for turn in range(run.plan.builds):
        for name in run.engines:
            _build(run, name, turn)
    _probe(run, sets)
    _ask(run, sets)
    for name in run.engines:
        if run.plan.adds and run.described[name]["can_add"]:
            _add(run, name)


def _build(run: _Run, name: str, turn: int) -> None:
    """Build an index; the last one is searched. Rivals whose build is not judged are built once."""
    engine, folder = run.engines[name], run.folder(name)
    notes = folder.with_suffix(".build.json")
    if name in run.plan.reuse and (engine.reused or not turn) and notes.exists():
        engine.reused, engine.builds = True, json.loads(notes.read_text(encoding="utf-8"))
        return
    if turn and name not in BUILT_OFTEN:
        return
    shutil.rmtree(folder, ignore_errors=True)
    notes.unlink(missing_ok=True)
    folder.mkdir()
    with Process(name, run.plan) as process:
        engine.builds.append(process.do("build", corpus=_plain(run.corpus), folder=str(folder)))
    notes.write_text(json.dumps(engine.builds), encoding="utf-8")
    run.say(f"  {name}: built in {engine.builds[-1]['build_s']:.2f} s")


def _plain(corpus: Corpus) -> dict[str, Any]:
    return asdict(corpus) | {"path": str(corpus.path)}


def _probe(run: _Run, sets: QuerySets) -> None:
    """Open in fresh processes and ask one query, the engines in turn."""
    for query in sets["sample"][-1][: run.plan.probes]:
        for name, engine in run.engines.items():
            with Process(name, run.plan) as process:
                facts = process.do("open", folder=str(run.folder(name)))
                process.do("queries", name="first", queries=[asdict(query)])
                answer = process.do("run", name="first", snippets=False)
                engine.probes.append(facts | {"first_s": answer["ns"][0] / 1e9, "first_bytes": answer["bytes"]})


def _ask(run: _Run, sets: QuerySets) -> None:
    """Each class: one set for warming up, then in each round every engine in turn, the first one changing."""
    with ExitStack() as stack:
        processes = {name: stack.enter_context(run.opened(name)) for name in run.engines}
        for class_ in run.plan.classes:
            asked = sets.get("sample" if class_ == SNIPPETS else class_)
            if not asked:
                run.say(f"  {class_}: left out, this text has no such words")
                continue
            able = {name: processes[name] for name in run.able(class_, asked[0][0])}
            found = _rounds(able, asked, snippets=class_ == SNIPPETS)
            for name, latency in found.items():
                run.engines[name].latency[class_] = latency
            run.say(_glance(class_, found))
        for name, process in processes.items():
            state = process.do("state")
            run.engines[name].segments, run.engines[name].searched_bytes = state["segments"], state["bytes"]


def _rounds(
    processes: Mapping[str, Process], asked: Sequence[Sequence[Query]], *, snippets: bool
) -> dict[str, Latency]:
    names = list(processes)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn, queries in enumerate(asked):
        first = turn % len(names)
        for name in [*names[first:], *names[:first]]:
            processes[name].do("queries", name="round", queries=[asdict(query) for query in queries])
            found[name].append(processes[name].do("run", name="round", snippets=snippets))
    return {name: _latency(answers[1:]) for name, answers in found.items()}


def _latency(answers: Sequence[Mapping[str, Any]]) -> Latency:
    columns = {"rounds": "ns", "totals": "totals", "digests": "digest"}
    return Latency.load({name: [one[key] for one in answers] for name, key in columns.items()})


def _glance(class_: str, found: Mapping[str, Latency]) -> str:
    lines: list[str] = []
    for name, latency in found.items():
        line = (
            f"  {'' if lines else class_:16}{name:8} p50 {latency.typical(50):7.3f}  p99 {latency.typical(99):7.3f} ms"
        )
        if name != OURS:
            line += "".join(f"   ours/its p{per} {ratio_of(found[OURS], latency, per).to_text()}" for per in (50, 99))
        lines.append(line)
    return "\n".join(lines)


def _add(run: _Run, name: str) -> None:
    """Add a few documents to a copy of the index, several times."""
    records = [
        replace(record, id=f"added-{number}")
        for number, record in zip(range(run.plan.adds * SMALL_ADD), run.corpus, strict=False)
    ]
    copy = run.folder(name).with_suffix(".copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(run.folder(name), copy)
    os.sync()  # what the copy left to write must not be charged to the addition
    with Process(name, run.plan) as process:
        process.do("open", folder=str(copy))
        answer = process.do("add", records=[astuple(record) for record in records], size=SMALL_ADD)
        run.engines[name].adds_ns = answer["ns"]
    shutil.rmtree(copy)
