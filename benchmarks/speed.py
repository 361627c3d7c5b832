"""Speed: build, open, ask, add; this library and its rivals in turn, each in a process of its own on one core.

Last, as many processes as there are cores read at once, and one reads while another writes.
"""

from __future__ import annotations

import itertools
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
from benchmarks.classes import CLASSES, PLAIN, Way
from benchmarks.coding import encode, encode_queries
from benchmarks.corpus import Corpus
from benchmarks.figures import Latency, ratio_of
from benchmarks.queries import Query, QuerySets
from benchmarks.rivals import OURS, Protocol, Rival, engine_class

BUILT_OFTEN = (OURS, "tantivy")
SMALL_ADD = 10  # documents: a newsroom's day
READERS = (1, 2)  # processes that read at once
WARM = 20  # queries before reading is timed, so that none is the first of its process
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

Say = Callable[[str], None]
Contestants = Mapping[str, type[Rival]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        sizes: Documents of each corpus.
        classes: Names of `benchmarks.classes.CLASSES`.
        rivals: Engines beside this library.
        rounds: How many times each class is run, each time with queries of its own.
        per_round: Queries a round.
        builds: How many times the index is built; by rivals whose build is not judged, once.
        probes: Fresh processes that open the index and ask one query.
        adds: Small additions.
        loops: Times that processes read the largest corpus at once; 0 for none.
        loop_s: Seconds of each time.
        core: The core that all engines are bound to; where several processes run at once, the first of them.
        clock: `wall` or `cpu`, see `benchmarks.worker`.
        reuse: Engines whose index of an earlier run is taken as it is.
        work: Folder for corpora and indexes.
        source: See `benchmarks.corpus.make`.
        protocols: See `benchmarks.rivals.PROTOCOLS`.
        engine_sizes: Of the sizes, those that protocol `engine` is measured on; None for all.
        sample_only: Engines that are asked the class `sample` alone, as all of them would take too long.
    """

    sizes: tuple[int, ...]
    classes: tuple[str, ...]
    rivals: tuple[str, ...]
    work: Path
    rounds: int = 3
    per_round: int = 100
    builds: int = 1
    probes: int = 3
    adds: int = 5
    loops: int = 3
    loop_s: float = 5.0
    core: int = 0
    clock: str = "wall"
    reuse: tuple[str, ...] = ()
    source: str = "auto"
    protocols: tuple[Protocol, ...] = ("end-to-end",)
    engine_sizes: tuple[int, ...] | None = None
    sample_only: tuple[str, ...] = ()

    def protocols_of(self, size: int) -> list[Protocol]:
        """Those that a corpus of that size is measured by."""
        in_tokens = self.engine_sizes is None or size in self.engine_sizes
        return [one for one in self.protocols if one != "engine" or in_tokens]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many queries a second processes answer that read at once.

    Attributes:
        readers: How many processes.
        per_s: Queries a second of all of them, each time.
        adds_per_s: Commits a second of a process that writes beside them, each time; empty where none does.
    """

    readers: int
    per_s: tuple[float, ...]
    adds_per_s: tuple[float, ...] = ()

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Rate:
        """The figures that `asdict` made plain JSON of."""
        return cls(plain["readers"], tuple(plain["per_s"]), tuple(plain["adds_per_s"]))

    def to_text(self) -> str:
        """The median rate with its spread.

        Example:
            >>> Rate(2, (900.0, 1000.0, 1010.0)).to_text()
            '2 reading: 1,000 [900..1,010] queries/s'
        """
        written = f", {median(self.adds_per_s):.1f} commits/s beside them" if self.adds_per_s else ""
        spread = f"{median(self.per_s):,.0f} [{min(self.per_s):,.0f}..{max(self.per_s):,.0f}]"
        return f"{self.readers} reading: {spread} queries/s{written}"


@dataclass(slots=True)
class Engine:
    """All figures of one engine on one corpus.

    Attributes:
        builds: For each time the index was built: `build_s`, `peak_bytes` of memory, `index_bytes` on disk.
        probes: For each fresh process: `import_s`, `open_s`, `open_bytes` of memory then, `first_s` of the first query,
            `first_bytes` of memory after it.
        latency: By class of queries.
        plain: By class, what `search` took for the same queries in the same rounds.
        rates: Of processes that read at once.
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
    plain: dict[str, Latency] = field(default_factory=dict)
    rates: list[Rate] = field(default_factory=list)

    def build(self, field_: str) -> list[float]:
        """One figure of every build."""
        return [one[field_] for one in self.builds]

    def probe(self, field_: str) -> float:
        """The median of one figure over the fresh processes."""
        return median(one[field_] for one in self.probes)

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Engine:
        """The figures that `asdict` made plain JSON of."""
        latencies = {
            kind: {name: Latency.load(one) for name, one in plain[kind].items()} for kind in ("latency", "plain")
        }
        return cls(**{**plain, **latencies, "rates": [Rate.load(one) for one in plain["rates"]]})


@dataclass(frozen=True, slots=True)
class Outcome:
    """All figures of one corpus and protocol.

    Attributes:
        corpus: The corpus; under protocol `engine`, that of tokens.
        engines: The figures by engine, ours first.
        left_out: Engines not given a corpus of this size.
        protocol: The protocol.
    """

    corpus: Corpus
    engines: Mapping[str, Engine]
    left_out: tuple[str, ...]
    protocol: Protocol = "end-to-end"

    def to_plain(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self) | {"corpus": asdict(self.corpus) | {"path": self.corpus.path.name}}

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Outcome:
        """The figures that `to_plain` gave."""
        corpus = Corpus(**{**plain["corpus"], "path": Path(plain["corpus"]["path"])})
        engines = {name: Engine.load(one) for name, one in plain["engines"].items()}
        return cls(corpus, engines, tuple(plain["left_out"]), plain["protocol"])


class Process:
    """An engine's process, and the commands that it takes (see `benchmarks.worker`)."""

    def __init__(self, engine: str, plan: Plan, protocol: Protocol = "end-to-end", core: int | None = None) -> None:
        self._engine = engine
        self._child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.worker",
                engine,
                protocol,
                str(plan.core if core is None else core),
                plan.clock,
            ],
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
        self.start(command, **arguments)
        return self.answer(command)

    def start(self, command: str, **arguments: Any) -> None:
        """Have a command carried out, and do not wait; `answer` must be called next."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._child.stdin.flush()

    def answer(self, command: str) -> dict[str, Any]:
        """The answer to the *command* that was started.

        Raises:
            RuntimeError: The process ended instead.
        """
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            status = self._child.wait()
            raise RuntimeError(f"{self._engine} ended with status {status} in {command!r}; see its error above")
        found: dict[str, Any] = json.loads(line)
        return found

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


def measure(plan: Plan, say: Say) -> Iterator[Outcome]:
    """Measure each size in turn, by each protocol."""
    contestants = {name: engine_class(name) for name in (OURS, *plan.rivals)}
    for size in plan.sizes:
        text = corpora.make(plan.work, size, source=plan.source)
        sets = questions.make(text, per_set=plan.per_round, sets=plan.rounds + 1)
        able = [name for name, one in contestants.items() if size <= one.most_documents]
        left_out = tuple(name for name in contestants if name not in able)
        for protocol in plan.protocols_of(size):
            corpus, asked = (text, sets) if protocol == "end-to-end" else _in_tokens(text, sets)
            say(f"\n{size:,} documents, {protocol} ({corpus.source}, stride {corpus.stride}, "
                f"{corpus.text_bytes:,} bytes of text), hash {corpus.digest}")  # fmt: skip
            engines = {name: Engine() for name in able}
            _measure_one(_Run(plan, protocol, corpus, contestants, engines, say), asked)
            yield Outcome(corpus, engines, left_out, protocol)


def _in_tokens(corpus: Corpus, sets: QuerySets) -> tuple[Corpus, QuerySets]:
    coded, numbers = encode(corpus)
    return coded, encode_queries(sets, numbers)


@dataclass(frozen=True, slots=True)
class _Run:
    """One corpus being measured by one protocol."""

    plan: Plan
    protocol: Protocol
    corpus: Corpus
    contestants: Contestants
    engines: Mapping[str, Engine]
    say: Say

    def folder(self, name: str) -> Path:
        return self.plan.work / f"index-{name}-{self.corpus.documents}-{self.corpus.digest[:8]}"

    def able(self, class_: str, query: Query) -> list[str]:
        """The engines that answer such queries in the way of the class."""
        asked = [name for name in self.engines if class_ == "sample" or name not in self.plan.sample_only]
        return [name for name in asked if _is_able(self.contestants[name], CLASSES[class_].way, query)]

    def classes(self) -> list[str]:
        """The classes that the protocol has."""
        return [name for name in self.plan.classes if self.protocol == "end-to-end" or CLASSES[name].of_tokens]

    def process(self, name: str, number: int = 0) -> Process:
        """A process of an engine: the first on the core of the plan, others each on the next one."""
        others = sorted(os.sched_getaffinity(0) - {self.plan.core})
        cores = [self.plan.core, *others]
        return Process(name, self.plan, self.protocol, cores[number % len(cores)])

    @contextmanager
    def opened(self, name: str, number: int = 0, folder: Path | None = None) -> Iterator[Process]:
        with self.process(name, number) as process:
            process.do("open", folder=str(folder or self.folder(name)))
            yield process

    @contextmanager
    def copied(self, name: str) -> Iterator[Path]:
        """A copy of an index, to be changed."""
        copy = self.folder(name).with_suffix(".copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder(name), copy)
        os.sync()  # what the copy left to write must not be charged to what is measured
        yield copy
        shutil.rmtree(copy)


def _is_able(one: type[Rival], way: Way, query: Query) -> bool:
    return way in one.ways and query.kind in one.kinds and (query.days is None or one.has_dates)


def _measure_one(run: _Run, sets: QuerySets) -> None:
    for turn in range(run.plan.builds):
        for name in run.engines:
            _build(run, name, turn)
    with ExitStack() as stack:
        _ask(run, sets, _probe(run, sets, stack))
    for name in run.engines:
        if run.plan.adds and run.contestants[name].can_add:
            _add(run, name)
    largest = run.corpus.documents == max(run.plan.sizes)
    if run.plan.loops and largest and run.protocol == "end-to-end" and sets.get("sample"):
        _read_at_once(run, sets["sample"])


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
    with run.process(name) as process:
        engine.builds.append(process.do("build", corpus=_plain(run.corpus), folder=str(folder)))
    notes.write_text(json.dumps(engine.builds), encoding="utf-8")
    run.say(f"  {name}: built in {engine.builds[-1]['build_s']:.2f} s")


def _plain(corpus: Corpus) -> dict[str, Any]:
    return asdict(corpus) | {"path": str(corpus.path)}


def _probe(run: _Run, sets: QuerySets, stack: ExitStack) -> dict[str, Process]:
    """Open in fresh processes and ask one query, the engines in turn; gives the last process of each, for the rest."""
    processes: dict[str, Process] = {}
    queries = sets["sample"][-1][: run.plan.probes]
    for turn, query in enumerate(queries, start=1):
        for name, figures in run.engines.items():
            with ExitStack() as own:
                process = own.enter_context(run.process(name))
                facts = process.do("open", folder=str(run.folder(name)))
                process.do("queries", name="first", queries=[asdict(query)])
                answer = process.do("run", name="first", way="search")
                figures.probes.append(facts | {"first_s": answer["ns"][0] / 1e9, "first_bytes": answer["bytes"]})
                if turn == len(queries):
                    processes[name] = process
                    stack.push(own.pop_all())
    return processes


def _ask(run: _Run, sets: QuerySets, processes: Mapping[str, Process]) -> None:
    """Each class: one set for warming up, then in each round every engine in turn, the first one changing."""
    for class_ in run.classes():
        asked = sets.get(CLASSES[class_].queries)
        if not asked:
            run.say(f"  {class_}: left out, this text has no such words")
            continue
        way, times = CLASSES[class_].way, CLASSES[class_].times
        able = {name: _Asked(processes[name], way, run.contestants[name].warm_ups, times)
                for name in run.able(class_, asked[0][0])}  # fmt: skip
        with ExitStack() as own:
            if CLASSES[class_].beside_plain:
                for name, one in ((OURS, way), (PLAIN, "search")):
                    able[name] = _Asked(own.enter_context(run.opened(OURS)), one, times=times)
            found = _rounds(able, asked)
        if PLAIN in found:
            run.engines[OURS].plain[class_] = found[PLAIN]
        for name, latency in found.items():
            if name != PLAIN:
                run.engines[name].latency[class_] = latency
        run.say(_glance(class_, found))
    for name, process in processes.items():
        state = process.do("state")
        run.engines[name].segments, run.engines[name].searched_bytes = state["segments"], state["bytes"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A process that is asked in a way, and how often: the first set of queries, for warming up, and all others."""

    process: Process
    way: Way
    warm_ups: int = 1
    times: int = 1


