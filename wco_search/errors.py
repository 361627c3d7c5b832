"""Every error this library raises on purpose, as one tree.

    WcoSearchError
    ├── ReadError                 path, line, reason
    ├── InvalidDocumentError      document_id, field, reason
    ├── QuerySyntaxError          query_text, start, end, hint
    ├── FilterValueError          field, value, reason
    ├── UnknownFieldError         field, known
    ├── UnknownWatchError         name, known
    ├── CursorError               reason
    ├── SearchIndexError          path
    │   ├── IndexNotFoundError
    │   ├── IndexExistsError
    │   ├── IndexClosedError
    │   ├── IndexLockedError      holder_pid, held_s, waited_s
    │   ├── IndexFormatError      found, supported
    │   ├── AnalyzerMismatchError found, expected
    │   ├── FieldsMismatchError   found, expected
    │   └── CorruptIndexError     detail
    │       ├── DamagedCommitError
    │       └── BeyondRepairError
    ├── ClusterError              cluster
    │   ├── ClusterAddressError   reason
    │   ├── ClusterUnreachableError  reason
    │   ├── ClusterTimeoutError   waited_s
    │   ├── TlsError              reason
    │   ├── CredentialsError      reason
    │   ├── ClusterFullError      reason
    │   ├── ClusterBusyError      status, reason
    │   └── ClusterRequestError   status, kind, reason
    ├── WorkerDiedError
    ├── NotOfferedError           feature
    ├── CopyError                 target, sent, arrived
    └── MissingExtraError         package, extra

A message says what happened, where, and what to do next; the facts behind it are attributes, so that a program need not
parse it. Wrong arguments of a call stay `TypeError` and `ValueError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path


class WcoSearchError(Exception):
    """The root of the tree: `except WcoSearchError` catches everything this library raises on purpose."""


class ReadError(WcoSearchError):
    """A file or a record in it could not be read as documents.

    Attributes:
        path: The file, with `!member` behind it for a member of an archive.
        line: Line number from 1 (the record's number in binary formats), or None where the whole file is meant.
        reason: What is wrong, and where possible what to do.

    Example:
        >>> str(ReadError("news.jsonl", 3, "not valid JSON"))
        'news.jsonl:3: not valid JSON'
    """

    def __init__(self, path: str | Path, line: int | None, reason: str) -> None:
        self.path = str(path)
        self.line = line
        self.reason = reason
        super().__init__(f"{path}: {reason}" if line is None else f"{path}:{line}: {reason}")


class InvalidDocumentError(WcoSearchError):
    """A document's field has a value that cannot be indexed.

    Attributes:
        document_id: The document's id where it is known, else None.
        field: The field at fault.
        reason: What is wrong with its value.
    """

    def __init__(self, document_id: str | None, field: str, reason: str) -> None:
        self.document_id = document_id
        self.field = field
        self.reason = reason
        where = f"document {document_id!r}" if document_id else "document"
        super().__init__(f"{where}, field {field!r}: {reason}")


class QuerySyntaxError(WcoSearchError):
    """A query is not well formed; raised only under `strict=True`.

    Attributes:
        query_text: The whole query.
        start, end: The half-open span in code points that could not be read as syntax.
        hint: What was expected there.

    Example:
        >>> print(QuerySyntaxError("fossils AND", 8, 11, "a word must follow AND"))
        a word must follow AND
          fossils AND
                  ^^^
    """

    def __init__(self, query_text: str, start: int, end: int, hint: str) -> None:
        self.query_text = query_text
        self.start = start
        self.end = end
        self.hint = hint
        caret = " " * start + "^" * max(1, end - start)
        shown = query_text.translate(
            {9: " ", 10: " ", 13: " "}
        )  # one column a character, so that the caret stands right
        super().__init__(f"{hint}\n  {shown}\n  {caret}")


class FilterValueError(WcoSearchError, ValueError):
    """A filter asks a field for a value that it cannot have.

    Among the words of a query such a value is searched as words, and told; a filter would let documents through that
    nobody asked for, and no hit shows that.

    Attributes:
        field: The field.
        value: The value, as text.
        reason: What the field holds.

    Example:
        >>> print(FilterValueError("views", "many", "'many' is not a whole number"))
        filter by views: 'many' is not a whole number
    """

    def __init__(self, field: str, value: str, reason: str) -> None:
        self.field = field
        self.value = value
        self.reason = reason
        super().__init__(f"filter by {field}: {reason}")


class UnknownFieldError(WcoSearchError):
    """A query, filter, sort or facet names a field that the index does not have.

    Attributes:
        field: The name that was asked for.
        known: The names the index has, sorted.

    Example:
        >>> print(UnknownFieldError("sorce", ["date", "source"]))
        the index has no field 'sorce'; did you mean 'source'? It has: date, source
    """

    def __init__(self, field: str, known: Iterable[str]) -> None:
        self.field = field
        self.known = sorted(known)
        close = get_close_matches(field, self.known, n=1)
        ask = f"; did you mean {close[0]!r}?" if close else "."
        super().__init__(f"the index has no field {field!r}{ask} It has: {', '.join(self.known)}")


class UnknownWatchError(WcoSearchError):
    """There is no watch of that name.

    Attributes:
        name: The name that was asked for.
        known: The names that there are, sorted.

    Example:
        >>> print(UnknownWatchError("fosils", ["fossils", "tariffs"]))
        the index has no watch 'fosils'; did you mean 'fossils'? `Index.watches` and `wco-search watches` list them
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = sorted(known)
        close = get_close_matches(name, self.known, n=1)
        ask = f"; did you mean {close[0]!r}?" if close else "."
        super().__init__(f"the index has no watch {name!r}{ask} `Index.watches` and `wco-search watches` list them")


class CursorError(WcoSearchError):
    """The `after` cursor of a search cannot be used.

    Attributes:
        reason: Why, and what to do.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the cursor cannot be used: {reason}; start again without `after`")


class SearchIndexError(WcoSearchError):
    """Something is wrong with an index as a whole.

    Attributes:
        path: The index's folder, or `:memory:`.
    """

    def __init__(self, path: str | Path, message: str) -> None:
        self.path = str(path)
        super().__init__(message)


class IndexNotFoundError(SearchIndexError):
    """There is no index at the path."""

    def __init__(self, path: str | Path, *, why: str = "there is no index there") -> None:
        super().__init__(path, f"{path}: {why}; build one with `wco-search index FILES --into {path}`")


class IndexExistsError(SearchIndexError):
    """`Index.create` met something at the path: an index, or *why* there can be none."""

    def __init__(self, path: str | Path, *, why: str | None = None) -> None:
        told = "there is an index already; open it with Index.open" if why is None else why
        super().__init__(path, f"{path}: {told}, or choose another folder")


class IndexClosedError(SearchIndexError):
    """The `Index` object was used after `close()`."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, f"{path}: this Index object is closed; open the index again with Index.open")


class IndexLockedError(SearchIndexError):
    """Another writer holds the index for longer than this one would wait.

    Attributes:
        holder_pid: Process id of the holder where it left one, else None.
        held_s: Seconds since the holder took the lock, else None.
        waited_s: Seconds this writer waited.
    """

    def __init__(self, path: str | Path, *, holder_pid: int | None, held_s: float | None, waited_s: float) -> None:
        self.holder_pid = holder_pid
        self.held_s = held_s
        self.waited_s = waited_s
        who = f"process {holder_pid}" if holder_pid else "another process"
        since = f" for {held_s:.1f} s" if held_s is not None else ""
        super().__init__(
            path,
            f"{path}: {who} has been writing{since}; waited {waited_s:.1f} s. "
            "Try again later, or wait longer with timeout=",
        )


class IndexFormatError(SearchIndexError):
    """The index was written in a format that this version does not read.

    Attributes:
        found: The format number in the index.
        supported: The format number of this version.
    """

    def __init__(self, path: str | Path, *, found: object, supported: int) -> None:
        self.found = found
        self.supported = supported
        newer = isinstance(found, int) and found > supported
        remedy = "upgrade wco-search" if newer else "build the index again with this version"
        super().__init__(path, f"{path}: index format {found!r}, this version reads {supported}; {remedy}")


class AnalyzerMismatchError(SearchIndexError):
    """The index was analysed in another way than this version analyses queries, so hits would silently be missed.

    Attributes:
        found: The fingerprint in the index.
        expected: The fingerprint of this version.
    """

    def __init__(self, path: str | Path, *, found: str, expected: str) -> None:
        self.found = found
        self.expected = expected
        super().__init__(
            path,
            f"{path}: analysed as {found!r}, this version analyses as {expected!r}; "
            f"bring it up to date from its own stored text with `{_reanalysis(str(path))}`",
        )


def _reanalysis(path: str) -> str:
    """The command that analyses an index anew."""
    if path.startswith(("opensearch://", "opensearchs://")):
        return f"wco-search copy {path} {path} --replace"
    return f"wco-search index --reanalyze --into {path}"


class FieldsMismatchError(SearchIndexError):
    """An index that is to be absorbed has not the fields of the one that absorbs it.

    Attributes:
        found: Its own fields and their kinds.
        expected: Those of the other.
    """

    def __init__(self, path: str | Path, *, found: Mapping[str, str], expected: Mapping[str, str]) -> None:
        self.found = dict(found)
        self.expected = dict(expected)
        super().__init__(
            path,
            f"{path}: has the fields {_listed(found)}, not {_listed(expected)}; make both indexes with the same "
            "`metadata`, in the same order",
        )


def _listed(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {kind}" for name, kind in fields.items()) or "(none)"


class CorruptIndexError(SearchIndexError):
    """A file of the index is not what its manifest says.

    Attributes:
        detail: Which file, and what is wrong with it.
    """

    def __init__(self, path: str | Path, detail: str) -> None:
        self.detail = detail
        super().__init__(
            path,
            f"{path}: damaged: {detail}; see `wco-search check {path}`, then restore a copy, keep what is whole with "
            f"`wco-search repair {path}`, or build it again",
        )


class DamagedCommitError(CorruptIndexError):
    """The newest commit is damaged, and something would be written on top of the commit before it.

    Readers are shown the commit before, with a warning. A new commit on top of that would bury the newest one, and what
    it held, for good; `Index.repair` decides what of both to keep.
    """


class BeyondRepairError(CorruptIndexError):
    """No segment of any commit is whole, so that `Index.repair` left all as it was."""


class ClusterError(WcoSearchError):
    """A cluster of OpenSearch did not do what it was asked.

    Attributes:
        cluster: Its address, without credentials.
    """

    def __init__(self, cluster: str, message: str) -> None:
        self.cluster = cluster
        super().__init__(f"{cluster}: {message}")


class ClusterAddressError(ClusterError):
    """An address is not one of an index in a cluster.

    Attributes:
        reason: What is wrong with it.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster, f"{reason}; write opensearch://HOST:PORT/INDEX, or opensearchs:// where TLS is spoken"
        )


class ClusterUnreachableError(ClusterError):
    """No node took a connection, or each closed it before it had answered.

    Attributes:
        reason: What the last one that was tried said.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster,
            f"no node answers: {reason}; see that one runs at that host and port, and write opensearchs:// if it "
            "speaks TLS",
        )


class ClusterTimeoutError(ClusterError):
    """A node took a request and did not answer in time; whether it was done is not known.

    Attributes:
        waited_s: How long each node that was asked was given, in seconds.
    """

    def __init__(self, cluster: str, waited_s: float) -> None:
        self.waited_s = waited_s
        super().__init__(
            cluster, f"no answer in {waited_s:g} s; ask again, give more time with timeout_s=, or see how its nodes are"
        )


class TlsError(ClusterError):
    """No secure connection came about: the node's certificate is not trusted, or the node does not speak TLS.

    Attributes:
        reason: What stood in the way.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster,
            f"no secure connection: {reason}; name the file of the authority that signed its certificate with ca_file= "
            "or WCO_SEARCH_CA, or write opensearch:// if it does not speak TLS",
        )


class CredentialsError(ClusterError):
    """The cluster does not let this user do that, or the credentials given cannot be used.

    Attributes:
        reason: What is wrong with them.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster,
            f"{reason}; give a user and a password (WCO_SEARCH_USER, WCO_SEARCH_PASSWORD) or an API key "
            "(WCO_SEARCH_API_KEY) that may do this",
        )


