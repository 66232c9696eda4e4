"""A request has a name: in every line of the log, in the audit trail, and on the page that tells of a fault of ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.app import create_app
from survey.audit import trail
from survey.audit.acts import Act
from survey.logs import during_request
from survey.models import AuditEntry
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

GIVEN = "0123456789abcdef0123456789abcdef"  # as nginx makes them
CODE = re.compile(r"Mã sự cố: ([A-Za-z0-9_-]{16,64})\.")


def incident(folder: Path, path: str, capsys: pytest.CaptureFixture[str], **asked: object) -> tuple[str, set[str]]:
    """Return the code on the page and those in the log, where no database was ever made; the header says it, too."""
    app = create_app(Settings(f"sqlite:///{folder / 'none.db'}", factories.SECRET, instance=folder))
    with survey_of(app).database:
        page = app.test_client().get(path, **asked)  # type: ignore[arg-type]
    assert page.status_code >= 500
    found = CODE.search(check_page(page).words)
    assert found and page.headers["X-Request-ID"] == found[1]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return found[1], {line["request_id"] for line in lines}


@pytest.mark.parametrize("path", ["/q/TESTQR", "/receipt/000G-40R4-0M30-E209"])
def test_a_fault_has_one_code_on_the_page_and_in_the_log(
    tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, logged = incident(tmp_path, path, capsys)
    assert logged == {code}


@pytest.mark.parametrize(
    ("given", "address", "taken"),
    [(GIVEN, "127.0.0.1", True), (GIVEN, "192.0.2.7", False), ("a b", "127.0.0.1", False), ("x" * 65, "::1", False)],
)
def test_only_the_proxy_on_this_machine_may_name_a_request(
    tmp_path: Path, given: str, address: str, taken: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"headers": {"X-Request-ID": given}, "environ_overrides": {"REMOTE_ADDR": address}}
    code, _logged = incident(tmp_path, "/q/TESTQR", capsys, **asked)
    assert (code == given) is taken


def test_an_entry_of_the_audit_trail_names_its_request(client: FlaskClient, session: Session) -> None:
    official(session)
    assert sign_in(client, **{"X-Request-ID": GIVEN}).status_code == 303
    named = dict(session.execute(sa.select(AuditEntry.act, AuditEntry.request_id)).all())
    assert named["staff.added"] is None and GIVEN in named.values(), "a command has no request"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_entry_that_is_of_no_official_names_a_request(session: Session) -> None:
    with during_request(GIVEN):
        trail.append(session, None, Act.REPLY_QUEUED, now())
    session.flush()
    assert set(session.scalars(sa.select(AuditEntry.request_id))) == {None}


def test_whoever_is_served_well_is_told_no_name(client: FlaskClient) -> None:
    assert "X-Request-ID" not in client.get("/").headers
