"""Addresses and credentials, and what a cluster's answers become, without a cluster: servers here say what one says."""

from __future__ import annotations

import base64
import json
import logging
import socket
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Answer, Certified, Request, certified, serving
from wco_search import (
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
from wco_search.cluster import connection as door
from wco_search.cluster.connection import Address, Connection, Credentials, Operation

SECRET = "окаменелость/s3cret@#"
FULL = (
    "index [news] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
    "read-only-allow-delete block];"
)


LOST_NODE = {
    "error": {
        "type": "search_phase_execution_exception",
        "reason": "phase failed",
        "root_cause": [{"type": "node_disconnected_exception", "reason": "[n2] disconnected"}],
    }
}


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        """See `time.monotonic`."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """See `time.sleep`."""
        self.now_s += seconds


CLOCK = Clock()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only to this machine, and no waiting between tries."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert address[0] in {"127.0.0.1", "127.0.0.2"}
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(door, "time", CLOCK)
    for name in ("USER", "PASSWORD", "API_KEY", "CA"):
        monkeypatch.delenv(f"WCO_SEARCH_{name}", raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """For servers with TLS."""
    return certified(tmp_path_factory.mktemp("certificate"))


@contextmanager
def connected(*answers: Callable[[Request], Answer], **options: Any) -> Iterator[Connection]:
    """A connection to as many nodes as there are answers."""
    with ExitStack() as stack:
        ports = [stack.enter_context(serving(answer)) for answer in answers]
        nodes = ",".join(f"127.0.0.1:{port}" for port in ports)
        yield stack.enter_context(Connection.open(f"opensearch://{nodes}/news", **options))


def saying(status: int, body: object = (), content_type: str = "application/json") -> Callable[[Request], Answer]:
    """The same to everyone."""
    said = body if isinstance(body, str) else json.dumps(body)
    return lambda _: Answer(status, said.encode(), content_type)


def free_port() -> int:
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- addresses


@pytest.mark.parametrize(
    ("text", "address", "credentials"),
    [
        ("opensearch://localhost/news", Address((("localhost", 9200),), "news", tls=False), Credentials()),
        ("opensearch://h:1/news/", Address((("h", 1),), "news", tls=False), Credentials()),
        ("opensearchs://a,b:9201/n", Address((("a", 9200), ("b", 9201)), "n", tls=True), Credentials()),
        ("opensearch://[::1]:9201/новости", Address((("::1", 9201),), "новости", tls=False), Credentials()),
        ("opensearchs://u:p%40%2F@h/n", Address((("h", 9200),), "n", tls=True), Credentials("u", "p@/")),
        ("opensearchs://u:p@w@h/n", Address((("h", 9200),), "n", tls=True), Credentials("u", "p@w")),
        (f"opensearchs://u:{SECRET}@h/n", Address((("h", 9200),), "n", tls=True), Credentials("u", SECRET)),
        ("opensearchs://u:@h/n", Address((("h", 9200),), "n", tls=True), Credentials("u", "")),
    ],
)
def test_addresses(text: str, address: Address, credentials: Credentials) -> None:
    """Nodes with ports, an index, and who asks."""
    assert Address.parse(text) == (address, credentials)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "indexes/news",
        "http://localhost:9200/news",
        "opensearch://localhost:9200",
        "opensearch://localhost:9200/",
        "opensearch:///news",
        "opensearch://localhost:0/news",
        "opensearch://localhost:65536/news",
        "opensearch://localhost:x/news",
        "opensearch://a,,b/news",
        "opensearch://::1/news",
        "opensearch://h/News",
        "opensearch://h/_all",
        "opensearch://h/.kibana",
        "opensearch://h/a,b",
        "opensearch://h/new*",
        "opensearch://h/a/b",
        "opensearch://h/n?x=1",
        "opensearch://h/" + "я" * 128,
        f"opensearch://u:{SECRET}@h/",
        f"u:{SECRET}@h/news",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """The error shows it without secrets, and how one is written."""
    with pytest.raises(ClusterAddressError, match="write opensearch://HOST:PORT/INDEX") as caught:
        Address.parse(text)
    assert "s3cret" not in str(caught.value)


HOSTS = st.tuples(st.from_regex(r"[a-z][a-z0-9.-]{0,9}", fullmatch=True) | st.just("::1"), st.integers(1, 65_535))
ADDRESSES = st.builds(
    Address,
    st.lists(HOSTS, min_size=1, max_size=3).map(tuple),
    st.from_regex(r"[a-zа-я0-9][a-zа-я0-9_.-]{0,9}", fullmatch=True),
    st.booleans(),
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(ADDRESSES, WORDS, WORDS)
def test_an_address_is_read_as_it_was_written(address: Address, user: str, password: str) -> None:
    """Whatever is in a password, percent-encoded."""
    assert Address.parse(str(address)) == (address, Credentials())
    scheme, slashes, rest = str(address).partition("://")
    text = f"{scheme}{slashes}{quote(user, safe='')}:{quote(password, safe='')}@{rest}"
    assert Address.parse(text) == (address, Credentials(user, password))


def test_what_looks_like_an_address() -> None:
    """So that a wrong one is no name of a folder."""
    assert door.is_address("opensearchs://")
    assert not door.is_address("opensearch/news")


# -- credentials


def basic(user: str, password: str) -> str:
    """The header of RFC 7617, in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("in_address", "arguments", "environment", "header"),
    [
        ("", {}, {}, None),
        ("u:p@", {}, {}, basic("u", "p")),
        ("", {"user": "Юля", "password": SECRET}, {}, basic("Юля", SECRET)),
        ("", {"api_key": "k"}, {}, "ApiKey k"),
        ("", {}, {"USER": "e", "PASSWORD": "f"}, basic("e", "f")),
        ("", {}, {"API_KEY": "k"}, "ApiKey k"),
        ("u:p@", {"api_key": "k"}, {"USER": "e", "PASSWORD": "f"}, "ApiKey k"),
        ("u:p@", {}, {"API_KEY": "k"}, basic("u", "p")),
        ("", {}, {"USER": "", "PASSWORD": "", "API_KEY": ""}, None),
    ],
)
def test_credentials_come_from_one_place(
    monkeypatch: pytest.MonkeyPatch,
    in_address: str,
    arguments: dict[str, Any],
    environment: dict[str, str],
    header: str | None,
) -> None:
    """Arguments before the address before the environment."""
    for name, value in environment.items():
        monkeypatch.setenv(f"WCO_SEARCH_{name}", value)
    seen = []

    def answer(request: Request) -> Answer:
        seen.append(request.headers.get("authorization"))
        return Answer(200)

    with (
        serving(answer) as port,
        Connection.open(f"opensearch://{in_address}127.0.0.1:{port}/news", **arguments) as connection,
    ):
        connection.ask("GET", "/")
    assert seen == [header]


