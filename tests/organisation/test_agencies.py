"""Agencies change: names, levels and mergers; figures keep the names of their time or roll up into today's agencies."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from survey.models import Agency, Level
from survey.organisation import agencies
from survey.periods import parse
from survey.results import closing, counts
from survey.results.figures import figures
from survey.results.scope import scope_for
from survey.results.trends import trend
from tests.support import factories
from tests.support.figures import STANDARD, table

OLD, MERGED = dt.date(2022, 1, 1), dt.date(2025, 7, 1)
YEAR, AFTER, TODAY = parse("2024"), parse("2025-08"), dt.date(2026, 11, 23)
MARCH = dt.datetime(2024, 3, 5, 5, tzinfo=dt.UTC)
AUGUST = dt.datetime(2025, 8, 5, 5, tzinfo=dt.UTC)


def ended(
    session: Session, code: str, name: str, parent: str | None, into: str | None, level: Level = Level.COMMUNE
) -> Agency:
    """Add an agency of the three tiers, which ended on 30 June 2025."""
    made = Agency(
        code=code,
        name={"vi": name, "en": name},
        level=level,
        parent_id=factories.agency_id(session, parent) if parent else None,
        valid_from=OLD,
        valid_to=MERGED - dt.timedelta(days=1),
        successor_id=factories.agency_id(session, into) if into else None,
    )
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def merged(session: Session) -> Session:
    """Three old communes in two districts became two of today's; a department was merged twice over."""
    ended(session, "H59", "Ủy ban nhân dân tỉnh Trà Vinh", None, "H61", Level.PROVINCE)
    ended(session, "H59.31", "Ủy ban nhân dân thành phố Trà Vinh", "H59", None, Level.DISTRICT)
    ended(session, "H59.33", "Ủy ban nhân dân huyện Càng Long", "H59", None, Level.DISTRICT)
    ended(session, "H59.31.1", "Ủy ban nhân dân phường 1", "H59.31", "H61.50")
    ended(session, "H59.31.2", "Ủy ban nhân dân phường 2", "H59.31", "H61.50")
    ended(session, "H59.33.1", "Ủy ban nhân dân xã Mỹ Cẩm", "H59.33", "H61.51")
    later = ended(session, "H59.8", "Sở Thông tin và Truyền thông", "H59", "H61.2", Level.DEPARTMENT)
    first = ended(session, "H59.7", "Sở Bưu chính, Viễn thông", "H59", None, Level.DEPARTMENT)
    first.valid_to, later.valid_from, first.successor_id = dt.date(2024, 6, 30), dt.date(2024, 7, 1), later.id
    for code, ratings in (
        ("H59.31.1", (5, 5, 2)),
        ("H59.31.2", (4, 1)),
        ("H59.33.1", (5,)),
        ("H59.7", (3, 5)),
        ("H59.33", (4, 4)),
    ):
        for rating in ratings:
            factories.response(session, rating, code, when=MARCH)
    return session


def test_a_report_of_2024_carries_the_names_and_the_three_tiers_of_2024(merged: Session) -> None:
    province = agencies.root(merged, YEAR.last)
    assert province.name["vi"] == "Ủy ban nhân dân tỉnh Trà Vinh"
    found = figures(merged, scope_for(merged, YEAR, province.id), STANDARD, TODAY)
    assert table(found.judged.rows)["code"].tolist() == ["H59.8", "H59.33", "H59.31"]
    assert table(found.judged.rows)["satisfied"].tolist() == [1, 3, 3]
    district = figures(merged, scope_for(merged, YEAR, factories.agency_id(merged, "H59.31")), STANDARD, TODAY)
    assert [name["vi"][-8:] for name in table(district.judged.rows)["name"]] == ["phường 1", "phường 2"]
    names = [a.name["vi"] for a in agencies.tree(merged, YEAR.last).path(factories.agency_id(merged, "H59.31.2"))]
    assert names == ["Ủy ban nhân dân tỉnh Trà Vinh", "Ủy ban nhân dân thành phố Trà Vinh", "Ủy ban nhân dân phường 2"]
    assert not {"H61.50", "H61"} & set(table(found.judged.rows)["code"])


