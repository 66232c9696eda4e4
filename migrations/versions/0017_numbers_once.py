"""Numbers of drafts and jobs are given once, also on SQLite; and how often the answer of an invitation was changed."""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitation", sa.Column("changes", sa.SmallInteger(), server_default="0", nullable=False))
    _number_once(True)


def downgrade() -> None:
    _number_once(False)
    op.drop_column("invitation", "changes")


def _number_once(once: bool) -> None:
    """Rebuild on SQLite, which gives the number of the last row that was deleted again unless a table says no."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("questionnaire", "job"):
            with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": once}):
                pass
