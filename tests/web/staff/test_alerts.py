"""The pages of alerts: what stands now, what is over, what was seen and settled; and what is told by e-mail."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.alerts import choices
from survey.models import Alert, AlertKind, AlertReading, Frequency, Role, Staff
from survey.periods import now
from survey.web.staff import alerts
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page

LIST, CHOICES = "/staff/alerts", "/staff/alerts/choices"


def alert(session: Session, agency: str = "H61.50", guarded: bool = True, days_over: int | None = None) -> int:
    over = None if days_over is None else now() - dt.timedelta(days=days_over)
    began = (over or now()) - dt.timedelta(days=1)
    row = Alert(
        kind=AlertKind.COMMENTS_LATE,
        agency_id=factories.agency_id(session, agency),
        guarded=guarded,
        subject=f"{agency} {days_over}"[:20],
        about={"period": "2026-10", "number": 3},
        began_at=began,
        ended_at=over,
    )
    session.add(row)
    session.commit()
    return row.id


@pytest.fixture
def official_of_unit(session: Session, client: FlaskClient) -> Staff:
    account = official(session, "hanh", "H61.50", Role.MANAGER)
    sign_in(client)
    return account


@pytest.mark.usefixtures("official_of_unit")
def test_what_stands_leads_to_its_page_and_is_seen_and_settled(session: Session, client: FlaskClient) -> None:
    number = alert(session)
    alert(session, days_over=3)
    page = client.get(LIST)
    check_page(page)
    assert "3 góp ý của tháng 10 năm 2026" in page.text and page.text.count("Mới") == 2
    link = "/staff/comments?agency=H61.50&amp;period=2026-10&amp;status=late"
    assert link in page.text
    assert send(client, LIST, LIST).status_code == 303
    assert send(client, f"{LIST}/{number}", LIST).status_code == 303
    page = client.get(LIST)
    assert "Nguyễn Thị Hạnh" in page.text and "Mới" not in page.text and f'action="{LIST}/{number}"' not in page.text
    session.rollback()
    assert len(session.scalars(sa.select(AlertReading)).all()) == 2


@pytest.mark.usefixtures("official_of_unit")
def test_alerts_of_others_and_of_the_province_are_neither_shown_nor_settled(
    session: Session, client: FlaskClient
) -> None:
    others = [alert(session, "H61.51"), alert(session, "H61.50", guarded=False)]
    assert "tháng 10" not in client.get(LIST).text
    assert [send(client, f"{LIST}/{number}", CHOICES).status_code for number in others] == [404, 404]
    session.rollback()
    assert session.scalars(sa.select(Alert.settled_at)).all() == [None, None]


def test_choices_are_kept_and_a_wrong_address_is_told_beside_its_field_and_loses_nothing(
    session: Session, client: FlaskClient, official_of_unit: Staff
) -> None:
    check_page(client.get(CHOICES))
    for wrong in ("hanh", "0912345678", "hanh@example"):
        page = send(client, CHOICES, CHOICES, email=wrong, language="en", signal="monthly")
        assert page.status_code == 422
        assert f'value="{wrong}"' in page.text and 'aria-describedby="email-fault"' in page.text
        assert '<option value="monthly" selected>' in page.text
    right = {"email": "hanh@example.vn", "language": "en", "signal": "never", "stuck": "nonsense"}
    assert send(client, CHOICES, CHOICES, **right).status_code == 303
    session.rollback()
    session.refresh(official_of_unit)
    kept = choices.chosen(session, official_of_unit)
    assert (mail_address.address_of(SECRET, official_of_unit), official_of_unit.language) == ("hanh@example.vn", "en")
    assert (kept[AlertKind.SIGNAL], kept[AlertKind.STUCK]) == (Frequency.NEVER, Frequency.DAILY)
    session.rollback()
    assert send(client, CHOICES, CHOICES, email="", language="en").status_code == 303
    session.refresh(official_of_unit)
    assert official_of_unit.email is None


def test_many_alerts_of_one_kind_fold_away_so_that_another_kind_is_seen(session: Session, client: FlaskClient) -> None:
    official(session, "tinh", "H61", Role.MANAGER)
    sign_in(client, "tinh")
    for days in range(alerts.UNFOLDED + 1):
        alert(session, days_over=None if days == 0 else days, guarded=False)
    page = client.get(LIST).text
    assert 'class="alike"' not in page, "as many as can be read at once, those that are over apart"
    for agency in ("H61", "H61.51", "H61.52", "H61.1"):
        alert(session, agency, guarded=False)
    page = client.get(LIST)
    check_page(page)
    folded = page.text.partition('<details class="alike">')[2].partition("</details>")[0]
    assert "Góp ý quá hạn chưa trả lời: 5" in folded and folded.count("<li") == 5
