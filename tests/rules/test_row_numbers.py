"""A number in an address that names a row: however long it is, it is a page that there is not, no fault of ours."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Role
from tests.rules.test_scope import address, routes
from tests.support.officials import official, sign_in, token_on


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**70])  # the last of a row, and what no database can hold
def test_a_number_of_no_row_is_no_fault_of_ours_however_long(
    app: Flask, session: Session, client: FlaskClient, number: int
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    token = token_on(client, "/staff/account")
    for method, rule in routes(app):
        if "<int:number>" in rule:
            path = address(rule.replace("<int:number>", str(number)))
            sent = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert sent.status_code in (403, 404, 409, 422), (method, rule, sent.status_code)


@pytest.mark.parametrize("number", [str(2**63 - 1), str(2**63), "9" * 4400])  # Python reads no longer ones
def test_a_number_that_is_asked_for_behind_an_address_is_no_fault_of_ours_however_long(
    app: Flask, session: Session, client: FlaskClient, number: str
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    asked = dict.fromkeys(("page", "restore", "changed"), number)
    for method, rule in routes(app):
        if method == "GET" and "<" not in rule:
            assert client.get(rule, query_string=asked).status_code < 500, rule
