"""The shipped nginx.conf in front of a running server: only ports, folders and the certificate are a test's own."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support import debian_program
from tests.support.serving import free_port

NAME = "khaosat.example.vn"
ROOT = Path(__file__).parent.parent.parent
MAIN = """
daemon off; {user} pid {folder}/nginx.pid; error_log {folder}/start.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; include {folder}/hailong.conf;
}}
"""


# One for all that is asked: to make it takes longer than to ask.
UNPROVED = ssl.create_default_context()
UNPROVED.check_hostname, UNPROVED.verify_mode = False, ssl.CERT_NONE


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Nginx:
    """Where it listens."""

    plain: int
    port: int

    def line(self) -> http.client.HTTPSConnection:
        """Return an open connection of its own."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=UNPROVED)
        raw = socket.create_connection(("127.0.0.1", self.port), 30)
        connection.sock = UNPROVED.wrap_socket(raw, server_hostname=NAME)
        return connection

    def ask(self, path: str, method: str = "GET", body: bytes | str | None = None, **headers: str) -> Reply:
        """Send one request by https, on a connection of its own; `Host` may be another one."""
        with closing(self.line()) as connection:
            connection.request(method, path, body, {"Host": NAME} | headers)
            with connection.getresponse() as reply:
                return Reply(reply.status, reply.headers, reply.read())


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[Nginx]:
    """Run nginx for the time of a block."""
    program = debian_program.command("nginx", "nginx")
    plain, secure = free_port(), free_port()
    _certificate(folder)
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for ours, own in {
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{secure}",
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "/etc/ssl/hailong": str(folder),
        "/var/log/nginx": str(folder),
        "/opt/hailong": str(ROOT),
    }.items():
        assert ours in text, ours
        text = text.replace(ours, own)
    (folder / "hailong.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # the folder is for nobody else
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), encoding="utf-8")
    with subprocess.Popen([*program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "start.log"]) as process:
        try:
            until = time.monotonic() + 20
            while not _listens(secure):
                assert process.poll() is None and time.monotonic() < until, (folder / "start.log").read_text()
                time.sleep(0.05)
            yield Nginx(plain, secure)
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
