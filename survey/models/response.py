"""Responses: one wide row per sheet, the comment apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, RowNumber, key
from survey.models.case import CaseOutcome, Channel, Respondent, Timeliness
from survey.models.ledger import LEDGER_HASH
from survey.models.privacy_notice import PRIVACY_HASH

SLOTS = tuple(f"r{i}" for i in range(1, 25))
NO_OPINION = 9


class Response(Base):
    """One sheet. Ratings are 1 to 5, 9 is "no opinion", nothing is "not answered".

    `receipt` is derived from the page's idempotency key, so its uniqueness is what makes a repeat harmless.
    `counted` is true for the last answer of an invitation or page; an earlier one stays with `counted` false, and so
    does one that is excluded, or came by a test link.
    `privacy_notice` is the hash of what its page said about data, if that was shown and is told.
    Once the link to its invitation is cut, an answer by invitation names none; its number and day are then those of
    another answer of the same half of a month, and its time says nothing; in the ledger, too, it has another entry.
    """

    __tablename__ = "response"
    __table_args__ = (
        sa.Index(
            "ix_response_counted",  # all that a count of overall ratings reads, so that the rows are left alone
            "agency_id",
            "day",
            "channel",
            "overall",
            postgresql_where=sa.text("counted"),
            sqlite_where=sa.text("counted = 1"),
        ),
        sa.Index(
            "uq_response_counted_invitation",
            "invitation_id",
            unique=True,
            postgresql_where=sa.text("counted AND invitation_id IS NOT NULL"),
            sqlite_where=sa.text(
                "counted = 1 AND invitation_id IS NOT NULL"
            ),  # as queries write it, or it is not used,
        ),
        sa.Index(
            "ix_response_supersedes",
            "supersedes_id",
            postgresql_where=sa.text("supersedes_id IS NOT NULL"),
            sqlite_where=sa.text("supersedes_id IS NOT NULL"),
        ),
        sa.CheckConstraint("overall BETWEEN 1 AND 5", name="overall"),
        sa.Index(
            "ix_response_linked",  # few: the links of past months are cut
            "day",
            postgresql_where=sa.text("invitation_id IS NOT NULL"),
            sqlite_where=sa.text("invitation_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_response_unnumbered",  # few: what came since the ledger was last sealed
            "id",
            postgresql_where=sa.text("entry IS NULL"),
            sqlite_where=sa.text("entry IS NULL"),
        ),
        sa.Index(
            "ix_response_commented",  # few: what has a comment, and what came since the ledger was last sealed
            "agency_id",
            "day",
            postgresql_where=sa.text("comment_marks IS NOT NULL OR entry IS NULL"),
            sqlite_where=sa.text("comment_marks IS NOT NULL OR entry IS NULL"),
        ),
        sa.CheckConstraint("channel = 1 OR invitation_id IS NULL", name="channel"),
        sa.CheckConstraint("(channel = 1) = (placement_id IS NULL)", name="placement"),
    )

    id: Mapped[key]
    receipt: Mapped[bytes] = mapped_column(sa.LargeBinary(10), unique=True)
    submitted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"))
    placement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("placement.id"))
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("response.id"))
    amends: Mapped[bool] = mapped_column(server_default=sa.false())  # it adds to the one that it supersedes
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    procedure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procedure.id"))
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire.id"))
    day: Mapped[dt.date] = mapped_column(LocalDay)
    counted: Mapped[bool]
    channel: Mapped[Channel] = mapped_column(Code(Channel))
    respondent: Mapped[Respondent | None] = mapped_column(Code(Respondent))
    outcome: Mapped[CaseOutcome | None] = mapped_column(Code(CaseOutcome))  # these two are of the case
    timeliness: Mapped[Timeliness | None] = mapped_column(Code(Timeliness))
    seconds: Mapped[int | None] = mapped_column(sa.SmallInteger)  # from opening the page to sending, at most 32,767
    trapped: Mapped[bool] = mapped_column(server_default=sa.false())  # a field was filled in that no person sees
    overall: Mapped[int] = mapped_column(sa.SmallInteger)
    language: Mapped[str] = mapped_column(sa.String(8))
    privacy_notice: Mapped[bytes | None] = mapped_column(sa.LargeBinary(PRIVACY_HASH))
    comments_erased: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # as its person asked
    other: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    entry: Mapped[int | None] = mapped_column(RowNumber)  # its number in the ledger; none until it is sealed
    salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary(LEDGER_HASH))  # opens what the ledger says of it
    # What the ledger's commitment says of its comments, by question; it stays where a comment is erased.
    comment_marks: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


for _slot in SLOTS:
    setattr(Response, _slot, mapped_column(_slot, sa.SmallInteger, nullable=True))


class Comment(Base):
    """What a person wrote, apart from the ratings; kept once, with the response in which it was sent.

    Redacted: `text` is what its unit may read, `with_officers` what the province may read where that is more.
    `original` is what was written, sealed; there is none where nothing was taken out, and none once it is erased.
    `due_day` is until when it is to be answered once the link of its answer is cut: one day for all of a half month.
    """

    __tablename__ = "comment"

    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    text: Mapped[str] = mapped_column(WritableText)
    with_officers: Mapped[str | None] = mapped_column(WritableText)
    original: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    plain: Mapped[str] = mapped_column(sa.Text)  # its words as they are looked for: i18n.plain_words
    due_day: Mapped[dt.date | None] = mapped_column(LocalDay)
    salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary(LEDGER_HASH))  # opens the mark of it in its answer
