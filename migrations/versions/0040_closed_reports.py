"""What stood beside the figures of a period when it was closed stays with them; codes of periods may be longer."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

CODES = (("closed_period", "code"), ("task", "period_code"))
SHORT, LONG = sa.String(length=8), sa.String(length=24)


def upgrade() -> None:
    op.add_column("closed_period", sa.Column("beside", sa.JSON()))
    _resize(SHORT, LONG)


def downgrade() -> None:
    _resize(LONG, SHORT)
    op.drop_column("closed_period", "beside")


def _resize(before: sa.String, after: sa.String) -> None:
    for table, column in CODES:
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, existing_type=before, type_=after, existing_nullable=False)
