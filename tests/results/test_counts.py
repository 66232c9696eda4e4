"""Counting: one SELECT, channels apart, units rolled up, versions joined by code, closed periods frozen."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.models import Channel, Response
from survey.organisation import agencies
from survey.periods import parse
from survey.results import closing, counts, live_counts
from survey.results.scope import Reader, scope_for
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.statements import statements

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)


def answers(session: Session) -> None:
    """Seven answers: five by invitation in two units, two at an open code."""
    for rating in (5, 4, 1):
        factories.response(session, rating, "H61.50", when=NOON, ratings={"r1": 5, "r2": 9})
    factories.response(session, 5, "H61.51", "2.000815", when=NOON)
    factories.response(session, 2, "H61.51", when=NOON)
    for _ in range(2):
        factories.response(session, 5, "H61.50", when=NOON, channel=Channel.OPEN)


def by_unit(session: Session) -> pd.DataFrame:
    return counts.cells(session, scope_for(session, OCTOBER, agencies.root(session).id), ("unit", "channel"))


def test_cells_keep_units_and_channels_apart(session: Session) -> None:
    answers(session)
    cells = by_unit(session).set_index(["unit", "channel"])
    first, second = (factories.agency_id(session, code) for code in ("H61.50", "H61.51"))
    assert cells.loc[(first, 1)].tolist() == [3, 2, 1, 0, 0, 1, 1, 0]
    assert cells.loc[(first, 2), "answered"] == 2
    assert cells.loc[(second, 1)].tolist() == [2, 1, 0, 1, 0, 0, 1, 0]


def test_cells_of_questions_count_no_opinion_apart(session: Session) -> None:
    answers(session)
    cells = counts.cells(
        session, scope_for(session, OCTOBER, agencies.root(session).id), ("question",), ("S2", "S3")
    ).set_index("question")
    assert cells.loc["S2", ["answered", "satisfied", "no_opinion"]].tolist() == [3, 3, 0]
    assert cells.loc["S3", ["answered", "no_opinion"]].tolist() == [0, 3]


def test_no_answer_gives_no_cell_and_an_empty_total(session: Session) -> None:
    assert by_unit(session).empty
    assert counts.cells(session, scope_for(session, OCTOBER, agencies.root(session).id), ()).iloc[0].tolist() == [0] * 8


def test_the_cohort_counts_cases_by_the_day_they_were_finished(session: Session) -> None:
    answers(session)
    factories.invitation(session, "H61.50", when=NOON)
    factories.case(session, "H61.50", finished=NOON.date())
    cohort = counts.cohort(session, scope_for(session, OCTOBER, agencies.root(session).id)).set_index("unit")
    assert cohort.loc[factories.agency_id(session, "H61.50")].tolist() == [5, 4, 3, 0, 0, 0]


def test_a_closed_period_stays_as_it_was(session: Session) -> None:
    answers(session)
    province = agencies.root(session).id
    every = [
        lambda: by_unit(session),
        lambda: counts.cells(session, scope_for(session, OCTOBER, province), ("procedure",)),
        lambda: counts.cells(session, scope_for(session, OCTOBER, province), ("question", "unit"), ("S2", "S3", "S4")),
        lambda: counts.cohort(session, scope_for(session, OCTOBER, province)),
        lambda: counts.cohort(session, scope_for(session, OCTOBER, province), ("procedure",)),
    ]
    before = [query() for query in every]
    closed = closing.close(session, OCTOBER, LATER, STANDARD)
    assert closing.close(session, OCTOBER, LATER, STANDARD) is closed
    for query, was in zip(every, before, strict=True):
        pd.testing.assert_frame_equal(query(), was, check_dtype=False)
    assert closing.differences(session, closed).empty
    factories.response(session, 1, when=NOON)
    for query, was in zip(every, before, strict=True):
        pd.testing.assert_frame_equal(query(), was, check_dtype=False)
    assert closing.differences(session, closed).empty


def test_a_period_that_has_not_ended_cannot_be_closed(session: Session) -> None:
    with pytest.raises(Conflict):
        closing.close(session, OCTOBER, NOON, STANDARD)


@pytest.mark.parametrize("reader", [Reader.PROVINCE, Reader.UNIT])
def test_a_series_has_the_judged_counts_of_each_period(session: Session, reader: Reader) -> None:
    answers(session)
    province = agencies.root(session).id
    factories.response(session, 2, "H61.50", when=NOON - dt.timedelta(days=30))
    factories.response(session, 4, "H61.51", when=NOON + dt.timedelta(days=26))
    for number in range(17):  # enough in each half for two batches and some more
        for when in (NOON, NOON + dt.timedelta(days=20), NOON - dt.timedelta(days=40)):
            factories.response(session, 1 + number % 5, "H61.50", when=when)
    line = [parse("2026-08"), parse("2026-09"), OCTOBER]
    shown = []
    for agency in (province, factories.agency_id(session, "H61.50")):
        scope = scope_for(session, OCTOBER, agency, reader=reader)
        found = counts.series(session, line, scope)
        for period in line:
            alone = scope_for(session, period, agency, OCTOBER.last, reader)
            cells = counts.judged(counts.cells(session, alone))
            assert list(found[period.code].values()) == cells[["answered", "satisfied"]].sum().tolist()
        shown.append([one["answered"] for one in found.values()])
    assert shown[1] == ([17, 1, 37] if reader == Reader.PROVINCE else [10, 0, 25])
    assert counts.series(session, [], scope_for(session, OCTOBER, province, reader=reader)) == {}


def test_what_a_commune_is_shown_of_a_series_is_worked_out_once_for_all_its_periods(session: Session) -> None:
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61.50"), reader=Reader.UNIT)
    line = [parse(f"2026-{month:02}") for month in range(1, 11)]
    with statements(session.get_bind()) as seen:
        counts.series(session, line, scope)
    assert seen[-1].text.count("PARTITION BY") == 2


@pytest.mark.parametrize("by", [(), ("channel",), ("unit", "respondent"), ("agency", "day")])
def test_any_number_of_questions_is_counted_in_a_few_readings(
    session: Session, by: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(session)
    asked, province = ("S2", "S3", "S4"), agencies.root(session).id
    together = counts.cells(session, scope_for(session, OCTOBER, province), (*by, "question"), asked)
    monkeypatch.setattr(live_counts, "AT_ONCE", 2)
    pd.testing.assert_frame_equal(
        counts.cells(session, scope_for(session, OCTOBER, province), (*by, "question"), asked), together
    )
    single = [counts.cells(session, scope_for(session, OCTOBER, province), (*by, "question"), (one,)) for one in asked]
    pd.testing.assert_frame_equal(
        pd.concat(single).sort_values([*by, "question"], ignore_index=True), together, check_dtype=False
    )
    one_by_one = Counter(
        (question, rating)
        for rated in session.execute(sa.select(Response.r1, Response.r2, Response.r3).where(Response.counted))
        for question, rating in zip(asked, rated, strict=True)
    )
    for number, level in enumerate(live_counts.LEVELS, start=1):
        for question in asked:
            of_it = together[together["question"] == question]
            assert of_it[level].sum() == one_by_one[question, number]
            assert of_it["answered"].sum() == of_it[list(live_counts.LEVELS)].sum().sum()


def test_sheets_of_a_closed_period_are_those_that_stood_then(session: Session) -> None:
    province = agencies.root(session).id
    given = {receipt: rating for rating in (1, 2, 3) for receipt in [factories.response(session, rating, when=NOON)]}
    first, second, kept = session.scalars(sa.select(Response).order_by(Response.id))
    assert set(given) == {first.receipt, second.receipt, kept.receipt}
    for earlier, at in ((first, NOON), (second, LATER + dt.timedelta(days=1))):  # one replaced before, one after
        if earlier is second:
            closing.close(session, OCTOBER, LATER, STANDARD)
        factories.response(session, 5, when=at)
        session.execute(sa.update(Response).where(Response.id == earlier.id).values(counted=False))
        newest = session.scalar(sa.select(sa.func.max(Response.id)))
        session.execute(sa.update(Response).where(Response.id == newest).values(supersedes_id=earlier.id))
    stood = counts.sheets(session, scope_for(session, OCTOBER, province), ())
    assert dict(stood.itertuples(index=False)) == {2: 1, 3: 1, 5: 1}


def test_sheets_of_some_days_are_those_of_these_days_alone(session: Session) -> None:
    for rating, after in ((1, 0), (2, 1), (3, 9), (4, 30), (5, 31)):  # the last is in November
        factories.response(session, rating, when=dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC) + dt.timedelta(days=after))
    province = agencies.root(session).id
    for days, rated in (([0], [1]), ([1, 9], [2, 3]), ([30], [4]), ([2, 3], []), ([], []), (None, [1, 2, 3, 4])):
        assert counts.sheets(session, scope_for(session, OCTOBER, province), (), days)["overall"].tolist() == rated, (
            days
        )


def test_counts_of_overall_ratings_are_read_from_the_index_alone(session: Session) -> None:
    small = session.get_bind().dialect.name == "sqlite"
    explain, found = ("EXPLAIN QUERY PLAN", "COVERING INDEX") if small else ("EXPLAIN", "Index Only Scan using")
    for way in () if small else ("seqscan", "bitmapscan"):  # which are quicker on a table as small as this one
        session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
    with statements(session.get_bind()) as seen:
        counts.series(session, [OCTOBER, parse("2026-09")], scope_for(session, OCTOBER, agencies.root(session).id))
        by_unit(session)
    asked = [one for one in seen if "FROM response" in one.text]
    assert len(asked) == 2
    for statement, values in asked:
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", values).all()
        steps = [step[-1] for step in plan if re.search(r"(SCAN|SEARCH|Scan.* on) response", step[-1])]
        assert steps and all(f"{found} ix_response_counted" in step for step in steps), plan
