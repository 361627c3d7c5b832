"""What proofs of durability share: a history that tells by itself what must be there, and a disk that is watched.

Every history is made of `change`: step *n* turns `documents_at(n)` into `documents_at(n + 1)`, and one document, the
clock, holds *n*. So whatever is found in an index tells by itself which documents must be there, and no others.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wco_search import Document, Index, IndexNotFoundError, parse
from wco_search.engine import array_files, storage
from wco_search.engine import disk as engine_disk
from wco_search.engine.disk import LOCK

CLOCK = "clock"
NEWS = (
    "Таможня изъяла окаменелости.",
    "Customs seized fossils.",
    "Экспорт зерна вырос на 12 %.",
    "Grain exports rose.",
)
WAYS = 7
"""How many kinds of `change` there are."""


def documents_at(step: int) -> dict[str, str]:
    """The bodies by id after *step* changes."""
    content: dict[str, str] = {}
    for number in range(step):
        _change_model(content, number)
    return content


def _change_model(content: dict[str, str], number: int) -> None:
    way = number % WAYS
    if way == 3:
        content.pop(f"news-{number - 3}", None)
    elif way == 5:
        for old in [name for name, body in content.items() if name != CLOCK and "Grain" in body]:
            del content[old]
    else:
        target = number - 1 if way == 2 else number
        for each in range(3 if way == 4 else 1):
            content[f"news-{target}-{each}" if each else f"news-{target}"] = f"{NEWS[(number + each) % 4]} № {number}"
    content[CLOCK] = f"clock {number + 1}"


def change(index: Index, step: int) -> None:
    """Commit that turns `documents_at(step)` into `documents_at(step + 1)`; every seventh merges all segments first."""
    if step % WAYS == WAYS - 1:
        index.optimize()
    before, after = documents_at(step), documents_at(step + 1)
    with index.writer() as writer:
        if step % WAYS == 5:
            writer.delete(parse("grain").query)
        else:
            writer.delete(before.keys() - after.keys())
        writer.add(Document(id=name, body=body) for name, body in after.items() if before.get(name) != body)


def content_of(index: Index) -> dict[str, str]:
    """The bodies by id, as they are stored; the words for fossils must find those documents that tell of them."""
    content = {document.id: document.body for document in index.documents()}
    hits = index.search("fossils OR окаменелость", limit=1000)
    assert hits.warnings == ()
    assert {hit.document.id for hit in hits} == {
        n for n, body in content.items() if "fossils" in body or "окам" in body
    }
    return content


def step_of(index: Index) -> int:
    """How many changes the index holds, by its clock; all its documents must be those of that step."""
    clock = index.get(CLOCK)
    step = 0 if clock is None else int(clock.body.split()[1])
    assert content_of(index) == documents_at(step)
    return step


def index_of_five_changes(folder: Path) -> Path:
    """An index of which the fifth change added and the next one will delete from a segment that stays."""
    index = Index.create(folder)
    for step in range(5):
        change(index, step)
    return folder


# -- what the next writer does


def write_on(folder: Path) -> None:
    """The next writer, whether there is an index already or not."""
    try:
        index = Index.open(folder)
    except IndexNotFoundError:
        index = Index.create(folder)
    before = content_of(index)
    index.add(Document(id="later", body="A later fossils story."))
    fresh = Index.open(folder)
    assert content_of(fresh) == {**before, "later": "A later fossils story."}
    assert fresh.check().ok
    no_leftovers(folder)


def no_leftovers(folder: Path) -> None:
    """Only what the two newest commits name."""
    manifests = sorted(folder.glob("manifest-*.json"))
    assert len(manifests) <= 2
    named = {name for path in manifests for name in json.loads(path.read_bytes())["files"]}
    assert {path.name for path in folder.iterdir()} - {LOCK} == named | {path.name for path in manifests}


# -- the disk, watched


class Watched:
    """Stands between the storage and the disk: told of every call that changes something, before it is made."""

    def before(self, kind: str, path: str) -> None:
        """Called before each call."""

    def after(self, kind: str, path: str, target: str = "") -> None:
        """Called after each call that succeeded."""

    def written(self, size: int) -> int:
        """How many of *size* bytes one call may write."""
        return size


class _Raw(io.FileIO):
    """A file whose every write is told to a `Watched`."""

    disk: Watched

    def write(self, data: Any) -> int:
        self.disk.before("write", str(self.name))
        view = memoryview(data).cast("B")
        return int(super().write(view[: self.disk.written(len(view))]) or 0)


@contextmanager
def watching(disk: Watched) -> Iterator[None]:
    """All calls of the storage that change files or take descriptors go through *disk* meanwhile."""

    def path_of(descriptor: int) -> str:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())

    def wrapped(kind: str, real: Callable[..., Any], path: Callable[..., str]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            name = path(args[0])
            disk.before(kind, name)
            result = real(*args, **kwargs)
            disk.after(kind, name, *(str(each) for each in args[1:2] if kind in {"rename", "link"}))
            return result

        return call

    def open_file(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wx"):
            return real_open(self, mode, *args, **kwargs)
        disk.before("create", str(self))
        raw = _Raw(self, mode.replace("b", ""))
        raw.disk = disk
        disk.after("create", str(self))
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    real_open = Path.open
    wrapped_calls = {
        name: wrapped(kind, getattr(os, name), path)
        for name, kind, path in (
            ("open", "open", str),
            ("link", "link", str),
            ("scandir", "scandir", str),
            ("fsync", "fsync", path_of),
            ("ftruncate", "ftruncate", path_of),
            ("pwrite", "pwrite", path_of),
        )
    }
    with pytest.MonkeyPatch.context() as patched:
        for module in (array_files, engine_disk, storage):
            patched.setattr(module, "os", SimpleNamespace(**{**vars(os), **wrapped_calls}))
        patched.setattr(Path, "open", open_file)
        patched.setattr(Path, "rename", wrapped("rename", Path.rename, str))
        patched.setattr(Path, "unlink", wrapped("unlink", Path.unlink, str))
        yield
