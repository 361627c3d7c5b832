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
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from benchmarks.classes import Way

WARM_S = 3.0  # seconds: what compiles while it runs has met its hot loops by then
BETWEEN_REFRESHES = 50  # queries: a reader sees what was added within some hundredths of a second
CLOCKS: Mapping[str, Callable[[], int]] = {"wall": time.perf_counter_ns, "cpu": time.process_time_ns}


def memory(field: str, process: int) -> int:
    """Bytes of a process: `VmRSS` now, `VmHWM` at its peak; mapped files count where they were touched."""
    status = Path(f"/proc/{process}/status")
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"{status} has no field {field}; the benchmark needs Linux")


class Worker:
    """Carries out the commands of the conductor (`benchmarks.speed`) on one engine."""

    def __init__(self, name: str, protocol: str, clock: str) -> None:
        self._clock = CLOCKS[clock]
        began = self._clock()
        from benchmarks.rivals import Protocol, load

        self._engine = load(name, cast("Protocol", protocol))
        self._engine.start()
        self._import_s = self._since(began)
        self._prepared: dict[str, list[Any]] = {}

    def _memory(self, field: str) -> int:
        return memory(field, self._engine.process)

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
        return {"build_s": took, "peak_bytes": self._memory("VmHWM"), "index_bytes": size}

    def open(self, *, folder: str) -> dict[str, Any]:
        """Open the index: seconds, memory, number of segments."""
        began = self._clock()
        self._engine.open(Path(folder))
        took = self._since(began)
        return {"open_s": took, "import_s": self._import_s, "open_bytes": self._memory("VmRSS")}

    def state(self) -> dict[str, Any]:
        """Parts of the opened index, and memory now."""
        return {"bytes": self._memory("VmRSS"), "segments": self._engine.segments()}

    def queries(self, *, name: str, queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Keep queries under a name, ready to be asked."""
        from benchmarks.queries import Query

        self._prepared[name] = [self._engine.prepare(Query.load(query)) for query in queries]
        return {"count": len(queries)}

    def run(self, *, name: str, way: str, times: int = 1) -> dict[str, Any]:
        """Ask the queries kept under a name, and tell of the last of some times: nanoseconds and totals of each, and a
        hash of all answers. After `WARM_S` seconds there is no more time.
        """
        began = time.perf_counter()
        for turn in range(times):
            if turn and time.perf_counter() - began > WARM_S:
                break
            took, answers = self._engine.ask(cast("Way", way), self._prepared[name], self._clock)
        digest = hashlib.blake2b("".join(map(repr, answers)).encode(), digest_size=8)
        totals = [total for total, _ in answers]
        return {"ns": took, "totals": totals, "digest": digest.hexdigest(), "bytes": self._memory("VmRSS")}

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
        prepared = self._prepared[name]
        began, count = time.perf_counter(), 0
        for start in itertools.cycle(range(0, len(prepared), BETWEEN_REFRESHES)):
            if refreshing:
                self._engine.refresh()
            took, _ = self._engine.ask("search", prepared[start : start + BETWEEN_REFRESHES], self._clock)
            count += len(took)
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
