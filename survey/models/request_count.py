"""How many requests came from whom in a minute: counted for all processes together."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class RequestCount(Base):
    """The requests of one key or one address in one minute; whose they are is a keyed hash."""

    __tablename__ = "request_count"

    who: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    minute: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)  # since 1970
    number: Mapped[int] = mapped_column(sa.Integer)
