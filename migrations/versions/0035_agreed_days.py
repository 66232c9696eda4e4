"""An address that was left for an answer is kept for as many days as its person agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given = op.get_context().environment_context.config.attributes
    days = given.get("reply_days", 14)  # in use, to which those agreed that are there; 14 is the least there ever was
    with op.batch_alter_table("reply_contact") as batch_op:
        batch_op.add_column(sa.Column("days", sa.SmallInteger(), nullable=False, server_default=str(int(days))))
    with op.batch_alter_table("reply_contact") as batch_op:
        batch_op.alter_column("days", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("reply_contact") as batch_op:
        batch_op.drop_column("days")
