"""Batches of documents to segments: here, or several at a time in processes of their own; in order either way.

    documents --submit--> build_segment, in this process or another --put_aside--> scratch file --finished--> arrays

What is made of a batch depends on its documents alone, so an index is the same to the byte whatever the number of
processes. Only what finds names by their sound is left to the writer, as it serves no merge. Finished arrays lie in
scratch files (`array_files.put_aside`), mapped: memory holds the batches at work and no more.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from pathlib import Path

from wco_search.analysis import Analyzer, default_analyzer
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.array_files import Arrays, PutAside, put_aside
from wco_search.engine.build import build_segment
from wco_search.engine.postings import Means
from wco_search.engine.strings import Array
from wco_search.engine.texts import TextStore
from wco_search.errors import WorkerDiedError


def worker_count(workers: int) -> int:
    """How many processes *workers* asks for: that many, or for 0 one for each core that this process may use.

    Raises:
        ValueError: It is negative.

    Example:
        >>> worker_count(3), worker_count(0) >= 1
        (3, True)
    """
    if workers < 0:
        raise ValueError(f"workers must be 0 (one for each core) or more, not {workers}")
    return workers or len(os.sched_getaffinity(0))


class Batches:
    """Builds batches one after the other.

    Args:
        analyzer: For batches that are built in this process; others have their own, which gives the same.
        schema: Of the documents' metadata.
        means: The mean lengths that impacts are worked out for (`build_segment`).
        scratch: The folder for finished arrays; they stay in memory where None.
        workers: How many processes build; where 1, this one does.
    """

    def __init__(
        self, analyzer: Analyzer, schema: MetadataSchema, means: Means, *, scratch: Path | None, workers: int = 1
    ) -> None:
        self._analyzer = analyzer
        self._schema = schema
        self._means = means
        self._scratch = scratch
        self._workers = worker_count(workers)
        self._dictionary: Array | None = None  # of the first batch; all have it, so that they merge without ado
        self._pool: ProcessPoolExecutor | None = None
        self._at_work: deque[Future[PutAside]] = deque()

    def submit(self, documents: Sequence[Document], *, is_last: bool) -> None:
        """Have a batch built; the last one stays in memory, and is no reason to start processes."""
        if self._dictionary is None:
            self._dictionary = TextStore.learn([(document.title, document.body) for document in documents])
        if self._workers > 1 and (self._pool is not None or not is_last):
            self._start(documents)
            return
        arrays = build_segment(documents, self._analyzer, self._schema, self._means, self._dictionary, with_names=False)
        built: Future[PutAside] = Future()
        built.set_result(put_aside(None if is_last else self._scratch, arrays))
        self._at_work.append(built)

    def _start(self, documents: Sequence[Document]) -> None:
        if self._pool is None:
            context = get_context("spawn")  # a fork would copy locks that other threads hold
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_obey_parent)
        self._at_work.append(
            self._pool.submit(_build, documents, self._schema, self._means, self._dictionary, self._scratch)
        )

    def finished(self, *, wait: bool) -> Iterator[Arrays]:
        """The arrays of batches in the order they were submitted: of all, or those that need not be waited for.

        So that memory is bounded, it waits nevertheless where more batches are at work than there are processes.

        Raises:
            WorkerDiedError: A process ended before its batch was done.
        """
        while self._at_work and (wait or len(self._at_work) > self._workers or self._at_work[0].done()):
            try:
                built = self._at_work[0].result()
            except BrokenProcessPool as error:
                raise WorkerDiedError from error
            self._at_work.popleft()
            yield built.take()

    def close(self) -> None:
        """End the processes once their batches are done, and drop what was not asked for."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        for task in self._at_work:
            with suppress(Exception):  # what failed has left nothing, and the error that ended it all is on its way
                task.result(timeout=0).take()
        self._at_work.clear()


def _build(
    documents: Sequence[Document],
    schema: MetadataSchema,
    means: Means,
    dictionary: Array | None,
    scratch: Path | None,
) -> PutAside:
    """What a process of the pool does."""
    arrays = build_segment(documents, default_analyzer(), schema, means, dictionary, with_names=False)
    return put_aside(scratch, arrays)


def _obey_parent() -> None:
    """Leave Ctrl-C to the process that started this one, and end when it is gone: killed, it could not say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
