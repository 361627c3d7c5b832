"""The user's own dictionaries: added once, used by every search, listed, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import Run, make_run
from wco_search import Document, Index
from wco_search.cli import ExitCode
from wco_search.languages import default_lexicon, install_dictionary, installed_dictionaries


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder, with a folder of dictionaries of its own."""
    monkeypatch.setenv("WCO_SEARCH_DICTIONARIES", str(tmp_path / "dictionaries"))
    default_lexicon.cache_clear()
    yield make_run(capsys, monkeypatch, tmp_path)
    monkeypatch.undo()
    default_lexicon.cache_clear()


def test_a_dictionary_is_used_from_then_on(run: Run, tmp_path: Path) -> None:
    """Its words are translated by; removed, they are not."""
    (tmp_path / "terms.tsv").write_text("бурбулятор\tfrobnicator\n", encoding="utf-8")
    Index.create("ix").add(Document(body="The frobnicator was seized."))
    assert run("search", "бурбулятор", "--index", "ix").code == ExitCode.NOTHING_FOUND
    added = run("dictionary", "add", "terms.tsv")
    assert (added.code, added.err.split(":")[0]) == (0, "added terms")
    found = run("search", "бурбуляторы", "--index", "ix", "--json")
    assert [part["meaning"] for part in found.data["interpretation"]] == ["frobnicator"]
    assert run("dictionary", "list").out == "terms\n"
    assert run("dictionary", "list", "--json").data[0]["name"] == "terms"
    assert run("dictionary", "remove", "terms").code == 0
    assert run("search", "бурбулятор", "--index", "ix").code == ExitCode.NOTHING_FOUND
    assert run("dictionary", "list").out == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "no tab here\n", "a.tsv:1:"),
        ("a.tsv", "", "there is no row in it"),
        ("a.ifo", "StarDict's dict ifo file\n", "a."),
        ("absent.tsv", None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_told(run: Run, tmp_path: Path, name: str, content: str | None, message: str) -> None:
    """With the file and the line, and nothing is installed."""
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    outcome = run("dictionary", "add", name)
    assert outcome.code == ExitCode.BAD_INPUT
    assert message in outcome.err
    assert installed_dictionaries() == []


def test_names_are_checked(run: Run, tmp_path: Path) -> None:
    """A name is a file name; one that is not there cannot be removed."""
    (tmp_path / "a.tsv").write_text("вал\tswell\n", encoding="utf-8")
    assert run("dictionary", "add", "a.tsv", "--name", "../a").code == ExitCode.BAD_INPUT
    assert "there is no dictionary b" in run("dictionary", "remove", "b").err
    assert install_dictionary("a.tsv", "мой").load().translations("вал")[0].text == "swell"


def test_damaged_dictionaries_are_told(run: Run, tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "a.tsv").write_text("вал\tswell\n", encoding="utf-8")
    install_dictionary("a.tsv").path.write_bytes(b"rubbish")
    default_lexicon.cache_clear()
    Index.create("ix").add(Document(body="Fossils."))
    outcome = run("search", "fossils", "--index", "ix")
    assert outcome.code == ExitCode.BAD_INPUT
    assert "a.pack" in outcome.err
