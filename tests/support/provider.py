"""A provider of single sign-on on this machine: real HTTP, real keys, and whatever faults a test asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from werkzeug.test import TestResponse

from survey.periods import now
from survey.settings import Settings
from survey.single_sign_on.providers import Provider
from tests.support.officials import token_on

CLIENT, SECRET = "hai-long", "a secret: 100 % of + and / signs"
MANAGER = {"groups": ["khác", "quan-ly"], "name": "Trần Thị Mai", "preferred_username": "mai.tran"}
ONWARD = re.compile(r'<a class="button" href="([^"]+)"')


@dataclass
class FakeProvider:
    """What the provider says next: tests change it as they go."""

    issuer: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"}))
    subject: str = "p-1"
    claims: dict[str, Any] = field(default_factory=dict)  # of the token
    userinfo: dict[str, Any] = field(default_factory=dict)  # told at the other address only
    token: dict[str, Any] = field(default_factory=dict)  # members of the token that are not as they must be
    answer: dict[str, str | None] = field(default_factory=dict)  # of what the browser brings back
    description: dict[str, Any] = field(default_factory=dict)
    signing: ECKey | OctKey | None = None  # instead of its own
    algorithm: str = "ES256"
    status: int = 200
    delay: float = 0.0  # seconds
    asked: list[dict[str, str]] = field(default_factory=list)  # what browsers were sent with
    headers: list[str] = field(default_factory=list)  # by which our program showed who it is
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def reset(self, claims: dict[str, Any]) -> None:
        """Be as at first, with these claims of whoever signs in."""
        vars(self).update(vars(FakeProvider(self.issuer, self.key, claims=claims)))

    def describe(self) -> dict[str, Any]:
        base = self.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "userinfo_endpoint": f"{base}/userinfo",
            "end_session_endpoint": f"{base}/end",
            "authorization_response_iss_parameter_supported": True,
        } | self.description

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes back to: the person is always signed in there."""
        self.asked.append(query)
        code = f"code{len(self.asked)}"
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer} | self.answer
        return (
            query["redirect_uri"] + "?" + urlencode({name: value for name, value in back.items() if value is not None})
        )

    def tokens(self, form: dict[str, str], header: str) -> tuple[int, dict[str, Any]]:
        self.headers.append(header)
        if self.shown(form, header) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code", ""), None)  # each is good once
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        right = query and query["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not (query and right and query["redirect_uri"] == form["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a-1", "token_type": "Bearer", "id_token": self.id_token(query["nonce"])}

    def shown(self, form: dict[str, str], header: str) -> tuple[str, ...]:
        """Return name and secret of whoever asks, by the one way that this provider takes (RFC 6749, section 2.3.1)."""
        (way,) = self.describe().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if way == "client_secret_post":
            return form.get("client_id", ""), form.get("client_secret", "")
        own = base64.b64decode(header.removeprefix("Basic ")).decode()
        return tuple(unquote_plus(part) for part in own.split(":"))

    def id_token(self, nonce: str) -> str:
        moment = int(now().timestamp())
        whole = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": moment, "exp": moment + 300}
        whole |= {"auth_time": moment, "nonce": nonce, "sid": "s-1"} | self.claims | self.token
        return self.sign({name: value for name, value in whole.items() if value is not None})

    def sign(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        return jwt.encode({"alg": self.algorithm, "kid": "k1", "typ": kind}, claims, self.signing or self.key)

    def reply(self, path: str, form: dict[str, str], header: str) -> tuple[int, dict[str, Any]]:
        time.sleep(self.delay)
        if self.status != 200:
            return self.status, {}
        if path == "/token":
            return self.tokens(form, header)
        if path == "/userinfo":
            return (200, {"sub": self.subject} | self.userinfo) if header == "Bearer a-1" else (401, {})
        public = {"keys": [{"kty": "oct", "k": "AAAA"}, {"kty": "weird"}, self.key.as_dict(private=False)]}
        return 200, {"/.well-known/openid-configuration": self.describe(), "/keys": public}[path]


@contextmanager
def provider_running() -> Iterator[FakeProvider]:
    """Run a provider on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self.answer(_flat(self.rfile.read(length).decode()))

        def answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            header = self.headers.get("Authorization", "")
            status, content = fake.reply(parts.path, form, header)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output to what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake = FakeProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


FILE = """
[[provider]]
code = "tinh"
name = {{ vi = "Cổng đăng nhập tỉnh", en = "Provincial sign-on" }}
issuer = "{issuer}"
client_id = "hai-long"
client_secret_file = "tinh_secret"
second_factor = {{ amr = ["otp", "hwk"], acr = ["cao"] }}

[[provider.rights]]
claim = "groups"
value = "quan-tri"
role = "administrator"
agency = "H61"

[[provider.rights]]
claim = "groups"
value = "quan-ly"
role = "manager"
agency = "H61"

[[provider.rights]]
claim = "realm_access.roles"
value = "xem"
role = "viewer"
agency_claim = "unit"
"""


def configured(settings: Settings, issuer: str, more: str = "") -> Settings:
    """Return settings with a file of providers beside the secrets of the installation."""
    written(settings.instance, FILE.format(issuer=issuer) + more)
    return replace(settings, single_sign_on="providers.toml")


def written(folder: Path, content: str) -> Path:
    """Write a file of providers, and the secret that it names, for nobody else to read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in (("providers.toml", content), ("tinh_secret", f"{SECRET}\n")):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)
    return folder / "providers.toml"


def there(response: TestResponse) -> str:
    """Return where a page of ours leads on to."""
    match = ONWARD.search(response.text)
    assert match, response.text
    return unescape(match.group(1))


def way_back(fake: FakeProvider, response: TestResponse) -> str:
    """Go to the provider where a page of ours leads to, and return the address with which it sends the browser back."""
    back = urlsplit(fake.authorize(_flat(urlsplit(there(response)).query)))
    return f"{back.path}?{back.query}"


def begin(client: FlaskClient, after: str = "") -> TestResponse:
    """Press the button of the provider on the page of signing in."""
    return client.post("/staff/sign-in/with/tinh", data={"csrf_token": token_on(client), "next": after})


def sign_on(client: FlaskClient, fake: FakeProvider, after: str = "") -> TestResponse:
    """Sign in by the provider."""
    return client.get(way_back(fake, begin(client, after)))


def provider_of(fake: FakeProvider) -> Provider:
    """Return the provider as the file names it."""
    entry = tomllib.loads(FILE.format(issuer=fake.issuer))["provider"][0]
    del entry["client_secret_file"]
    return Provider.model_validate(entry | {"client_secret": SECRET})


def query_of(address: str) -> dict[str, str]:
    """Return what an address asks for."""
    return _flat(urlsplit(address).query)


def logout_token(fake: FakeProvider, kind: str = "logout+jwt", **more: Any) -> str:
    """Return what the provider sends when it has signed somebody out."""
    moment = int(now().timestamp())
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    claims = {"iss": fake.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 60, "jti": "j-1", "events": event}
    claims |= {"sub": "p-1"} | more
    return fake.sign({name: value for name, value in claims.items() if value is not None}, kind)
