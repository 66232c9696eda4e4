"""What people say: how each case ended and whether in time, comments that can be searched, the themes of a province."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from survey.i18n import plain_words
from survey.models.base import RowNumber


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AT_ONCE = 2000
TIMELINESS = """
    UPDATE response SET timeliness = (
        SELECT CASE WHEN "case".finished_day > "case".due_day THEN 2 WHEN "case".due_day IS NOT NULL THEN 1 END
        FROM invitation JOIN "case" ON "case".id = invitation.case_id WHERE invitation.id = response.invitation_id
    ) WHERE invitation_id IS NOT NULL
"""
comment = sa.table("comment", *(sa.column(name) for name in ("response_id", "question", "text", "plain")))


def upgrade() -> None:
    op.add_column("case", sa.Column("outcome", sa.SmallInteger()))
    op.add_column("response", sa.Column("outcome", sa.SmallInteger()))
    op.add_column("response", sa.Column("timeliness", sa.SmallInteger()))
    op.execute(TIMELINESS)
    op.add_column("comment", sa.Column("plain", sa.Text(), server_default="", nullable=False))
    for rows in _slices(op.get_bind()):
        of = (comment.c.response_id == sa.bindparam("of_response"), comment.c.question == sa.bindparam("of_question"))
        values = [
            {"of_response": row.response_id, "of_question": row.question, "plain": plain_words(row.text)} for row in rows
        ]
        op.get_bind().execute(sa.update(comment).where(*of).values(plain=sa.bindparam("plain")), values)
    with op.batch_alter_table("comment") as batch_op:
        batch_op.alter_column("plain", existing_type=sa.Text(), server_default=None)
    op.create_table(
        "theme",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("phrases", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("code", name=op.f("uq_theme_code")),
    )


def downgrade() -> None:
    op.drop_table("theme")
    op.drop_column("comment", "plain")
    op.drop_column("response", "timeliness")
    op.drop_column("response", "outcome")
    op.drop_column("case", "outcome")


def _slices(connection: sa.Connection) -> Iterator[list[sa.Row]]:
    """Yield all comments, some at a time, whole responses together."""
    last = -1
    while True:
        some = sa.select(comment.c.response_id).where(comment.c.response_id > last).order_by(comment.c.response_id)
        numbers = connection.scalars(some.limit(AT_ONCE)).all()
        if not numbers:
            return
        yield list(connection.execute(sa.select(comment).where(comment.c.response_id.between(numbers[0], numbers[-1]))))
        last = numbers[-1]
