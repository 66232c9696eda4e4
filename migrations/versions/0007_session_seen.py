"""No time of the last visit in a session: the signed cookie carries it, and nothing read this one."""

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("staff_session", "seen_at")


def downgrade() -> None:
    op.add_column("staff_session", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE staff_session SET seen_at = created_at")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.alter_column("seen_at", existing_type=sa.DateTime(timezone=True), nullable=False)
