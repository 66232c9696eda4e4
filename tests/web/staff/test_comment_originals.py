"""The page of an original: for administrators of the province, with a reason; what was written leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.comments.references import reference
from survey.models import AuditEntry, Role
from tests.support.factories import SECRET
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page
from tests.support.written import FOR_THE_PROVINCE, TYPED, answer

Look = Callable[[sa.Select[Any]], list[Any]]
WHY = "Người gửi xin rút lại góp ý"
READ = sa.select(AuditEntry.about).where(AuditEntry.act == Act.COMMENT_UNSEALED)


@pytest.fixture
def receipt(session: Session) -> bytes:
    """The receipt of the one comment that there is."""
    receipt = answer(session)
    session.commit()
    return receipt


@pytest.fixture
def path(receipt: bytes) -> str:
    """The page of its original."""
    return f"/staff/comments/{reference(SECRET, (receipt, 'S8'))}/original"


def test_an_administrator_of_the_province_reads_an_original_once_the_reason_is_on_record(
    client: FlaskClient, session: Session, path: str, look: Look
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    asked = client.get(path)
    check_page(asked)
    assert FOR_THE_PROVINCE in asked.text and TYPED not in asked.text
    shown = send(client, path, path, reason=WHY)
    check_page(shown)
    assert shown.status_code == 200 and TYPED in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    [(about,)] = look(READ)
    assert about["reason"] == WHY
    assert TYPED not in client.get(path).text, "it is shown once for each reason"


@pytest.mark.parametrize(
    ("role", "agency", "led"),
    [(Role.ADMINISTRATOR, "H61", True), (Role.MANAGER, "H61", False), (Role.ADMINISTRATOR, "H61.50", False)],
)
def test_only_those_who_may_read_an_original_are_led_to_it_from_the_comment(
    client: FlaskClient, session: Session, receipt: bytes, role: Role, agency: str, led: bool
) -> None:
    official(session, agency=agency, role=role)
    sign_in(client)
    named = reference(SECRET, (receipt, "S8"))
    page = client.get(f"/staff/comments/{named}/follow-up?period=2026-10")
    assert page.status_code == 200 or not led
    leading = re.findall(r'href="(/staff/comments/[\w-]+/original)"', page.text)
    assert [FOR_THE_PROVINCE in client.get(original).text for original in leading] == [True] * led


@pytest.mark.parametrize("reason", ["", "xem"])
def test_without_a_reason_that_others_can_follow_nothing_is_shown(
    client: FlaskClient, session: Session, path: str, look: Look, reason: str
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    refused = send(client, path, path, reason=reason)
    check_page(refused)
    assert refused.status_code == 422 and TYPED not in refused.text
    assert look(READ) == []


@pytest.mark.parametrize(
    ("agency", "role"), [("H61.50", Role.ADMINISTRATOR), ("H61", Role.MANAGER), ("H61", Role.AUDITOR)]
)
def test_nobody_else_reads_one(
    client: FlaskClient, session: Session, path: str, look: Look, agency: str, role: Role
) -> None:
    official(session, agency=agency, role=role)
    sign_in(client)
    refused = send(client, path, reason=WHY)
    assert refused.status_code == 403 and TYPED not in refused.text
    assert look(READ) == []


def test_a_comment_that_there_is_not_is_not_found(
    client: FlaskClient, session: Session, receipt: bytes, path: str
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    other = f"/staff/comments/{reference(SECRET, (receipt, 'S9'))}/original"
    for strange in (other, "/staff/comments/1/original"):
        assert client.get(strange).status_code == 404
        assert send(client, strange, path, reason=WHY).status_code == 404
