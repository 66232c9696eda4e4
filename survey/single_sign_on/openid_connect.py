"""OpenID Connect with one provider: the code flow with PKCE, state and nonce, and a token that is checked whole.

Every exchange has an end in time and size, and follows no redirect. What a provider says is taken from the addresses
that its own description names, and only if that description is of the very issuer that the operator has named.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from survey.db.turn import giving_way
from survey.delivery.http_request import Reply, request
from survey.errors import SignOnRefused
from survey.i18n import msgid, text
from survey.single_sign_on.claims import claim, claims_needed
from survey.single_sign_on.providers import Provider, encrypted

SECONDS = 8.0  # for each exchange
SLACK = 60  # seconds by which two clocks may differ
DESCRIPTION = "/.well-known/openid-configuration"
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
AWAY = msgid("%(provider)s does not answer at this moment. Please try again in a few minutes, or sign in another way.")
WRONG = msgid(
    "What %(provider)s has sent cannot be verified, so that nobody was signed in. Please try again; if it stays so, "
    "tell whoever looks after this installation."
)
STALE = msgid("This sign-in was used already, or took too long. Please begin again.")
DECLINED = msgid("%(provider)s has not signed you in. Please try again, or use another way.")
JSON = {"Accept": "application/json"}
FORM = JSON | {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Challenge:
    """What only this browser's attempt knows: the state, the nonce of the token, the verifier of the code (PKCE)."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Who somebody is at a provider, by a token that was checked; `claims` hold what the table of rights asks for."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    authenticated_at: dt.datetime | None
    provider_session: str


def new_challenge() -> Challenge:
    """Return a challenge that nobody can guess: 256 random bits each."""
    return Challenge(*(secrets.token_urlsafe(32) for _ in range(3)))


def describe(provider: Provider) -> Mapping[str, Any]:
    """Return the provider's own description of itself (OpenID Connect Discovery 1.0).

    Raises:
        SignOnRefused: it is away, or describes another issuer, or an address that is not encrypted.
    """
    description = _json(provider, "GET", provider.issuer.rstrip("/") + DESCRIPTION)
    if description.get("issuer") != provider.issuer:
        raise refusal(provider, "issuer")
    try:
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            encrypted(str(description.get(name, "")))
        for name in ("userinfo_endpoint", "end_session_endpoint"):
            encrypted(str(description.get(name) or provider.issuer))
    except ValueError as error:
        raise refusal(provider, "description") from error
    return description


def address(
    provider: Provider, description: Mapping[str, Any], challenge: Challenge, back: str, language: str, anew: bool
) -> str:
    """Return where to send somebody; `anew`: the provider is to ask for proof, whoever is signed in there already."""
    return str(
        prepare_grant_uri(
            description["authorization_endpoint"],
            provider.client_id,
            "code",
            redirect_uri=back,
            scope=" ".join(dict.fromkeys(["openid", *provider.scopes])),
            state=challenge.state,
            nonce=challenge.nonce,
            code_challenge=create_s256_code_challenge(challenge.verifier),
            code_challenge_method="S256",
            ui_locales=language,
            max_age=str(0 if anew else provider.hours * 3600),
            prompt="login" if anew else None,
            acr_values=" ".join(provider.second_factor.acr) or None,
        )
    )


