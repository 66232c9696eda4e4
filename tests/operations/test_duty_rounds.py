"""A year of the calendar of duties by time travel: every report is closed, drafted and handed in before its day."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.alerts import rules
from survey.alerts.looking import Look, SeenBy
from survey.models import AlertKind, ClosedPeriod, Duty, DutyDraft, DutySpan, Edition, Job, JobState, Role
from survey.operations import duty_rounds
from survey.periods import LOCAL_ZONE, parse
from survey.reports import duties, register
from survey.reports.duties import DutyState
from survey.reports.register import Issuance, MadeReport
from survey.results.scope import Reader, Standard
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official

STANDARD = Standard("0.90", 0.95)
VISITED = (1, 2, 6, 15, 16, 20, 30)  # after each end and due day of a month: what is late stays late until it is met
FIRST = dt.date(2026, 12, 15)  # of the first administrative month, so that a whole year of each kind is owed


def morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(6), LOCAL_ZONE).astimezone(dt.UTC)


def make_drafts(session: Session, at: dt.datetime) -> None:
    """End the jobs of drafts, as the process that makes reports does."""
    for job in session.scalars(sa.select(Job).where(Job.state == JobState.QUEUED)):
        job.state, job.due_at, job.changed_at, job.file = JobState.DONE, None, at, "hailong.docx"


def hand_in(session: Session, row: duties.DutyRow, staff_id: int, at: dt.datetime) -> None:
    content = f"{row.duty.id} {row.period.code}".encode()
    province = factories.agency_id(session, "H61")
    report = MadeReport(province, row.period, "docx", "vi", "hailong.docx", content, "0F" * 14)
    issuance = Issuance(f"{row.period.code}/BC", at.astimezone(LOCAL_ZONE).date(), Edition.INTERNAL)
    register.issue(session, report, issuance, staff_id, at)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about days, not about where they are stored
def test_a_year_in_which_every_duty_is_met_before_its_day(app: Flask, session: Session) -> None:
    administrator = official(session, "quantri", role=Role.ADMINISTRATOR).id
    for month in range(14):
        when = morning(FIRST) + dt.timedelta(days=30 * month)
        factories.response(session, 5, when=when)
    session.execute(sa.update(Duty).values(closes=True))
    session.commit()
    database, day = survey_of(app).database, FIRST
    met: dict[tuple[int, str], tuple[dt.date, dt.date]] = {}
    reminded: set[str] = set()
    while day < FIRST + dt.timedelta(days=395):
        if day.day not in VISITED:
            day += dt.timedelta(days=1)
            continue
        at = morning(day)
        duty_rounds.run(database, STANDARD, "vi", at)
        make_drafts(session, at)
        session.commit()
        assert duty_rounds.run(database, STANDARD, "vi", at) == 0  # done again, nothing is done twice
        rows = duties.rows(session, day)
        reminded |= {row.period.code for row in rows if rules.duty_due(row, day)}
        for row in rows:
            assert row.state is not DutyState.OVERDUE, (row.duty.name, row.period.code, day)
            if row.drafted and row.met_on is None and row.draft is not None and row.draft.asked_at < at:
                assert row.closed  # the day after its draft was made, it is handed in
                hand_in(session, row, administrator, at)
                met[row.duty.id, row.period.code] = (day, row.due)
        session.commit()
        day += dt.timedelta(days=1)
    assert all(handed <= due for handed, due in met.values())
    codes = {code for _duty, code in met}
    assert codes >= {f"2027-{month:02}" for month in range(1, 13)} | {f"2027-Q{number}" for number in range(1, 5)}
    assert [due for (_duty, code), (_day, due) in met.items() if code == "2027-Y1114"] == [dt.date(2027, 11, 29)]
    assert len([code for _duty, code in met if code == "2027-11"]) == 2  # the month, and the survey of November
    assert {row.code for row in session.scalars(sa.select(ClosedPeriod))} >= codes
    assert reminded >= {"2027-11", "2027-Q2"}


def test_nothing_is_closed_and_no_figure_is_told_unless_the_province_wants_it(app: Flask, session: Session) -> None:
    official(session, "quantri", role=Role.ADMINISTRATOR)
    factories.response(session, 5, when=morning(dt.date(2026, 10, 10)))
    session.commit()
    database, at = survey_of(app).database, morning(dt.date(2026, 11, 2))
    assert duty_rounds.run(database, STANDARD, "vi", at) == 1
    make_drafts(session, at)
    session.commit()
    duty_rounds.run(database, STANDARD, "vi", at)
    assert session.scalars(sa.select(ClosedPeriod)).all() == []
    [draft] = session.scalars(sa.select(DutyDraft)).all()
    assert (draft.period_code, draft.made_at) == ("2026-10", at)
    province = SeenBy(factories.agency_id(session, "H61"), Reader.PROVINCE)
    facts = [fact for _agency, fact in Look(session, province, STANDARD, at).facts()]
    kinds = {fact.kind: fact.about for fact in facts}
    assert kinds[AlertKind.DRAFT_READY].keys() == {"period", "basis", "name", "day"}
    assert kinds[AlertKind.REPORT_DUE]["day"] == "2026-11-05" and not kinds[AlertKind.REPORT_DUE]["late"]
    late = Look(session, province, STANDARD, morning(dt.date(2026, 11, 6))).facts()
    assert [fact.about["late"] for _agency, fact in late if fact.kind == AlertKind.REPORT_DUE] == [True]


def test_a_draft_that_could_not_be_made_is_asked_for_again(app: Flask, session: Session) -> None:
    factories.response(session, 5, when=morning(dt.date(2026, 10, 10)))
    session.commit()
    database, at = survey_of(app).database, morning(dt.date(2026, 11, 2))
    assert duty_rounds.run(database, STANDARD, "vi", at) == 0  # there is nobody to whom it could be given
    official(session, "quantri", role=Role.ADMINISTRATOR)
    assert duty_rounds.run(database, STANDARD, "vi", at) == 1
    job = session.scalars(sa.select(Job)).one()
    job.state, job.due_at, job.message = JobState.FAILED, None, "It could not be made."
    session.commit()
    assert duty_rounds.run(database, STANDARD, "vi", at + dt.timedelta(days=1)) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about days, not about where they are stored
def test_each_kind_of_duty_has_its_days(session: Session) -> None:
    whole = {"due_months": 0, "due_day": 31, "only_month": 0, "basis": "calendar", "ending": "", "days": ""}
    for span, more, code, due in (
        (DutySpan.MONTH, {}, "2027-02", "2027-02-28"),
        (DutySpan.MONTH, {"only_month": 11, "due_months": 1, "due_day": 10}, "2026-11", "2026-12-10"),
        (DutySpan.QUARTER, {"basis": "administrative", "due_day": 19}, "2027-Q1", "2027-03-19"),
        (DutySpan.HALF, {"due_months": 1}, "2027-H1", "2027-07-31"),
        (DutySpan.YEAR, {"ending": "1114", "due_day": 29}, "2027-Y1114", "2027-11-29"),
        (DutySpan.YEAR, {}, "2027", "2027-12-31"),
        (
            DutySpan.DAYS,
            {"days": "20270101-20270214", "due_months": 1, "due_day": 1},
            "20270101-20270214",
            "2027-03-01",
        ),
    ):
        duty = Duty(span=span, **whole | more)
        periods = duties.periods_of(duty, dt.date(2027, 2, 3))
        named = {period.code: duties.due_day(duty, period).isoformat() for period in periods}
        assert named.get(code) == due, (code, named)
    assert parse("2027-Y1114").first == dt.date(2026, 11, 15)
