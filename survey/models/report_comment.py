"""The comments that an official has chosen for the report of a period."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay
from survey.models.base import Base, RowNumber
from survey.models.follow_up import UNTIL_CUT


class ReportComment(Base):
    """One comment chosen for one report: of an agency and a period, at its `place` among those chosen."""

    __tablename__ = "report_comment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["response_id", "question"], ["comment.response_id", "comment.question"]),
        sa.Index("ix_report_comment_response_id", "response_id"),
    )

    code: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    basis: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"), primary_key=True)
    response_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    place: Mapped[int] = mapped_column(sa.SmallInteger)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"), info=UNTIL_CUT)
    day: Mapped[dt.date | None] = mapped_column(LocalDay, info=UNTIL_CUT)
