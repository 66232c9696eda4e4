"""A comment is kept once: an answer that was added to had carried a copy of what was written before."""

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COPIES = (
    "SELECT later.response_id, later.question FROM comment AS later "
    "JOIN response ON response.id = later.response_id "
    "JOIN comment AS earlier ON earlier.response_id = response.supersedes_id "
    "AND earlier.question = later.question AND earlier.text = later.text"
)
MISSING = (
    "INSERT INTO comment (response_id, question, text) "
    "SELECT response.id, earlier.question, earlier.text FROM response "
    "JOIN comment AS earlier ON earlier.response_id = response.supersedes_id "
    "LEFT JOIN comment AS own ON own.response_id = response.id AND own.question = earlier.question "
    "WHERE response.amends AND own.question IS NULL"
)


def upgrade() -> None:
    op.add_column("response", sa.Column("amends", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Where nothing had been written before, nothing says whether an answer was added to; nor does it matter there.
    op.execute(f"UPDATE response SET amends = true WHERE id IN (SELECT copies.response_id FROM ({COPIES}) AS copies)")
    op.execute(f"DELETE FROM comment WHERE (response_id, question) IN ({COPIES})")


def downgrade() -> None:
    while op.get_bind().execute(sa.text(MISSING)).rowcount:  # a chain of additions, one link at a time
        pass
    op.drop_column("response", "amends")
