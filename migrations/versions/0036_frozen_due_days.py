"""By which day comments are to be answered is frozen when links are cut: one day for all of a half of a month.

Of links that are cut already it follows from the traded day of their answers, which is of the same half.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from holidays import country_holidays

from survey.db.types import LocalDay
from survey.periods import half_month

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

DAY = dt.timedelta(days=1)
comment = sa.table("comment", sa.column("response_id"), sa.column("due_day", LocalDay))
moved_day = sa.table("moved_day", sa.column("day", LocalDay), sa.column("works", sa.Boolean))
response = sa.table(
    "response", *(sa.column(name) for name in ("id", "channel", "invitation_id")), sa.column("day", LocalDay)
)
CUT = sa.and_(response.c.channel == 1, response.c.invitation_id.is_(None))


def upgrade() -> None:
    op.add_column("comment", sa.Column("due_day", sa.Integer(), nullable=True))
    connection = op.get_bind()
    given = op.get_context().environment_context.config.attributes
    number = int(given.get("days_to_answer", 15))
    moved = {row.day: row.works for row in connection.execute(sa.select(moved_day))}
    commented = sa.exists().where(comment.c.response_id == response.c.id)
    days = connection.scalars(sa.select(response.c.day).where(CUT, commented).distinct())
    for first, last in sorted({half_month(day) for day in days}):
        of_half = sa.select(response.c.id).where(CUT, response.c.day.between(first, last))
        due_day = _due(last, number, moved)
        connection.execute(sa.update(comment).where(comment.c.response_id.in_(of_half)).values(due_day=due_day))


def downgrade() -> None:
    op.drop_column("comment", "due_day")


def _due(last: dt.date, number: int, moved: dict[dt.date, bool]) -> dt.date:
    """Return the working day that is `number` working days after the week of a day."""
    calendar = country_holidays("VN")
    day = last + DAY * (6 - last.weekday())
    while number:
        day += DAY
        number -= moved.get(day, calendar.is_working_day(day))
    return day
