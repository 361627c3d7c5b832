"""One engine in a process of its own: takes commands as JSON lines, answers with JSON lines.

    python -m benchmarks.worker ENGINE PROTOCOL CORE CLOCK

The process keeps to one core. Times are taken in here, around nothing but the call, by one of two clocks: `wall`, which
a user feels, or `cpu`, the time that this process had the processor, which counts no neighbours and no disk.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

BETWEEN_REFRESHES = 50  # queries: a reader sees what was added within some hundredths of a second
STATUS = Path("/proc/self/status")
CLOCKS: Mapping[str, Callable[[], int]] = {"wall": time.perf_counter_ns, "cpu": time.process_time_ns}


def memory(field: str) -> int:
    """Bytes of this process: `VmRSS` now, `VmHWM` at its peak; mapped files count where they were touched."""
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"{STATUS} has no field {field}; the benchmark needs Linux")


class Worker:
    """Carries out the commands of the conductor (`benchmarks.speed`) on one engine."""

    def __init__(self, name: str, protocol: str, clock: str) -> None:
        self._clock = CLOCKS[clock]
        began = self._clock()
        from benchmarks.rivals import Protocol, load

        self._engine = load(name, cast("Protocol", protocol))
        self._import_s = self._since(began)
        self._prepared: dict[str, list[Any]] = {}

    def _since(self, began: int) -> float:
        return (self._clock() - began) / 1e9

    def build(self, *, corpus: Mapping[str, Any], folder: str) -> dict[str, Any]:
        """Build the index of a corpus file: seconds, peak memory, bytes on disk."""
        from benchmarks.corpus import Corpus

        text, target = Corpus(**{**corpus, "path": Path(corpus["path"])}), Path(folder)
        began = self._clock()
        self._engine.build(text, target)
        took = self._since(began)
        size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        return {"build_s": took, "peak_bytes": memory("VmHWM"), "index_bytes": size}

    def open(self, *, folder: str) -> dict[str, Any]:
        """Open the index: seconds, memory, number of segments."""
        began = self._clock()
        self._engine.open(Path(folder))
        took = self._since(began)
        return {"open_s": took, "import_s": self._import_s, "open_bytes": memory("VmRSS")}

    def describe(self) -> dict[str, Any]:
        """What the engine can do, and how it is set up."""
        engine = self._engine
        return {
            "kinds": sorted(engine.kinds),
            "has_dates": engine.has_dates,
            "ways": sorted(engine.ways),
            "can_add": engine.can_add,
            "can_refresh": engine.can_refresh,
            "most_documents": engine.most_documents,
            "settings": dict(engine.settings),
            "token_settings": dict(engine.token_settings),
        }

    def state(self) -> dict[str, Any]:
        """Parts of the opened index, and memory now."""
        resident = memory("VmRSS")
        return {"bytes": resident, "segments": self._engine.segments()}

    def queries(self, *, name: str, queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Keep queries under a name, ready to be asked."""
        from benchmarks.queries import Query

        self._prepared[name] = [self._engine.prepare(Query.load(query)) for query in queries]
        return {"count": len(queries)}

    def run(self, *, name: str, way: str) -> dict[str, Any]:
        """Ask the queries kept under a name: nanoseconds and totals of each, and a hash of all answers."""
        ask = getattr(self._engine, way)
        clock = self._clock
        took, totals, digest = [], [], hashlib.blake2b(digest_size=8)
        for prepared in self._prepared[name]:
            began = clock()
            total, found = ask(prepared)
            took.append(clock() - began)
            totals.append(total)
            digest.update(repr((total, found)).encode())
        return {"ns": took, "totals": totals, "digest": digest.hexdigest(), "bytes": memory("VmRSS")}

    def add(self, *, records: Sequence[Sequence[str]], size: int) -> dict[str, Any]:
        """Add *records* to the opened index, *size* at a time, each time durably: nanoseconds of each."""
        from benchmarks.corpus import Record

        took = []
        for start in range(0, len(records), size):
            batch = [Record(*fields) for fields in records[start : start + size]]
            began = self._clock()
            self._engine.add(batch)
            took.append(self._clock() - began)
        return {"ns": took}

    def read_for(self, *, name: str, seconds: float, refreshing: bool) -> dict[str, Any]:
        """Ask the queries kept under a name over and over: how many were answered in how many seconds of the wall.

        A reader beside a writer goes over to the newest commit every `BETWEEN_REFRESHES` queries.
        """
        began, count = time.perf_counter(), 0
        for prepared in itertools.cycle(self._prepared[name]):
            if refreshing and not count % BETWEEN_REFRESHES:
                self._engine.refresh()
            self._engine.search(prepared)
            count += 1
            if time.perf_counter() - began >= seconds:
                break
        return {"count": count, "seconds": time.perf_counter() - began}

    def write_for(self, *, records: Sequence[Sequence[str]], seconds: float) -> dict[str, Any]:
        """Add *records* over and over, each time with new ids and durably: how many times in how many seconds."""
        from benchmarks.corpus import Record

        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            self._engine.add([replace(Record(*one), id=f"written-{count}-{n}") for n, one in enumerate(records)])
            count += 1
        return {"count": count, "seconds": time.perf_counter() - began}


def main(name: str, protocol: str, core: str, clock: str) -> None:
    """Answer commands until the input ends."""
    os.sched_setaffinity(0, {int(core)})
    answers, sys.stdout = sys.stdout, sys.stderr  # what an engine prints must not come between the answers
    worker = Worker(name, protocol, clock)
    for line in sys.stdin:
        command = json.loads(line)
        do: Callable[..., dict[str, Any]] = getattr(worker, command.pop("do"))
        answers.write(json.dumps(do(**command)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
