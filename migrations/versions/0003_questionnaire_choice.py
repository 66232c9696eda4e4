"""questionnaire_choice."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "placement", sa.Column("questionnaire", sa.String(length=40), server_default="short_online", nullable=False)
    )
    op.add_column("questionnaire", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    # Not in batch: rebuilding a table that others point to fails on SQLite once there are answers.
    op.drop_column("questionnaire", "revision")
    op.drop_column("placement", "questionnaire")
