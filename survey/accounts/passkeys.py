"""Passkeys (WebAuthn, level 3): a device keeps a key for this site alone and signs with it once it knows its person.

The device must have verified the person (by finger, face or PIN), so that a passkey is two factors in one. It signs a
challenge of ours, which names the browser or account it was given to, ends after some minutes, and is good for one try.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from survey.accounts import sessions, sign_in_limits
from survey.accounts.sessions import SignedIn
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict, NotFound, SignInRefused
from survey.models import Passkey, Staff
from survey.security.tokens import issued_at, new_token, sign

OWNER = "Hài Lòng"
PURPOSE = "passkey"
LASTS = dt.timedelta(minutes=15)  # a challenge, as long as an official's page may rest
NAME, MOST = 80, 10  # characters of a name; passkeys of one account
LONGEST = 20_000  # characters of what a browser sends


@dataclass(frozen=True)
class Site:
    """What passkeys belong to: the name of the installation's machine, and the origins of its own pages."""

    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """What a browser sends of a passkey, as JSON; to which of our pages, and what tells this browser from others."""

    sent: str
    site: Site
    browser: str


def site_of(public_url: str, origins: Collection[str]) -> Site | None:
    """Return the site of passkeys; None where browsers know none: at a numeric address, or without https.

    >>> site_of("https://khaosat.example.vn", ["https://khaosat.example.vn"]).name
    'khaosat.example.vn'
    >>> site_of("http://127.0.0.1:8000", []), site_of("http://khaosat.example.vn", [])
    (None, None)
    """
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    if parts.scheme != "https" and name != "localhost":
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return Site(name, tuple(sorted(origins)))
    return None


def of_account(session: Session, staff_id: int) -> list[Passkey]:
    """Return an account's passkeys, oldest first."""
    return list(session.scalars(sa.select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)))


def to_add(secret: str, site: Site, who: SignedIn, held: Collection[Passkey], at: dt.datetime) -> str:
    """Return what a browser is to be asked for a new passkey of an account, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=OWNER,
        user_id=who.staff_id.to_bytes(8, "big"),
        user_name=who.login,
        user_display_name=who.name or who.login,
        challenge=_challenge(secret, "add", str(who.staff_id), at),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in held],
    )
    return webauthn.options_to_json(options)


def to_show(secret: str, site: Site, held: Collection[Passkey], browser: str, at: dt.datetime) -> str:
    """Return what a browser is to be asked to show a passkey, as JSON: one of those `held`, or any of this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        challenge=_challenge(secret, "show", browser, at),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(database: Database, secret: str, who: SignedIn, signed: Signed, name: str, at: dt.datetime) -> None:
    """Keep a new passkey of somebody, on record; their other sessions end.

    Raises:
        Conflict: there are too many, or it is kept already.
        SignInRefused: it cannot be verified, or the page was open for too long.
    """
    challenge = _use_challenge(database, secret, "add", signed.sent, str(who.staff_id), at)
    try:
        verified = webauthn.verify_registration_response(
            credential=signed.sent,
            expected_challenge=challenge,
            expected_rp_id=signed.site.name,
            expected_origin=list(signed.site.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise _refusal() from error
    with database.session(writes=True) as session:
        held = of_account(session, who.staff_id)
        kept = session.scalar(sa.select(Passkey.id).where(Passkey.credential_id == verified.credential_id))
        if kept is not None or len(held) >= MOST:
            raise Conflict(
                "This passkey is kept already, or there are %(most)s of them. Please remove one first.", most=MOST
            )
        session.add(
            Passkey(
                staff_id=who.staff_id,
                credential_id=verified.credential_id,
                public_key=verified.credential_public_key,
                uses=verified.sign_count,
                name=name,
                added_at=at,
            )
        )
        sessions.revoke_all(session, who.staff_id, keep=who.id_hash)
        trail.append(session, who.staff_id, Act.FACTOR_ADDED, at, kind="passkey")
        session.commit()


def use(database: Database, secret: str, signed: Signed, at: dt.datetime) -> bytes:
    """Return the challenge of what a browser shows, which by this is used: another try needs another page.

    Raises:
        SignInRefused: it is none of ours for this browser, too old, or used.
    """
    return _use_challenge(database, secret, "show", signed.sent, signed.browser, at)


def holder(session: Session, signed: Signed, challenge: bytes, at: dt.datetime) -> Staff | None:
    """Return whose passkey has signed, and count that it was used; None if it is unknown or wrong."""
    try:
        name = base64url_to_bytes(parse_authentication_credential_json(signed.sent).id)
        held = session.scalars(sa.select(Passkey).where(Passkey.credential_id == name).with_for_update()).one_or_none()
        if held is None:
            return None
        verified = webauthn.verify_authentication_response(
            credential=signed.sent,
            expected_challenge=challenge,
            expected_rp_id=signed.site.name,
            expected_origin=list(signed.site.origins),
            credential_public_key=held.public_key,
            credential_current_sign_count=held.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    held.uses, held.used_at = verified.new_sign_count, at
    account = session.get_one(Staff, held.staff_id)
    return account if account.enabled else None


def remove(session: Session, staff_id: int, number: int) -> None:
    """Take one passkey of an account away.

    Raises:
        NotFound: the account has no such passkey.
    """
    gone = sa.delete(Passkey).where(Passkey.id == number, Passkey.staff_id == staff_id).returning(Passkey.id)
    if session.scalar(gone) is None:
        raise NotFound("There is no such passkey.")


def _challenge(secret: str, kind: str, bound: str, at: dt.datetime) -> bytes:
    random = new_token()
    return f"{random}.{sign(secret, PURPOSE, kind, bound, random, at=at.timestamp())}".encode()


def _use_challenge(database: Database, secret: str, kind: str, sent: str, bound: str, at: dt.datetime) -> bytes:
    challenge = _challenge_in(sent)
    random, _, proof = challenge.decode("ascii", "replace").partition(".")
    try:
        issued = issued_at(secret, PURPOSE, proof, kind, bound, random)
    except ValueError:
        issued = None
    if issued is None or not 0 <= at.timestamp() - issued < LASTS.total_seconds():
        raise SignInRefused("This page was open for too long. Please try the passkey again.")
    with database.session(writes=True) as session:
        sign_in_limits.count(session, sign_in_limits.once(secret, random, LASTS), at)
        session.commit()
    return challenge


def _challenge_in(sent: str) -> bytes:
    """Return the challenge that a browser says its passkey has signed.

    Raises:
        SignInRefused: it sends none.
    """
    try:
        if len(sent) > LONGEST:
            raise ValueError("too long")
        data = json.loads(sent)["response"]["clientDataJSON"]
        return parse_client_data_json(base64url_to_bytes(data)).challenge
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal() from error


def _refusal() -> SignInRefused:
    return SignInRefused("This passkey could not be verified. Please try again, or use another way.")
