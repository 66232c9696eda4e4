"""How a comment stands: the clock runs where a low level is shown, or until the day that somebody set."""

from __future__ import annotations

import datetime as dt

import pytest

from survey.comments.standing import standing
from survey.models import FollowUpStatus
from tests.support.figures import CLOCK

SENT, DUE = dt.date(2026, 10, 14), dt.date(2026, 11, 6)
SOON = dt.date(2026, 11, 25)
NEW, DONE = FollowUpStatus.NEW, FollowUpStatus.DONE


@pytest.mark.parametrize(
    ("level", "stored", "due", "late"),
    [
        (1, (None, None), DUE, True),
        (3, (None, None), DUE, True),
        (4, (None, None), None, False),
        (None, (None, None), None, False),  # that the clock runs would tell that the level is low
        (None, (NEW, CLOCK.today), CLOCK.today, False),
        (5, (NEW, CLOCK.today - dt.timedelta(days=1)), CLOCK.today - dt.timedelta(days=1), True),
        (1, (NEW, SOON), SOON, False),
        (1, (DONE, None), DUE, False),
        (1, (FollowUpStatus.IN_HAND, None), DUE, True),
        (1, (FollowUpStatus.NOT_FOR_US, None), DUE, False),
    ],
)
def test_what_is_due_and_late(
    level: int | None, stored: tuple[FollowUpStatus | None, dt.date | None], due: dt.date | None, late: bool
) -> None:
    status, set_day = stored
    stands = standing(CLOCK, level, SENT, (status, None, set_day, None, None, None, None))
    assert (stands.due, stands.late, stands.set_day, stands.asks) == (due, late, set_day, False)


@pytest.mark.parametrize(
    ("level", "set_day", "due", "late"),
    [
        (2, None, CLOCK.today, False),  # not yet, whatever the clock says of the traded day
        (2, CLOCK.today - dt.timedelta(days=1), CLOCK.today - dt.timedelta(days=1), True),
        (5, None, None, False),
        (None, None, None, False),  # that a day is frozen tells no level: it is so for every comment
    ],
)
def test_once_the_link_is_cut_the_frozen_day_takes_the_place_of_the_clocks(
    level: int | None, set_day: dt.date | None, due: dt.date | None, late: bool
) -> None:
    stands = standing(CLOCK, level, SENT, (NEW, None, set_day, CLOCK.today, None, None, None))
    assert (stands.due, stands.late) == (due, late)
