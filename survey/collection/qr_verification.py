"""Is this QR code ours? An address, a code or a fingerprint read off a poster tells whose it is."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.placements import PATHS, SYMBOLS, address, by_code, fingerprint, fingerprints_before
from survey.errors import NotFound
from survey.models import Placement
from survey.security.base32 import corrected

LONGEST = 300
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_SITE = re.compile(r"/|\.[^\W\d]{2,}|\d:\d")  # what no code holds and every address does


class Authenticity(enum.StrEnum):
    """What holds of an address, code or fingerprint that somebody typed."""

    OURS = "ours"
    OFF = "off"  # ours, no longer in use
    ELSEWHERE = "elsewhere"  # an address on another site
    PERSONAL = "personal"  # an invitation's link on our site
    MISMATCH = "mismatch"  # the code is ours, the fingerprint is not the code's
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verification:
    """The answer, and the placement that it is about."""

    authenticity: Authenticity
    placement: Placement | None = None
    link: str = ""
    fingerprint: str = ""
    fingerprints_before: tuple[str, ...] = ()  # on posters that were printed under former keys


def verify(session: Session, secret: str, public_url: str, typed: str, beside: str = "") -> Verification:
    """Return whether an address, code or fingerprint is one of ours; `beside` is the fingerprint printed beside it."""
    typed = typed[:LONGEST].strip()
    code = typed
    if _SITE.search(typed):
        path = _path_here(public_url, typed)
        if path is None:
            return Verification(Authenticity.ELSEWHERE)
        kind, _slash, code = path.partition("/")
        kind = kind.lower()
        if kind == "r":
            return Verification(Authenticity.PERSONAL)
        if kind not in PATHS.values():
            return Verification(Authenticity.UNKNOWN)
        return _compare(session, secret, public_url, code, beside, kind)
    symbols = corrected(code)
    if len(symbols) == 2 * SYMBOLS and not beside:
        code, beside = symbols[:SYMBOLS], symbols[SYMBOLS:]
    return _compare(session, secret, public_url, code, beside)


def _path_here(public_url: str, typed: str) -> str | None:
    """Return the path of an address on our own site, or None if it leads elsewhere."""
    scheme, site = public_url.split("://", 1)
    with_scheme = _WITH_SCHEME.fullmatch(typed)
    if with_scheme and with_scheme[1].lower() != scheme.lower():
        return None
    rest = with_scheme[2] if with_scheme else typed
    if not f"{rest}/".lower().startswith(f"{site.lower()}/"):
        return None
    return re.split(r"[?#]", rest[len(site) :])[0].strip("/")


def _compare(
    session: Session, secret: str, public_url: str, code: str, beside: str = "", kind: str | None = None
) -> Verification:
    placement: Placement | None
    try:
        placement = by_code(session, code)
    except NotFound:
        placement = None if kind else _by_fingerprint(session, secret, public_url, code)
    if placement is None or (kind and PATHS[placement.channel] != kind):
        return Verification(Authenticity.UNKNOWN)
    link = address(public_url, placement.channel, placement.code)
    printed, before = fingerprint(secret, link), fingerprints_before(secret, link)
    if beside and corrected(beside) not in map(corrected, (printed, *before)):
        return Verification(Authenticity.MISMATCH, link=link)
    in_use = placement.enabled and not placement.test
    return Verification(Authenticity.OURS if in_use else Authenticity.OFF, placement, link, printed, before)


def _by_fingerprint(session: Session, secret: str, public_url: str, typed: str) -> Placement | None:
    wanted = corrected(typed)
    if len(wanted) != SYMBOLS:
        return None
    for id_, code, channel in session.execute(
        sa.select(Placement.id, Placement.code, Placement.channel).where(Placement.channel.in_(PATHS))
    ):
        link = address(public_url, channel, code)
        if wanted in map(corrected, (fingerprint(secret, link), *fingerprints_before(secret, link))):
            return session.get(Placement, id_)
    return None