@pytest.mark.parametrize(
    ("address", "arguments", "why"),
    [
        ("opensearch://node-1/news", {"user": "u", "password": SECRET}, "only with TLS"),
        ("opensearch://localhost,node-1/news", {"api_key": "s3cret"}, "only with TLS"),
        ("opensearchs://node-1/news", {"user": "u"}, "belong together"),
        ("opensearchs://node-1/news", {"password": SECRET}, "belong together"),
        ("opensearchs://u:s3cret@node-1/news", {"user": "v"}, "belong together"),
        ("opensearchs://node-1/news", {"user": "u:v", "password": SECRET}, "without a colon"),
        ("opensearchs://node-1/news", {"user": "u", "password": SECRET, "api_key": "k"}, "one too many"),
        ("opensearchs://node-1/news", {"api_key": "s3cret\r\nX: y"}, "no white space"),
        ("opensearchs://node-1/news", {"api_key": ""}, "no white space"),
    ],
)
def test_credentials_that_are_not_sent(address: str, arguments: dict[str, Any], why: str) -> None:
    """Half of them, two kinds, or where others could read them."""
    with pytest.raises(CredentialsError, match=why) as caught:
        Connection.open(address, **arguments)
    assert "s3cret" not in str(caught.value)


def test_secrets_are_not_told(caplog: pytest.LogCaptureFixture, certificate: Certified) -> None:
    """Not by texts of values, by errors with their causes, nor by logs of everything."""
    caplog.set_level(logging.DEBUG)
    told = [repr(Credentials("u", SECRET, SECRET))]

    def answer(request: Request) -> Answer:
        return Answer(200 if request.path == "/" else 401)

    with serving(answer, certificate.context) as port:
        for port_asked in (port, free_port()):
            address = f"opensearchs://u:{quote(SECRET, safe='')}@127.0.0.1:{port_asked}/news"
            with Connection.open(address, ca_file=certificate.ca_file) as connection:
                told += [repr(connection), str(connection.address), repr(connection.address)]
                with pytest.raises(ClusterError) as caught:
                    connection.ask("GET", "/" if port_asked != port else "/news")
                told += traceback.format_exception(caught.value)
    told += [record.getMessage() for record in caplog.records]
    assert len(caplog.records) > 1
    for secret in (SECRET, quote(SECRET, safe=""), basic("u", SECRET).split()[1]):
        assert not [line for line in told if secret in line]


