"""Questionnaires as versioned data: a published version never changes."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class VersionStatus(enum.IntEnum):
    """A draft may change; a published version is fixed; a retired one is no longer asked but still counted."""

    DRAFT = 1
    PUBLISHED = 2
    RETIRED = 3


class QuestionnaireVersion(Base):
    """One version: `document` is the whole of it as read from YAML, `slots` says where ratings are kept."""

    __tablename__ = "questionnaire"
    # A draft may be thrown away: its number must not name another one to a page that is still open.
    __table_args__ = (sa.UniqueConstraint("code", "version"), {"sqlite_autoincrement": True})

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(40))
    version: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[VersionStatus] = mapped_column(Code(VersionStatus))
    document: Mapped[dict[str, Any]]
    slots: Mapped[dict[str, Any]]  # question id -> "overall" or "r1" … "r24"
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")  # of a draft: goes up with every save
