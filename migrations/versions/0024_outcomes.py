"""How each case ended, and with each answer how its case did and whether that was in time."""

import sqlalchemy as sa
from alembic import op


revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None

TIMELINESS = """
    UPDATE response SET timeliness = (
        SELECT CASE WHEN "case".finished_day > "case".due_day THEN 2 WHEN "case".due_day IS NOT NULL THEN 1 END
        FROM invitation JOIN "case" ON "case".id = invitation.case_id WHERE invitation.id = response.invitation_id
    ) WHERE invitation_id IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("case", sa.Column("outcome", sa.SmallInteger()))
    op.add_column("response", sa.Column("outcome", sa.SmallInteger()))
    op.add_column("response", sa.Column("timeliness", sa.SmallInteger()))
    op.execute(TIMELINESS)


def downgrade() -> None:
    op.drop_column("response", "timeliness")
    op.drop_column("response", "outcome")
    op.drop_column("case", "outcome")
