"""Officials with accounts, and how they sign in."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.accounts import accounts
from survey.accounts import sign_in as signing_in
from survey.accounts.sign_in_limits import Visitor
from survey.models import Role, Staff
from survey.periods import now
from survey.web.survey import survey_of
from tests.support import factories

PASSWORD = "một câu dài dễ nhớ"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def official(session: Session, login: str = "hanh", agency: str = "H61", role: Role = Role.VIEWER) -> Staff:
    """Add and commit an account."""
    made = accounts.add(session, login, "Nguyễn Thị Hạnh", role, factories.agency_id(session, agency), PASSWORD, now())
    session.commit()  # and lets go of the write lock, which on SQLite is everybody's
    return made


def token_on(client: FlaskClient, path: str = "/staff/sign-in") -> str:
    """Return the token of a page's form."""
    found = TOKEN.search(client.get(path).text)
    assert found, path
    return found.group(1)


def sign_in(
    client: FlaskClient, login: str = "hanh", password: str = PASSWORD, after: str = "", **headers: str
) -> TestResponse:
    """Send the sign-in form."""
    form = {"login": login, "password": password, "next": after, "csrf_token": token_on(client)}
    return client.post("/staff/sign-in", data=form, headers=headers)


def send(client: FlaskClient, path: str, page: str = "/staff/account", **fields: str) -> TestResponse:
    """Send a form from a page that holds its token."""
    return client.post(path, data={"csrf_token": token_on(client, page), **fields})


def attempt(app: Flask, password: str, at: dt.datetime, login: str = "hanh", address: str = "192.0.2.1") -> str:
    """Sign in without the pages, and return the new session's id."""
    survey = survey_of(app)
    visitor = Visitor(address)
    return signing_in.sign_in(survey.database, survey.settings.secret_key, login, password, visitor, at)


def found(session: Session, query: sa.Select[tuple[Any]]) -> list[Any]:
    """Return what is stored now, and let go of the database, so that the product can write."""
    session.expire_all()
    rows = list(session.scalars(query))
    session.rollback()
    return rows
