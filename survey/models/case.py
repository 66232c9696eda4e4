"""Finished cases from the portal's feed, and the invitations and placements by which people answer."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime
from survey.models.base import Base, Texts, key


class Respondent(enum.IntEnum):
    """Whose case it was."""

    CITIZEN = 1
    BUSINESS = 2


class Filing(enum.IntEnum):
    """How the case was filed, in the portal's own numbers."""

    IN_PERSON = 1
    ONLINE = 2
    POST = 3


class CaseOutcome(enum.IntEnum):
    """How the case ended."""

    GRANTED = 1
    REFUSED = 2
    GIVEN_UP = 3  # by the applicant


class Timeliness(enum.IntEnum):
    """Whether the case was finished by the day that was promised."""

    ON_TIME = 1
    LATE = 2


class Case(Base):
    """One finished dossier; its code is kept only as a keyed hash."""

    __tablename__ = "case"
    __table_args__ = (sa.Index("ix_case_agency_finished", "resolving_agency_id", "finished_day"),)

    id: Mapped[key]
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(16), unique=True)
    receiving_agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    resolving_agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    procedure_id: Mapped[int] = mapped_column(sa.ForeignKey("procedure.id"))
    respondent: Mapped[Respondent] = mapped_column(Code(Respondent))
    filing: Mapped[Filing | None] = mapped_column(Code(Filing))
    received_day: Mapped[dt.date | None] = mapped_column(LocalDay)
    due_day: Mapped[dt.date | None] = mapped_column(LocalDay)
    finished_day: Mapped[dt.date] = mapped_column(LocalDay)
    outcome: Mapped[CaseOutcome | None] = mapped_column(Code(CaseOutcome))


class Withdrawal(Base):
    """That the portal has withdrawn a case, and from when to when it has said so: at most one holds for a case.

    It stays when the case is given back: a closed period goes on showing what was withdrawn when it was closed.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (
        sa.Index(
            "uq_withdrawal_holding",
            "case_id",
            unique=True,
            postgresql_where=sa.text("restored_at IS NULL"),
            sqlite_where=sa.text("restored_at IS NULL"),
        ),
    )

    id: Mapped[key]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    withdrawn_on: Mapped[dt.date] = mapped_column(LocalDay)  # the portal's word
    recorded_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    restored_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class Invitation(Base):
    """A secret link bound to one case; only the hash of its token is kept.

    `used`: it was answered, and is closed for good; from then on its answer may be without a link to it.
    """

    __tablename__ = "invitation"

    id: Mapped[key]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    issued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changes: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")  # of its answer: an end is set
    used: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class Channel(enum.IntEnum):
    """By which way an answer came: reported apart, never silently mixed."""

    INVITATION = 1
    OPEN = 2
    KIOSK = 3
    PAPER = 4
    TELEPHONE = 5


INTERVIEWED = (Channel.PAPER, Channel.TELEPHONE)  # put in by an official, a sheet at a time or from a file


class Placement(Base):
    """An open QR code, link or kiosk for an agency, and perhaps one procedure or counter of it; or a pile of sheets.

    `test`: what is answered by it goes the whole way and never counts.
    """

    __tablename__ = "placement"

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    channel: Mapped[Channel] = mapped_column(Code(Channel))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    procedure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procedure.id"))
    label: Mapped[Texts | None]
    questionnaire: Mapped[str] = mapped_column(sa.String(40), default="short_online", server_default="short_online")
    test: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
