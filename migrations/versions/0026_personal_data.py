"""Requests of persons about their data, and comments that were erased for them."""

import sqlalchemy as sa
from alembic import op

from survey.models.base import RowNumber


revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("comments_erased", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "person_request",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("received_on", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("(answered_on IS NULL) = (outcome IS NULL)", name=op.f("ck_person_request_answered")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_request")),
    )


def downgrade() -> None:
    op.drop_table("person_request")
    op.drop_column("response", "comments_erased")
