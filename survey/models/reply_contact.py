"""Where somebody wants to be answered: by consent, sealed, for one message."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code
from survey.models.base import Base
from survey.models.delivery import AddressKind


class ReplyStage(enum.IntEnum):
    """What became of the address: told in the history of the follow-up, each as a step of its own."""

    QUEUED = 1
    SENT = 2
    GIVEN_UP = 3  # it may not have arrived
    WITHDRAWN = 4  # by the person
    ERASED = 5  # unused: its time was over, or what it was left for was closed without a message


class ReplyContact(Base):
    """The address that a person left for an answer to the comments of one sheet; the row goes with the address.

    Sealed here until a message is queued; then it is in that message alone, which tells by `delivery_id` how it ended.
    `consent` is the version of the words that were agreed to, `days` for how many days the address may be kept by them.
    """

    __tablename__ = "reply_contact"
    __table_args__ = (sa.CheckConstraint("(sealed IS NULL) = (delivery_id IS NOT NULL)", name="sealed"),)

    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), primary_key=True)
    consent: Mapped[int] = mapped_column(sa.SmallInteger)
    days: Mapped[int] = mapped_column(sa.SmallInteger)
    language: Mapped[str] = mapped_column(sa.String(8))
    address_kind: Mapped[AddressKind] = mapped_column(Code(AddressKind))
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    question: Mapped[str | None] = mapped_column(sa.String(16))  # of the comment that is answered
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"), unique=True)
