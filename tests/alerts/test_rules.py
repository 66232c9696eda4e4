"""Rules of alerts, each at its limit."""

from __future__ import annotations

import datetime as dt

import pytest

from analysis.control_chart import laney_p_prime, signals
from survey.alerts import rules
from survey.periods import parse
from survey.results.invitation_coverage import UnitCoverage
from survey.results.trends import TrendFigures, TrendRow

OCTOBER = parse("2026-10")
MONDAY = dt.date(2026, 11, 16)


def trend(satisfied: list[int], answered: int = 100, withheld: str = "") -> TrendFigures:
    """A trend of months that have ended, the last one withheld or not."""
    months = [dt.date(2025 + number // 12, number % 12 + 1, 1) for number in range(len(satisfied))]
    rows = [
        TrendRow(
            code=f"{day:%Y-%m}",
            first=day,
            last=day,
            answered=answered,
            withheld="",
            satisfied=number,
            rate=number / answered,
            lower=0.0,
            upper=1.0,
            ended=True,
        )
        for day, number in zip(months, satisfied, strict=True)
    ]
    if withheld:
        rows[-1] = TrendRow(**{**vars(rows[-1]), "withheld": withheld, "satisfied": None, "rate": None})
    counted = [0 if row.withheld else row.answered for row in rows]
    chart = signals(laney_p_prime([row.satisfied or 0 for row in rows], counted))
    return TrendFigures(tuple(rows), chart, None, ())


def line(due: int, invited: int) -> UnitCoverage:
    return UnitCoverage(
        1,
        "H61.50",
        {},
        due,
        invited,
        None,
        0,
        0,
        0,
        0,
        due,
        invited,
        invited / due if due else None,
        None,
        (),
        True,
    )


def test_a_fall_by_more_than_chance_is_told_of_the_month_in_which_it_stands() -> None:
    fact = rules.signal(trend([90] * 8 + [60] * 8))
    assert fact and fact.about == {"period": "2026-04", "direction": "deterioration"}
    assert rules.signal(trend([90, 91, 89, 90, 92, 88, 90, 91, 89, 90, 91, 89])) is None


def test_of_a_month_that_is_not_shown_no_signal_is_told() -> None:
    assert rules.signal(trend([90] * 8 + [60] * 8, withheld="others")) is None


@pytest.mark.parametrize(
    ("weeks", "since"),
    [
        ([10] * 8 + [0, 0], "2026-11-09"),
        ([10] * 20 + [0] * 5, "2026-10-19"),
        ([10] * 9 + [0], None),
        ([9] * 8 + [0, 0], None),
        ([0] * 26, None),
        ([20] * 8, None),
    ],
)
def test_silence_is_two_whole_weeks_in_which_twenty_answers_would_have_come(
    weeks: list[int], since: str | None
) -> None:
    fact = rules.silence(weeks, MONDAY)
    assert (fact.about["since"] if fact else None) == since


@pytest.mark.parametrize(
    ("now", "before", "falls"),
    [
        ((100, 90), (100, 100), True),
        ((100, 98), (100, 100), False),  # 98 % is enough
        ((100, 90), (100, 91), False),  # low, as it was
        ((19, 10), (100, 100), False),  # too few to tell
        ((0, 0), (100, 100), False),
        ((100, 90), (0, 0), False),
    ],
)
def test_coverage_falls_below_what_is_right_and_below_the_month_before(
    now: tuple[int, int], before: tuple[int, int], falls: bool
) -> None:
    assert (rules.coverage_falling(line(*now), line(*before), OCTOBER) is not None) == falls


def test_a_report_is_due_from_the_fourth_day_after_its_period_until_it_was_made() -> None:
    assert rules.report_due(OCTOBER, False, dt.date(2026, 11, 3)) is None
    due = rules.report_due(OCTOBER, False, dt.date(2026, 11, 4))
    assert due and due.about == {"period": "2026-10"}
    assert rules.report_due(OCTOBER, True, dt.date(2026, 11, 4)) is None


def test_a_few_messages_may_wait_and_one_comment_may_not() -> None:
    assert rules.stuck(4) is None
    assert rules.stuck(5) is not None
    assert rules.comments_late(0, OCTOBER) is None
    assert rules.comments_late(1, OCTOBER) is not None
