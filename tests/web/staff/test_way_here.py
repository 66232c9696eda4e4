"""The way to a page: on every page that a menu names, from the overview, each step but the last a link that opens."""

from __future__ import annotations

import html
import re

import pytest
from flask import url_for
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Role
from survey.web.staff.navigation import ACCOUNT, SECTIONS
from tests.support.officials import official, sign_in

WAY = re.compile(r'<nav [^>]*class="path".*?</nav>', re.S)
STEP = re.compile(r'<(?:a href="([^"]+)"|span aria-current="page")>([^<]+)<')
UNNAMED = ("dashboard.show", "apologies.show")  # where every way begins; and off unless letters are drafted


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is proved is the page
def test_every_page_of_a_menu_says_where_it_is(session: Session, client: FlaskClient) -> None:
    official(session, "tinh", "H61", Role.ADMINISTRATOR)
    sign_in(client, "tinh")
    with client.application.test_request_context():
        every = [entry for each in (*SECTIONS.values(), ACCOUNT) for entry in each]
        paths = [url_for(one.endpoint) for one in every if one.endpoint not in UNNAMED]
    seen = []
    for path in paths:
        page = client.get(path)
        ways = WAY.findall(page.text)
        assert len(ways) == 1, path
        steps = STEP.findall(ways[0])
        assert steps[0][0].startswith("/staff/"), path
        assert [bool(address) for address, _name in steps] == [True] * (len(steps) - 1) + [False], path
        for address, _name in steps[:-1]:
            assert client.get(html.unescape(address)).status_code == 200, address
        seen.append([html.unescape(name) for _address, name in steps])
    assert ["Tổng quan", "Thu thập", "Mã QR và ki-ốt"] in seen
    assert not WAY.search(client.get("/staff/?period=2026-10").text), "the overview of the province is where it begins"


def test_a_page_below_a_list_leads_back_to_the_list(session: Session, client: FlaskClient) -> None:
    official(session, "tinh", "H61", Role.MANAGER)
    sign_in(client, "tinh")
    way = WAY.search(client.get("/staff/placements/new").text)
    assert way is not None
    assert [bool(address) for address, _name in STEP.findall(way[0])] == [True, True, True]
