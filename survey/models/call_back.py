"""Call-backs: which sample is called and how far it has come, whom it holds until they were called, numbers to call."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime
from survey.models.base import Base, RowNumber, key
from survey.models.ledger import LEDGER_HASH


class CallBackStage(enum.IntEnum):
    """How far a call-back has come: each stage follows the one before, and none is taken back."""

    PLANNED = 1  # numbers of cases of its period are kept from now on
    SEALED = 2  # the design and the frame are committed to; nobody knows yet who will be drawn
    DRAWN = 3  # by a checkpoint that was signed afterwards; people are called
    FINISHED = 4  # counted, and nothing is left that tells who was called


class CallBackStratum(enum.IntEnum):
    """Which cases a sample is of: those without an answer that counts when the frame was made, and those with one."""

    SILENT = 1
    ANSWERED = 2


class CallOutcome(enum.IntEnum):
    """How a call ended; what each means and its code by AAPOR stand in `survey.callbacks.outcomes`."""

    COMPLETE = 1
    PARTIAL = 2
    REFUSAL = 3
    NO_CONTACT = 4
    CALL_LATER = 5
    UNABLE = 6
    LANGUAGE = 7
    WRONG_NUMBER = 8
    NO_NUMBER = 9
    ENDED = 10  # the call-back was over before the person was reached


class CallBackDesign(Base):
    """One call-back of the whole province for one period.

    `frame` holds the blinded names of all cases, the silent first, each stratum sorted; `salt` blinds them. Both are
    there only while people are called. `nonce` opens for good what the ledger does not tell. `least_entry`: no entry
    with a lower number can be that of the design. `seed_note` is the checkpoint from which the seed came.
    """

    __tablename__ = "call_back"
    __table_args__ = (
        sa.UniqueConstraint("period_code", "period_basis"),
        sa.CheckConstraint("(frame IS NULL) = (salt IS NULL)", name="blinded"),
        sa.CheckConstraint("stage IN (2, 3) OR frame IS NULL", name="erased"),
        sa.CheckConstraint("(stage >= 3) = (seed_size IS NOT NULL)", name="drawn"),
        sa.CheckConstraint("(stage = 4) = (finished_at IS NOT NULL)", name="finished"),
    )

    id: Mapped[key]
    period_code: Mapped[str] = mapped_column(sa.String(20))
    period_basis: Mapped[str] = mapped_column(sa.String(16))
    first: Mapped[dt.date] = mapped_column(LocalDay)
    last: Mapped[dt.date] = mapped_column(LocalDay)
    stage: Mapped[CallBackStage] = mapped_column(Code(CallBackStage))
    silent_calls: Mapped[int]
    answered_calls: Mapped[int]
    tries: Mapped[int] = mapped_column(sa.SmallInteger)
    planned_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    planned_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    sealed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    sealed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    population: Mapped[int | None]
    answered: Mapped[int | None]
    satisfied: Mapped[int | None]
    nonce: Mapped[bytes | None] = mapped_column(sa.LargeBinary(LEDGER_HASH))
    salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary(LEDGER_HASH))
    frame: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    about: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # what the ledger says of it
    least_entry: Mapped[int | None] = mapped_column(RowNumber)
    drawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    seed_size: Mapped[int | None] = mapped_column(RowNumber)
    seed_note: Mapped[str | None] = mapped_column(sa.Text)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    results: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class CallBackNumber(Base):
    """The telephone number to call about one case, sealed: until the draw passes it over, or the call has ended."""

    __tablename__ = "call_back_number"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    language: Mapped[str | None] = mapped_column(sa.String(8))
    kept_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class CallBackCase(Base):
    """One case that was drawn: its place in the frame, and what its person said once somebody has called.

    `case_id` is there until the call-back is finished. Of whoever was silent `rating` is the answer to the overall
    question; of whoever had answered nothing is asked that would tell the answer, only `herself` and `freely`: None is
    no answer. `held_by` has the person on the screen until `held_until`; `last_key` is the key of the form that was
    taken last.
    """

    __tablename__ = "call_back_case"
    __table_args__ = (
        sa.UniqueConstraint("call_back_id", "stratum", "turn"),
        sa.CheckConstraint("rating IS NULL OR (rating BETWEEN 1 AND 5 AND stratum = 1)", name="rating"),
        sa.CheckConstraint("stratum = 2 OR (herself IS NULL AND freely IS NULL)", name="own"),
    )

    id: Mapped[key]
    call_back_id: Mapped[int] = mapped_column(sa.ForeignKey("call_back.id"))
    stratum: Mapped[CallBackStratum] = mapped_column(Code(CallBackStratum))
    turn: Mapped[int]
    position: Mapped[int]
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    outcome: Mapped[CallOutcome | None] = mapped_column(Code(CallOutcome))
    rating: Mapped[int | None] = mapped_column(sa.SmallInteger)
    herself: Mapped[bool | None]
    freely: Mapped[bool | None]
    tries: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")
    last_try_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    held_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    held_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    last_key: Mapped[str | None] = mapped_column(sa.String(32))


class CallBackTry(Base):
    """One try to reach a person who was drawn: when, by whom, and how it ended."""

    __tablename__ = "call_back_try"

    call_back_case_id: Mapped[int] = mapped_column(sa.ForeignKey("call_back_case.id"), primary_key=True)
    number: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    outcome: Mapped[CallOutcome] = mapped_column(Code(CallOutcome))
