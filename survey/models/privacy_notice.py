"""What citizens' pages told them about their data, each wording once."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay
from survey.models.base import Base, Texts, key

PRIVACY_HASH = 5  # bytes: a form carries them, and there are few versions


class PrivacyPage(enum.IntEnum):
    """Which pages a notice stands on: those on somebody's own device, or a kiosk's."""

    FORM = 1
    KIOSK = 2


class PrivacyNotice(Base):
    """One wording of a notice, in every language that there was; a changed one is another row.

    Answers name it by its hash. No more is kept of when it was first answered than the day.
    """

    __tablename__ = "privacy_notice"

    id: Mapped[key]
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(PRIVACY_HASH), unique=True)
    page: Mapped[PrivacyPage] = mapped_column(Code(PrivacyPage))
    texts: Mapped[Texts]  # its lines are parted by newlines
    since: Mapped[dt.date] = mapped_column(LocalDay)
