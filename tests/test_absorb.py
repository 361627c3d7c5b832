"""Indexes built apart and absorbed are as one that was built in one go; what does not fit is refused, and all of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.strategies import SCHEMA_TYPES, document
from wco_search import (
    AnalyzerMismatchError,
    CorruptIndexError,
    DamagedCommitError,
    Document,
    FieldsMismatchError,
    Index,
    IndexFormatError,
    IndexNotFoundError,
    parse,
    read,
)
from wco_search.engine.manifest import Manifest

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "контрабанда окаменелостей",
    "smuggling of fossils",
    "таможня стали",
    '"of customs"',
    "контр*",
    "title:customs",
    "customs AND NOT fossils",
)


def answers(index: Index) -> list[list[tuple[str, float]]]:
    """Ids and scores, to the bit, of all that the questions find."""
    return [[(hit.document.id, hit.score) for hit in index.search(text, limit=1000)] for text in QUESTIONS]


def part(folder: Path, documents: Sequence[Document], types: dict[str, type] | None = None) -> Path:
    """An index of some documents, each of its own commit at the beginning, so that it has several segments."""
    with Index.create(folder, metadata=types) as index:
        index.add(documents[:-3])
        for one in documents[-3:]:
            index.add(one)
    return folder


def test_parts_become_what_building_in_one_go_makes(tmp_path: Path) -> None:
    """The same documents, answers and bits of scores, in memory as well; the parts stay as they are."""
    documents = sample_documents()
    parts = [part(tmp_path / str(n), documents[n * 20 : (n + 1) * 20]) for n in range(3)]
    before = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in parts]
    expected = Index.memory(documents[:60])
    for whole in (Index.create(tmp_path / "all"), Index.memory()):
        report = whole.absorb(*parts)
        assert (report.added, report.updated, report.unchanged, report.skipped) == (60, 0, 0, 0)
        assert list(whole.documents()) == list(expected.documents())
        assert answers(whole) == answers(expected)
        assert all(answers(expected))
        assert whole.check().problems == ()
    assert whole.stats().segments == 1
    assert [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in parts] == before
    assert answers(Index.open(tmp_path / "all")) == answers(expected)


def test_small_parts_are_scored_as_documents_added(tmp_path: Path) -> None:
    """The mean lengths of a large index hold for what it absorbs, whether that is merged with something or not."""
    documents = sample_documents()
    sizes = (48, 60, 61)
    folder = Index.create(tmp_path / "part")
    folder.add(documents[48:60])
    folder.add(documents[60:61])
    assert folder.stats().segments == 2
    index, expected = Index.memory(documents[: sizes[0]]), Index.memory(documents[: sizes[0]])
    index.absorb(tmp_path / "part")
    for first, last in pairwise(sizes):
        expected.add(documents[first:last])
    assert index.stats().segments == expected.stats().segments
    assert index.snapshot.means == expected.snapshot.means
    assert index.snapshot.means != folder.snapshot.means
    assert answers(index) == answers(expected)
    assert index.check().problems == ()


few_ids = st.sampled_from([f"d{number}" for number in range(12)])


@settings(max_examples=25)
@given(
    st.lists(st.lists(document(few_ids), min_size=1, max_size=10), min_size=1, max_size=4),
    st.lists(st.sets(few_ids, max_size=4), min_size=4, max_size=4),
)
def test_any_documents_are_replaced_as_if_they_were_added(
    tmp_path_factory: pytest.TempPathFactory, lists: list[list[Document]], gone: list[set[str]]
) -> None:
    """Ids in both, in several parts, deleted in either: what is there is what adding one after the other leaves."""
    index, expected = Index.memory(metadata=SCHEMA_TYPES), Index.memory(metadata=SCHEMA_TYPES)
    for own, deleted in zip(lists, gone, strict=False):
        folder = tmp_path_factory.mktemp("absorb") / "ix"
        source = Index.create(folder, metadata=SCHEMA_TYPES)
        source.add(own)
        source.delete(deleted)
        report, there = index.absorb(folder), {one.id for one in expected.documents()}
        come = list(source.documents())
        assert report.updated == sum(one.id in there for one in come)
        assert report.added == len(come) - report.updated
        with expected.writer() as writer:
            writer.delete(one.id for one in come)
            writer.add(come)
        assert list(index.documents()) == list(expected.documents())
        assert index.check().problems == ()
        shutil.rmtree(folder.parent)
    index.optimize()
    expected.optimize()
    assert answers(index) == answers(expected)


def test_absorbing_is_one_of_several_changes_of_a_commit(tmp_path: Path) -> None:
    """What the same writer added before is replaced, what it adds and deletes later counts; an exception undoes all."""
    folder = part(tmp_path / "part", [Document(id=str(n), body=f"Fossils № {n}.") for n in range(5)])
    index = Index.memory()
    with index.writer() as writer:
        writer.add([Document(id="1", body="Timber."), Document(id="x", body="Grain.")])
        assert writer.absorb(folder).updated == 1
        writer.add(Document(id="2", body="Ivory."))
        assert writer.delete(parse("grain").query) == 1
        report = writer.add(Document(id="3", body="Fossils № 3."))
        assert writer.delete("4") == 1
    assert (report.added, report.updated, report.unchanged) == (6, 2, 1)
    bodies = {one.id: one.body for one in index.documents()}
    assert bodies == {"0": "Fossils № 0.", "1": "Fossils № 1.", "2": "Ivory.", "3": "Fossils № 3."}
    assert index.check().problems == ()
    with pytest.raises(ZeroDivisionError), index.writer() as writer:
        writer.absorb(folder)
        raise ZeroDivisionError
    assert {one.id: one.body for one in index.documents()} == bodies


def test_watches_are_asked_of_what_is_absorbed(tmp_path: Path) -> None:
    """Those of the index, not those of the part."""
    folder = part(tmp_path / "part", [Document(id=str(n), body="Fossils.") for n in range(2)])
    Index.open(folder).watch("of the part", "fossils")
    index = Index.memory()
    index.watch("of the index", "окаменелости")
    assert [(alert.watch, alert.ids) for alert in index.absorb(folder).alerts] == [("of the index", ("0", "1"))]
    assert [watch.name for watch in index.watches()] == ["of the index"]


def test_an_empty_part_changes_nothing(tmp_path: Path) -> None:
    """Not even the number of the commit."""
    Index.create(tmp_path / "part")
    index = Index.memory([Document(body="Timber.")])
    before = index.stats()
    assert str(index.absorb(tmp_path / "part")) == "0 added, 0 updated, 0 unchanged, 0 skipped"
    assert index.absorb().added == 0
    assert index.stats() == before


def of_another_analyzer(folder: Path) -> None:
    """A manifest of another version of the analysis."""
    (path,) = folder.glob("manifest-*4.json")
    manifest = Manifest.from_bytes(path.read_bytes(), "")
    settings_then = {**manifest.settings, "analyzer": "recipe 0"}
    changed = Manifest(manifest.generation, settings_then, manifest.statistics, manifest.segments, manifest.files)
    path.write_bytes(changed.to_bytes())


def of_another_format(folder: Path) -> None:
    """The same of another format."""
    for path in folder.glob("manifest-*.json"):
        path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 1, "checksum": 0}))


def with_a_wrong_byte(folder: Path) -> None:
    """In an array, where only a checksum tells it; the commit before has the same file."""
    path = max(folder.glob("segment-*"), key=lambda one: one.stat().st_size)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def with_a_damaged_manifest(folder: Path) -> None:
    """The commit before it is whole."""
    path = max(folder.glob("manifest-*.json"))
    path.write_bytes(path.read_bytes()[:-9])


UNFIT = [
    (of_another_analyzer, AnalyzerMismatchError, "recipe 0"),
    (of_another_format, IndexFormatError, "format 1"),
    (with_a_wrong_byte, CorruptIndexError, "checksum"),
    (with_a_damaged_manifest, DamagedCommitError, "commit 4 is damaged"),
    (shutil.rmtree, IndexNotFoundError, "no such folder"),
]


@pytest.mark.parametrize(("spoil", "error", "message"), UNFIT, ids=[spoil.__name__ for spoil, _, _ in UNFIT])
def test_a_part_that_does_not_fit_is_refused_with_all_others(
    tmp_path: Path, spoil: object, error: type[Exception], message: str
) -> None:
    """The index stays as it was, at the same commit."""
    good, bad = (part(tmp_path / name, sample_documents()[:9]) for name in ("good", "bad"))
    assert callable(spoil)
    spoil(bad)
    index = Index.memory([Document(body="Timber.")])
    before = index.stats()
    with pytest.raises(error, match=message):
        index.absorb(good, bad)
    assert index.stats() == before


@pytest.mark.parametrize(
    "types", [{}, {"section": str}, {"section": str, "views": str}, {"views": int, "section": str}]
)
def test_other_fields_are_told(tmp_path: Path, types: dict[str, type]) -> None:
    """None, fewer, of another kind, in another order."""
    Index.create(tmp_path / "part", metadata=types)
    index = Index.memory(metadata={"section": str, "views": int})
    with pytest.raises(FieldsMismatchError, match="not section: keyword, views: integer") as caught:
        index.absorb(tmp_path / "part")
    assert list(caught.value.found) == list(types)
    assert caught.value.expected == {"section": "keyword", "views": "integer"}


def test_an_index_does_not_absorb_itself(tmp_path: Path) -> None:
    """Nor under another name."""
    folder = part(tmp_path / "ix", sample_documents()[:4])
    (tmp_path / "link").symlink_to(folder)
    for path in (folder, tmp_path / "link"):
        with pytest.raises(ValueError, match="cannot absorb itself"):
            Index.open(folder).absorb(path)


def test_the_recipe_of_the_manual_by_real_processes(tmp_path: Path) -> None:
    """Its commands as they stand there, each part a process; the result answers as an index built in one go."""
    (recipe,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "scale.md").read_text(encoding="utf-8"), re.DOTALL)
    documents = sample_documents()
    plain = ({**one.to_dict(), "metadata": {}} for one in documents)
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in plain)
    (tmp_path / "news.jsonl").write_text("".join(lines), encoding="utf-8")
    command = tmp_path / "bin" / "wco-search"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wco_search "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
    }
    told = subprocess.run(
        ["sh", "-e", "-c", recipe], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "search them: wco-search search WORDS --index indexes/all\n")
    assert told.stdout.startswith(f"{len(documents)} added, 0 updated, 0 unchanged, 0 skipped\n")
    assert len(list((tmp_path / "parts").iterdir())) == 3
    whole, expected = Index.open(tmp_path / "indexes" / "all"), Index.memory()
    expected.add(read([tmp_path / "news.jsonl"]))
    assert list(whole.documents()) == list(expected.documents())
    assert answers(whole) == answers(expected)
