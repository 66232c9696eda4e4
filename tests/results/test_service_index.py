"""The index by groups: of people, not of ratings; and no item or unit is told that its sums would give away."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from survey.models import Channel
from survey.periods import parse
from survey.questionnaires import FULL, IN_PERSON
from survey.results import closing
from survey.results.scope import Reader, Scope, Standard, scope_for
from survey.results.service_index import ServiceTable, service_tables
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("vietnamese")


def october(session: Session, agency: str = "H61", reader: Reader = Reader.PROVINCE) -> Scope:
    return scope_for(session, parse("2026-10"), factories.agency_id(session, agency), reader=reader)


def in_person(session: Session, agency: str, number: int, **ratings: int) -> None:
    for _ in range(number):
        factories.response(session, 5, agency, when=NOON, channel=Channel.OPEN, ratings=ratings, asked=IN_PERSON)


def table(session: Session, agency: str = "H61", reader: Reader = Reader.PROVINCE) -> ServiceTable:
    """The table of those who were served in person: r1 is the place, r2 the procedure, r3 to r5 the others."""
    return service_tables(session, october(session, agency, reader), STANDARD)[-1]


def test_the_index_of_a_group_is_of_its_items_and_that_of_all_of_every_rating(session: Session) -> None:
    in_person(session, "H61.1", 10, r1=5, r2=4)
    in_person(session, "H61.1", 2, r1=2, r2=4)
    in_person(session, "H61.1", 3, r3=9)  # no opinion
    factories.response(session, 1, "H61.1", when=NOON, channel=Channel.OPEN, ratings={"r2": 1})  # about applying online
    shown = table(session, "H61.1")
    groups = {group.factor: group for group in shown.groups}
    access, procedure = groups["access"], groups["procedure"]
    assert (access.answered, access.ratings, access.satisfied) == (12, 12, 10)
    assert access.rate == pytest.approx(10 / 12)
    assert (procedure.answered, procedure.satisfied, procedure.rate) == (12, 12, 1.0)
    assert groups["staff"].answered == 0
    assert (shown.together.answered, shown.together.ratings, shown.together.satisfied) == (12, 24, 22)
    assert shown.together.rate == pytest.approx(22 / 24)
    assert shown.channel == Channel.OPEN
    assert shown.sipas["P2"] == (24, 25, 26)


def test_a_unit_with_few_answers_is_hidden_and_one_more_with_it(session: Session) -> None:
    for agency, number in (("H61.1", 14), ("H61.2", 11), ("H61.50", 3)):
        in_person(session, agency, number, r1=5)
    shown = table(session)
    units = {unit.agency.code: unit for unit in shown.units}
    assert {code: unit.groups[0].shown for code, unit in units.items()} == {
        "H61.1": True,
        "H61.2": False,
        "H61.50": False,
    }
    assert {code: unit.together.shown for code, unit in units.items()} == {
        "H61.1": True,
        "H61.2": False,
        "H61.50": False,
    }
    assert units["H61.2"].groups[0].satisfied is None
    assert [group.answered for group in (shown.groups[0], units["H61.50"].groups[0])] == [28, 3]


def test_a_unit_whose_one_item_is_hidden_is_not_told_by_the_sum_of_all(session: Session) -> None:
    in_person(session, "H61.1", 20, r1=5, r2=5)
    in_person(session, "H61.2", 12, r1=5, r2=5)
    in_person(session, "H61.50", 12, r1=5)
    in_person(session, "H61.50", 3, r2=1)
    units = {unit.agency.code: unit for unit in table(session).units}
    assert [group.shown for group in units["H61.50"].groups[:2]] == [True, False]
    together = {code: unit.together.shown for code, unit in units.items()}
    assert together["H61.50"] is False
    assert list(together.values()).count(False) == 2  # or the total less the others would tell it


def test_a_group_with_a_hidden_item_is_hidden_and_so_are_all_together(session: Session) -> None:
    for _ in range(10):
        factories.response(session, 5, "H61.1", when=NOON, ratings={"r1": 5}, asked=FULL)
    for _ in range(4):
        factories.response(session, 5, "H61.1", when=NOON, ratings={"r2": 1, "r5": 5}, asked=FULL)
    whole = service_tables(session, october(session), STANDARD)[0]
    access = next(group for group in whole.groups if group.factor == "access")
    assert [row.shown for row in whole.items["access"]][:2] == [True, False]
    assert (access.answered, access.shown, whole.together.shown) == (14, False, False)


def test_one_person_with_many_items_is_one_person(session: Session) -> None:
    for rating in [5] * 8 + [2] * 2:
        factories.response(
            session, 5, "H61.1", when=NOON, ratings=dict.fromkeys(("r1", "r2", "r3", "r4"), rating), asked=FULL
        )
    whole = service_tables(session, october(session), STANDARD)[0]
    access = next(group for group in whole.groups if group.factor == "access")
    assert (access.answered, access.ratings, access.rate) == (10, 40, 0.8)
    assert (round(access.lower, 3), round(access.upper, 3)) == (0.422, 0.979)  # as 9 people give it, not as 40 ratings
    assert whole.sipas["B01"] == (24,)


def test_a_unit_sees_its_own_once_the_period_is_closed_and_no_units_beside_it(session: Session) -> None:
    in_person(session, "H61.1", 12, r1=5)
    assert table(session, "H61.1", Reader.UNIT).groups[0].withheld
    closing.close(session, parse("2026-10"), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), STANDARD)
    own = table(session, "H61.1", Reader.UNIT)
    assert (own.groups[0].shown, own.groups[0].satisfied, own.units) == (True, 12, ())
    in_person(session, "H61.1", 5, r1=1)  # too late
    assert table(session, "H61.1", Reader.UNIT).groups[0].satisfied == 12
    assert table(session, "H61", Reader.PROVINCE).units[0].groups[0].satisfied == 12