def test_predecessors_rolled_up_equal_the_sum_of_their_parts(merged: Session) -> None:
    province = agencies.root(merged)
    rolled = counts.cells(merged, scope_for(merged, YEAR, province.id, TODAY), ("unit",)).set_index("unit")
    parts = counts.cells(merged, scope_for(merged, YEAR, province.id, TODAY), ("agency",)).set_index("agency")
    into = {"H61.50": ["H59.31.1", "H59.31.2"], "H61.51": ["H59.33.1"], "H61.2": ["H59.7"], "H59.33": ["H59.33"]}
    assert len(rolled) == len(into)
    for code, codes in into.items():
        shares = parts.loc[[factories.agency_id(merged, part) for part in codes]].sum()
        pd.testing.assert_series_equal(rolled.loc[factories.agency_id(merged, code)], shares, check_names=False)
    assert rolled.sum().tolist() == parts.sum().tolist()
    assert rolled["answered"].sum() == 10
    cohort = counts.cohort(merged, scope_for(merged, YEAR, province.id, TODAY), ("unit",)).set_index("unit")
    assert cohort["finished"].to_dict() == rolled["answered"].to_dict()


def test_an_agency_of_today_shows_its_predecessors_in_an_earlier_period_without_being_told(merged: Session) -> None:
    found = figures(merged, scope_for(merged, YEAR, agencies.root(merged).id), STANDARD, TODAY)
    by_code = table(found.judged.rows).set_index("code")["answered"].to_dict()
    assert by_code == {"H61.1": 0, "H61.2": 2, "H61.50": 5, "H61.51": 1, "H61.52": 0, "H59.33": 2}
    ward = figures(merged, scope_for(merged, YEAR, factories.agency_id(merged, "H61.50")), STANDARD, TODAY)
    assert (ward.judged.total.answered, ward.judged.total.satisfied) == (5, 3)
    moved = trend(merged, scope_for(merged, YEAR, factories.agency_id(merged, "H61.50")), STANDARD, TODAY)
    assert [row.answered for row in moved.rows] == [5]


def test_the_two_trees_stand_side_by_side(merged: Session) -> None:
    factories.response(merged, 5, "H61.50", when=AUGUST)
    old = agencies.tree(merged, YEAR.last)
    new = agencies.tree(merged, AFTER.last)
    before = [old.agencies[i].level for i in old.subtree(factories.agency_id(merged, "H59"))]
    assert set(before) == {Level.PROVINCE, Level.DEPARTMENT, Level.DISTRICT, Level.COMMUNE}
    now = figures(merged, scope_for(merged, AFTER, agencies.root(merged).id), STANDARD, TODAY)
    assert Level.DISTRICT not in {now.scope.tree.agencies[row.id].level for row in now.judged.rows}
    assert sum(row.answered for row in now.judged.rows) == 1
    assert new.shown_in[factories.agency_id(merged, "H59.7")] == factories.agency_id(merged, "H61.2")
    # An answer that came after the merger to an agency that was no more counts in its successor.
    factories.response(merged, 1, "H59.31.1", when=AUGUST)
    late = figures(merged, scope_for(merged, AFTER, agencies.root(merged).id), STANDARD, TODAY)
    assert {row.code: row.answered for row in late.judged.rows}["H61.50"] == 2


def test_closing_a_year_before_the_merger_freezes_every_old_agency(merged: Session) -> None:
    live = counts.cells(merged, scope_for(merged, YEAR, agencies.root(merged).id, TODAY), ("unit", "channel"))
    closed = closing.close(merged, YEAR, dt.datetime(2026, 1, 5, tzinfo=dt.UTC), STANDARD)
    for frozen in (
        counts.cells(merged, scope_for(merged, YEAR, agencies.root(merged).id, TODAY), ("unit", "channel")),
        counts.cells(merged, scope_for(merged, YEAR, agencies.root(merged).id), ("unit", "channel")),
    ):
        pd.testing.assert_frame_equal(frozen, live)
    assert closing.differences(merged, closed).empty
    then = figures(merged, scope_for(merged, YEAR, agencies.root(merged, YEAR.last).id), STANDARD, TODAY)
    assert table(then.judged.rows).set_index("code")["answered"].to_dict() == {"H59.8": 2, "H59.31": 5, "H59.33": 3}