class ClusterFullError(ClusterError):
    """The cluster takes no more documents, as its disks are nearly full.

    Attributes:
        reason: The cluster's own words.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster, f"its disks are nearly full ({reason}); make room or add a node, it then takes documents again"
        )


class ClusterBusyError(ClusterError):
    """The cluster has too much to do, or has not yet got over the loss of a node; it was asked several times.

    Attributes:
        status: The HTTP status of its answer.
        reason: The cluster's own words.
    """

    def __init__(self, cluster: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(cluster, f"cannot do that now ({status} {reason}); try again later, or see how its nodes are")


class ClusterRequestError(ClusterError):
    """The cluster refused a request.

    Attributes:
        status: The HTTP status of its answer.
        kind: OpenSearch's own name of the error, such as `index_not_found_exception`; empty where it gave none.
        reason: The cluster's own words.
    """

    def __init__(self, cluster: str, status: int, kind: str, reason: str) -> None:
        self.status = status
        self.kind = kind
        self.reason = reason
        super().__init__(
            cluster,
            f"refused a request ({' '.join(filter(None, (str(status), kind, reason)))}); see that OpenSearch "
            "3 answers at that address and that the index was made by this library",
        )


class QueryTooLongError(ClusterError):
    """A query has more words, with their translations and synonyms, than the cluster takes.

    Attributes:
        reason: The cluster's own words.
    """

    def __init__(self, cluster: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            cluster,
            f"the query is too long ({reason}); shorten it, ask with translate='off', or have the cluster's setting "
            "indices.query.bool.max_clause_count raised",
        )


class WorkerDiedError(WcoSearchError):
    """A process that built part of an index ended before it was done; nothing was committed."""

    def __init__(self) -> None:
        super().__init__(
            "a worker process ended before it was done, and nothing was committed. If it could not start: each worker "
            'imports the program, and a script needs `if __name__ == "__main__":` around its work. If it was killed, '
            "it may have run out of memory; use fewer workers"
        )


class CopyError(WcoSearchError):
    """The documents that arrived at the target of a copy are not those that were sent; the target is as it was before.

    Attributes:
        target: Where they were sent.
        sent: How many.
        arrived: How many are there; where the numbers agree, ids do not.
    """

    def __init__(self, target: str, *, sent: int, arrived: int) -> None:
        self.target = target
        self.sent = sent
        self.arrived = arrived
        super().__init__(
            f"{target}: {sent} documents were sent, and {arrived} are there, or others than were sent; the copy was "
            "given up. Copy again while nobody else writes to the target"
        )


class NotOfferedError(WcoSearchError, AttributeError):
    """An index in a cluster was asked for something that only an index in a folder or in memory offers.

    Attributes:
        feature: What was asked for.

    Example:
        >>> print(NotOfferedError("a query tree of Whoosh"))
        a query tree of Whoosh is nothing that an index in a cluster offers; `Index.open` and `Index.memory` do
    """

    def __init__(self, feature: str) -> None:
        self.feature = feature
        super().__init__(f"{feature} is nothing that an index in a cluster offers; `Index.open` and `Index.memory` do")


class MissingExtraError(WcoSearchError):
    """A feature needs a package that is not installed.

    Attributes:
        package: The package.
        extra: The extra of `wco-search` that brings it.
    """

    def __init__(self, package: str, extra: str, feature: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{feature} needs {package}; install it with: pip install 'wco-search[{extra}]'")