def _rounds(contestants: Mapping[str, _Asked], asked: Sequence[Sequence[Query]]) -> dict[str, Latency]:
    names = list(contestants)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn, queries in enumerate(asked):
        first = turn % len(names)
        for name in [*names[first:], *names[:first]]:
            one = contestants[name]
            one.process.do("queries", name="round", queries=[asdict(query) for query in queries])
            times = one.times if turn else one.warm_ups
            found[name].append(one.process.do("run", name="round", way=one.way, times=times))
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
    with run.copied(name) as copy, run.opened(name, folder=copy) as process:
        answer = process.do("add", records=[astuple(record) for record in records], size=SMALL_ADD)
        run.engines[name].adds_ns = answer["ns"]


def _read_at_once(run: _Run, asked: Sequence[Sequence[Query]]) -> None:
    """Queries a second of one process, of two, and of one beside a writer; the engines in turn."""
    queries = [asdict(query) for one in asked for query in one]
    engines = {name: engine for name, engine in run.engines.items() if run.contestants[name].can_refresh}
    alone: dict[tuple[str, int], list[float]] = {(name, readers): [] for name in engines for readers in READERS}
    beside: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    for _ in range(run.plan.loops):
        for name in engines:
            for readers in READERS:
                alone[name, readers].append(_readers(run, name, queries, readers))
            beside[name].append(_beside_writer(run, name, queries))
    for name, engine in engines.items():
        engine.rates = [Rate(readers, tuple(alone[name, readers])) for readers in READERS]
        engine.rates.append(Rate(1, *map(tuple, zip(*beside[name], strict=True))))
        run.say(f"  {name}: " + "; ".join(rate.to_text() for rate in engine.rates))


