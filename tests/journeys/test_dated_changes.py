"""Changes of agencies, procedures and cases that hold from a day on, as pages, answers and figures show them."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.cases import recording
from survey.collection import placements
from survey.collection.withdrawn_cases import Informant
from survey.delivery import webhooks
from survey.models import Case, Delivery, Procedure, Respondent, Response, Role
from survey.organisation import agencies, procedures
from survey.periods import local_day, now, parse
from survey.results import closing, counts
from survey.results.scope import Standard, scope_for
from tests.support import factories
from tests.support.dated import rename
from tests.support.factories import SECRET
from tests.support.officials import official, send, sign_in

TODAY = local_day(now())
NEXT_YEAR, LAST_WEEK = TODAY + dt.timedelta(days=400), TODAY - dt.timedelta(days=7)
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)


def test_a_name_of_next_year_stands_on_no_page_of_today(session: Session, client: FlaskClient) -> None:
    official(session, role=Role.ADMINISTRATOR)
    session.add(
        Procedure(
            code="1.001193",
            name={"vi": "Thủ tục năm sau", "en": "Next year's"},
            field={"vi": "Hộ tịch", "en": "Civil status"},
            delivery=1,
            valid_from=NEXT_YEAR,
        )
    )
    factories.placement(session).procedure_id = session.scalars(
        sa.select(Procedure.id).where(Procedure.code == "1.001193").order_by(Procedure.valid_from)
    ).first()
    for code, name in (("H61", "Tỉnh Năm Sau"), ("H61.50", "Phường Năm Sau")):
        rename(session, code, NEXT_YEAR, name)
    session.commit()
    sign_in(client)
    for path in ("/", "/q/TESTQR", "/staff/", "/staff/account", "/staff/placements", "/staff/placements/sheet"):
        page = client.get(path).text
        assert "Năm Sau" not in page and "năm sau" not in page, path
    assert "Ủy ban nhân dân phường Trà Vinh" in client.get("/q/TESTQR").text
    assert client.get("/staff/questionnaires/").status_code == 200
    assert "Thủ tục năm sau" not in client.get("/staff/placements/new").text


@pytest.mark.parametrize("linked", [True, False])
def test_accounts_keys_and_webhooks_of_before_a_renaming_go_on(
    session: Session, client: FlaskClient, linked: bool
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    webhooks.add(session, SECRET, "portal", "https://a.vn/", webhooks.EVENTS, factories.agency_id(session, "H61"), NOON)
    before = factories.placement(session)
    rename(session, "H61", LAST_WEEK, "Tỉnh Mới", linked=linked)
    rename(session, "H61.50", LAST_WEEK, "Phường Mới", linked=linked)
    ward = agencies.by_code(session, "H61.50")
    case = factories.case(session, finished=TODAY - DAY)
    case.resolving_agency_id = ward.id
    session.execute(sa.update(Response).values(agency_id=ward.id))
    factories.response(session, 5, when=now() - DAY)
    session.execute(sa.update(Response).values(agency_id=ward.id))
    webhooks.add_events(session, "https://a.vn", now())
    assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 1
    assert placements.lacking(session, agencies.tree(session), [ward.id]) == [], before.code
    session.commit()
    sign_in(client)
    assert "Tỉnh Mới" in client.get("/staff/account").text
    assert client.get("/staff/questionnaires/").status_code == 200
    assert "Phường Mới" in client.get(f"/staff/units?period={TODAY:%Y-%m}").text
    assert "Phường Mới" in client.get("/q/TESTQR").text


def test_a_manager_has_no_power_over_codes_of_an_agency_that_left_his_subtree(
    session: Session, client: FlaskClient
) -> None:
    office = factories.agency(session, "H61.1.7", factories.Level.OFFICE, "Phòng", "Office", None)
    office.parent_id = factories.agency_id(session, "H61.1")
    hanging = factories.placement(session, "H61.1.7")
    official(session, "before", "H61.1", Role.MANAGER)
    official(session, "after", "H61.2", Role.MANAGER)
    rename(session, "H61.1.7", LAST_WEEK, "Phòng", above="H61.2")
    session.commit()
    answers = {}
    for login in ("before", "after"):
        sign_in(client, login)
        answers[login] = send(client, f"/staff/placements/{hanging.code}/switch", on="0").status_code
        listed = client.get("/staff/placements").text
        assert ("TEST QR" in listed or "TESTQR" in listed) is (login == "after")
    assert answers == {"before": 404, "after": 303}


def case(**about: object) -> recording.FinishedCase:
    """A finished case of the ward, or as it is corrected."""
    particulars = {
        "receiving": "H61.50",
        "resolving": "H61.50",
        "procedure": "1.001193",
        "respondent": Respondent.CITIZEN,
        "finished": dt.date(2026, 10, 5),
    }
    return recording.finished(SECRET, "H61.50-261001-0001", **(particulars | about))


def test_a_case_belongs_to_the_version_of_its_procedure_that_was_in_force_when_it_was_finished(
    session: Session,
) -> None:
    now_in_force = factories.procedure_id(session)
    first = session.get_one(Procedure, now_in_force)
    versions = [
        Procedure(code=first.code, name=first.name, field=first.field, delivery=1, valid_from=day)
        for day in (dt.date(2026, 10, 6), NEXT_YEAR)
    ]
    session.add_all(versions)
    session.flush()
    for finished, version in ((dt.date(2026, 10, 5), now_in_force), (dt.date(2026, 10, 6), versions[0].id)):
        recording.record(session, [case(finished=finished)], Informant(NOON))
        assert session.scalars(sa.select(Case.procedure_id)).one() == version
    assert procedures.in_force(session, TODAY)["1.001193"].id == versions[0].id


@pytest.mark.parametrize("closed", [False, True])
def test_a_corrected_case_takes_its_answer_with_it_unless_the_month_is_closed(session: Session, closed: bool) -> None:
    october = parse("2026-10")
    factories.response(session, 5, when=NOON)
    stored = session.scalars(sa.select(Case)).one()
    stored.code_hash = case().code_hash
    session.flush()
    if closed:
        row = closing.close(session, october, dt.datetime(2026, 11, 3, tzinfo=dt.UTC), Standard("0.90", 0.95))
    assert (
        recording.record(session, [case(resolving="H61.51", respondent=Respondent.BUSINESS)], Informant(NOON)).updated
        == 1
    )
    place = factories.agency_id(session, "H61.50" if closed else "H61.51")
    scope = scope_for(session, october, agencies.root(session).id)
    cells = counts.cells(session, scope, ("agency", "respondent"))
    whose = Respondent.CITIZEN if closed else Respondent.BUSINESS
    assert cells[["agency", "respondent", "answered"]].values.tolist() == [[place, int(whose), 1]]
    if closed:
        assert closing.differences(session, row).empty
