"""Small HTTP servers on this machine, plain or with TLS, whose every answer a test decides."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What it is answered; a status of 0 closes the connection without a word."""

    status: int
    body: bytes = b"{}"
    content_type: str = JSON


@contextmanager
def serving(answer: Callable[[Request], Answer], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server for as long as the block lasts; gives its port on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            self.close_connection = True
            if not self.raw_requestline or not self.parse_request():
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            given = answer(Request(self.command, self.path, headers, body))
            if not given.status:
                return
            with suppress(ConnectionError):  # the client has given up
                self.send_response(given.status)
                self.send_header("content-type", given.content_type)
                self.send_header("content-length", str(len(given.body)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else given.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests look at what clients see."""

    class Server(ThreadingHTTPServer):
        def finish_request(self, request: Any, client_address: Any) -> None:
            if tls is not None:
                try:
                    request = tls.wrap_socket(request, server_side=True)
                except OSError:
                    return  # no TLS came, or the client does not trust the certificate: the client tells
            with request:
                super().finish_request(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def forwarding(address: str, authorization: str) -> Callable[[Request], Answer]:
    """Answers of the server at *address* to those who bring the header *authorization*; 401 to others."""

    def answer(request: Request) -> Answer:
        if request.headers.get("authorization") != authorization:
            return Answer(401, b"Unauthorized", "text/plain")
        onward = http.client.HTTPConnection(address, timeout=60)
        try:
            headers = {"content-type": request.headers.get("content-type", JSON)}
            onward.request(request.method, request.path, request.body or None, headers)
            given = onward.getresponse()
            return Answer(given.status, given.read(), given.headers.get("content-type", JSON))
        finally:
            onward.close()

    return answer


@dataclass(frozen=True, slots=True)
class Certified:
    """A server's certificate and the authority that signed it.

    Attributes:
        ca_file: The authority's certificate, which clients trust.
        context: For the server.
    """

    ca_file: Path
    context: ssl.SSLContext


def certified(folder: Path, *, address: str = "127.0.0.1") -> Certified:
    """A certificate for *address*, by an authority of its own; for yesterday to tomorrow."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Test authority", address)]
    today = datetime.now()

    def builder(name: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
        )

    signs_certificates = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )  # strict clients, such as Python 3.13, ask for it
    authority = (
        builder(names[0], authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signs_certificates, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        builder(names[1], key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    ca_file, chain, key_file = (folder / name for name in ("ca.pem", "server.pem", "key.pem"))
    ca_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key_file)
    return Certified(ca_file, context)
