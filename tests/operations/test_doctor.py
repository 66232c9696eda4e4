"""`hailong doctor` recounts closed periods: what was published is still what the answers say."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod, FrozenCell, FrozenCohort, Response
from survey.operations import doctor
from survey.periods import parse
from survey.results import closing, link_cut
from survey.settings import misnamed
from tests.support import factories
from tests.support.figures import STANDARD

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)


def states(session: Session) -> list[str]:
    return [finding.state for finding in doctor.closed_periods(session)]


def test_a_frozen_cell_that_was_edited_in_the_database_is_noticed(session: Session) -> None:
    assert states(session) == ["ok"]
    for rating in (5, 4, 2):
        factories.response(session, rating, when=NOON, ratings={"r1": rating})
    for period in (parse("2026-10"), parse("2026-09")):
        closing.close(session, period, LATER, STANDARD)
    factories.response(session, 1, when=NOON)  # one that waited, and came when all was closed
    (whole,) = doctor.closed_periods(session)
    assert (whole.state, whole.values) == ("ok", {"count": 2})
    cell = session.execute(sa.select(FrozenCell).where(FrozenCell.question == "S2")).scalar_one()
    cell.satisfied, cell.level_4, cell.level_2 = cell.satisfied + 1, cell.level_4 + 1, cell.level_2 - 1
    session.flush()
    edited, whole = doctor.closed_periods(session)
    assert (edited.state, edited.values["period"], edited.values["cells"]) == ("fault", "2026-10", 1)
    assert (whole.state, whole.values) == ("ok", {"count": 1})


@pytest.mark.parametrize(
    "edit",
    [
        sa.update(ClosedPeriod).values(target="0.50"),
        sa.update(ClosedPeriod).values(confidence=0.5),
        sa.update(ClosedPeriod).values(agencies=[]),
        sa.update(ClosedPeriod).values(procedures=[]),
        sa.update(FrozenCohort).values(invited=FrozenCohort.finished + 1),
    ],
)
def test_a_frozen_target_name_or_case_that_was_edited_is_noticed(session: Session, edit: sa.Update) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.expire_all()
    assert states(session) == ["ok"]
    session.execute(edit)
    session.expire_all()
    assert states(session) == ["fault", "ok"]


def test_an_answer_that_was_removed_from_a_closed_period_is_noticed(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.execute(sa.update(Response).values(counted=False))
    assert states(session) == ["fault", "ok"]


def test_links_that_should_have_been_cut_days_ago_are_said(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    for days, state in ((1, "ok"), (3, "warning")):
        finding = doctor.links(link_cut.late(session, LATER + dt.timedelta(days=days)))
        assert (finding.state, finding.values.get("count")) == (state, 1 if state == "warning" else None)


def test_a_variable_that_nobody_reads_is_named_for_its_slip_leaves_the_default() -> None:
    slips = misnamed({"HAILONG_TARGT": "0.8", "HAILONG_TARGET": "0.8", "PATH": "", "PORT": "1", "HAILONG_": ""})
    assert slips == ["HAILONG_", "HAILONG_TARGT"]
    assert [(one.state, one.values["variable"]) for one in doctor.names(slips)] == [("warning", name) for name in slips]
