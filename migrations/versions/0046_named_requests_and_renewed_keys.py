"""Entries of the audit trail name the request of the log; a key of the API may be renewed beside the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("request_id", sa.String(length=64), nullable=True))
    with op.batch_alter_table("api_key") as keys:
        keys.add_column(sa.Column("former_hash", sa.LargeBinary(length=32), nullable=True))
        keys.add_column(sa.Column("former_until", sa.Integer(), nullable=True))
        keys.create_unique_constraint(op.f("uq_api_key_former_hash"), ["former_hash"])
        keys.create_check_constraint(op.f("ck_api_key_former"), "(former_hash IS NULL) = (former_until IS NULL)")


def downgrade() -> None:
    with op.batch_alter_table("api_key") as keys:
        keys.drop_constraint(op.f("ck_api_key_former"), type_="check")
        keys.drop_constraint(op.f("uq_api_key_former_hash"), type_="unique")
        keys.drop_column("former_until")
        keys.drop_column("former_hash")
    op.drop_column("audit_entry", "request_id")
