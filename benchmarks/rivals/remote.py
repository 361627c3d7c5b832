"""Engines that are not of this Python: each is driven by a program in a process of its own.

Commands and answers are lines, each a JSON array of strings, which a driver reads and writes without a library:

    build, folder, corpus file, documents, 1 where texts are tokens -> done
    open, folder                               -> done
    ask, way, count; then for each query a line: text, kind, first day, last day (empty without)
                                               -> for each query a line: nanoseconds, total, ids or snippets
    add, folder, count; then for each document a line as in the corpus file -> done
    refresh                                    -> done
    segments                                   -> their number

The driver takes the times of queries itself, around nothing but the search, as `Rival.ask` does: what the pipe takes is
nobody's. Building, opening and adding are timed from here. A driver ends when its input does.
"""

from __future__ import annotations

import json
import subprocess
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from benchmarks.classes import Way
from benchmarks.corpus import Corpus, Record
from benchmarks.queries import Query
from benchmarks.rivals import Answer, Clock, Rival

DRIVERS = Path(__file__).with_name("drivers")

Prepared = tuple[str, str, str, str]


class Remote(Rival):
    """An engine behind a pipe; what it holds open is the driver's process."""

    _child: subprocess.Popen[str] | None = None
    _folder: Path

    @abstractmethod
    def command(self) -> list[str]:
        """What starts the driver."""

    def start(self) -> None:
        """Start the driver, and wait until it answers."""
        if self._child is None:
            self._child = subprocess.Popen(
                self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
            self._do("ready")

    @property
    def process(self) -> int:
        """The driver's."""
        assert self._child is not None
        return self._child.pid

    def _do(self, *command: str, lines: Sequence[Sequence[str]] = ()) -> list[str]:
        """Have a command carried out; gives the first line of its answer.

        Raises:
            RuntimeError: The driver ended instead.
        """
        self.start()
        assert self._child is not None
        assert self._child.stdin is not None
        for line in (command, *lines):
            self._child.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._child.stdin.flush()
        return self._line(command[0])

    def _line(self, command: str) -> list[str]:
        assert self._child is not None
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            status = self._child.wait()
            raise RuntimeError(f"{self.command()[0]} ended with status {status} in {command!r}; see its error above")
        found: list[str] = json.loads(line)
        return found

    def build(self, corpus: Corpus, folder: Path) -> None:
        """By the driver, from the corpus file."""
        self._do("build", str(folder), str(corpus.path), str(corpus.documents), str(int(self.of_tokens)))

    def open(self, folder: Path) -> None:
        """By the driver."""
        self._do("open", str(folder), str(int(self.of_tokens)))
        self._folder = folder

    def close(self) -> None:
        """End the driver, and with it all that it holds."""
        if self._child is not None:
            assert self._child.stdin is not None
            assert self._child.stdout is not None
            self._child.stdin.close()
            self._child.wait()
            self._child.stdout.close()
            self._child = None

    def prepare(self, query: Query) -> Prepared:
        """Query text, kind, and days."""
        return (self.text_of(query), query.kind, *(query.days or ("", "")))

    @abstractmethod
    def text_of(self, query: Query) -> str:
        """What a user of the engine types."""

    def ask(self, way: Way, prepared: Sequence[Any], clock: Clock) -> tuple[list[int], list[Answer]]:
        """Ask the driver, whose own clock counts."""
        del clock
        if way not in self.ways:
            raise TypeError(f"{type(self).__module__} cannot be asked by {way}; ways says so")
        line = self._do("ask", way, str(len(prepared)), lines=prepared) if prepared else []
        took: list[int] = []
        answers: list[Answer] = []
        for number in range(len(prepared)):
            took.append(int(line[0]))
            answers.append((int(line[1]), line[2:]))
            if number + 1 < len(prepared):
                line = self._line("ask")
        return took, answers

    def search(self, prepared: Prepared) -> Answer:
        """Total and ids."""
        return self.ask("search", [prepared], int)[1][0]

    def snippets(self, prepared: Prepared) -> Answer:
        """Total and snippets."""
        return self.ask("snippets", [prepared], int)[1][0] if "snippets" in self.ways else super().snippets(prepared)

    def add(self, records: Sequence[Record]) -> None:
        """One commit."""
        self._do("add", str(self._folder), str(len(records)), lines=[astuple(record) for record in records])

    def refresh(self) -> None:
        """By the driver, if it can."""
        if not self.can_refresh:
            super().refresh()
        self._do("refresh")

    def segments(self) -> int:
        """As the driver says."""
        return int(self._do("segments")[0])
