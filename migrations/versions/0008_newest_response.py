"""Which answer was the newest when a period was closed: times do not tell, because answers may have waited."""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("closed_period", sa.Column("newest_response_id", sa.BigInteger(), nullable=True))
    # Of what was closed before, the newest that was not given later: an answer that waited had come by then or has
    # moved the figures already.
    op.execute(
        "UPDATE closed_period SET newest_response_id = coalesce("
        "(SELECT max(id) FROM response WHERE submitted_at <= closed_period.closed_at), 0)"
    )
    with op.batch_alter_table("closed_period", schema=None) as batch_op:
        batch_op.alter_column("newest_response_id", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    op.drop_column("closed_period", "newest_response_id")
