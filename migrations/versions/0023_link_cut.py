"""Answers may lose their link to an invitation: it remembers that it was used, and counts stand for what it told."""

import sqlalchemy as sa
from alembic import op

from survey.errors import Conflict

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNLINKED = ("rated_satisfied", "completed", "withdrawn_satisfied")
LINKED = sa.text("invitation_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("invitation", sa.Column("used", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "frozen_coverage",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("messages", "sent", "delivered", "completed")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_frozen_coverage_agency_id")),
        sa.ForeignKeyConstraint(["period_id"], ["closed_period.id"], name=op.f("fk_frozen_coverage_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_coverage")),
    )
    op.create_index(op.f("ix_frozen_coverage_period_id"), "frozen_coverage", ["period_id"])
    op.create_table(
        "unlinked_cohort",
        sa.Column("id", BIG, nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("procedure_id", BIG, nullable=False),
        sa.Column("respondent", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in UNLINKED),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_unlinked_cohort_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_unlinked_cohort_procedure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlinked_cohort")),
    )
    op.create_index(op.f("ix_unlinked_cohort_half"), "unlinked_cohort", ["half"])
    _rule("channel = 1 OR invitation_id IS NULL")
    op.create_index("ix_response_linked", "response", ["day"], postgresql_where=LINKED, sqlite_where=LINKED)


def downgrade() -> None:
    cut = sa.text("SELECT count(*) FROM response WHERE channel = 1 AND invitation_id IS NULL")
    if op.get_bind().scalar(cut):
        raise Conflict(
            "Links between answers and cases have been cut, which the older program needs; nothing was changed. "
            "Restore a backup from before that instead."
        )
    op.drop_index("ix_response_linked", "response")
    _rule("(channel = 1) = (invitation_id IS NOT NULL)")
    op.drop_table("unlinked_cohort")
    op.drop_table("frozen_coverage")
    op.drop_column("invitation", "used")


def _rule(condition: str) -> None:
    with op.batch_alter_table("response") as batch_op:
        batch_op.drop_constraint(op.f("ck_response_channel"), type_="check")
        batch_op.create_check_constraint(op.f("ck_response_channel"), condition)
