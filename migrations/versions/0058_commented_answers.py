"""Comments of some days are found by an index, not among all that were ever written."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

COMMENTED = sa.text("comment_marks IS NOT NULL OR entry IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_response_commented",
        "response",
        ["agency_id", "day"],
        postgresql_where=COMMENTED,
        sqlite_where=COMMENTED,
    )


def downgrade() -> None:
    op.drop_index("ix_response_commented", table_name="response")
