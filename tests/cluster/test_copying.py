"""An index copied from one place to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import sample_documents
from wco_search import (
    AnalyzerMismatchError,
    ClusterIndex,
    CopyError,
    Document,
    Index,
    IndexExistsError,
    IndexFormatError,
    IndexNotFoundError,
)
from wco_search.cli import cli
from wco_search.cluster.connection import Connection
from wco_search.cluster.layout import FORMAT, path_of
from wco_search.copying import Tally, copy

METADATA: dict[str, type] = {"section": str, "tags": list}
IDS = st.lists(st.text(max_size=3), unique=True, max_size=20)


@given(IDS, st.randoms(use_true_random=False))
def test_a_checksum_is_of_the_ids_and_not_of_their_order(ids: list[str], random: Any) -> None:
    """One that is missing, there twice or another changes it."""
    shuffled = random.sample(ids, len(ids))
    assert Tally().of(ids) == Tally().of(shuffled)
    if ids:
        others = ([*ids, ids[0]], ids[1:], [*ids[1:], f"{ids[0]}longer"])
        assert all(Tally().of(ids) != Tally().of(other) for other in others)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample archive in a folder."""
    with Index.create(tmp_path / "source", metadata=METADATA) as index:
        index.add(sample_documents())
    return tmp_path / "source"


def test_from_folder_to_folder(folder: Path, tmp_path: Path) -> None:
    """All documents, in one commit; what is there already is not touched."""
    counts: list[int] = []
    copied = copy(folder, tmp_path / "target", told=counts.append)
    with Index.open(folder) as source, Index.open(tmp_path / "target") as target:
        assert list(target.documents()) == list(source.documents())
        assert copied.documents == len(source) == counts[-1]
        assert target.stats().metadata == source.stats().metadata
    with pytest.raises(IndexExistsError):
        copy(folder, tmp_path / "target")
    with pytest.raises(IndexNotFoundError):
        copy(tmp_path / "nothing", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_what_does_not_arrive_is_told_and_undone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target is as it was before."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(Index, "documents", _some_only(Index.documents))
    for name in ("new", "empty"):
        with pytest.raises(CopyError, match="64 documents were sent, and 63 are there"):
            copy(folder, tmp_path / name)
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def _some_only(documents: Any) -> Any:
    """`documents`, of which the second index that is asked lacks one."""
    asked: list[Any] = []

    def some(self: Any) -> Iterator[Document]:
        asked.append(self)
        found = documents(self)
        if len(asked) % 2 == 0:
            next(found)
        return found

    return some


@pytest.fixture
def address(addresses: list[str]) -> Iterator[str]:
    """Where no index is yet, and none is afterwards."""
    where = f"opensearch://{','.join(addresses)}/copied"
    yield where
    with Connection.open(where) as connection:
        for left in connection.ask("GET", "/_cat/indices/copied*", params={"format": "json"}):
            connection.ask("DELETE", path_of(left["index"]))


@pytest.mark.cluster
def test_into_a_cluster_and_back(folder: Path, tmp_path: Path, address: str) -> None:
    """Scores, order and documents are the same all the way; the name is given in one step."""
    run = CliRunner()
    done = run.invoke(cli, ["copy", str(folder), address, "--shards", "3", "--replicas", "0", "--json"])
    assert done.exit_code == 0, done.output
    with Index.open(folder) as source, Index.connect(address) as target:
        assert list(target.documents()) == list(source.documents())
        for query in ("customs таможня", "контрабанда", '"paperless habits"'):
            expected, found = (index.search(query, limit=30) for index in (source, target))
            assert [hit.document.id for hit in found] == [hit.document.id for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    again = run.invoke(cli, ["copy", str(folder), address])
    assert again.exit_code == 2
    assert "there is an index already" in again.output
    back = run.invoke(cli, ["copy", address, str(tmp_path / "back")])
    assert back.exit_code == 0, back.output
    with Index.open(folder) as source, Index.open(tmp_path / "back") as target:
        assert list(target.documents()) == list(source.documents())
        assert target.search("customs таможня").to_dict()["hits"] == source.search("customs таможня").to_dict()["hits"]


@pytest.mark.cluster
def test_a_rebuilt_index_takes_the_name_and_a_failed_one_does_not(folder: Path, address: str) -> None:
    """Readers of before keep what they saw until they are refreshed."""
    old = [Document(id="old", body="Customs of old.")]
    with ClusterIndex.build(address, old, replicas=0) as reader:
        reader.watch("news", "fossils")

        def broken() -> Iterator[Document]:
            yield Document(id="1", body="Customs.")
            raise OSError("the source is gone")

        with pytest.raises(OSError, match="gone"):
            ClusterIndex.build(address, broken(), replicas=0, replace=True)
        with Index.connect(address) as other:
            assert [document.id for document in other.documents()] == ["old"]
        copy(folder, address, replicas=0, replace=True)
        assert reader.refresh() is True
        assert len(reader) == 64
        names = reader._connection.ask("GET", "/_cat/indices/copied*", params={"format": "json"})
        assert len(names) == 2  # documents and words
        assert [watch.name for watch in reader.watches()] == ["news"]
        reader.drop()


@pytest.mark.cluster
def test_an_index_of_another_analysis_is_refused_and_brought_up_to_date(address: str) -> None:
    """By a copy to its own address."""
    with ClusterIndex.build(address, sample_documents(), metadata={"section": "keyword"}, replicas=0) as index:
        meta = {
            "format": FORMAT,
            "analyzer": "recipe 0",
            "metadata": {"section": "keyword"},
            "means": dict(index.means),
        }
        index._connection.ask("PUT", "/copied/_mapping", {"_meta": {"wco_search": meta}})
    with pytest.raises(AnalyzerMismatchError, match=f"wco-search copy {address} {address} --replace"):
        Index.connect(address)
    assert copy(address, address, replicas=0, replace=True).documents == 64
    with Index.connect(address) as again:
        assert again.search("customs").total > 0
        assert {document.metadata.get("section") for document in again.documents()} > {"health"}
        meta["format"] = 99
        again._connection.ask("PUT", "/copied/_mapping", {"_meta": {"wco_search": meta}})
    with pytest.raises(IndexFormatError):
        Index.connect(address)


@pytest.mark.cluster
def test_several_write_to_one_index(address: str) -> None:
    """Each its part of the documents, some of them twice: all are there, once, with their words."""
    from concurrent.futures import ThreadPoolExecutor

    documents = sample_documents()
    with ClusterIndex.create(address, metadata=METADATA, replicas=0, shards=3) as index:
        index.add(documents[:4])

        def write(part: int) -> None:
            with Index.connect(address) as writer:
                writer.add(documents[part::2] + documents[:10])

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, range(2)))
        index.refresh()
        assert sorted(document.id for document in index.documents()) == sorted(one.id for one in documents)
        oracle = Index.memory(documents, metadata=METADATA)
        for query in ("cust*", "таможня", "wine"):
            assert index.search(query).total == oracle.search(query).total
        index.drop()