def test_closing_freezes_also_who_joined_the_province_only_later(session: Session) -> None:
    joined = ended(session, "H07.9", "Ban Quản lý Khu kinh tế Bến Tre", None, "H61.1", Level.DEPARTMENT)
    joined.valid_to = dt.date(2026, 3, 31)
    session.flush()
    factories.response(session, 4, "H07.9", when=AUGUST)
    closing.close(session, AFTER, dt.datetime(2025, 9, 5, tzinfo=dt.UTC), STANDARD)
    rolled = counts.cells(session, scope_for(session, AFTER, agencies.root(session).id, TODAY), ("unit",)).set_index(
        "unit"
    )
    assert rolled["answered"].to_dict() == {factories.agency_id(session, "H61.1"): 1}


def test_a_renamed_agency_keeps_its_figures_its_children_and_its_staff(session: Session) -> None:
    ward = session.get(Agency, factories.agency_id(session, "H61.50"))
    assert ward is not None
    office = factories.agency(session, "H61.50.1", Level.OFFICE, "Phòng Kinh tế", "Economy Office", ward.id)
    renamed = Agency(
        code="H61.50",
        name={"vi": "Ủy ban nhân dân phường Long Đức", "en": "Long Duc"},
        level=ward.level,
        parent_id=ward.parent_id,
        valid_from=dt.date(2026, 10, 10),
    )
    session.add(renamed)
    session.flush()
    ward.valid_to, ward.successor_id = dt.date(2026, 10, 9), renamed.id
    session.flush()
    for day, agency in ((dt.date(2026, 10, 5), ward), (dt.date(2026, 10, 20), renamed)):
        case = factories.case(session, "H61.51", finished=day)
        case.resolving_agency_id = agency.id
    session.flush()
    province = agencies.root(session).id
    cohort = (
        counts.cohort(session, scope_for(session, parse("2026-10"), province)).set_index("unit")["finished"].to_dict()
    )
    assert cohort == {renamed.id: 2}
    assert counts.cohort(session, scope_for(session, parse("2026-09"), province)).empty
    names = {
        month: row.name["vi"]
        for month in ("2026-09", "2026-10")
        for row in figures(session, scope_for(session, parse(month), province), STANDARD, TODAY).judged.rows
        if row.code == "H61.50"
    }
    assert names == {"2026-09": "Ủy ban nhân dân phường Trà Vinh", "2026-10": "Ủy ban nhân dân phường Long Đức"}
    known = agencies.tree(session, dt.date(2026, 11, 1))
    assert [a.id for a in known.path(office.id)] == [province, renamed.id, office.id]
    assert known.children[renamed.id] == (office.id,)
    assert known.within(office.id, ward.id) and known.within(renamed.id, ward.id)
    assert known.named_now(ward.id) is renamed and agencies.tree(session, MERGED).named_now(ward.id) is ward


def test_who_sees_a_successor_sees_its_predecessors_and_nobody_sees_sideways(merged: Session) -> None:
    known = agencies.tree(merged, TODAY)
    key = {code: factories.agency_id(merged, code) for code in ("H61", "H61.50", "H61.51", "H59.31.1", "H59.33.1")}
    assert known.within(key["H59.31.1"], key["H61"]) and known.within(key["H59.31.1"], key["H61.50"])
    assert not known.within(key["H59.33.1"], key["H61.50"])
    # A merger gives the staff of one predecessor no sight of the whole successor.
    assert not known.within(key["H61.50"], key["H59.31.1"])


def test_successors_that_lead_in_a_circle_end_nothing(merged: Session) -> None:
    one, two = (merged.get(Agency, factories.agency_id(merged, code)) for code in ("H59.31.1", "H59.31.2"))
    assert one is not None and two is not None
    one.successor_id, two.successor_id = two.id, one.id
    merged.flush()
    rolled = counts.cells(merged, scope_for(merged, YEAR, agencies.root(merged).id, TODAY), ("unit",))
    assert rolled["answered"].sum() == 10
