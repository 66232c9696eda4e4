"""Issue and find invitations; find placements. Nobody chooses who is invited: every finished case is."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection.placements import readings
from survey.collection.withdrawn_cases import withdrawn
from survey.db.engine import Lock, exclusively
from survey.db.slices import rows_in
from survey.db.types import UTCDateTime
from survey.errors import CaseWithdrawn, Expired, NotFound
from survey.i18n import msgid
from survey.models import Case, CaseOutcome, Channel, Invitation, Placement, Respondent, Response, Timeliness
from survey.periods import local_day
from survey.security.tokens import TOKEN, new_token, token_hash

BATCH = 5000
CODE = re.compile(r"[A-Za-z0-9-]{1,16}")
_CLOSED = msgid(
    "You have already answered. The answer counts, and the time to change it has passed: there is nothing more that "
    "you need to do. Thank you very much."
)
_TOO_LATE = msgid(
    "The time to answer ended on %(day)s. If there is something that the agency should know, please tell it where your "
    "case was handled. Thank you for your interest."
)
_WITHDRAWN = msgid(
    "This case has been withdrawn. There is nothing to rate about it any more, and nothing that you need to do. Thank "
    "you very much."
)
_WITHDRAWN_ANSWERED = msgid(
    "This case has been withdrawn. The answer that you gave before is kept, and it counts. There is nothing more that "
    "you need to do. Thank you very much."
)


@dataclass(frozen=True)
class AnswerSource:
    """Where an answer comes from, and whom it is about."""

    channel: Channel
    agency_id: int
    procedure_id: int | None
    respondent: Respondent | None = None
    invitation_id: int | None = None
    placement_id: int | None = None
    outcome: CaseOutcome | None = None
    timeliness: Timeliness | None = None
    questionnaire: str | None = None  # the code of what is asked there; None: what invitations ask
    test: bool = False  # what is answered there never counts
    expires_at: dt.datetime | None = None  # of an invitation: until then its answer can be given and changed
    answered_on: dt.date | None = None  # of an invitation: the day of the answer that counts, if there is one


def address(public_url: str, token: str, language: str | None = None) -> str:
    """Return the link of an invitation, which opens in a language if one is asked for.

    >>> address("https://a.vn", "abc", "en")
    'https://a.vn/r/abc?lang=en'
    """
    return f"{public_url}/r/{token}" + (f"?lang={language}" if language else "")


def issue(session: Session, case_ids: Sequence[int], when: dt.datetime, days: int) -> dict[int, str]:
    """Issue one invitation for each case and return case id -> token; the tokens are stored nowhere."""
    tokens = {case_id: new_token() for case_id in case_ids}
    rows = [
        {
            "case_id": case_id,
            "token_hash": token_hash(token),
            "issued_at": when,
            "expires_at": when + dt.timedelta(days=days),
        }
        for case_id, token in tokens.items()
    ]
    if rows:
        session.execute(sa.insert(Invitation), rows)
    return tokens


def issue_due(session: Session, codes: Iterable[bytes], when: dt.datetime, days: int) -> dict[bytes, str]:
    """Issue an invitation for every finished case of these hashed codes that has none, on record; code -> token.

    Nobody is invited to rate a withdrawn case.

    Tokens are not stored: the caller must keep each one, so invitations are issued only for the cases it names. They
    come in a random order.
    """
    exclusively(session, Lock.FEED)
    due = sa.select(Case.id, Case.code_hash).outerjoin(Invitation)
    due = due.where(Invitation.id.is_(None), sa.not_(withdrawn(Case.id)))
    waiting = {row.id: row.code_hash for row in rows_in(session, due, Case.code_hash, codes)}
    # So that neither the numbers of invitations nor those of their messages tell in which order cases were finished.
    mixed, tokens = random.SystemRandom().sample(list(waiting), len(waiting)), dict[int, str]()
    for start in range(0, len(mixed), BATCH):
        tokens |= issue(session, mixed[start : start + BATCH], when, days)
    if tokens:
        trail.append(session, None, Act.INVITATIONS_ISSUED, when, number=len(tokens))
    return {waiting[key]: token for key, token in tokens.items()}


def renew(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Give invitations new tokens and return id -> token: their links of before end with the old ones."""
    tokens = {number: new_token() for number in ids}
    for number, token in tokens.items():
        session.execute(sa.update(Invitation).where(Invitation.id == number).values(token_hash=token_hash(token)))
    return tokens


