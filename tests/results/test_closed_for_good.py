"""A closed period never moves: agencies and names, target, questionnaire and answers are those of its closing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import migrations
from survey import questionnaires
from survey.collection import invitations, receipts, responses
from survey.collection.answers import Answers
from survey.collection.responses import SubmissionMeta
from survey.i18n import speaking
from survey.imports import placeholders
from survey.models import Agency, Channel, ClosedPeriod, FrozenCell, Level, Procedure, Response
from survey.periods import parse
from survey.reports import json as report_json
from survey.results import closing, counts, response_quality, verdict_text
from survey.results.figures import figures
from survey.results.overview import overview
from survey.results.scope import Reader, Standard, scope_asked, scope_for
from survey.security.tokens import new_token
from survey.web.survey import survey_of
from tests.support import factories, reporting
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.portal import program

OCTOBER, NOVEMBER, QUARTER = parse("2026-10"), parse("2026-11"), parse("2026-Q4")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)
LOWER = Standard("0.50", 0.80)


def whole(session: Session, standard: Standard = STANDARD) -> str:
    """Return everything that a report of October says, in both languages."""
    said = []
    for language in ("vi", "en"):
        with speaking(language):
            report = reporting.build(session, language, target=standard.target)
            said.append(json.dumps(report_json.document(report), default=str))
    return "\n".join(said)


def merge(session: Session) -> None:
    """Enter, after the closing, a merger and a rename that were in force in October already."""
    first = dt.date(2026, 10, 1)
    province = factories.agency_id(session, "H61")
    merged = Agency(
        code="H61.99",
        name={"vi": "Xã Hợp Nhất", "en": "United"},
        level=Level.COMMUNE,
        parent_id=province,
        valid_from=first,
    )
    renamed = Agency(
        code="H61.1", name={"vi": "Sở Mới", "en": "New"}, level=Level.DEPARTMENT, parent_id=province, valid_from=first
    )
    session.add_all([merged, renamed])
    session.flush()
    for code, heir in (("H61.50", merged), ("H61.51", merged), ("H61.1", renamed)):
        old = session.scalars(sa.select(Agency).where(Agency.code == code).order_by(Agency.valid_from)).first()
        assert old is not None
        old.valid_to, old.successor_id = first - dt.timedelta(days=1), heir.id
    session.execute(sa.update(Procedure).values(name={"vi": "Tên khác", "en": "Another name"}))
    session.execute(sa.update(Agency).where(Agency.code == "H61.52").values(name={"vi": "Tên khác", "en": "Other"}))
    session.flush()
    session.expire_all()


def test_a_merger_and_names_entered_late_change_nothing_in_a_closed_period(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    reporting.answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    before = whole(session)
    merge(session)
    assert whole(session) == before
    official(session)
    with time_machine.travel(dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC), tick=False):
        sign_in(client)
        rows = check_page(client.get("/staff/units?period=2026-10&view=full")).words
        unit = check_page(client.get("/staff/?period=2026-10&agency=H61.1")).words
        heir = check_page(client.get("/staff/?period=2026-10&agency=H61.99")).words
        counted = program(session, client).get("/counts?period=2026-10").json
    assert "phường Trà Vinh" in rows and "Hợp Nhất" not in rows and "Tên khác" not in rows
    assert "Sở Nội vụ" in unit and "Sở Mới" not in unit
    assert "Hợp Nhất" in heir  # who began later is found all the same, with what its predecessors had
    assert counted is not None
    codes = [line["code"] for line in counted["judged"]["lines"] if not line["pooled"]]
    assert codes == ["H61.1", "H61.2", "H61.50", "H61.51", "H61.52"]
    session.rollback()
    province = factories.agency_id(session, "H61")
    heirs = figures(session, scope_asked(session, OCTOBER, "H61.99", province, Reader.PROVINCE), STANDARD, TODAY)
    assert heirs.judged.total.answered == 75


def test_rows_imported_for_an_unknown_agency_take_no_answer_out_of_a_closed_period(session: Session) -> None:
    first = dt.date(2026, 10, 1)
    waiting = session.get_one(Agency, factories.agency_id(session, "H61.50"))
    waiting.placeholder = True
    for when in (NOON, NOON + dt.timedelta(days=31)):
        factories.response(session, 2, "H61.50", when=when)
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    before = whole(session)
    named = {"vi": "Tên mới", "en": "New name"}
    row = Agency(code="H61.50", name=named, level=Level.COMMUNE, parent_id=waiting.parent_id, valid_from=first)
    session.add(row)
    session.flush()
    waiting.valid_to, waiting.successor_id, waiting.placeholder = first - dt.timedelta(days=1), row.id, False
    placeholders.share_out(session, waiting, [waiting, row])
    session.expire_all()
    assert closing.differences(session, closed).empty and whole(session) == before
    assert session.scalars(sa.select(Response.agency_id).order_by(Response.id)).all() == [waiting.id, row.id]


def test_an_open_period_is_shown_with_the_agencies_as_they_are_known_today(session: Session) -> None:
    reporting.answers(session)
    before = whole(session)
    merge(session)
    assert whole(session) != before


def test_another_target_or_confidence_changes_no_verdict_of_a_closed_period(session: Session) -> None:
    for rating in [5] * 170 + [1] * 30:
        factories.response(session, rating, when=NOON)
    province = factories.agency_id(session, "H61")

    def concluded(standard: Standard) -> tuple[object, ...]:
        gathered = overview(session, scope_for(session, OCTOBER, province), standard, TODAY)
        shown = gathered.figures
        with speaking("en"):
            sentence = verdict_text.headline(shown).partition(": this conclusion is not final. ")
        parts = [(row.question, row.lower, row.upper) for row in gathered.factors]
        return sentence[2] or sentence[0], shown.target, shown.confidence, parts, gathered.trend.rows[-1].lower

    assert concluded(STANDARD) != concluded(LOWER)
    then = concluded(STANDARD)
    assert str(then[0]).startswith("Not met (certain).")
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    assert concluded(LOWER) == concluded(STANDARD) == then


def test_the_setting_in_use_when_a_period_is_closed_is_the_one_that_stays(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    factories.response(session, 5, when=NOON)
    official(session)
    survey = survey_of(app)
    survey.settings = replace(survey.settings, target="0.85")
    with time_machine.travel(CLOSED, tick=False), speaking("vi"):
        assert app.test_cli_runner().invoke(args=["hailong", "close", "--period", "2026-10"]).exit_code == 0
        survey.settings = replace(survey.settings, target="0.10")
        sign_in(client)
        pages = [check_page(client.get(f"/staff/?period={month}")).words for month in ("2026-10", "2026-11")]
    assert ["85%" in pages[0], "10%" in pages[0], "10%" in pages[1]] == [True, False, True]


def test_a_questionnaire_published_later_changes_no_factor_of_a_closed_period(session: Session) -> None:
    reporting.answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    before = whole(session)
    [document] = [
        d
        for d in questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8"))
        if d["id"] == "short_online"
    ]
    changed = json.loads(json.dumps(document).replace('"S2"', '"S22"')) | {"version": "99.0"}
    questionnaires.publish(session, changed, CLOSED + dt.timedelta(days=1))
    assert whole(session) == before


def answer(session: Session, token: str, rating: int, when: dt.datetime) -> None:
    source = invitations.find(session.connection(), token, when)
    sheet = questionnaires.asked_now(session)
    meta = SubmissionMeta(new_token(), when, "vi")
    responses.record(session.connection(), factories.SECRET, source, sheet, Answers({"overall": rating}), meta)


@pytest.mark.parametrize("closed", [False, True])
def test_an_answer_changed_in_the_next_month_counts_in_one_month_only(session: Session, closed: bool) -> None:
    evening, days_later = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC), dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
    token = factories.invitation(session, when=evening)
    answer(session, token, 5, evening)
    closed_october = closing.close(session, OCTOBER, CLOSED, STANDARD) if closed else None
    answer(session, token, 1, days_later)
    province = factories.agency_id(session, "H61")
    shown = [
        figures(session, scope_for(session, one, province), STANDARD, TODAY) for one in (OCTOBER, NOVEMBER, QUARTER)
    ]
    october, november, quarter = [(one.judged.total.answered, one.judged.total.satisfied) for one in shown]
    assert october == ((1, 1) if closed else (1, 0))
    assert november == (0, 0)
    assert quarter == (1, 0)
    if closed_october is not None:
        assert closing.differences(session, closed_october).empty
    [kept] = session.scalars(sa.select(Response).where(Response.counted))
    assert (kept.day, kept.submitted_at) == (dt.date(2026, 10, 31), days_later)
    proof = receipts.recorded(session.connection(), kept.receipt)
    assert proof is not None and proof.day == dt.date(2026, 11, 3)


def test_response_quality_of_a_closed_period_counts_no_late_answer(session: Session) -> None:
    sheet = questionnaires.asked_now(session, questionnaires.FULL)

    def filled_in(by: str, end: str) -> None:
        token = factories.invitation(session, when=NOON)
        source = invitations.find(session.connection(), token, NOON)
        meta = SubmissionMeta(new_token(), NOON, "vi")
        sent = Answers({"overall": 4}, {"A6": by, "end": end})
        responses.record(session.connection(), factories.SECRET, source, sheet, sent, meta)

    def shown() -> str:
        scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
        shares = {flag: share.units for flag, share in response_quality.shares(session, scope, STANDARD).items()}
        return repr((shares, response_quality.ends(session, scope, STANDARD)))

    for _ in range(12):
        filled_in("self", "done")
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    before = shown()
    for _ in range(12):  # they waited on phones, and tell the time at which they were given
        filled_in("officer", "refused")
    assert shown() == before
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    assert counts.cells(session, scope, ("day", "channel"))["answered"].sum() == 12


def test_a_period_has_one_code_on_page_api_and_command(app: Flask, client: FlaskClient, session: Session) -> None:
    official(session)
    portal = program(session, client)
    key = {"Authorization": f"Bearer {portal.key}"}
    with time_machine.travel(CLOSED, tick=False), speaking("en"):
        sign_in(client)
        for code in ("２026-10", "2０26-10", "202６-10", "2026-1０", "2026-१०", "2026-Ｑ4", "20२६"):
            assert client.get("/staff/", query_string={"period": code}).status_code == 400
            assert client.get("/api/v1/counts", query_string={"period": code}, headers=key).status_code == 422
            done = app.test_cli_runner().invoke(args=["hailong", "close", "--period", code])
            assert "is not a period" in str(done.exception)
    session.rollback()
    assert session.scalars(sa.select(ClosedPeriod)).all() == []


def test_a_frozen_cell_edited_in_the_database_is_said_on_the_page_and_in_the_report(
    client: FlaskClient, session: Session
) -> None:
    reporting.answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    warning = "đừng dùng các số liệu này"
    with speaking("vi"):
        clean = report_json.document(reporting.build(session))
    edited = sa.update(FrozenCell).where(FrozenCell.channel == Channel.INVITATION, FrozenCell.question == "")
    all_best = {"level_1": 0, "level_2": 0, "level_3": 0, "level_4": 0, "level_5": FrozenCell.answered}
    with pytest.raises(sa.exc.IntegrityError, match="adds_up"), session.begin_nested():
        session.execute(edited.values(satisfied=FrozenCell.answered))  # what does not add up the database refuses
    session.execute(edited.values(satisfied=FrozenCell.answered, **all_best))
    with speaking("vi"):
        altered = report_json.document(reporting.build(session))
    assert (clean.period.altered, altered.period.altered) == (False, True)
    assert warning not in clean.sentence.lower() and warning in altered.sentence.lower()
    official(session)
    with time_machine.travel(CLOSED, tick=False):
        sign_in(client)
        assert warning in check_page(client.get("/staff/?period=2026-10")).words.lower()
        counted = program(session, client).get("/counts?period=2026-10").json
    assert counted is not None and counted["period"]["altered"] is True


def test_periods_closed_before_are_frozen_by_the_migration_as_their_pages_showed_them(
    app: Flask, session: Session
) -> None:
    reporting.answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD).targets = None  # which were not kept then
    before = whole(session)
    session.commit()
    database = survey_of(app).database
    migrations.migrate(database, "0018")
    migrations.migrate(database, target="0.80", confidence=0.99)
    migrations.check(database)
    row = session.scalars(sa.select(ClosedPeriod)).one()
    assert (row.target, row.confidence) == ("0.80", 0.99)
    row.target, row.confidence = "0.90", 0.95
    session.flush()
    merge(session)
    assert whole(session) == before
