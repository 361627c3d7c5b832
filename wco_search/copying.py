"""An index from one place to another: a folder, a cluster, and back; proven by counts and a checksum of ids.

    folder  --documents, one after the other--> new index in the cluster --compared--> it takes the name
    cluster --documents, one after the other--> new folder, one commit   --compared--> it stays

The target gets the name, or the commit, when all of it is there and equal; until then whoever searches under that name
sees what was there before. Mean lengths go to a cluster as they are, so that scores do not change.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from wco_search.cluster.connection import is_address
from wco_search.cluster.index import ClusterIndex
from wco_search.cluster.reading import stored
from wco_search.documents import KINDS, Document, FieldKind
from wco_search.errors import CopyError
from wco_search.index import Index

_TYPES = {kind: python for python, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied.

    Attributes:
        documents: How many documents.
        checksum: Of their ids; the same whatever their order.
    """

    documents: int
    checksum: str

    def to_dict(self) -> dict[str, Any]:
        """The account as plain JSON values."""
        return {"documents": self.documents, "checksum": self.checksum}


@dataclass(slots=True)
class Tally:
    """Counts ids and adds them up.

    A sum of hashes: independent of order, and an id that is missing, or there twice, changes it.

    Example:
        >>> one, other = Tally(), Tally()
        >>> one.add("a"), one.add("b"), other.add("b"), other.add("a")
        (None, None, None, None)
        >>> one.copied() == other.copied()
        True
    """

    documents: int = 0
    _sum: int = field(default=0)

    def add(self, document_id: str) -> None:
        """Count one id."""
        self.documents += 1
        digest = hashlib.blake2b(document_id.encode(), digest_size=16).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % 2**128

    def copied(self) -> Copied:
        """What was counted so far."""
        return Copied(self.documents, f"{self._sum:032x}")

    def of(self, ids: Iterable[str]) -> Copied:
        """The account of all *ids*."""
        for one in ids:
            self.add(one)
        return self.copied()


def copy(
    source: str | Path,
    target: str | Path,
    *,
    shards: int = 1,
    replicas: int = 1,
    replace: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Copied:
    """Copy an index with all its documents; *source* and *target* are folders or addresses of indexes in clusters.

    An index in a cluster that another version analysed is brought up to date by a copy to its own address.

    Args:
        source: What is copied; it may be searched and written meanwhile, and is copied as it was at the beginning.
        target: A folder that is absent or empty, or an address.
        shards: Parts of an index in a cluster; `docs/cluster.md` tells how many.
        replicas: Copies of each part.
        replace: Whether an index of the target's name in a cluster is to be replaced, in one step at the end.
        told: Is called with the number of documents read so far.

    Raises:
        IndexNotFoundError: There is no *source*.
        IndexExistsError: There is something at *target*.
        CopyError: What arrived is not what was sent; the target is left as it was.
        ClusterError: A cluster cannot be reached, or refuses.
    """
    if is_address(str(source)):
        with stored(str(source)) as kept:
            return _copy(kept.documents, kept.metadata, kept.means, target, shards, replicas, replace, told)
    with Index.open(source) as index:
        snapshot = index.snapshot
        kinds = snapshot.schema.kinds
        return _copy(index.documents(), kinds, snapshot.means, target, shards, replicas, replace, told)


def _copy(
    documents: Iterable[Document],
    kinds: Mapping[str, FieldKind],
    means: Mapping[str, float],
    target: str | Path,
    shards: int,
    replicas: int,
    replace: bool,
    told: Callable[[int], None],
) -> Copied:
    tally = Tally()

    def counted() -> Iterator[Document]:
        for document in documents:
            tally.add(document.id)
            told(tally.documents)
            yield document

    if not is_address(str(target)):
        return _into_folder(counted(), tally, kinds, Path(target))

    def check(ids: Iterable[str]) -> None:
        _compare(str(target), tally.copied(), Tally().of(ids))

    build = partial(ClusterIndex.build, shards=shards, replicas=replicas, replace=replace, check=check)
    build(str(target), counted(), metadata=kinds, means=means).close()
    return tally.copied()


def _into_folder(documents: Iterable[Document], tally: Tally, kinds: Mapping[str, FieldKind], folder: Path) -> Copied:
    was_there = folder.exists()
    index = Index.create(folder, metadata={name: _TYPES[kind] for name, kind in kinds.items()})
    try:
        with index:
            index.add(documents, strict=True)
            _compare(str(folder), tally.copied(), Tally().of(document.id for document in index.documents()))
    except BaseException:
        for made in [folder] if not was_there else list(folder.iterdir()):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        raise
    return tally.copied()


def _compare(target: str, sent: Copied, arrived: Copied) -> None:
    if sent != arrived:
        raise CopyError(target, sent=sent.documents, arrived=arrived.documents)
