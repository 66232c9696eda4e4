"""A program that uses the API with a key, and the cases that it sends."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.accounts import api_keys
from survey.accounts.api_keys import KeyScope
from survey.periods import local_day, now
from tests.support import factories

NUMBERS = iter(range(1000, 10_000_000))


class Portal:
    """A program with a key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.key = client, key

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.key}", **headers})

    def send(self, *cases: dict[str, Any], ask: str = "", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        every = {"Authorization": f"Bearer {self.key}", **named}
        return self.client.post(f"/api/v1/cases{ask}", json={"cases": list(cases)}, headers=every)


def program(session: Session, client: FlaskClient, agency: str = "H61", *scopes: KeyScope) -> Portal:
    """Give a program a key of an agency, with every scope if none is named."""
    key = api_keys.add(
        session, f"{agency} {next(NUMBERS)}", scopes or tuple(KeyScope), factories.agency_id(session, agency), now()
    )
    session.commit()
    return Portal(client, key)


def case(agency: str = "H61.50", **about: Any) -> dict[str, Any]:
    """Return one finished case as a portal sends it."""
    day = f"{local_day(now())}"
    made = {
        "case_code": f"{agency}-261008-{next(NUMBERS)}",
        "procedure": "1.001193",
        "resolving_agency": agency,
        "finished_day": day,
        "respondent": "citizen",
    }
    return {name: value for name, value in (made | about).items() if value is not ...}


def one(reply: TestResponse) -> dict[str, Any]:
    assert reply.status_code == 200, reply.text
    [only] = reply.json["results"]  # type: ignore[index]
    return only  # type: ignore[no-any-return]


def check_problem(reply: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Check that an error is a problem document and return it."""
    assert reply.status_code == status, reply.text
    assert reply.content_type == "application/problem+json"
    told: dict[str, Any] = reply.json  # type: ignore[assignment]
    assert told["status"] == status and told["code"] == code
    assert told["title"] and told["detail"] and "%(" not in told["detail"]
    return told
