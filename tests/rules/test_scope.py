"""Who may open what, for every staff address of the running application; and nobody sees another unit's figures."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey.models import Agency, Channel, Level, Role
from survey.organisation import agencies, procedures
from tests.support import factories
from tests.support.jobs import file_of
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page
from tests.support.portal import check_problem, program
from tests.support.staff_roles import ROUTES

WHEN = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
PLACES = {
    "<int:number>": "1",
    "<question>": "S8",
    "<named>": "NONE",
    "<prefix>": "0" * 16,
    "<asked>": "0" * 12,
    "<code>": "NONE",
    "<any(svg, png):kind>": "svg",
    "<any(suspend, resume, unlock, password):act>": "suspend",
    "<token>": "0" * 22,
    "<any(agencies, procedures, cases):kind>": "agencies",
    "<any(quality, reconciliation, sending):before>": "quality",
}
REPORT = {"period": "2026-10", "basis": "calendar", "lang": "vi"}


def routes(app: Flask) -> list[tuple[str, str]]:
    rules: list[Rule] = list(app.url_map.iter_rules())
    guarded = [rule for rule in rules if rule.rule.startswith("/staff")]
    return [
        (method, rule.rule) for rule in guarded for method in sorted(rule.methods or ()) if method in ("GET", "POST")
    ]


def address(rule: str) -> str:
    for place, value in PLACES.items():
        rule = rule.replace(place, value)
    return rule


def opened(response: TestResponse) -> bool:
    to_sign_in = response.status_code == 302 and str(response.location).startswith("/staff/sign-in")
    return not to_sign_in and response.status_code not in (401, 403)


def test_every_staff_address_stands_in_the_table(app: Flask) -> None:
    assert not set(routes(app)) - set(ROUTES), "say here which roles may open it"


@pytest.mark.parametrize("role", [None, *Role])
def test_every_staff_address_opens_for_the_roles_of_the_table_only(
    app: Flask, session: Session, role: Role | None
) -> None:
    if role is not None:
        official(session, role=role)
    session.rollback()
    visitor, token = arrived(app, role)
    for method, rule in routes(app):
        if method == "GET":
            response = visitor.get(address(rule))
        else:
            form = {"csrf_token": token, "agency": "H61", "format": "csv", **REPORT}
            response = visitor.post(address(rule), data=form)
        assert opened(response) == (role in ROUTES[method, rule]), (method, rule, role, response.status_code)
        if method == "POST" and (role is None or not opened(visitor.get("/staff/account"))):
            visitor, token = arrived(app, role)  # it ended the session, or may have begun one


def arrived(app: Flask, role: Role | None) -> tuple[FlaskClient, str]:
    """Return a visitor, signed in where there is a role, and the token of their forms."""
    visitor = app.test_client()
    if role is None:
        return visitor, token_on(visitor)
    sign_in(visitor)
    return visitor, token_on(visitor, "/staff/account")


@pytest.mark.parametrize("role", list(Role))
def test_an_address_that_does_not_say_who_may_open_it_is_shut(app: Flask, session: Session, role: Role) -> None:
    app.add_url_rule("/staff/forgotten", "forgotten", lambda: "secret")
    official(session, role=role)
    client = app.test_client()
    sign_in(client)
    refused = client.get("/staff/forgotten")
    assert refused.status_code == 403
    assert "secret" not in check_page(refused).words


def furnish(session: Session) -> dict[str, str]:
    """Give every unit answers by every channel, on a procedure of its own; return each unit's canaries by its code."""
    known = agencies.tree(session)
    canaries = {}
    for agency in known.agencies.values():
        procedure = next(p for p in procedures.by_id(session).values()) if agency.code == "H61" else None
        bird = f"Chim{agency.code.replace('.', 'Z')}Hoàng"
        agency.name = {"vi": f"{bird} Yến", "en": f"{bird} Canary"}
        if procedure is None:
            own = factories.Procedure(
                code=f"9.{agency.id:06}",
                name={"vi": f"{bird} thủ tục", "en": bird},
                field={"vi": bird, "en": bird},
                delivery=factories.DeliveryLevel.FULLY_ONLINE,
                valid_from=factories.START,
            )
            session.add(own)
            session.flush()
            for channel in Channel:
                factories.response(session, 4, agency.code, own.code, WHEN, channel)
        canaries[agency.code] = bird
    session.commit()
    return canaries


def text_of(response: TestResponse) -> str:
    """Return what a page or file says, without whose survey it is: the province's name stands above every page."""
    if response.data[:2] != b"PK":
        return re.sub(r'<a class="brand".*?</a>', "", response.get_data(as_text=True), flags=re.DOTALL)
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name.endswith("xml")]
    return re.sub(r"<[^>]+>", "", " ".join(parts))


