"""Working days: weekends, public holidays, what the province moved; and the list that it keeps of that."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.i18n import speaking
from survey.models import AuditEntry, MovedDay
from survey.organisation.working_days import MOST_MOVED, Move, WorkingDays, holidays_of, read, save, working_days
from survey.results.revision import revision
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
ENTRY = {"day": "2026-11-28", "works": "yes", "reason": "Thông báo 12/TB-UBND"}
PLAIN = WorkingDays({})
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),  # a Saturday
        ("2026-02-17", False),  # the first day of the lunar year
        ("2026-04-27", False),  # given for Hung Kings' day, which fell on a Sunday
        ("2026-08-31", False),  # moved by the yearly announcement
        ("2026-08-22", True),  # a Saturday that is worked for it
        ("2026-09-02", False),
    ],
)
def test_the_calendar_knows_weekends_holidays_and_the_days_moved_by_the_yearly_announcement(
    day: str, works: bool
) -> None:
    assert PLAIN.works(dt.date.fromisoformat(day)) is works


@given(DAYS, st.integers(0, 40), st.dictionaries(DAYS, st.booleans(), max_size=5))
def test_counting_ahead_and_counting_between_agree(day: dt.date, number: int, moved: dict[dt.date, bool]) -> None:
    calendar = WorkingDays(moved)
    then = calendar.after(day, number)
    assert calendar.between(day, then) == number
    assert number == 0 or calendar.works(then)
    assert calendar.between(then, day) == 0


def test_a_day_that_the_province_moved_goes_before_the_calendar_and_is_on_record(session: Session) -> None:
    staff = official(session)
    listed, faults = read(
        [ENTRY, {"day": "2026-11-30", "works": "no", "reason": "Nghỉ bù"}, {"day": "", "reason": " "}]
    )
    assert (faults, [move.works for move in listed]) == ([], [True, False])
    before = revision(session)
    save(session, listed, NOON, staff.id)
    assert revision(session) != before, "what is overdue is drawn anew"
    kept = working_days(session)
    assert (kept.works(dt.date(2026, 11, 28)), kept.works(dt.date(2026, 11, 30))) == (True, False)
    assert kept.after(dt.date(2026, 11, 27), 1) == dt.date(2026, 11, 28)
    assert session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()[-1] == "moved_days.saved"
    save(session, listed[:1], NOON, staff.id)
    assert session.scalars(sa.select(MovedDay.day)).all() == [dt.date(2026, 11, 28)]


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"day": "28/11/2026"}, "Choose a day"),
        ({"day": ""}, "Choose a day"),
        ({"day": "2026-02-30"}, "Choose a day"),
        ({"works": "no"}, "anyway"),
        ({"reason": ""}, "who decided"),
        ({"reason": "x" * 201}, "too long"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_at_that_line(changed: dict[str, str], part: str) -> None:
    _, faults = read([{"day": "2026-12-05", "works": "yes", "reason": "Quyết định"}, ENTRY | changed])
    [(place, message, _)] = faults
    assert place == 1 and part in message


def test_a_day_stands_once_and_the_list_has_an_end() -> None:
    assert [place for place, _, _ in read([ENTRY, ENTRY])[1]] == [1]
    saturday = dt.date(2026, 1, 3)
    many = [{**ENTRY, "day": (saturday + dt.timedelta(days=7 * week)).isoformat()} for week in range(MOST_MOVED + 1)]
    moves, faults = read(many)
    assert isinstance(moves[0], Move) and faults[-1][0] == MOST_MOVED


def test_the_day_before_the_eve_of_tet_bears_no_number_that_is_wrong_in_short_years() -> None:
    for language, words in (
        ("vi", "Ngày trước Giao thừa Tết Nguyên Đán"),
        ("en", "Day before the eve of Lunar New Year"),
    ):
        with speaking(language):
            names = dict(holidays_of(2027, language))
        assert names[dt.date(2027, 2, 4)] == words
        assert not any(name.startswith("29") for name in names.values())
