"""Placements: make, list and switch them; their codes, addresses and fingerprints.

A fingerprint is a keyed hash of the whole address, so nobody outside can make one for a code or a site of his own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import NotFound
from survey.i18n import nfc
from survey.models import Channel, Placement, Texts
from survey.organisation.dated_tree import Tree
from survey.questionnaires import SHORT
from survey.security import base32
from survey.security.tokens import formerly_keyed, keyed

SYMBOLS = 8  # of five random bits each
FINGERPRINT = 5  # bytes: as many letters as a code has
PATHS = {Channel.OPEN: "q", Channel.KIOSK: "k"}
_WITH_ADDRESS = Placement.channel.in_(PATHS)  # piles of sheets have none
RESULT_LETTER = {"vi": "Giấy trả kết quả", "en": "Result letter"}


def new_code() -> str:
    """Return a new code: 40 random bits in eight letters and digits that cannot be misread."""
    return base32.random_code(SYMBOLS)


def shown(code: str) -> str:
    """Return a code as it is printed, in groups of four.

    >>> shown("7K2M9QXA")
    '7K2M 9QXA'
    """
    return base32.grouped(code, " ")


def readings(typed: str) -> list[str]:
    """Return the codes that somebody may have meant, forgiving case, gaps and the letters that look like digits.

    >>> readings("7k2m 9oxa")
    ['7K2M9OXA', '7K2M90XA']
    """
    forms = (typed.strip().upper(), base32.compact(typed), base32.corrected(typed))
    return list(dict.fromkeys(form for form in forms if " " not in form))


def address(public_url: str, channel: Channel, code: str) -> str:
    """Return the address that a placement's QR code holds and its poster prints.

    >>> address("https://a.vn", Channel.KIOSK, "7K2M9QXA")
    'https://a.vn/k/7K2M9QXA'
    """
    return f"{public_url}/{PATHS[channel]}/{code}"


def fingerprint(secret: str, link: str) -> str:
    """Return the fingerprint that stands beside a link in print: 40 bits keyed by this installation's secret.

    >>> fingerprint("s" * 32, "https://a.vn/q/7K2M9QXA") == fingerprint("s" * 32, "https://b.vn/q/7K2M9QXA")
    False
    """
    return base32.grouped(base32.encode(keyed(secret, "placement fingerprint", link)[:FINGERPRINT]))


def fingerprints_before(secret: str, link: str) -> tuple[str, ...]:
    """Return the fingerprints beside a link on posters that were printed under former keys."""
    hashes = formerly_keyed(secret, "placement fingerprint", link)
    return tuple(base32.grouped(base32.encode(whole[:FINGERPRINT])) for whole in hashes)


def make(
    session: Session,
    agency_id: int,
    channel: Channel,
    when: dt.datetime,
    *,
    procedure_id: int | None = None,
    label: Texts | None = None,
    questionnaire: str = SHORT,
    test: bool = False,
    staff_id: int | None = None,
) -> Placement:
    """Add one placement and record who did it; a kiosk stays off until somebody switches it on.

    `test`: it is for trying the survey out, and what is answered by it never counts.
    """
    placement = Placement(
        code=new_code(),
        channel=channel,
        agency_id=agency_id,
        procedure_id=procedure_id,
        label=label,
        questionnaire=questionnaire,
        test=test,
        enabled=channel == Channel.OPEN,
        created_at=when,
    )
    session.add(placement)
    session.flush()
    trail.append(session, staff_id, Act.PLACEMENT_ADDED, when, placement=placement.id)
    return placement


def of_test(placement_id: sa.SQLColumnExpression[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that an answer with this placement came by a test link, and so never counts."""
    return sa.exists().where(Placement.id == placement_id, Placement.test)


def listed(session: Session, agency_ids: Sequence[int]) -> list[Placement]:
    """Return the placements of these agencies in their order, the oldest of each first."""
    return _in_order(session, _WITH_ADDRESS, agency_ids)


def in_use(session: Session, channel: Channel, agency_ids: Sequence[int], most: int | None = None) -> list[Placement]:
    """Return those of a channel that are switched on, in the same order: all but test links, or the first so many."""
    wanted = sa.and_(Placement.enabled, Placement.channel == channel, sa.not_(Placement.test))
    return _in_order(session, wanted, agency_ids)[:most]


def asking(session: Session, questionnaire: str) -> dict[Channel, int]:
    """Return by channel how many placements in use ask a questionnaire once it is published, test links apart."""
    row = Placement
    here = questionnaires.at_kiosks({*questionnaires.all_asked_now(session), questionnaire}) == questionnaire
    asks = sa.case((row.channel == Channel.KIOSK, sa.literal(here)), else_=row.questionnaire == questionnaire)
    wanted = sa.and_(row.enabled, asks, sa.not_(row.test))
    query = sa.select(row.channel, sa.func.count()).where(wanted).group_by(row.channel)
    return {row[0]: row[1] for row in session.execute(query)}


def _in_order(session: Session, wanted: sa.ColumnElement[bool], agency_ids: Sequence[int]) -> list[Placement]:
    order = {agency_id: i for i, agency_id in enumerate(agency_ids)}
    query = sa.select(Placement).where(Placement.agency_id.in_(order), wanted).order_by(Placement.id)
    return sorted(session.scalars(query), key=lambda placement: order[placement.agency_id])


def lacking(session: Session, tree: Tree, agency_ids: Collection[int]) -> list[int]:
    """Return which of these agencies have no open placement in use, neither their own nor one that they took over."""
    having = sa.select(Placement.agency_id).where(
        Placement.channel == Channel.OPEN, Placement.enabled, sa.not_(Placement.test)
    )
    held = {tree.shown_in.get(agency_id, agency_id) for agency_id in session.scalars(having)}
    return [agency_id for agency_id in agency_ids if agency_id not in held]


def by_code(session: Session, typed: str) -> Placement:
    """Return the placement with this code, in use or not.

    Raises:
        NotFound: there is none.
    """
    typed = nfc(typed)[:40]
    candidates = list(session.scalars(sa.select(Placement).where(Placement.code.in_(readings(typed)), _WITH_ADDRESS)))
    if not candidates:
        raise NotFound("There is no QR code %(code)s.", code=typed)
    return min(candidates, key=lambda placement: placement.code != typed.upper())


def switch(session: Session, placement: Placement, on: bool, when: dt.datetime, staff_id: int | None = None) -> bool:
    """Switch a placement on or off and record who did it; say whether that changed anything."""
    if placement.enabled == on:
        return False
    placement.enabled = on
    trail.append(
        session, staff_id, Act.PLACEMENT_SWITCHED_ON if on else Act.PLACEMENT_SWITCHED_OFF, when, placement=placement.id
    )
    return True