# -- TLS


def test_tls_with_a_private_authority(monkeypatch: pytest.MonkeyPatch, certificate: Certified) -> None:
    """Named by the argument or by the environment."""
    with serving(saying(200, {"ok": True}), certificate.context) as port:
        address = f"opensearchs://u:p@127.0.0.1:{port}/news"
        with Connection.open(address, ca_file=certificate.ca_file) as connection:
            assert connection.ask("GET", "/") == {"ok": True}
        monkeypatch.setenv("WCO_SEARCH_CA", str(certificate.ca_file))
        with Connection.open(address) as connection:
            assert connection.ask("GET", "/") == {"ok": True}


def test_tls_that_is_not_trusted(tmp_path: Path, certificate: Certified) -> None:
    """An unknown authority, another machine's certificate, a node without TLS, TLS without the s."""
    other = certified(tmp_path, address="127.0.0.2")
    with (
        serving(saying(200), certificate.context) as port,
        serving(saying(200), other.context) as elsewhere,
        serving(saying(200)) as plain,
    ):
        for port_asked, ca_file in ((port, None), (port, other.ca_file), (elsewhere, other.ca_file), (plain, None)):
            connection = Connection.open(f"opensearchs://127.0.0.1:{port_asked}/news", ca_file=ca_file)
            with connection, pytest.raises(TlsError, match="ca_file=") as caught:
                connection.ask("GET", "/")
            expected = "WRONG_VERSION_NUMBER|record layer" if port_asked == plain else "certificate verify failed"
            caught.match(expected)
        connection = Connection.open(f"opensearch://127.0.0.1:{port}/news")
        with connection, pytest.raises(ClusterUnreachableError, match="write opensearchs://"):
            connection.ask("GET", "/")


