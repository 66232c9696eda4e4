"""Accounts have second factors, and sessions know when and in which browser somebody proved who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _of_staff(table, column="staff_id", **options):
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}"), **options)


def upgrade() -> None:
    op.add_column("staff", sa.Column("factor_due_at", MOMENT, nullable=True))
    op.add_column("staff_session", sa.Column("confirmed_at", MOMENT, nullable=True))
    op.add_column("staff_session", sa.Column("awaits_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff_session", sa.Column("device", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "authenticator",
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _of_staff("authenticator", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        _of_staff("recovery_code", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"])
    op.create_table(
        "passkey",
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _of_staff("passkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_staff_id"), "passkey", ["staff_id"])
    op.create_table(
        "factor_reset",
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        _of_staff("factor_reset", ondelete="CASCADE"),
        _of_staff("factor_reset", "asked_by"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_factor_reset")),
    )
    op.create_index(op.f("ix_factor_reset_asked_by"), "factor_reset", ["asked_by"])


def downgrade() -> None:
    for table in ("factor_reset", "passkey", "recovery_code", "authenticator"):
        op.drop_table(table)
    op.execute("DELETE FROM staff_session WHERE awaits_factor")
    with op.batch_alter_table("staff_session") as batch_op:
        for column in ("device", "awaits_factor", "confirmed_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_column("factor_due_at")
