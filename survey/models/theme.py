"""The list of words by which comments are sorted into themes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base, Texts, key


class StoredTheme(Base):
    """One theme: a comment is about it that holds one of its phrases, whole words in the order written.

    While there is no row, the list that ships with the product holds.
    """

    __tablename__ = "theme"

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    place: Mapped[int]  # in the list
    name: Mapped[Texts]
    phrases: Mapped[list[str]] = mapped_column(sa.JSON)
