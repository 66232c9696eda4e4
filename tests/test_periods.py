"""Periods: exact first and last days on both bases, and every day in exactly one of each kind."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import InvalidPeriod
from survey.periods import Basis, local_day, month_of, of_days, parse, previous

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2098, 12, 31))
BASES = st.sampled_from(Basis)
KINDS = ["{y}-01", "{y}-Q1", "{y}-H1", "{y}"]


@pytest.mark.parametrize(
    ("code", "basis", "first", "last"),
    [
        ("2026-10", "calendar", "2026-10-01", "2026-10-31"),
        ("2026-10", "administrative", "2026-09-15", "2026-10-14"),
        ("2026-01", "administrative", "2025-12-15", "2026-01-14"),
        ("2028-02", "calendar", "2028-02-01", "2028-02-29"),
        ("2027-02", "calendar", "2027-02-01", "2027-02-28"),
        ("2028-03", "administrative", "2028-02-15", "2028-03-14"),
        ("2026-Q1", "calendar", "2026-01-01", "2026-03-31"),
        ("2026-Q1", "administrative", "2025-12-15", "2026-03-14"),
        ("2026-Q3", "administrative", "2026-06-15", "2026-09-14"),
        ("2026-Q4", "calendar", "2026-10-01", "2026-12-31"),
        ("2026-H1", "administrative", "2025-12-15", "2026-06-14"),
        ("2026-H2", "administrative", "2026-06-15", "2026-12-14"),
        ("2026-H2", "calendar", "2026-07-01", "2026-12-31"),
        ("2026-9M", "administrative", "2025-12-15", "2026-09-14"),
        ("2026-9M", "calendar", "2026-01-01", "2026-09-30"),
        ("2026-11M", "calendar", "2026-01-01", "2026-11-30"),
        ("2026-11M", "administrative", "2025-12-15", "2026-11-14"),
        ("2028-2M", "calendar", "2028-01-01", "2028-02-29"),
        ("2026-Y1114", "calendar", "2025-11-15", "2026-11-14"),
        ("2026-Y1114", "administrative", "2025-11-15", "2026-11-14"),
        ("2026-Y10", "calendar", "2025-11-01", "2026-10-31"),
        ("2028-Y02", "calendar", "2027-03-01", "2028-02-29"),
        ("20251201-20261014", "administrative", "2025-12-01", "2026-10-14"),
        ("2026", "administrative", "2025-12-15", "2026-12-14"),
        ("2026", "calendar", "2026-01-01", "2026-12-31"),
    ],
)
def test_first_and_last_day(code: str, basis: str, first: str, last: str) -> None:
    period = parse(code, basis)
    assert (str(period.first), str(period.last)) == (first, last)


@pytest.mark.parametrize(
    "code", ["2026-10", "2026-Q3", "2026-H1", "2026-9M", "2026-11M", "2026-Y1114", "20251201-20261014", "2026"]
)
def test_a_digit_of_any_other_script_names_no_period(code: str) -> None:
    for place, digit in enumerate(code):
        for zero in "０٠০𝟎" if digit.isdigit() else "":
            odd = code[:place] + chr(ord(zero) + int(digit)) + code[place + 1 :]
            for basis in Basis:
                with pytest.raises(InvalidPeriod):
                    parse(odd, basis)


def test_leap_years_have_a_day_more() -> None:
    assert (parse("2028-02").days, parse("2027-02").days) == (29, 28)
    assert (parse("2028", "administrative").days, parse("2027", "administrative").days) == (366, 365)
    assert (parse("2028-03", "administrative").days, parse("2027-03", "administrative").days) == (29, 28)


@given(DAYS, BASES)
def test_every_day_belongs_to_exactly_one_month(day: dt.date, basis: Basis) -> None:
    month = month_of(day, basis)
    assert month.first <= day <= month.last
    assert month_of(month.first - dt.timedelta(days=1), basis).code < month.code
    assert month_of(month.last + dt.timedelta(days=1), basis).code > month.code
    assert parse(month.code, basis) == month


@given(st.integers(2001, 2098), BASES)
def test_months_quarters_and_halves_tile_their_year(number: int, basis: Basis) -> None:
    year = parse(str(number), basis)
    whole = Counter(year.first + dt.timedelta(days=i) for i in range(year.days))
    for kind, parts in (("{:02}", 12), ("Q{}", 4), ("H{}", 2)):
        pieces = [parse(f"{number}-{kind.format(part)}", basis) for part in range(1, parts + 1)]
        assert Counter(p.first + dt.timedelta(days=i) for p in pieces for i in range(p.days)) == whole
    nine = parse(f"{number}-9M", basis)
    assert (nine.first, nine.last) == (year.first, parse(f"{number}-Q3", basis).last)


@given(st.integers(2002, 2098), BASES, st.sampled_from(KINDS), st.integers(1, 30))
def test_the_period_before_ends_the_day_before(year: int, basis: Basis, kind: str, count: int) -> None:
    period = parse(kind.format(y=year), basis)
    before = previous(period)
    assert before.last == period.first - dt.timedelta(days=1)
    assert before.basis == basis and len(before.code) == len(period.code)
    if year - count > 2001:
        assert previous(previous(period, count)) == previous(period, count + 1)


@pytest.mark.parametrize("basis", list(Basis))
def test_the_nine_months_before_are_those_of_last_year(basis: Basis) -> None:
    assert previous(parse("2026-9M", basis)) == parse("2025-9M", basis)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-00", "26-10", "2026-Q5", "2026-H3", "2026-10-01", "1999", "x" * 99]
)
def test_what_names_no_period_is_refused(code: str) -> None:
    with pytest.raises(InvalidPeriod, match="is not a period"):
        parse(code)


def test_an_unknown_basis_is_refused() -> None:
    with pytest.raises(InvalidPeriod):
        parse("2026-10", "lunar")


@given(DAYS, st.times(timezones=st.just(dt.UTC)))
def test_the_local_day_is_seven_hours_ahead_of_utc(day: dt.date, time: dt.time) -> None:
    instant = dt.datetime.combine(day, time)
    assert local_day(instant) == (instant + dt.timedelta(hours=7)).date()


def test_a_period_has_ended_only_after_its_last_day() -> None:
    period = parse("2026-10", "administrative")
    assert not period.ended(dt.date(2026, 10, 14))
    assert period.ended(dt.date(2026, 10, 15))


@given(DAYS, BASES, st.sampled_from(["{y}-01", "{y}-Q1", "{y}-H1", "{y}-9M", "{y}"]), st.integers(1, 60))
def test_a_series_goes_back_from_any_period_that_may_be_asked_for(
    day: dt.date, basis: Basis, kind: str, count: int
) -> None:
    """Twenty-four years before 2022 is 1998, of which nobody may ask, and of which a series says that it is empty."""
    period = parse(kind.format(y=day.year), basis)
    before = previous(period, count)
    assert before.first < previous(period, count - 1).first
    assert before.basis == basis


@given(DAYS, BASES)
def test_days_of_one_s_own_have_one_code(day: dt.date, basis: Basis) -> None:
    """Whatever a period is called, its days name the same period, and itself is called by that code on its basis."""
    month = month_of(day, basis)
    year, number = month.code[:4], int(month.code[5:])
    kinds = [month.code, f"{year}-Q{(number + 2) // 3}", f"{year}-H{(number + 5) // 6}", year]
    kinds += [f"{year}-{months}M" for months in (2, 4, 5, 7, 8, 9, 10, 11)]
    kinds += [f"{year}-Y{ending:02}{day}" for ending in range(1, 12) for day in ("", "14")]
    for code in kinds:
        period = parse(code, basis)
        again = of_days(period.first, period.last)
        assert (again.first, again.last) == (period.first, period.last)
        assert len(again.code) < len("20251201-20261014") and parse(again.code, again.basis) == again
    assert of_days(month.first, month.last) == month


@pytest.mark.parametrize(
    "wrong",
    [
        *("2026-1M", "2026-3M", "2026-6M", "2026-12M", "2026-Y12", "2026-Y1214", "2026-Y1115", "2026-Y0"),
        *("20260102-20260131", "20260101-20260130", "20260115-20260115", "20260201-20260131", "20260101-20300131"),
        *("20260101-", "20260101-20260230", "-20260131", "19991201-20000131"),
    ],
)
def test_what_is_no_whole_half_of_a_month_or_has_another_name_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidPeriod):
        parse(wrong)


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("2026-11M", "2025-11M"),
        ("2026-Y1114", "2025-Y1114"),
        ("20251201-20261014", "20241201-20251014"),
        ("20240201-20260214", "20210201-20230214"),
        ("20280201-20280314", "20270201-20270314"),
        ("20240115-20240229", "20230115-20230228"),
    ],
)
def test_before_days_of_one_s_own_come_those_of_the_year_before(code: str, before: str) -> None:
    period = parse(code)
    assert previous(period).code == before
    assert previous(period).last < period.first or len(before) < len(code)
