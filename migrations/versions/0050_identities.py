"""Accounts may be tied to identities of providers of single sign-on, and sessions know by which one they began."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("tied_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_identity_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_staff_id"), "identity", ["staff_id"])
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.add_column(sa.Column("identity_id", BIG, nullable=True))
        batch_op.add_column(sa.Column("provider_session", sa.LargeBinary(32), nullable=True))
        batch_op.add_column(
            sa.Column("factor_at_provider", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_foreign_key(
            op.f("fk_staff_session_identity_id"), "identity", ["identity_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index(op.f("ix_staff_session_identity_id"), ["identity_id"])


def downgrade() -> None:
    op.execute("DELETE FROM staff_session WHERE identity_id IS NOT NULL")
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.drop_index(op.f("ix_staff_session_identity_id"))
        batch_op.drop_constraint(op.f("fk_staff_session_identity_id"), type_="foreignkey")
        for column in ("factor_at_provider", "provider_session", "identity_id"):
            batch_op.drop_column(column)
    op.drop_table("identity")
