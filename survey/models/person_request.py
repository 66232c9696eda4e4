"""What people ask about their own data, and when it was answered."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, WritableText
from survey.models.base import Base, key


class PersonRequestKind(enum.IntEnum):
    """What somebody asks for."""

    SEE = 1
    ERASE = 2
    OTHER = 3


class PersonRequest(Base):
    """One request of a person about the own answer: when it came and what became of it; never who asked.

    What officials write is kept redacted.
    """

    __tablename__ = "person_request"
    __table_args__ = (sa.CheckConstraint("(answered_on IS NULL) = (outcome IS NULL)", name="answered"),)

    id: Mapped[key]
    kind: Mapped[PersonRequestKind] = mapped_column(Code(PersonRequestKind))
    received_on: Mapped[dt.date] = mapped_column(LocalDay)
    due_on: Mapped[dt.date] = mapped_column(LocalDay)
    note: Mapped[str] = mapped_column(WritableText)
    answered_on: Mapped[dt.date | None] = mapped_column(LocalDay)
    outcome: Mapped[str | None] = mapped_column(WritableText)
