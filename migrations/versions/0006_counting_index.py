"""An index that holds all that a count of overall ratings reads."""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index("ix_response_agency_day")
        batch_op.create_index(
            "ix_response_counted",
            ["agency_id", "day", "channel", "overall"],
            unique=False,
            postgresql_where=sa.text("counted"),
            sqlite_where=sa.text("counted = 1"),
        )


def downgrade() -> None:
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_response_counted",
            postgresql_where=sa.text("counted"),
            sqlite_where=sa.text("counted = 1"),
        )
        batch_op.create_index("ix_response_agency_day", ["agency_id", "day"], unique=False)
