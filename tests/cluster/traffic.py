"""Writing and reading that go on while something befalls a cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from wco_search import ClusterError

_Batch = TypeVar("_Batch")


@dataclass(slots=True)
class Traffic:
    """A writer and a reader, and what they got.

    Attributes:
        acknowledged: Ids of documents that are there, as the writer was told.
        searches: When each search began and how long it took, in seconds.
        failures: What went wrong.
    """

    acknowledged: list[str] = field(default_factory=list)
    searches: list[tuple[float, float]] = field(default_factory=list)
    failures: list[ClusterError] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, batches: Iterable[_Batch], put: Callable[[_Batch], Sequence[str]]) -> None:
        """Have *put* write batch after batch, of which it gives the ids; one that failed is written again."""
        for batch in batches:
            while not self.over.is_set():
                try:
                    self.acknowledged += put(batch)
                except ClusterError as error:
                    self.failures.append(error)
                else:
                    break
            if self.over.is_set():
                return

    def read(self, search: Callable[[], object]) -> None:
        """Search again and again."""
        while not self.over.is_set():
            began = time.monotonic()
            try:
                search()
            except ClusterError as error:
                self.failures.append(error)
            self.searches.append((began, time.monotonic() - began))

    def wait_for_more(self, documents: int, timeout_s: float) -> None:
        """Until ten more searches were made and so many more documents acknowledged.

        Raises:
            TimeoutError: The cluster is stuck.
        """
        searches, acknowledged = len(self.searches) + 10, len(self.acknowledged) + documents
        before = time.monotonic() + timeout_s
        while len(self.searches) < searches or len(self.acknowledged) < acknowledged:
            if time.monotonic() > before:
                raise TimeoutError(f"no more answers in {timeout_s:.0f} s; errors: {self.failures}")
            time.sleep(0.05)


@contextmanager
def traffic(
    batches: Iterable[_Batch], put: Callable[[_Batch], Sequence[str]], search: Callable[[], object]
) -> Iterator[Traffic]:
    """Writing and reading in the background, as long as the block lasts."""
    going = Traffic()
    threads = [
        threading.Thread(target=going.write, args=(batches, put)),
        threading.Thread(target=going.read, args=(search,)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield going
    finally:
        going.over.set()
        for thread in threads:
            thread.join()
