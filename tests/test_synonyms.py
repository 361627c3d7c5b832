"""The user's synonyms: the file, and what a search makes of it."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.snapshots import snapshot_of
from tests.test_engine_topk import both
from wco_search import Document, Index, Synonyms, default_analyzer
from wco_search.engine.compile import compile_query
from wco_search.engine.synonymy import SynonymTable, Synonymy
from wco_search.errors import ReadError
from wco_search.query import parse

LINES = [
    "# organisations",
    "",
    "WCO, ВТамО, Всемирная таможенная организация",
    "фура => грузовик, тягач",
    "  # more",
    "фура => прицеп",
]


def test_a_file_is_read(tmp_path: Path) -> None:
    """Comments, empty lines, a byte order mark, line ends of Windows; groups one way and both ways."""
    path = tmp_path / "synonyms.txt"
    path.write_text("\r\n".join(LINES), encoding="utf-8-sig", newline="")
    found = Synonyms.read(path)
    assert found == Synonyms.parse(LINES)
    assert found.alternatives == {
        ("wco",): ("ВТамО", "Всемирная таможенная организация"),
        ("втамо",): ("WCO", "Всемирная таможенная организация"),
        ("всемирная", "таможенная", "организация"): ("WCO", "ВТамО"),
        ("фура",): ("грузовик", "тягач", "прицеп"),
    }


FAULTS = [
    ("wco", "two entries"),
    ("wco,", "comma too many"),
    ("wco, , вто", "comma too many"),
    ("a => b => c", "more than one =>"),
    ("=> b", "comma too many"),
    ("a =>", "comma too many"),
    ("wco, ***", "no letter"),
    ("wco, " + "слово " * 9, "9 words"),
    ("WCO, wco", "two entries"),
]


@pytest.mark.parametrize(("line", "reason"), FAULTS)
def test_faults_name_file_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    """`path:line: reason`."""
    path = tmp_path / "synonyms.txt"
    path.write_text(f"# first\n{line}\n", encoding="utf-8")
    with pytest.raises(ReadError, match=reason) as caught:
        Synonyms.read(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Absent, and not UTF-8."""
    with pytest.raises(ReadError, match=r"absent\.txt"):
        Synonyms.read(tmp_path / "absent.txt")
    other = tmp_path / "koi8.txt"
    other.write_bytes("фура, тягач".encode("koi8-r"))
    with pytest.raises(ReadError, match="UTF-8"):
        Synonyms.read(other)


ARCHIVE = [
    Document(id="wco", body="The WCO met"),
    Document(id="втамо", body="Сессия ВТамО"),
    Document(id="name", body="Сессия Всемирной таможенной организации"),
    Document(id="parts", body="Таможенная организация, всемирная"),
    Document(id="фура", body="Фуры стоят"),
    Document(id="тягач", body="Тягачи стоят"),
]

FOUND = [
    ("wco", {"wco", "втамо", "name"}),
    ("ВТамО", {"wco", "втамо", "name"}),
    ("фуру", {"фура", "тягач"}),
    ("тягач", {"тягач"}),
    ("фуру AND стоят", {"фура", "тягач"}),
    ("фуры -тягач", {"фура"}),
    ("тягач -фура", {"тягач"}),
    ('"фуры"', {"фура"}),
    ("body:фура", {"фура", "тягач"}),
    ("title:фура", set()),
    ("всемирной таможенной организацией", {"wco", "втамо", "name", "parts"}),
    ("всемирной", {"name", "parts"}),
]


@pytest.mark.parametrize(("query", "ids"), FOUND)
def test_synonyms_find_documents(tmp_path: Path, query: str, ids: set[str]) -> None:
    """Typed in any form; words of several as phrases; nothing of it in quotes, behind a minus, or switched off."""
    Index.memory(ARCHIVE).copy(tmp_path / "index")
    with Index.open(tmp_path / "index", synonyms=Synonyms.parse(LINES)) as index:
        assert {hit.document.id for hit in index.search(query, translate="off")} == ids
        plain = Index.memory(ARCHIVE).search(query, translate="off")
        off = index.search(query, translate="off", synonyms=False)
        assert [hit.document.id for hit in off] == [hit.document.id for hit in plain]
        assert all(part.kind != "synonym" for part in off.interpretation)


def test_the_word_typed_ranks_before_its_synonyms() -> None:
    """And what was searched beside it is told, as far as the index has it."""
    index = Index.memory(ARCHIVE, synonyms=Synonyms.parse(LINES))
    results = index.search("фура", translate="off")
    assert [hit.document.id for hit in results] == ["фура", "тягач"]
    (told,) = results.interpretation
    assert (told.kind, told.text, told.meaning) == ("synonym", "фура", "тягач")
    assert results.suggestion is None


def test_a_word_that_only_its_synonyms_find_is_known() -> None:
    """Nothing to correct, though a neighbour is near."""
    index = Index.memory([Document(body="тягач фурма")], synonyms=Synonyms.parse(LINES))
    results = index.search("фура", translate="off")
    assert (results.total, results.suggestion) == (1, None)


def test_translations_and_synonyms_stand_side_by_side() -> None:
    """`only` the other language leaves synonyms out; a commit is seen by them too."""
    index = Index.memory([Document(id="en", body="A truck")], synonyms=Synonyms.parse(["грузовик, тягач"]))
    index.add(Document(id="ru", body="Тягач"))
    assert {hit.document.id for hit in index.search("грузовик")} == {"en", "ru"}
    assert {hit.document.id for hit in index.search("грузовик", translate="only")} == {"en"}


def test_synonyms_rank_as_by_the_exhaustive_way() -> None:
    """To the bit: synonyms of a word and of several, beside each other, in several segments."""
    chance = random.Random(7)
    words = ["фура", "тягач", "грузовик", "прицеп", "wco", "втамо", "стоит", "порт", "лес"]
    name = "всемирная таможенная организация"
    texts = [" ".join(chance.choices([*words, name], k=chance.randint(1, 12))) for _ in range(300)]
    documents = [Document(id=str(n), title=chance.choice(words), body=text) for n, text in enumerate(texts)]
    snapshot = snapshot_of(documents, cuts=[120, 121], deleted=[3, 200])
    synonymy = Synonymy(snapshot, default_analyzer(), SynonymTable(default_analyzer(), Synonyms.parse(LINES)))
    queries = ["фура", f"{name} лес", "фура wco втамо", *(f"{a} {b}" for a, b in pairwise(words)), "фура AND wco"]
    for text in queries:
        compiled = compile_query(parse(text).query, snapshot, default_analyzer(), None, synonymy)
        for count in (1, 10, 400):
            both(snapshot, compiled, count)
