"""One engine in a process of its own: takes commands as JSON lines, answers with JSON lines.

    python -m benchmarks.worker ENGINE CORE CLOCK

The process keeps to one core. Times are taken in here, around nothing but the call, by one of two clocks: `wall`, which
a user feels, or `cpu`, the time that this process had the processor, which counts no neighbours and no disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

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

    def __init__(self, name: str, clock: str) -> None:
        self._clock = CLOCKS[clock]
        began = self._clock()
        from benchmarks.rivals import load

        self._engine = load(name)
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
            "has_snippets": engine.has_snippets,
            "can_add": engine.can_add,
            "most_documents": engine.most_documents,
            "settings": dict(engine.settings),
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

    def run(self, *, name: str, snippets: bool) -> dict[str, Any]:
        """Ask the queries kept under a name: nanoseconds and totals of each, and a hash of all answers."""
        ask = self._engine.snippets if snippets else self._engine.search
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


def main(name: str, core: str, clock: str) -> None:
    """Answer commands until the input ends."""
    os.sched_setaffinity(0, {int(core)})
    answers, sys.stdout = sys.stdout, sys.stderr  # what an engine prints must not come between the answers
    worker = Worker(name, clock)
    for line in sys.stdin:
        command = json.loads(line)
        do: Callable[..., dict[str, Any]] = getattr(worker, command.pop("do"))
        answers.write(json.dumps(do(**command)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
