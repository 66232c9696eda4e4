"""E-mail addresses of officials are confirmed by a link; what administrators have entered already counts as such."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ADMINISTRATOR = 3
staff = sa.table("staff", sa.column("email"), sa.column("role"), sa.column("email_confirmed", sa.Boolean))


def upgrade() -> None:
    op.add_column("staff", sa.Column("email_confirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
    own = sa.and_(staff.c.role == ADMINISTRATOR, staff.c.email.is_not(None))
    op.execute(sa.update(staff).where(own).values(email_confirmed=True))


def downgrade() -> None:
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_column("email_confirmed")
