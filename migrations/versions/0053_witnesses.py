"""Witnesses sign the ledger's checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ledger_witness",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.String(400), nullable=False),
        sa.Column("verifier", sa.String(400), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(16), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_witness")),
        sa.UniqueConstraint("verifier", name=op.f("uq_ledger_witness_verifier")),
    )
    op.create_table(
        "ledger_cosignature",
        sa.Column("checkpoint_size", BIG, autoincrement=False, nullable=False),
        sa.Column("witness_id", BIG, autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_size"], ["ledger_checkpoint.size"], name=op.f("fk_ledger_cosignature_checkpoint_size")
        ),
        sa.ForeignKeyConstraint(["witness_id"], ["ledger_witness.id"], name=op.f("fk_ledger_cosignature_witness_id")),
        sa.PrimaryKeyConstraint("checkpoint_size", "witness_id", name=op.f("pk_ledger_cosignature")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_cosignature_no_{act.lower()} BEFORE {act} ON ledger_cosignature "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER ledger_cosignature_no_{act}")
    op.drop_table("ledger_cosignature")
    op.drop_table("ledger_witness")
