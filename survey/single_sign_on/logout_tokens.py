"""What a provider sends by itself when it has signed somebody out (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from survey.accounts import sign_in_limits
from survey.db.engine import Database
from survey.errors import TooManyTries
from survey.single_sign_on.openid_connect import SLACK, describe, refusal, signed_by
from survey.single_sign_on.providers import Provider

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
LASTS = dt.timedelta(minutes=2)  # for which one is good, as the standard recommends
LONGEST = 8_000  # characters


@dataclass(frozen=True)
class SignedOut:
    """Whom a provider has signed out: a person, one session of its own, or that session of that person."""

    subject: str
    provider_session: str


def read(database: Database, secret: str, provider: Provider, token: str, at: dt.datetime) -> SignedOut:
    """Return whom a token signs out; each is good once.

    A token for signing in is none, whoever has signed it: it is of another type, and names another event.

    Raises:
        SignOnRefused: it is not the provider's, not for us, of another kind, too old, or was sent before.
    """
    signed = signed_by(provider, describe(provider), token[:LONGEST])
    claims = signed.claims
    registry = JWTClaimsRegistry(
        int(at.timestamp()),
        SLACK,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    )
    try:
        registry.validate(claims)
        subject, named = str(claims.get("sub", "")), str(claims.get("sid", ""))
        events = claims["events"]
        age = at.timestamp() - float(claims["iat"])
        sound = isinstance(events, dict) and EVENT in events and "nonce" not in claims and bool(subject or named)
        if signed.header.get("typ") != TYPE or not sound or age > LASTS.total_seconds():
            raise ValueError("no logout token")
        with database.session(writes=True) as session:
            used = sign_in_limits.once(secret, f"{provider.code} {claims['jti']}", LASTS + dt.timedelta(minutes=2))
            sign_in_limits.count(session, used, at)
            session.commit()
    except (JoseError, ValueError, TypeError, TooManyTries) as error:
        raise refusal(provider, "logout") from error
    return SignedOut(subject, named)
