"""What every table shares: one metadata with named constraints, and the key types of both databases."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column

from survey.db.types import WritableJSON

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER
key = Annotated[int, mapped_column(RowNumber, primary_key=True)]
Texts = dict[str, str]  # language -> text


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {Texts: WritableJSON, dict[str, Any]: WritableJSON}
