"""The 766 indicator: what the portal counted stands beside what this survey can count, and is never added to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.models import PortalCount
from survey.periods import parse
from survey.reports.portal_indicator import PortalIndicator, case_item, portal_indicator
from survey.reports.portal_table import group_text, portal_table, union_percent
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, scope_for
from tests.support import factories
from tests.support.apologies import late_case, tell
from tests.support.province import answers

WHEN = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("vietnamese")


def hand_in(session: Session, agency: str = "H61", **changed: Any) -> None:
    """What the portal shows of a province, moved to October."""
    values: dict[str, Any] = {"handled": 184_513, "late": 39_000, "disliked": 939, "late_and_disliked": 0}
    values |= {"petitions": 247, "petitions_on_time": 182, "petitions_satisfied": 137, "source": "Cổng"}
    values |= {"first": dt.date(2026, 10, 1), "last": dt.date(2026, 10, 31), "recorded_at": WHEN}
    session.add(PortalCount(agency_id=factories.agency_id(session, agency), **{**values, **changed}))
    session.flush()


def october(
    session: Session, agency: str = "H61", reader: Reader = Reader.PROVINCE, fewest: int = 10
) -> PortalIndicator:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, agency), reader=reader)
    counted = figures(session, scope, Standard("0.90", 0.95), dt.date(2026, 11, 5))
    return portal_indicator(session, counted)


def test_the_points_of_a_province_are_those_that_the_portal_prints(session: Session) -> None:
    """144,574 of 184,513 cases: 78.35 % and 5.22; with 182 and 137 of 247 petitions 13.83 of 18."""
    hand_in(session)
    own = october(session).agency
    assert own.portal is not None and own.portal.sum is not None
    assert (own.portal.sum.passed, own.portal.sum.percent, own.portal.sum.points) == (144_574, 78.35, 5.22)
    assert own.group is not None
    assert (own.group.points, own.group.missing, own.group.most) == (13.83, 4.17, 18)
    assert group_text(own) == "13,83/18"


def test_without_the_overlap_one_wording_lies_between_two_limits(session: Session) -> None:
    hand_in(session, handled=1000, late=80, disliked=60, late_and_disliked=None, petitions=None)
    own = october(session).agency
    assert union_percent(own.portal) == "86,00%–92,00%"
    assert own.group is not None
    assert (own.on_time, own.group.points, own.group.most) == (None, 5.73, 6)
    assert union_percent(case_item(1000, 80, 60, 40)) == "90,00%"


def test_other_days_are_another_period(session: Session) -> None:
    hand_in(session, first=dt.date(2026, 9, 15), last=dt.date(2026, 10, 14))
    assert not october(session).handed_in


def test_what_this_survey_counts_stands_apart(session: Session) -> None:
    """60 cases of H61.2, 20 answers of 30 at level 2: 40/60 are left, 66.67 % and 4.44 points."""
    answers(session, "H61.2", 10, 20)
    hand_in(session, "H61.2", handled=100, late=0, disliked=5)
    [row] = [one for one in october(session).units if one.agency.code == "H61.2"]
    counted = row.counted
    assert counted.sum is not None and row.portal is not None and row.portal.sum is not None
    assert (counted.handled, counted.late, counted.disliked) == (60, 0, 20)
    assert (counted.sum.percent, counted.sum.points) == (66.67, 4.44)
    assert (row.portal.sum.percent, row.portal.sum.points) == (95.0, 6.0)


def test_late_cases_are_subtracted(session: Session) -> None:
    answers(session, "H61.50", 12)
    for number in (1, 2):
        tell(session, late_case(number, finished=dt.date(2026, 10, 20), due=dt.date(2026, 10, 16)), when=WHEN)
    [row] = [one for one in october(session).units if one.agency.code == "H61.50"]
    assert (row.counted.handled, row.counted.late, row.counted.disliked) == (26, 2, 0)
    assert row.counted.sum is not None
    assert row.counted.sum.percent == 92.31


def test_of_few_answers_nothing_is_told_of_what_they_said(session: Session) -> None:
    answers(session, "H61.2", 5, 4)
    [row] = [one for one in october(session).units if one.agency.code == "H61.2"]
    assert (row.counted.disliked, row.counted.sum, row.counted.union_least) == (None, None, None)
    guarded = october(session, "H61.2", Reader.UNIT).agency
    assert guarded.counted.sum is None


def test_the_file_has_a_line_for_each_count(session: Session) -> None:
    hand_in(session)
    table = portal_table(october(session))
    heads = [head for head, _kind in table.columns]
    first, second = table.lines[:2]
    assert all(len(line) == len(heads) for line in table.lines)
    assert first[heads.index("Tổng điểm")] == 13.83
    assert second[heads.index("Tổng điểm")] is None
