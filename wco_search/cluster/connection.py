"""`Connection`: requests to a cluster of OpenSearch, and what can go wrong with them as errors of this library.

An address names nodes of one cluster and an index in it:

    opensearch://localhost:9200/news
    opensearchs://reader:secret@node-1.example,node-2.example:9201/news     TLS, several nodes, credentials

Where a node does not answer, the next one is asked; where the cluster is busy, it is asked again, for as long as one
node may take for one request. So a request may reach the cluster twice, and must be of a kind for which that is the
same as once: a search, or a document put under its own id.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import logging
import os
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from wco_search.errors import (
    ClusterAddressError,
    ClusterBusyError,
    ClusterError,
    ClusterFullError,
    ClusterRequestError,
    ClusterTimeoutError,
    ClusterUnreachableError,
    CredentialsError,
    MissingExtraError,
    QueryTooLongError,
    TlsError,
)

TIMEOUT_S = 30.0
"""For one request to one node. The server's own patience, with a lost manager for one, is as long."""

_PORT = 9200
"""OpenSearch's own."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0
"""Before a busy cluster is asked again; each is twice the one before. A queue empties within the first; a new manager
is elected, and every shard has a living copy, within the first four, or later where machines have much else to do."""

_REST_S = 10.0
"""How long a node that did not answer is left alone, while others do; doubled, twice at most, if it still does not."""

_CHUNK_OPERATIONS = 1_000
_CHUNK_CHARACTERS = 5_000_000
"""A request of some megabytes costs a node little memory, and is large enough that its overhead does not show."""

_LOST_NODE = frozenset(
    f"{name}_exception"
    for name in (
        "node_disconnected",
        "node_not_connected",
        "node_closed",
        "connect_transport",
        "send_request_transport",
        "receive_timeout_transport",
        "no_shard_available_action",
        "retry_on_primary",
    )
)
"""Names of errors, some with status 500, that mean: a node went away in the midst; the others will do it."""

_TOO_LONG = re.compile(r"too_many(_nested)?_clauses")
"""What Lucene calls a query of more parts than it takes, somewhere in an error of status 400 or 500."""

_ADDRESS = re.compile(r"opensearch(?P<tls>s?)://(?:(?P<user>.*)@)?(?P<hosts>[^/@]+)/(?P<index>[^/]*)/?")
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[\w.-]+))(?::(?P<port>\d{1,5}))?")
_INDEX = re.compile(r"(?![-_+.])[^\s\\/*?\"<>|,#:A-Z]+")
"""What OpenSearch takes as the name of an index, without those that begin with a dot, which are its own."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index in a cluster is; its text holds no credentials.

    Attributes:
        hosts: Name or IP address, and port, of one or more nodes of the cluster.
        index: The name of the index.
        tls: Whether the nodes speak TLS.

    Example:
        >>> address, credentials = Address.parse("opensearchs://reader:secret@node-1,node-2:9201/news")
        >>> str(address), credentials
        ('opensearchs://node-1:9200,node-2:9201/news', Credentials(user='reader'))
    """

    hosts: tuple[tuple[str, int], ...]
    index: str
    tls: bool

    def __str__(self) -> str:
        named = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        return f"opensearch{'s' if self.tls else ''}://{named}/{self.index}"

    @property
    def is_local(self) -> bool:
        """Whether all nodes are on this machine."""
        return all(_is_loopback(host) for host, _ in self.hosts)

    @classmethod
    def parse(cls, text: str) -> tuple[Address, Credentials]:
        """An address and the credentials in it, percent-encoded there.

        Raises:
            ClusterAddressError: It is not such an address. The message does not repeat credentials.
        """
        shown = _without_credentials(text)
        found = _ADDRESS.fullmatch(text)
        if found is None:
            raise ClusterAddressError(shown, "this is not the address of an index in a cluster")
        if not _INDEX.fullmatch(found["index"]) or len(found["index"].encode()) > 255:
            raise ClusterAddressError(shown, f"an index cannot be called {found['index']!r}")
        hosts = tuple(_host(part, shown) for part in found["hosts"].split(","))
        user, colon, password = (found["user"] or "").partition(":")
        credentials = Credentials(unquote(user) or None, unquote(password) if colon else None)
        return cls(hosts, found["index"], bool(found["tls"])), credentials


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks: a user with a password, or an API key; secrets are not in its text.

    Attributes:
        user: The user's name.
        password: The user's password.
        api_key: The key as the cluster gave it out.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self != Credentials()

    @classmethod
    def of_environment(cls) -> Self:
        """Those of the variables WCO_SEARCH_USER, WCO_SEARCH_PASSWORD and WCO_SEARCH_API_KEY."""
        return cls(*(os.environ.get(f"WCO_SEARCH_{name}") or None for name in ("USER", "PASSWORD", "API_KEY")))

    def headers(self, address: Address) -> dict[str, str]:
        """The HTTP header that tells them.

        Raises:
            CredentialsError: They are incomplete, or would be sent where others can read them.
        """
        if not self:
            return {}
        if not address.tls and not address.is_local:
            raise CredentialsError(str(address), "credentials are sent only with TLS, by opensearchs:// addresses")
        if self.api_key is not None:
            if self.user is not None or self.password is not None:
                raise CredentialsError(str(address), "a user and an API key are given, one too many")
            if not re.fullmatch(r"[!-~]+", self.api_key):
                raise CredentialsError(str(address), "an API key has no white space, and ASCII characters only")
            return {"authorization": f"ApiKey {self.api_key}"}
        if self.user is None or self.password is None or ":" in self.user:
            raise CredentialsError(str(address), "a user's name, without a colon, and a password belong together")
        return {"authorization": "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Operation:
    """What happens to one document: it is put in place of the one with its id, or that is deleted.

    Attributes:
        id: The document's id.
        source: Its fields; None deletes.
    """

    id: str
    source: Mapping[str, Any] | None


class Connection:
    """Requests to one cluster; threads may share it.

    Made by `Connection.open`; to be closed, which `with` does.

    Attributes:
        address: Where the cluster is, and the index that is meant.
    """

    def __init__(self, address: Address, client: Any, timeout_s: float) -> None:
        self.address = address
        self._client = client
        self._timeout_s = timeout_s

    @classmethod
    def open(
        cls,
        address: str,
        *,
        user: str | None = None,
        password: str | None = None,
        api_key: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Self:
        """A connection; nothing is asked yet.

        Credentials are taken from the arguments, else from the address, else from the environment (see `Credentials`).

        Args:
            address: See `Address`.
            user: The user's name.
            password: The user's password.
            api_key: An API key, in place of both.
            ca_file: A PEM file of the authorities that certificates are trusted by; default: WCO_SEARCH_CA, else those
                of the system.
            timeout_s: How long one node may take for one request, in seconds; and how long a busy cluster is asked
                again.

        Raises:
            ClusterAddressError: *address* is not one.
            CredentialsError: The credentials are incomplete, or would be sent without TLS to another machine.
            TlsError: *ca_file* cannot be read.
            MissingExtraError: opensearch-py is not installed.

        Example:
            >>> Connection.open("opensearch://reader:secret@localhost/news")
            <Connection opensearch://localhost:9200/news>
        """
        where, in_address = Address.parse(address)
        credentials = Credentials(user, password, api_key) or in_address or Credentials.of_environment()
        headers = credentials.headers(where)
        context = _tls_context(where, ca_file or os.environ.get("WCO_SEARCH_CA") or None) if where.tls else None
        client = _library().OpenSearch(
            hosts=[{"host": host, "port": port, "use_ssl": where.tls} for host, port in where.hosts],
            headers=headers,
            ssl_context=context,
            timeout=timeout_s,
            max_retries=len(where.hosts),  # each node once, and one of them again: a kept connection may be stale
            retry_on_timeout=True,
            dead_timeout=_REST_S,
            timeout_cutoff=2,
            pool_maxsize=10,  # connections kept for each node: more threads than that seldom ask at once
        )
        return cls(where, client, timeout_s)

    def __repr__(self) -> str:
        return f"<Connection {self.address}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open to any node, also to those left alone, which the client itself would leave open."""
        for node in self._client.transport.seed_connections:
            node.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | str | None = None,
        *,
        params: Mapping[str, object] | None = None,
        timeout_s: float | None = None,
        ignore: Collection[int] = (),
    ) -> Any:
        """The answer to one request.

        Args:
            method: GET, POST, PUT, DELETE or HEAD.
            path: From the slash on, percent-encoded.
            body: Sent as JSON; a string is sent as it is.
            params: The query of the URL, as plain values; several in a list.
            timeout_s: How long one node may take, in seconds; default: the connection's.
            ignore: HTTP statuses from 400 on that are answers too.

        Returns:
            The JSON of the answer as Python values; for HEAD whether it is there.

        Raises:
            ClusterError: One of its kinds, see `wco_search.errors`.

        Example:
            >>> connection.ask("GET", "/news/_count", {"query": {"match_all": {}}})["count"]  # doctest: +SKIP
            30214
        """
        for pause_s in self.pauses():
            try:
                return self._ask_nodes(method, path, body, params, timeout_s, ignore)
            except ClusterBusyError:
                time.sleep(pause_s)
        return self._ask_nodes(method, path, body, params, timeout_s, ignore)

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before what a busy cluster did not do is asked of it again, until there is no more patience.

        That lasts as long as one node may take for one request, the time of trying included.
        """
        until = time.monotonic() + self._timeout_s
        pause_s = _FIRST_PAUSE_S
        while (left_s := until - time.monotonic()) > 0:
            yield min(pause_s, left_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _ask_nodes(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | str | None,
        params: Mapping[str, object] | None,
        timeout_s: float | None,
        ignore: Collection[int],
    ) -> Any:
        """The answer of the first node that gives one."""
        given = {name: _url_value(value) for name, value in (params or {}).items()}
        patience_s = timeout_s or self._timeout_s
        library = _library()
        try:
            answer = self._client.transport.perform_request(
                method, path, params=given, body=body, timeout=patience_s, ignore=ignore
            )
        except library.SSLError as error:
            raise TlsError(str(self.address), _innermost(error)) from error
        except library.ConnectionTimeout as error:
            raise ClusterTimeoutError(str(self.address), patience_s) from error
        except library.ConnectionError as error:
            raise ClusterUnreachableError(str(self.address), _innermost(error)) from error
        except library.TransportError as error:
            raise self._refusal(error.status_code, error.info or error.error) from error
        except library.SerializationError as error:
            raise self._stranger() from error
        if isinstance(answer, str):  # plain text
            raise self._stranger()
        return answer

    def bulk(
        self, index: str, operations: Iterable[Operation], *, params: Mapping[str, object] | None = None
    ) -> Counter[str]:
        """Do the operations in their order, some thousand a request, and return how often each came to what.

        When it returns, the cluster has acknowledged all of them. After an error it has done some.

        Args:
            index: The name of the index.
            operations: An iterable, read as it is needed.
            params: See `ask`.

        Returns:
            How many documents were `created`, `updated`, `deleted` or `not_found`.

        Raises:
            ClusterError: The first operation that was refused, or as `ask`.

        Example:
            >>> connection.bulk("news", [Operation("1", {"body": "Customs seized fossils."})])  # doctest: +SKIP
            Counter({'created': 1})
        """
        # The server gives up first, so that it can still say what it waited for.
        given = {"timeout": f"{self._timeout_s * 500:.0f}ms", **(params or {})}
        done: Counter[str] = Counter()
        for chunk in _chunks(operations):
            left = self._send(index, chunk, given, done)
            for pause_s in self.pauses():
                if not left:
                    break
                time.sleep(pause_s)
                left = self._send(index, left, given, done)
            if left:
                raise ClusterBusyError(str(self.address), 429, f"{len(left)} documents were not taken")
        return done

    def _send(self, index: str, chunk: Sequence[str], params: Mapping[str, object], done: Counter[str]) -> list[str]:
        """Send operations, count in *done* what was done, and return those for which the cluster was too busy."""
        answer = self.ask("POST", f"/{index}/_bulk", "".join(chunk), params=params)
        left = []
        for line, item in zip(chunk, answer["items"], strict=True):
            (outcome,) = item.values()
            if "error" not in outcome:
                done[outcome["result"]] += 1
                continue
            refusal = self._refusal(outcome["status"], {"error": outcome["error"]})
            if not isinstance(refusal, ClusterBusyError):
                raise refusal
            left.append(line)
        return left

    def _stranger(self) -> ClusterRequestError:
        return ClusterRequestError(str(self.address), 200, "", "its answer is no JSON")

    def _refusal(self, status: Any, info: Any) -> ClusterError:
        """What the cluster answered in place of what was asked for, by HTTP status and body."""
        cluster = str(self.address)
        error = info.get("error") if isinstance(info, Mapping) else info
        if not isinstance(error, Mapping):  # no answer of a node, but of what stands before it
            error = {"reason": " ".join(str(error or "").split())[:300]}
        kind, reason = str(error.get("type", "")), _reason(error)
        blocked = kind.endswith("block_exception")  # cluster_, index_create_
        if blocked and ("/12/" in reason or "/10/" in reason):
            return ClusterFullError(cluster, reason)  # the numbers of OpenSearch's two blocks for full disks
        if status == 401:
            return CredentialsError(cluster, "the cluster does not know these credentials, or wants some")
        if status == 403 and not blocked:
            return CredentialsError(cluster, f"this user may not do that ({reason})")
        if status in {429, 502, 503, 504} or _LOST_NODE & {kind, *(root.get("type") for root in _roots(error))}:
            return ClusterBusyError(cluster, status, reason)
        if _TOO_LONG.search(f"{kind} {reason}"):
            return QueryTooLongError(cluster, reason)
        return ClusterRequestError(cluster, status, kind, reason)


def every_hit(ask: Callable[[dict[str, Any]], Any], body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All that a search finds, read some at a time; *body* says how many, and sorts so that none are equal."""
    page = dict(body)
    while hits := ask(page)["hits"]["hits"]:
        yield from hits
        page["search_after"] = hits[-1]["sort"]


