"""Full-text search in Russian and English over news archives.

    >>> from wco_search import Document, Index
    >>> index = Index.memory([
    ...     Document(id="1", body="Испанская таможня изъяла окаменелости в порту Валенсии."),
    ...     Document(id="2", body="The operation, codenamed Corsair, stopped the smuggling of fossils."),
    ... ])
    >>> for query in ("окаменелость", "fossil", "ащыышды", "контрабанда"):  # the third is fossils on Russian keys
    ...     print(query, [hit.document.id for hit in index.search(query)])
    окаменелость ['1', '2']
    fossil ['2', '1']
    ащыышды ['2', '1']
    контрабанда ['2']

Files become documents (`read`), documents an index (`Index.add`), a query hits with snippets (`Index.search`):

    cli                    the command `wco-search`
    following judging copying   an index kept in step with files; how well it answers; copies, also in a cluster
    index                  Index, the door
    cluster/               the same over the shards of an OpenSearch cluster
    searching watches      the searches of one commit; stored queries, asked of new documents
    archive                what both offer, and do alike
    understanding          what a query means
    engine/                arrays on disk, evaluation of queries, Whoosh's classes over them
    readers/ query/ snippets   files -> documents; query text -> tree; text and words -> fragments
    batch results timeline what searches give back
    frames citations pictures   the same as tables with typed columns; references to documents; drawn
    languages/             Russian <-> English: lexicon, names by sound, keyboard layouts
    analysis/              text -> tokens -> terms, Russian and English by script
    differences            what changed between two texts
    documents fragments text dates   plain values and characters
    compiled               loops in C for what is slow in Python, where a compiler built them
    errors                 one tree of errors

Each imports only from those below it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wco_search.analysis import Analyzer, default_analyzer
    from wco_search.archive import Archive
    from wco_search.batch import Batch
    from wco_search.cluster.index import ClusterIndex
    from wco_search.differences import Diff
    from wco_search.documents import Document
    from wco_search.engine.repair import RepairReport
    from wco_search.engine.writer import AddReport
    from wco_search.errors import (
        AnalyzerMismatchError,
        BeyondRepairError,
        ClusterAddressError,
        ClusterBusyError,
        ClusterError,
        ClusterFullError,
        ClusterRequestError,
        ClusterTimeoutError,
        ClusterUnreachableError,
        CopyError,
        CorruptIndexError,
        CredentialsError,
        CursorError,
        DamagedCommitError,
        FieldsMismatchError,
        FilterValueError,
        IndexClosedError,
        IndexExistsError,
        IndexFormatError,
        IndexLockedError,
        IndexNotFoundError,
        InvalidDocumentError,
        MissingExtraError,
        NotOfferedError,
        QuerySyntaxError,
        QueryTooLongError,
        ReadError,
        SearchIndexError,
        TlsError,
        UnknownFieldError,
        UnknownWatchError,
        WcoSearchError,
        WorkerDiedError,
    )
    from wco_search.following import Follower, Update
    from wco_search.fragments import Fragment, Mark, Snippet
    from wco_search.frames import Table
    from wco_search.index import CheckReport, Index, IndexStats, RelatedWord, Suggestion
    from wco_search.languages import Synonyms
    from wco_search.query import Query, parse
    from wco_search.readers import read
    from wco_search.results import Alert, Explanation, FacetCount, Group, Hit, Interpretation, Results, Watch
    from wco_search.timeline import Bucket, Timeline

_HOMES = {
    "wco_search.analysis": ("Analyzer", "default_analyzer"),
    "wco_search.archive": ("Archive",),
    "wco_search.batch": ("Batch",),
    "wco_search.cluster.index": ("ClusterIndex",),
    "wco_search.differences": ("Diff",),
    "wco_search.documents": ("Document",),
    "wco_search.engine.repair": ("RepairReport",),
    "wco_search.engine.writer": ("AddReport",),
    "wco_search.errors": (
        "AnalyzerMismatchError",
        "BeyondRepairError",
        "ClusterAddressError",
        "ClusterBusyError",
        "ClusterError",
        "ClusterFullError",
        "ClusterRequestError",
        "ClusterTimeoutError",
        "ClusterUnreachableError",
        "CopyError",
        "CorruptIndexError",
        "CredentialsError",
        "CursorError",
        "DamagedCommitError",
        "FieldsMismatchError",
        "FilterValueError",
        "IndexClosedError",
        "IndexExistsError",
        "IndexFormatError",
        "IndexLockedError",
        "IndexNotFoundError",
        "InvalidDocumentError",
        "MissingExtraError",
        "NotOfferedError",
        "QuerySyntaxError",
        "QueryTooLongError",
        "ReadError",
        "SearchIndexError",
        "TlsError",
        "UnknownFieldError",
        "UnknownWatchError",
        "WcoSearchError",
        "WorkerDiedError",
    ),
    "wco_search.following": ("Follower", "Update"),
    "wco_search.fragments": ("Fragment", "Mark", "Snippet"),
    "wco_search.frames": ("Table",),
    "wco_search.index": ("CheckReport", "Index", "IndexStats", "RelatedWord", "Suggestion"),
    "wco_search.languages": ("Synonyms",),
    "wco_search.query": ("Query", "parse"),
    "wco_search.readers": ("read",),
    "wco_search.results": ("Alert", "Explanation", "FacetCount", "Group", "Hit", "Interpretation", "Results", "Watch"),
    "wco_search.timeline": ("Bucket", "Timeline"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AddReport",
    "Alert",
    "Analyzer",
    "AnalyzerMismatchError",
    "Archive",
    "Batch",
    "BeyondRepairError",
    "Bucket",
    "CheckReport",
    "ClusterAddressError",
    "ClusterBusyError",
    "ClusterError",
    "ClusterFullError",
    "ClusterIndex",
    "ClusterRequestError",
    "ClusterTimeoutError",
    "ClusterUnreachableError",
    "CopyError",
    "CorruptIndexError",
    "CredentialsError",
    "CursorError",
    "DamagedCommitError",
    "Diff",
    "Document",
    "Explanation",
    "FacetCount",
    "FieldsMismatchError",
    "FilterValueError",
    "Follower",
    "Fragment",
    "Group",
    "Hit",
    "Index",
    "IndexClosedError",
    "IndexExistsError",
    "IndexFormatError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexStats",
    "Interpretation",
    "InvalidDocumentError",
    "Mark",
    "MissingExtraError",
    "NotOfferedError",
    "Query",
    "QuerySyntaxError",
    "QueryTooLongError",
    "ReadError",
    "RelatedWord",
    "RepairReport",
    "Results",
    "SearchIndexError",
    "Snippet",
    "Suggestion",
    "Synonyms",
    "Table",
    "Timeline",
    "TlsError",
    "UnknownFieldError",
    "UnknownWatchError",
    "Update",
    "Watch",
    "WcoSearchError",
    "WorkerDiedError",
    "default_analyzer",
    "parse",
    "read",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `import wco_search` alone loads nothing heavy."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'wco_search' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
