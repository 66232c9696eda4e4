"""Agencies of which nothing is known but their code, and agencies that came out of one that was split."""

import sqlalchemy as sa
from alembic import op

from survey.models.base import RowNumber


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

agency = sa.table(
    "agency",
    *(sa.column(name) for name in ("name", "code", "valid_to", "level", "placeholder")),
    sa.column("valid_from", sa.Integer()),
)
UNKNOWN_SINCE, OFFICE = 10957, 5  # days from 1970 to 2000


def upgrade() -> None:
    with op.batch_alter_table("agency") as batch_op:
        batch_op.add_column(sa.Column("placeholder", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("split_from_id", RowNumber, nullable=True))
        batch_op.create_foreign_key("fk_agency_split_from_id", "agency", ["split_from_id"], ["id"])
    op.execute(
        sa.update(agency)
        .values(placeholder=sa.true())
        .where(
            agency.c.valid_from == UNKNOWN_SINCE,
            agency.c.valid_to.is_(None),
            agency.c.level == OFFICE,
            sa.cast(agency.c.name, sa.Text).like(sa.literal("%Agency with the code ") + agency.c.code + sa.literal("%")),
        )
    )


def downgrade() -> None:
    with op.batch_alter_table("agency") as batch_op:
        batch_op.drop_constraint("fk_agency_split_from_id", type_="foreignkey")
        batch_op.drop_column("split_from_id")
        batch_op.drop_column("placeholder")