def person(
    provider: Provider, challenge: Challenge, answer: Mapping[str, str], back: str, oldest: dt.datetime, at: dt.datetime
) -> Person:
    """Return who somebody is, by what their browser has brought back; who proved it before `oldest` must do so again.

    Raises:
        SignOnRefused: the provider refused, is away, or says anything that does not belong to this very attempt.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), challenge.state.encode()):
        raise SignOnRefused("state", STALE)
    description = describe(provider)
    promised = description.get("authorization_response_iss_parameter_supported") is True
    if answer.get("iss", "" if promised else provider.issuer) != provider.issuer:  # RFC 9207: another one answers
        raise refusal(provider, "iss")
    if not (code := answer.get("code", "")):
        raise SignOnRefused("declined", DECLINED, provider=text(provider.name))
    tokens = _tokens(provider, description, challenge, code, back)
    claims = _verified(provider, description, tokens, challenge, at)
    proved = _moment(claims.get("auth_time"))
    if proved is None or not oldest - dt.timedelta(seconds=SLACK) <= proved <= at + dt.timedelta(seconds=SLACK):
        raise refusal(provider, "auth_time")
    return Person(
        provider.issuer,
        str(claims["sub"]),
        _with_userinfo(provider, description, tokens, claims),
        min(proved, at),
        str(claims.get("sid", "")),
    )


def leaving(provider: Provider, back: str) -> str | None:
    """Return where somebody signs out at the provider, too; None if it has no such address, or is away."""
    try:
        end = describe(provider).get("end_session_endpoint")
    except SignOnRefused:
        return None
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
    return str(add_params_to_uri(end, list(query.items()))) if end else None


def refusal(provider: Provider, reason: str) -> SignOnRefused:
    """Return the refusal of what a provider has sent."""
    return SignOnRefused(reason, WRONG, provider=text(provider.name))


def signed_by(provider: Provider, description: Mapping[str, Any], token: str) -> jwt.Token:
    """Return a token that one of the provider's own keys has signed, by an algorithm with a private key.

    Raises:
        SignOnRefused: it is none of the provider's.
    """
    try:
        return jwt.decode(token, _keys(provider, description), algorithms=list(SIGNED_BY))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refusal(provider, "signature") from error


def _verified(
    provider: Provider, description: Mapping[str, Any], tokens: Mapping[str, Any], challenge: Challenge, at: dt.datetime
) -> Mapping[str, Any]:
    token = signed_by(provider, description, str(tokens.get("id_token", "")))
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }
    params = {"nonce": challenge.nonce, "client_id": provider.client_id, "access_token": tokens.get("access_token")}
    claims = CodeIDToken(token.claims, token.header, options, params)
    try:
        claims.validate(now=int(at.timestamp()), leeway=SLACK)
        if not 0 < len(str(claims["sub"])) <= 255:
            raise ValueError("subject")
    except (JoseError, ValueError, TypeError) as error:
        raise refusal(provider, "token") from error
    return dict(claims)


def _moment(seconds: float | None) -> dt.datetime | None:
    """Return a time that a provider tells; None if it tells none, or one of no year.

    >>> _moment(0), _moment(None), _moment(1e18)
    (datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None, None)
    """
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds is not None else None
    except (OSError, OverflowError, ValueError):
        return None


def _with_userinfo(
    provider: Provider, description: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the claims, with those that the provider tells at another address only; the signed ones hold."""
    asked = description.get("userinfo_endpoint")
    missing = [one for one in claims_needed(provider) if not claim(claims, one)]
    if not (asked and missing and tokens.get("access_token")):
        return claims
    more = _json(provider, "GET", asked, JSON | {"Authorization": f"Bearer {tokens['access_token']}"})
    if more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
        raise refusal(provider, "userinfo")
    return {**more, **claims}


def _tokens(
    provider: Provider, description: Mapping[str, Any], challenge: Challenge, code: str, back: str
) -> Mapping[str, Any]:
    methods = description.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    way = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    body = prepare_token_request("authorization_code", redirect_uri=back, code=code, code_verifier=challenge.verifier)
    own = (provider.client_id, provider.client_secret)
    if way == "client_secret_basic":  # as in a form, which the library leaves to its caller: RFC 6749, section 2.3.1
        own = (quote_plus(own[0]), quote_plus(own[1]))
    where, headers, body = ClientAuth(*own, way).prepare("POST", description["token_endpoint"], dict(FORM), body)
    return _json(provider, "POST", where, headers, str(body))


def _keys(provider: Provider, description: Mapping[str, Any]) -> KeySet:
    """Return the provider's keys of today; kinds that nobody here knows are left out."""
    keys = []
    for one in _json(provider, "GET", str(description["jwks_uri"])).get("keys", []):
        try:
            if one.get("use", "sig") == "sig" and one.get("kty") in ("RSA", "EC", "OKP"):
                keys.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, TypeError, AttributeError):
            continue
    return KeySet(keys)


def _json(
    provider: Provider, method: str, url: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> Mapping[str, Any]:
    with giving_way():
        reply = request(method, url, headers or JSON, body.encode(), SECONDS, reads=True)
    if not isinstance(reply, Reply) or reply.status >= 500:
        raise SignOnRefused("away", AWAY, provider=text(provider.name))
    try:
        answer = json.loads(reply.body) if reply.status == 200 else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise refusal(provider, f"status {reply.status}")
    return answer