def test_a_file_of_authorities_that_is_none(tmp_path: Path) -> None:
    """It is not there, or holds no certificate."""
    (tmp_path / "ca.pem").write_text("certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(TlsError, match=name):
            Connection.open("opensearchs://localhost/news", ca_file=tmp_path / name)


# -- answers and refusals


def error(kind: str, reason: str, root: str | None = None) -> dict[str, Any]:
    """The body of an error, as OpenSearch writes it."""
    return {"error": {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": root or reason}]}}


@pytest.mark.parametrize(
    ("status", "body", "expected", "words"),
    [
        (400, error("parsing_exception", "no [x]"), ClusterRequestError, "400 parsing_exception no \\[x\\]"),
        (400, error("search_phase", "all shards failed", "too old"), ClusterRequestError, "all shards failed: too old"),
        (401, "Unauthorized", CredentialsError, "does not know these credentials"),
        (401, error("security_exception", "missing"), CredentialsError, "WCO_SEARCH_API_KEY"),
        (403, error("security_exception", "no permissions"), CredentialsError, "may not do that \\(no permissions\\)"),
        (403, "<h1>Forbidden\n</h1>", CredentialsError, "<h1>Forbidden </h1>"),
        (403, error("cluster_block_exception", "[FORBIDDEN/8/index write (api)]"), ClusterRequestError, "index write"),
        (
            403,
            error("index_create_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"),
            ClusterFullError,
            "make room",
        ),
        (404, error("index_not_found_exception", "no such index [news]"), ClusterRequestError, "404 index_not_found"),
        (404, "not here", ClusterRequestError, "404 not here"),
        (409, error("version_conflict", "conflict"), ClusterRequestError, "409"),
        (413, "", ClusterRequestError, "413"),
        (429, error("cluster_block_exception", FULL), ClusterFullError, "make room"),
        (429, error("circuit_breaking_exception", "Data too large"), ClusterBusyError, "429 Data too large"),
        (
            500,
            error("search_phase", "all shards failed", "too_many_nested_clauses: Query contains too many"),
            QueryTooLongError,
            "max_clause_count",
        ),
        (400, error("too_many_clauses", "maxClauseCount is set to 1024"), QueryTooLongError, "set to 1024"),
        (500, error("retry_on_primary_exception", "not in primary mode"), ClusterBusyError, "500 not in primary mode"),
        (500, {"error": "odd"}, ClusterRequestError, "500 odd"),
        (500, LOST_NODE, ClusterBusyError, "500 phase failed: \\[n2\\] disconnected"),
        (503, error("master_not_discovered", "none"), ClusterBusyError, "503 none"),
        (504, "", ClusterBusyError, "504"),
        (200, "<h1>Welcome</h1>", ClusterRequestError, "no JSON"),
        (200, "{", ClusterRequestError, "no JSON"),
    ],
)
def test_refusals(status: int, body: object, expected: type[ClusterError], words: str) -> None:
    """Each kind of them as its own error, in the cluster's words and with a remedy."""
    kind = "text/html" if isinstance(body, str) and body != "{" else "application/json"
    with connected(saying(status, body, kind)) as connection, pytest.raises(expected, match=words) as caught:
        connection.ask("GET", "/news")
    assert type(caught.value) is expected
    assert caught.value.cluster == str(connection.address)


def test_an_answer_in_plain_text() -> None:
    """A server of another kind is no cluster."""
    with (
        connected(saying(200, "Welcome", "text/plain")) as connection,
        pytest.raises(ClusterRequestError, match="JSON"),
    ):
        connection.ask("GET", "/")


def test_the_facts_of_a_refusal() -> None:
    """A program need not parse the message."""
    with connected(saying(404, error("index_not_found_exception", "no such index"))) as connection:
        with pytest.raises(ClusterRequestError) as caught:
            connection.ask("GET", "/news")
        facts = caught.value
        assert (facts.status, facts.kind, facts.reason) == (404, "index_not_found_exception", "no such index")
        assert connection.ask("GET", "/news", ignore={404})["error"]["reason"] == "no such index"
        assert connection.ask("HEAD", "/news") is False


def test_what_is_sent() -> None:
    """The path, plain values in the URL, JSON in UTF-8; HEAD is answered with yes or no."""
    seen = []

    def answer(request: Request) -> Answer:
        seen.append(request)
        return Answer(200, json.dumps({"n": 1}).encode())

    with connected(answer) as connection:
        params = {"timeout": "5s", "allow": False, "count": 3, "fields": ["a", "b"]}
        assert connection.ask("POST", "/news/_search", {"query": "ёж"}, params=params) == {"n": 1}
        assert connection.ask("HEAD", "/news") is True
        assert params["timeout"] == "5s"
    assert seen[0].path == "/news/_search?timeout=5s&allow=false&count=3&fields=a%2Cb"
    assert seen[0].body.decode() == '{"query":"ёж"}'
    assert [request.method for request in seen] == ["POST", "HEAD"]


# -- nodes that do not answer


def test_the_next_node_is_asked() -> None:
    """Where one is not there, closes the connection, or is in trouble; then it is left alone for a while."""
    asked: Counter[str] = Counter()

    def node(name: str, answer: Answer) -> Callable[[Request], Answer]:
        def counted(_: Request) -> Answer:
            asked[name] += 1
            return answer

        return counted

    answers = [node("mute", Answer(0)), node("ill", Answer(503)), node("well", Answer(200))]
    with connected(*answers) as connection:
        for _ in range(20):
            assert connection.ask("GET", "/") == {}
    assert asked["well"] == 20
    assert max(asked["mute"], asked["ill"]) <= 1


def test_no_node_is_there() -> None:
    """Each is asked, and none for ever."""
    ports = f"127.0.0.1:{free_port()},127.0.0.1:{free_port()}"
    with Connection.open(f"opensearch://{ports}/news") as connection:
        for _ in range(2):
            with pytest.raises(ClusterUnreachableError, match=f"{ports}/news: no node answers: .*refused"):
                connection.ask("GET", "/")


def test_a_node_that_does_not_answer_in_time() -> None:
    """It is told how long was waited; another node is asked instead."""

    def slow(_: Request) -> Answer:
        time.sleep(0.5)
        return Answer(200)

    with connected(slow, timeout_s=0.1) as connection:
        with pytest.raises(ClusterTimeoutError, match=r"no answer in 0.1 s") as caught:
            connection.ask("GET", "/")
        assert caught.value.waited_s == 0.1
        assert connection.ask("GET", "/", timeout_s=5) == {}
    with connected(slow, saying(200, {"quick": True}), timeout_s=0.1) as connection:
        assert [connection.ask("GET", "/") for _ in range(4)] == [{"quick": True}] * 4


def test_a_busy_cluster_is_asked_again() -> None:
    """After longer and longer pauses."""
    left = [Answer(429), Answer(429), Answer(429), Answer(200)]
    began = CLOCK.monotonic()
    with connected(lambda _: left.pop(0)) as connection:
        assert connection.ask("GET", "/") == {}
    assert not left
    assert CLOCK.monotonic() - began == pytest.approx(0.5 + 1 + 2)


@pytest.mark.parametrize(("timeout_s", "tries"), [(30.0, 10), (2.0, 4), (0.4, 2)])
@pytest.mark.parametrize("how", ["ask", "bulk"])
def test_patience_with_a_busy_cluster_ends(timeout_s: float, tries: int, how: str) -> None:
    """After as long as one node may take for one request; a document that a shard refuses is sent as often."""
    asked: list[Request] = []
    items = [{"index": {"status": 503, "error": {"type": "unavailable_shards_exception", "reason": "no primary"}}}]

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(429) if how == "ask" else Answer(200, json.dumps({"items": items}).encode())

    began = CLOCK.monotonic()
    with connected(answer, timeout_s=timeout_s) as connection, pytest.raises(ClusterBusyError):
        if how == "ask":
            connection.ask("GET", "/")
        else:
            connection.bulk("news", [Operation("1", {"body": "Fossils."})])
    assert CLOCK.monotonic() - began == pytest.approx(timeout_s)
    assert len(asked) == tries


# -- many documents


def test_bulk_cuts_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by size, in order, every operation once; the documents busy shards refuse are sent again."""
    monkeypatch.setattr(door, "_CHUNK_OPERATIONS", 5)
    monkeypatch.setattr(door, "_CHUNK_CHARACTERS", 200)
    requests: list[list[str]] = []  # the ids each had done
    refused: set[str] = set()

    def answer(request: Request) -> Answer:
        requests.append([])
        assert request.path == "/news/_bulk?timeout=15000ms&refresh=true"
        lines = [json.loads(line) for line in request.body.decode().splitlines()]
        items = []
        for line in lines:
            for action in line.keys() & {"index", "delete"}:
                name = line[action]["_id"]
                if name.endswith("7") and name not in refused:
                    refused.add(name)
                    items.append({action: {"status": 429, "error": {"type": "rejected", "reason": "queue"}}})
                else:
                    items.append({action: {"status": 200, "result": {"index": "created"}.get(action, "not_found")}})
                    requests[-1].append(name)
        return Answer(200, json.dumps({"items": items}).encode())

    operations = [Operation(f"{n}", None if n % 4 == 3 else {"body": "ё" * (n * 9)}) for n in range(20)]
    with connected(answer) as connection:
        done = connection.bulk("news", iter(operations), params={"refresh": True})
    assert done == Counter(created=15, not_found=5)
    assert sorted(int(name) for chunk in requests for name in chunk) == list(range(20))
    assert refused == {"7", "17"}
    assert max(map(len, requests)) <= 5
    first_try = [int(name) for chunk in requests for name in chunk if name not in refused]
    assert first_try == sorted(first_try)


@pytest.mark.parametrize(
    ("status", "kind", "reason", "expected"),
    [
        (400, "mapper_parsing_exception", "failed to parse", ClusterRequestError),
        (429, "cluster_block_exception", FULL, ClusterFullError),
        (429, "rejected_execution_exception", "queue", ClusterBusyError),
        (503, "unavailable_shards_exception", "primary shard is not active", ClusterBusyError),
    ],
)
def test_bulk_tells_of_a_refusal(status: int, kind: str, reason: str, expected: type[ClusterError]) -> None:
    """Though the request as a whole was answered with 200."""
    items = [{"index": {"status": status, "error": {"type": kind, "reason": reason}}}]
    with connected(saying(200, {"items": items})) as connection, pytest.raises(expected):
        connection.bulk("news", [Operation("1", {})])


def test_no_operations_ask_nothing() -> None:
    """An empty request would be an error."""
    with Connection.open("opensearch://localhost/news") as connection:
        assert connection.bulk("news", []) == Counter()


def test_without_opensearch_py(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to get it."""
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'wco-search\[cluster\]'"):
        Connection.open("opensearch://localhost/news")