def is_address(text: str) -> bool:
    """Whether *text* is meant to be an address of an index in a cluster, and no path.

    Example:
        >>> is_address("opensearch://localhost/news"), is_address("indexes/news")
        (True, False)
    """
    return text.startswith(("opensearch://", "opensearchs://"))


def _library() -> Any:
    """opensearch-py.

    What it logs, a traceback for every node that did not answer, goes where the program has asked for logs, and not to
    standard error by default: it is told in errors.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import opensearchpy
    except ImportError as error:
        raise MissingExtraError("opensearch-py", "cluster", "an index in a cluster") from error
    logger = logging.getLogger("opensearch")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return opensearchpy


def _host(text: str, shown: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found["port"] or _PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise ClusterAddressError(shown, f"{text!r} is not a host, or a host and a port")
    return found["v6"] or found["name"], port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _without_credentials(address: str) -> str:
    """All before the last `@` may be a secret that was not encoded as it should be."""
    before, at, after = address.rpartition("@")
    scheme, slashes, _ = before.partition("://")
    return f"{scheme}{slashes}***@{after}" if at and slashes else f"***@{after}" if at else address


def _tls_context(address: Address, ca_file: str | os.PathLike[str] | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise TlsError(str(address), f"{ca_file}: {error.strerror or error}") from error


def _url_value(value: object) -> object:
    """A value as OpenSearch reads it in a URL."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def _chunks(operations: Iterable[Operation]) -> Iterator[list[str]]:
    """The operations as lines of JSON, as many together as make a good request."""
    chunk: list[str] = []
    size = 0
    for lines in map(_lines, operations):
        if chunk and (len(chunk) == _CHUNK_OPERATIONS or size + len(lines) > _CHUNK_CHARACTERS):
            yield chunk
            chunk, size = [], 0
        chunk.append(lines)
        size += len(lines)
    if chunk:
        yield chunk


def _lines(operation: Operation) -> str:
    action = "delete" if operation.source is None else "index"
    parts = chain([{action: {"_id": operation.id}}], [] if operation.source is None else [operation.source])
    return "".join(json.dumps(part, ensure_ascii=False) + "\n" for part in parts)


def _roots(error: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return error.get("root_cause") or [error]


def _reason(error: Mapping[str, Any]) -> str:
    """The cluster's words for an error; those of its root where that says more, as `all shards failed` does not."""
    said = dict.fromkeys(str(each["reason"]) for each in (error, _roots(error)[0]) if each.get("reason"))
    return ": ".join(said)


def _innermost(error: Any) -> str:
    """The words of what happened at the socket, without the layers around it."""
    cause: BaseException = error.info
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    return str(cause)
