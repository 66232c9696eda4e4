"""Agencies as a dated tree with successors, and the procedures they handle."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime
from survey.models.base import Base, Texts, key


class Level(enum.IntEnum):
    """Where an agency stands in its province; districts existed until 2025-06-30."""

    PROVINCE = 1
    DEPARTMENT = 2
    DISTRICT = 3
    COMMUNE = 4
    OFFICE = 5


class DeliveryLevel(enum.IntEnum):
    """How far a procedure can be done online; the numbered levels are those before 2022."""

    FULLY_ONLINE = 1  # toàn trình
    PARTLY_ONLINE = 2  # một phần
    PROACTIVE = 3  # chủ động
    LEVEL_1 = 11
    LEVEL_2 = 12
    LEVEL_3 = 13
    LEVEL_4 = 14


class Agency(Base):
    """A body that serves people, under one parent and one name from `valid_from` to `valid_to` (both included).

    One that ended has a successor that shows its figures, or several that were split from it and do not. Of a
    placeholder nothing is known but the code, by which cases name it, or of the province what was typed at the start.
    """

    __tablename__ = "agency"
    __table_args__ = (sa.UniqueConstraint("code", "valid_from"),)

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[Texts]
    level: Mapped[Level] = mapped_column(Code(Level))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    valid_from: Mapped[dt.date] = mapped_column(LocalDay)
    valid_to: Mapped[dt.date | None] = mapped_column(LocalDay)
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agency.id"))
    placeholder: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    split_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agency.id"))


class Procedure(Base):
    """An administrative procedure by its national base code."""

    __tablename__ = "procedure"
    __table_args__ = (sa.UniqueConstraint("code", "valid_from"),)

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[Texts]
    field: Mapped[Texts]
    delivery: Mapped[DeliveryLevel] = mapped_column(Code(DeliveryLevel))
    valid_from: Mapped[dt.date] = mapped_column(LocalDay)
    valid_to: Mapped[dt.date | None] = mapped_column(LocalDay)


class Installation(Base):
    """The one row that says whose survey this is, and whether its data are real."""

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    root_code: Mapped[str] = mapped_column(sa.String(40))
    place: Mapped[Texts]  # the place-name before the date of a report
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of what is changed in place
    publishes: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # results of closed periods
    alerts_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)  # when alerts were looked for last
