"""`hailong doctor` looks at the site as visitors reach it, over real https: certificate, clock, who reaches it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from survey.operations import doctor, public_site
from survey.periods import now
from survey.settings import Settings
from tests.support import factories
from tests.support.serving import free_port

DAY = dt.timedelta(days=1)
SETTINGS = Settings("sqlite:////tmp/none.db", factories.SECRET)


def certificate(folder: Path, days: float) -> Path:
    """Write a certificate of localhost with its key, good for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now() - 9 * DAY)
    built = built.not_valid_after(now() + days * DAY)
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    path, pem = folder / "site.pem", serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(plain + built.sign(key, hashes.SHA256()).public_bytes(pem))
    return path


@contextmanager
def site(pem: Path, slow: dt.timedelta) -> Iterator[str]:
    """Serve by https with this certificate and a clock that is so much slow."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def date_time_string(self, _timestamp: float | None = None) -> str:
            return format_datetime(now() - slow, usegmt=True)

        def log_message(self, *_line: object) -> None:
            """Write nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that refuses the certificate."""

    server = Server(("localhost", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("days", "slow", "trusted", "told"),
    [
        (90, 0, True, [("ok", "reached, with a certificate until %(day)s")]),
        (3, 0, True, [("warning", "its certificate ends on %(day)s")]),
        (90, 0, False, [("warning", "its certificate is not accepted: %(why)s")]),
        (-1, 0, True, [("warning", "its certificate is not accepted: %(why)s")]),
        (
            *(90, 300, True),
            [
                ("ok", "reached, with a certificate until %(day)s"),
                ("warning", "its clock differs from this machine's by %(seconds)s seconds"),
            ],
        ),
    ],
)
def test_certificate_and_clock_of_the_site_are_looked_at(
    days: float, slow: int, trusted: bool, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    pem = certificate(tmp_path, days)
    context = ssl.create_default_context(cafile=str(pem) if trusted else None)
    with site(pem, dt.timedelta(seconds=slow)) as url:
        findings = list(public_site.reached(url, context))
    assert [(finding.state, finding.observation) for finding in findings] == told


def test_a_site_that_is_away_is_said_and_keeps_no_service_from_starting() -> None:
    url = f"https://localhost:{free_port()}"
    (_listening, away) = public_site.examine(dataclasses.replace(SETTINGS, public_url=url))
    assert (away.state, away.values["url"]) == ("warning", url) and away.cure


@pytest.mark.parametrize(("host", "state"), [("127.0.0.1", "ok"), ("10.1.2.3", "warning")])
def test_whoever_is_reached_past_the_proxy_is_told(host: str, state: str) -> None:
    (finding,) = public_site.examine(dataclasses.replace(SETTINGS, host=host))
    assert finding.state == state and ("HAILONG_HOST" in finding.cure) is (state == "warning")


def test_former_keys_are_counted_and_must_be_unreadable_to_others(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, secret_key=f"{factories.SECRET}\0{'former12' * 5}", instance=tmp_path)
    assert doctor.secret(settings).values == {"length": len(factories.SECRET), "former": 1}
    former = tmp_path / "secret_key.20261129T201500Z"
    former.write_text("former12" * 5)
    former.chmod(0o644)
    fault = doctor.secret(settings)
    assert (fault.state, fault.values) == ("fault", {"file": former.name})
