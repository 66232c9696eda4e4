"""A report on the record was asked for, not downloaded: whether anybody has opened it is not known."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE audit_entry SET act = 'report.requested' WHERE act = 'report.downloaded'")


def downgrade() -> None:
    op.execute("UPDATE audit_entry SET act = 'report.downloaded' WHERE act = 'report.requested'")