def test_a_unit_sees_its_own_subtree_on_every_page_and_in_every_file(session: Session, client: FlaskClient) -> None:
    canaries = furnish(session)
    official(session, agency="H61.50", role=Role.ADMINISTRATOR)
    sign_in(client)
    own = canaries.pop("H61.50")
    pages = ("", "procedures", "procedures?view=full", "units", "units?view=full", "?agency=H61.50")
    seen = [client.get(f"/staff/{page}{'&' if '?' in page else '?'}period=2026-10") for page in pages]
    seen += [client.get("/staff/account")]
    seen += [
        file_of(client, "/staff/report", agency="H61.50", format=ending, **REPORT)
        for ending in ("csv", "json", "xlsx", "docx")
    ]
    for page in seen:
        assert page.status_code == 200
        assert own in text_of(page)
        for code in ("H61.1", "H61.2", "H61.51", "H61.52"):
            assert canaries[code] not in text_of(page), (page.request.path, code)


@pytest.mark.parametrize("code", ["H61", "H61.1", "H61.51", "NONE"])
def test_another_unit_looks_as_if_it_did_not_exist(session: Session, client: FlaskClient, code: str) -> None:
    canaries = furnish(session)
    official(session, agency="H61.50", role=Role.ADMINISTRATOR)
    sign_in(client)
    asked = [
        client.get(f"/staff/?period=2026-10&agency={code}"),
        client.get(f"/staff/procedures?period=2026-10&agency={code}"),
        client.get(f"/staff/units?period=2026-10&agency={code}"),
        file_of(client, "/staff/report", agency=code, format="json", **REPORT),
    ]
    for page in asked:
        assert page.status_code == 404
        assert f"Không có cơ quan nào mang mã {code}" in check_page(page).words
        assert canaries.get(code, "Yến") not in text_of(page)


def test_the_province_sees_all_of_them(session: Session, client: FlaskClient) -> None:
    canaries = furnish(session)
    official(session)
    sign_in(client)
    page = client.get("/staff/units?period=2026-10&view=full")
    assert all(bird in page.text for bird in canaries.values())


@pytest.fixture
def succeeded(session: Session) -> Session:
    """A commune that took over from H61.51 on 1 November 2026, and answers that were given before."""
    for rating in (5, 4, 2) * 5:
        factories.response(session, rating, "H61.51", when=WHEN)
    old = session.get_one(Agency, factories.agency_id(session, "H61.51"))
    new = factories.agency(
        session, "H61.60", Level.COMMUNE, "Ủy ban nhân dân xã Mới", "New Commune", factories.agency_id(session, "H61")
    )
    new.valid_from, old.valid_to, old.successor_id = dt.date(2026, 11, 1), dt.date(2026, 10, 31), new.id
    session.commit()
    return session


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # which agency it is, Python finds in the tree
@pytest.mark.parametrize("account", ["H61.60", "H61.51", "H61"])
def test_an_agency_is_found_in_periods_before_it_began_and_after_it_ended(
    succeeded: Session, client: FlaskClient, account: str
) -> None:
    official(succeeded, agency=account, role=Role.ADMINISTRATOR)
    sign_in(client)
    for period in ("2026-10", "2026-11"):
        own = client.get(f"/staff/?period={period}&lang=en")
        assert own.status_code == 200
        links = {html.unescape(link) for link in re.findall(r'href="(/staff/[^"]*period=[^"]*)"', own.text)}
        for link in (link for link in links if "sort=" not in link):  # another order is of the same agency
            assert client.get(link).status_code == 200, link
    for code, period in (("H61.60", "2026-10"), ("H61.51", "2026-11"), ("H61.51", "2026-10")):
        asked = [
            client.get(f"/staff/{page}?period={period}&agency={code}")
            for page in ("", "invitation-coverage", "response-quality")
        ]
        asked.append(file_of(client, "/staff/report", agency=code, format="json", **REPORT | {"period": period}))
        mine = (account, code) != ("H61.51", "H61.60")
        assert [page.status_code for page in asked] == [200 if mine else 404] * 4
        if mine and period == "2026-10":
            total = asked[3].json["channels"]["invitation"]["total"]  # type: ignore[index]
            assert total["answered"] == (15 if account == "H61" else 10)


def test_a_program_finds_an_agency_in_periods_before_it_began(succeeded: Session, client: FlaskClient) -> None:
    ask = "/counts?period=2026-10&agency="
    told = program(succeeded, client, "H61.60").get(f"{ask}H61.60")
    assert told.status_code == 200 and told.json["judged"]["total"]["answered"] == 10  # type: ignore[index]
    check_problem(program(succeeded, client, "H61.51").get(f"{ask}H61.60"), 404, "not_found")


@pytest.mark.parametrize(("agency", "shown"), [("H61", True), ("H61.50", False)])
def test_only_those_who_may_open_the_questionnaires_see_the_way_there(
    session: Session, client: FlaskClient, agency: str, shown: bool
) -> None:
    official(session, agency=agency, role=Role.ADMINISTRATOR)
    sign_in(client)
    assert ('href="/staff/questionnaires/"' in client.get("/staff/").text) is shown
    assert (client.get("/staff/questionnaires/").status_code == 200) is shown
