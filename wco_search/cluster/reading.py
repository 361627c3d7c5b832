"""All documents of an index in a cluster, one after the other: themselves, and those of them that are copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from wco_search.analysis import default_analyzer
from wco_search.cluster.connection import Connection, every_hit
from wco_search.cluster.keeping import Kept
from wco_search.cluster.layout import Json, to_document, to_signatures
from wco_search.cluster.view import View, ViewLostError
from wco_search.documents import Document, FieldKind, MetadataSchema
from wco_search.engine.copies import groups_of_copies
from wco_search.errors import ClusterBusyError
from wco_search.results import Group

_DOCUMENTS_A_REQUEST: Final = 500  # some megabytes
_SIGNATURES_A_REQUEST: Final = 10_000  # the most that OpenSearch gives
_IN_ORDER: Final = [{"order": "asc"}, {"id": "asc"}]
_DAY_MS: Final = 86_400_000
_UNDATED: Final = np.iinfo(np.int64).max


def documents_of(view: View, schema: MetadataSchema, path: str) -> Iterator[Document]:
    """All documents, in the order they were added.

    Raises:
        ClusterBusyError: The cluster does not keep the view any more.
    """
    body: Json = {"size": _DOCUMENTS_A_REQUEST, "sort": _IN_ORDER, "_source": ["document"]}
    try:
        for hit in every_hit(view.search, body):
            yield to_document(hit["_source"]["document"], schema)
    except ViewLostError as error:  # what another view would go on with is not what this one began with
        raise ClusterBusyError(path, error.status, error.reason) from error


@dataclass(frozen=True, slots=True)
class Stored:
    """What a cluster keeps of an index whatever it was analysed by.

    Attributes:
        documents: All documents, in the order they were added.
        metadata: The kinds of the index's own fields.
        means: The mean lengths that scores know.
    """

    documents: Iterator[Document]
    metadata: Mapping[str, FieldKind]
    means: Mapping[str, float]


@contextmanager
def stored(address: str, **access: Any) -> Iterator[Stored]:
    """The documents of an index in a cluster, also of one that another version analysed, and cannot be searched.

    Raises:
        IndexNotFoundError: There is none of that name.
        IndexFormatError: It is none of ours, or of another format.
        ClusterError: The cluster cannot be reached, or refuses.
    """
    with Connection.open(address, **access) as connection:
        kept = Kept.read(connection, None)
        view = View.open(connection, kept.index, kept.manifest, kept.schema, default_analyzer())
        with closing(view):
            found = documents_of(view, kept.schema, str(connection.address))
            yield Stored(found, kept.schema.kinds, kept.means)


def groups_of_near(view: View) -> list[Group]:
    """The groups of near-duplicates; see `wco_search.index.Index.duplicates`.

    Every signature is read: 64 bytes a document, and as much again while they are compared.

    Raises:
        ViewLostError: The cluster does not keep the view any more.
    """
    day: Json = {"field": "values.date", "format": "epoch_millis"}
    body = {
        "size": _SIGNATURES_A_REQUEST, "sort": _IN_ORDER, "_source": False, "docvalue_fields": ["signature", day],
    }  # fmt: skip
    keys: list[str] = []
    written: list[str] = []
    days: list[int] = []
    for hit in every_hit(view.search, body):
        keys.append(hit["_id"])
        written += hit["fields"]["signature"]
        days += [int(one) // _DAY_MS for one in hit["fields"].get("values.date", ())] or [_UNDATED]

    def documents_at(places: Sequence[int]) -> Iterator[Document]:
        return view.documents_at([keys[place] for place in places])

    found = list(groups_of_copies(to_signatures(written), np.array(days, np.int64), documents_at))
    documents = documents_at([place for leading, others in found for place in (leading, *others)])
    return [Group.of(next(documents), [next(documents) for _ in others]) for _, others in found]
