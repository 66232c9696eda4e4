"""Counting: one SELECT, channels apart, units rolled up, versions joined by code, closed periods frozen."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from survey import agencies, closing, counts
from survey.errors import Conflict
from survey.models import Channel
from survey.periods import parse
from tests import factories

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
    return counts.cells(session, OCTOBER, agencies.root(session).id, ("unit", "channel"))


def test_cells_keep_units_and_channels_apart(session: Session) -> None:
    answers(session)
    cells = by_unit(session).set_index(["unit", "channel"])
    first, second = (factories.agency_id(session, code) for code in ("H61.50", "H61.51"))
    assert cells.loc[(first, 1)].tolist() == [3, 2, 1, 0, 0, 1, 1, 0]
    assert cells.loc[(first, 2), "answered"] == 2
    assert cells.loc[(second, 1)].tolist() == [2, 1, 0, 1, 0, 0, 1, 0]


def test_cells_of_questions_count_no_opinion_apart(session: Session) -> None:
    answers(session)
    cells = counts.cells(session, OCTOBER, agencies.root(session).id, ("question",), ("S2", "S3")).set_index("question")
    assert cells.loc["S2", ["answered", "satisfied", "no_opinion"]].tolist() == [3, 3, 0]
    assert cells.loc["S3", ["answered", "no_opinion"]].tolist() == [0, 3]


def test_no_answer_gives_no_cell_and_an_empty_total(session: Session) -> None:
    assert by_unit(session).empty
    assert counts.cells(session, OCTOBER, agencies.root(session).id, ()).iloc[0].tolist() == [0] * 8


def test_the_cohort_counts_cases_by_the_day_they_were_finished(session: Session) -> None:
    answers(session)
    factories.invitation(session, "H61.50", when=NOON)
    factories.case(session, "H61.50", finished=NOON.date())
    cohort = counts.cohort(session, OCTOBER, agencies.root(session).id).set_index("unit")
    assert cohort.loc[factories.agency_id(session, "H61.50")].tolist() == [5, 4, 3, 2]


def test_a_closed_period_stays_as_it_was(session: Session) -> None:
    answers(session)
    province = agencies.root(session).id
    every = [
        lambda: by_unit(session),
        lambda: counts.cells(session, OCTOBER, province, ("procedure",)),
        lambda: counts.cells(session, OCTOBER, province, ("question", "unit"), ("S2", "S3", "S4")),
        lambda: counts.cohort(session, OCTOBER, province),
        lambda: counts.cohort(session, OCTOBER, province, ("procedure",)),
    ]
    before = [query() for query in every]
    closing.close(session, OCTOBER, LATER)
    assert closing.close(session, OCTOBER, LATER).code == "2026-10"
    for query, was in zip(every, before, strict=True):
        pd.testing.assert_frame_equal(query(), was, check_dtype=False)
    assert closing.differences(session, OCTOBER).empty
    factories.response(session, 1, when=NOON)
    for query, was in zip(every, before, strict=True):
        pd.testing.assert_frame_equal(query(), was, check_dtype=False)
    assert len(closing.differences(session, OCTOBER)) == 1


def test_a_period_that_has_not_ended_cannot_be_closed(session: Session) -> None:
    with pytest.raises(Conflict):
        closing.close(session, OCTOBER, NOON)