def _readers(run: _Run, name: str, queries: Sequence[Mapping[str, Any]], count: int) -> float:
    with ExitStack() as stack:
        processes = [stack.enter_context(run.opened(name, number)) for number in range(count)]
        for process in processes:
            _warm(run, name, process, queries)
        for process in processes:
            process.start("read_for", name="loop", seconds=run.plan.loop_s, refreshing=False)
        return sum(_per_s(process.answer("read_for")) for process in processes)


def _beside_writer(run: _Run, name: str, queries: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    records = [astuple(record) for record in itertools.islice(run.corpus, SMALL_ADD)]
    with run.copied(name) as copy, run.opened(name, 0, copy) as reader, run.opened(name, 1, copy) as writer:
        _warm(run, name, reader, queries)
        writer.start("write_for", records=records, seconds=run.plan.loop_s)
        reader.start("read_for", name="loop", seconds=run.plan.loop_s, refreshing=True)
        return _per_s(reader.answer("read_for")), _per_s(writer.answer("write_for"))


def _warm(run: _Run, name: str, process: Process, queries: Sequence[Mapping[str, Any]]) -> None:
    process.do("queries", name="warm", queries=queries[:WARM])
    process.do("run", name="warm", way="search", times=run.contestants[name].warm_ups)
    process.do("queries", name="loop", queries=queries)


def _per_s(answer: Mapping[str, Any]) -> float:
    return float(answer["count"] / answer["seconds"])
