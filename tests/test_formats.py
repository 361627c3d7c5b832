"""Indexes of every released format, kept in `indexes/formats`, are still opened, searched and found sound."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from wco_search import AnalyzerMismatchError, CorruptIndexError, Index, IndexFormatError
from wco_search.engine.manifest import INDEX_FORMAT

INDEXES = Path(__file__).parents[1] / "indexes"
FORMATS = sorted((INDEXES / "formats").iterdir(), key=lambda folder: int(folder.name))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """`indexes/make_format.py`."""
    spec = importlib.util.spec_from_file_location("make_format", INDEXES / "make_format.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def opened(folder: Path) -> Index:
    """The index of a format; where the dictionary of this machine is another, brought up to date by its own remedy."""
    remedy = (
        f"{folder} is of another layout than this version writes under the same number. If format {folder.name} is not "
        "released yet, run `python indexes/make_format.py`; if it is, raise INDEX_FORMAT"
    )
    try:
        try:
            index = Index.open(folder)
        except AnalyzerMismatchError:
            index = Index.reanalyze(folder)
        problems = index.check().problems
    except CorruptIndexError as error:
        raise AssertionError(f"{remedy} ({error.detail})") from error
    assert problems == (), remedy
    return index


def test_the_present_format_is_kept() -> None:
    """And no number was passed over without one."""
    assert FORMATS[-1].name == str(INDEX_FORMAT)


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_an_index_of_a_released_format_answers_as_it_did(folder: Path, tmp_path: Path, script: ModuleType) -> None:
    """Every document and every answer."""
    copy = shutil.copytree(folder / "index", tmp_path / folder.name)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    facts = script.facts_of(opened(copy))
    assert facts == expected
    assert all(expected["answers"].values())


def test_another_layout_is_told_with_the_remedy(tmp_path: Path) -> None:
    """What a stored index of an unreleased format may come to be."""
    copy = shutil.copytree(FORMATS[-1] / "index", tmp_path / FORMATS[-1].name)
    for path in copy.glob("segment-*"):
        path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(AssertionError, match="make_format"):
        opened(copy)


@pytest.mark.parametrize(("number", "remedy"), [(INDEX_FORMAT + 1, "upgrade wco-search"), (1, "build the index again")])
def test_a_format_that_is_not_read_is_told_with_the_remedy(number: int, remedy: str) -> None:
    """Newer and older."""
    error = IndexFormatError("ix", found=number, supported=INDEX_FORMAT)
    assert (error.found, error.supported) == (number, INDEX_FORMAT)
    assert remedy in str(error)
