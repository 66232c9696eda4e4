"""The pages on which units write what they did and the province decides: each its own, nothing lost, four eyes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Improvement, ImprovementStatus, Role
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

NEW = "/staff/improvements/new"
WORDS = {"voice": "Chờ lâu ở quầy", "measure": "Đã mở thêm một quầy", "since": "2026-01-05"}


def entered(client: FlaskClient, session: Session, agency: str = "H61.50", step: str = "hand_in") -> str:
    """Write an entry and return its address."""
    reply = send(client, NEW, page=NEW, agency=agency, step=step, **WORDS)
    assert reply.status_code == 303
    number = max(found(session, sa.select(Improvement.id)))
    return f"/staff/improvements/{number}"


def status(session: Session) -> list[ImprovementStatus]:
    return found(session, sa.select(Improvement.status).order_by(Improvement.id))


@pytest.fixture
def province(client: FlaskClient, session: Session) -> FlaskClient:
    """The province's browser; `client` is a commune's."""
    official(session, "xa", "H61.50", Role.MANAGER)
    official(session, "tinh", "H61", Role.MANAGER)
    sign_in(client, "xa")
    other = client.application.test_client()
    sign_in(other, "tinh")
    return other


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_unit_writes_the_province_publishes_and_everybody_reads(
    client: FlaskClient, province: FlaskClient, session: Session, language: str
) -> None:
    check_page(client.get(f"{NEW}?lang={language}"), language)
    one = entered(client, session)
    for browser in (client, province):
        check_page(browser.get(f"/staff/improvements?lang={language}"), language)
        check_page(browser.get(f"{one}?lang={language}"), language)
    assert 'value="publish"' in province.get(one).text and 'value="publish"' not in client.get(one).text
    assert send(client, one, page=one, step="publish", turn="1").status_code == 403
    assert send(province, one, page=one, step="publish", turn="1").status_code == 303
    assert WORDS["measure"] in client.get("/improvements").text
    gone = send(client, one, page=one, step="withdraw", turn="2", reason="Quầy đã đóng")
    assert gone.status_code == 303 and WORDS["measure"] not in client.get("/improvements").text
    assert "Quầy đã đóng" in check_page(province.get(f"{one}?lang={language}"), language).words


def test_whoever_wrote_for_the_province_is_told_that_another_account_decides(
    province: FlaskClient, session: Session
) -> None:
    one = entered(province, session)
    assert 'value="publish"' not in province.get(one).text and "tài khoản khác" in province.get(one).text
    assert send(province, one, page=one, step="publish", turn="1").status_code == 403
    assert status(session) == [ImprovementStatus.WAITING]


def test_what_is_wrong_is_marked_and_nothing_that_was_typed_is_lost(
    client: FlaskClient, province: FlaskClient, session: Session
) -> None:
    typed = {"voice": "Bà gọi 0987612345", "measure": "", "since": "2999-01-01"}
    refused = send(client, NEW, page=NEW, agency="H61.50", step="save", **typed)
    assert refused.status_code == 422 and check_page(refused).title.startswith("Lỗi:")
    assert "Bà gọi 0987612345" in refused.text and refused.text.count('aria-invalid="true"') == 3
    assert not status(session)
    one = entered(client, session, step="save")
    changed = send(client, one, page=one, step="save", turn="1", **{**WORDS, "voice": ""})
    check_page(changed)
    assert changed.status_code == 422 and status(session) == [ImprovementStatus.DRAFT]
    assert send(client, one, page=one, step="hand_in", turn="1", **WORDS).status_code == 303
    unreasoned = send(province, one, page=one, step="refuse", turn="2", reason=" ")
    assert unreasoned.status_code == 422 and 'id="reason-fault"' in unreasoned.text
    late = send(client, one, page=one, step="take_back", turn="1")
    check_page(late)
    assert late.status_code == 409 and status(session) == [ImprovementStatus.WAITING]


def test_a_unit_finds_only_its_own_entries(client: FlaskClient, province: FlaskClient, session: Session) -> None:
    own, foreign = entered(client, session), entered(province, session, "H61.51")
    assert client.get(own).status_code == 200 and client.get(foreign).status_code == 404
    assert send(client, foreign, page=own, step="take_back", turn="1").status_code == 404
    listed = client.get("/staff/improvements").text
    assert f'href="{own}"' in listed and f'href="{foreign}"' not in listed
    assert send(client, NEW, page=NEW, agency="H61.51", step="save", **WORDS).status_code == 404
    assert "status=waiting" in province.get("/staff/improvements").text
    assert province.get("/staff/improvements?status=waiting").text.count("<article") == 2
    assert province.get("/staff/improvements?status=draft").text.count("<article") == 0


def test_who_only_reads_is_offered_no_form(client: FlaskClient, province: FlaskClient, session: Session) -> None:
    one = entered(client, session)
    official(session, "xem", "H61.50", Role.AUDITOR)
    sign_in(client, "xem")
    assert 'name="turn"' not in client.get(one).text
    assert send(client, one, step="take_back", turn="1").status_code == 403
