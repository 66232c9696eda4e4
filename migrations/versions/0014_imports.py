"""A job may end in words instead of a file (an import), and one that has failed may leave a file of what was wrong."""

import sqlalchemy as sa
from alembic import op


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_constraint(op.f("ck_job_done"), type_="check")
        batch_op.drop_constraint(op.f("ck_job_failed"), type_="check")
        batch_op.create_check_constraint(op.f("ck_job_left"), "(state >= 3) = (file IS NOT NULL OR message IS NOT NULL)")
        batch_op.create_check_constraint(op.f("ck_job_failed"), "state <> 4 OR message IS NOT NULL")


def downgrade() -> None:
    # What the earlier schema cannot hold is kept for a day anyhow.
    op.execute(sa.text("DELETE FROM job WHERE (state = 3) <> (file IS NOT NULL) OR (state = 4) <> (message IS NOT NULL)"))
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_constraint(op.f("ck_job_left"), type_="check")
        batch_op.drop_constraint(op.f("ck_job_failed"), type_="check")
        batch_op.create_check_constraint(op.f("ck_job_done"), "(state = 3) = (file IS NOT NULL)")
        batch_op.create_check_constraint(op.f("ck_job_failed"), "(state = 4) = (message IS NOT NULL)")
