"""Whatever stands in an address: the page answers, and every link on it leads to where it always leads."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from survey.models import Role
from tests.rules.test_scope import PLACES, address
from tests.support import factories
from tests.support.maps import applications
from tests.support.officials import official, sign_in

# To the builder of links these are orders, not parameters; the last ones are names of arguments in an address.
ORDERS = ("endpoint", "_method", "_external", "_anchor", "_scheme", "values", "self", "number", "code", "prefix")
OTHERS = ("lang", "period", "basis", "agency", "by", "sort", "next", "fingerprint", "placement", "size", "form", "end")
FOREIGN = "tin-gia.example"
WRITTEN = st.sampled_from(["", "1", "x", "http", "javascript", "//" + FOREIGN, f"https://{FOREIGN}/", "POST", "en"])
HREF = re.compile(r'(?:href|action|src)="([^"]*)"')


@pytest.fixture
def engine_name() -> str:
    """One database is enough: what is proved here is the page."""
    return "sqlite"


def pages(app: Flask) -> list[str]:
    """Return an address for every route that can be opened."""
    rules = [rule for one in applications(app) for rule in one.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted({address(rule.rule) for rule in rules})


@pytest.fixture
def official_client(client: FlaskClient, session: Session) -> FlaskClient:
    official(session, role=Role.ADMINISTRATOR)
    factories.placement(session, code=PLACES["<code>"])
    session.commit()
    sign_in(client)
    return client


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_what_a_visitor_writes_into_an_address_is_no_order_to_the_links_of_its_page(
    app: Flask, official_client: FlaskClient, data: st.DataObject
) -> None:
    page = data.draw(st.sampled_from(pages(app)))
    query = data.draw(st.lists(st.tuples(st.sampled_from(ORDERS + OTHERS), WRITTEN), max_size=4))
    check(official_client, page, query)


def test_no_page_takes_an_order_for_a_link_from_its_address(app: Flask, official_client: FlaskClient) -> None:
    for page in pages(app):
        check(official_client, page, [(name, f"https://{FOREIGN}/") for name in ORDERS])


# An address of ours, a place on the page, or what says where the product stands.
OURS = re.compile(r"/(?!/)|#|\?|$|data:,$|http://127\.0\.0\.1:8000/")


def check(client: FlaskClient, page: str, query: list[tuple[str, str]]) -> None:
    reply = client.get(page, query_string=MultiDict(query))
    assert reply.status_code < 500, (page, query)
    assert FOREIGN not in (reply.location or "").partition("?")[0]
    if reply.mimetype != "text/html":
        return
    for link in HREF.findall(reply.get_data(as_text=True)):
        assert OURS.match(link), (page, query, link)