# Tables, not entities: this is asked for every page, and the mapper's part of it would cost more than the search.
_I, _C, _P = Invitation.__table__.c, Case.__table__.c, Placement.__table__.c
_R = Response.__table__.c
_OF_LINK = sa.and_(_R.invitation_id == _I.id, _R.counted)
_INVITATION = (
    sa.select(
        *(_I.id, _I.expires_at, _I.used, _C.resolving_agency_id, _C.procedure_id, _C.respondent),
        *(_C.outcome, _C.due_day, _C.finished_day),
        withdrawn(_C.id, sa.bindparam("when", type_=UTCDateTime)).label("withdrawn"),
        sa.select(_R.day).where(_OF_LINK).scalar_subquery().label("answered_on"),
    )
    .join_from(Invitation.__table__, Case.__table__, _C.id == _I.case_id)
    .where(_I.token_hash == sa.bindparam("token_hash"))
)
# Whoever answers holds the case until the answer is there: a correction of it waits, and takes the answer with it.
_HELD = _INVITATION.with_for_update(read=True, of=Case.__table__)
_ANSWERED = sa.select(_I.id).where(_I.id == sa.bindparam("invitation_id"), sa.or_(_I.used, sa.exists().where(_OF_LINK)))


def find(connection: sa.Connection, token: str, when: dt.datetime) -> AnswerSource:
    """Return what an invitation's token stands for.

    Raises:
        NotFound: no such token.
        CaseWithdrawn: its case had been withdrawn by then.
        Expired: its answer window has closed.
    """
    row = None
    if TOKEN.fullmatch(token):
        statement = _HELD if connection.get_execution_options().get("writes") else _INVITATION
        row = connection.execute(statement, {"token_hash": token_hash(token), "when": when}).first()
    if row is None:
        raise NotFound("This link is not valid. Please open it again from the message that you received.")
    if row.withdrawn:
        raise CaseWithdrawn(_WITHDRAWN_ANSWERED if answered(connection, row.id) else _WITHDRAWN)
    if row.used or when >= row.expires_at:
        if answered(connection, row.id):
            raise Expired(_CLOSED)
        raise Expired(_TOO_LATE, day=local_day(row.expires_at))
    return AnswerSource(
        channel=Channel.INVITATION,
        agency_id=row.resolving_agency_id,
        procedure_id=row.procedure_id,
        respondent=row.respondent,
        invitation_id=row.id,
        outcome=row.outcome,
        timeliness=timeliness(row.due_day, row.finished_day),
        expires_at=row.expires_at,
        answered_on=row.answered_on,
    )


def timeliness(due: dt.date | None, finished: dt.date) -> Timeliness | None:
    """Return whether a case was finished by its due day; None where no day was promised."""
    if due is None:
        return None
    return Timeliness.LATE if finished > due else Timeliness.ON_TIME


def answered(connection: sa.Connection, invitation_id: int) -> bool:
    """Return whether an invitation has been answered."""
    return connection.execute(_ANSWERED, {"invitation_id": invitation_id}).first() is not None


_PLACEMENT = sa.select(_P.id, _P.channel, _P.agency_id, _P.procedure_id, _P.questionnaire, _P.test).where(
    _P.code == sa.bindparam("code"), _P.enabled
)


def place(connection: sa.Connection, code: str, channel: Channel = Channel.OPEN) -> AnswerSource:
    """Return what the code of an open QR, link or kiosk stands for.

    Raises:
        NotFound: no such code, or it is switched off.
    """
    rows = (connection.execute(_PLACEMENT, {"code": one}).first() for one in readings(code) if CODE.fullmatch(code))
    row = next((row for row in rows if row is not None), None)
    if row is None or row.channel != channel:
        raise NotFound("This code is not in use. Please check the address, or ask at the desk for the code of today.")
    asked = {"questionnaire": row.questionnaire, "test": row.test}
    return AnswerSource(channel, row.agency_id, row.procedure_id, placement_id=row.id, **asked)
