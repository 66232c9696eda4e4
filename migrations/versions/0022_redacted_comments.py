"""Comments are redacted before anybody reads them: what was written is sealed, officers' names are for the province."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from survey.collection import comments
from survey.errors import Conflict
from survey.i18n import msgid

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SLICE = 500  # comments read and written at a time: no more of them are held
NO_SECRET = msgid("Comments are stored, and sealing them needs the secret key. Run `hailong migrate`.")
OTHER_SECRET = msgid("An original of a comment was sealed with another secret key. Migrate with that key.")
comment = sa.table(
    "comment", *(sa.column(name) for name in ("response_id", "question", "text", "with_officers", "original"))
)
response = sa.table("response", sa.column("id"), sa.column("receipt"))
WITH_RECEIPT = (
    sa.select(comment, response.c.receipt)
    .join(response, response.c.id == comment.c.response_id)
    .order_by(comment.c.response_id, comment.c.question)
    .limit(SLICE)
)
ONE = sa.and_(comment.c.response_id == sa.bindparam("number"), comment.c.question == sa.bindparam("asked"))


def upgrade() -> None:
    op.add_column("comment", sa.Column("with_officers", sa.Text(), nullable=True))
    op.add_column("comment", sa.Column("original", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    changed = ("text", "with_officers", "original")
    for rows in _slices(connection):
        redacted = [comments.row(_secret(), row.response_id, bytes(row.receipt), row.question, row.text) for row in rows]
        _write(connection, [(row, {name: new[name] for name in changed}) for row, new in zip(rows, redacted, strict=True)])


def downgrade() -> None:
    connection = op.get_bind()
    for rows in _slices(connection, comment.c.original.is_not(None)):
        _write(connection, [(row, {"text": _original(row)}) for row in rows])
    with op.batch_alter_table("comment") as batch_op:
        batch_op.drop_column("original")
        batch_op.drop_column("with_officers")


def _original(row: Any) -> str:
    text = comments.unseal(_secret(), bytes(row.receipt), row.question, bytes(row.original))
    if text is None:
        raise Conflict(OTHER_SECRET)
    return text


def _slices(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> Iterator[list[Any]]:
    place = sa.tuple_(comment.c.response_id, comment.c.question)
    rows = connection.execute(WITH_RECEIPT.where(*wanted)).all()
    while rows:
        yield list(rows)
        last = sa.tuple_(sa.literal(rows[-1].response_id), sa.literal(rows[-1].question))
        rows = connection.execute(WITH_RECEIPT.where(*wanted, place > last)).all()


def _write(connection: sa.Connection, changes: list[tuple[Any, dict[str, Any]]]) -> None:
    values = [{"number": row.response_id, "asked": row.question, **new} for row, new in changes if new["text"] != row.text]
    if values:
        names = values[0].keys() - {"number", "asked"}
        statement = sa.update(comment).where(ONE).values({name: sa.bindparam(name) for name in names})
        connection.execute(statement, values)


def _secret() -> str:
    """Return the secret of this installation.

    Raises:
        Conflict: whoever migrates gave none.
    """
    secret: str = op.get_context().environment_context.config.attributes.get("secret", "")
    if not secret:
        raise Conflict(NO_SECRET)
    return secret
