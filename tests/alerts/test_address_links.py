"""An address gets alerts only once the link that was sent to it is opened; each link confirms one address, for days."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import migrations
from survey.accounts import mail_address
from survey.alerts import address_links
from survey.alerts import rounds as alert_rounds
from survey.alerts.post import Post
from survey.models import AuditEntry, Delivery, Role, Staff
from survey.periods import parse
from survey.results import closing
from survey.results.scope import Standard
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import PUBLIC, Rounds

TUESDAY, DAY = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC), dt.timedelta(days=1)
POST, STANDARD = Post(SECRET, PUBLIC, ["vi", "en"]), Standard("0.90", 0.95)
CHOICES = "/staff/alerts/choices"
LINK = re.compile(r"https?://[^/\s]+(/alerts/confirm/\d+/\S+)")


def links(mail: MailServer) -> list[str]:
    return [LINK.findall(str(letter.get_content()))[0] for letter in mail.received]


def entered(client: FlaskClient, address: str = "hanh@example.vn", language: str = "vi") -> str:
    """Save the own address on the page, and return the page that comes next."""
    saved = send(client, CHOICES, CHOICES, email=address, language=language, comments_late="at_once")
    assert saved.status_code == 303
    return client.get(f"{saved.location}&lang={language}").text


@pytest.fixture
def overdue(session: Session) -> None:
    for number in range(12):
        said = {"S8": "Chờ lâu"} if number == 0 else {}
        when = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
        factories.response(session, 1 if said else 5, "H61.50", when=when, comments=said)
    closing.close(session, parse("2026-10"), TUESDAY - 7 * DAY, STANDARD)
    official(session, "hanh", "H61.50", Role.MANAGER)


@pytest.mark.usefixtures("overdue")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_alert_goes_to_an_address_before_its_link_was_opened(
    app: Flask,
    session: Session,
    client: FlaskClient,
    rounds: Rounds,
    mail: MailServer,
    patient: Settings,
    language: str,
) -> None:
    unconfirmed = {"vi": "chưa được xác nhận", "en": "is not confirmed yet"}[language]

    def look(hours: int) -> int:
        session.rollback()
        return alert_rounds.run(survey_of(app).database, STANDARD, POST, TUESDAY + dt.timedelta(hours=hours))

    with time_machine.travel(TUESDAY, tick=True):
        sign_in(client)
        assert unconfirmed in entered(client, language=language)
        assert look(0) == 0
        rounds(patient)
        [letter], [path] = mail.received, links(mail)
        assert letter["To"] == "hanh@example.vn" and "Chờ lâu" not in letter.as_string()
        asking = client.get(f"{path}?lang={language}")
        check_page(asking, language)
        assert "<button>" in asking.text and look(2) == 0, "looking at it confirms nothing"
        for _twice in range(2):
            page = client.post(f"{path}?lang={language}")
            check_page(page, language)
            assert "<button>" not in page.text
        assert unconfirmed not in client.get(CHOICES).text
        assert look(4) == 1
        session.rollback()
        assert session.scalars(sa.select(AuditEntry.act)).all().count("staff.address_confirmed") == 1


@pytest.mark.usefixtures("overdue")
def test_a_link_confirms_only_the_address_to_which_it_was_sent_and_only_for_days(
    session: Session, client: FlaskClient, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    with time_machine.travel(TUESDAY, tick=True):
        sign_in(client)
        entered(client, "nguoikhac@example.vn")
        rounds(patient)
        entered(client)
        rounds(patient)
        first, second = links(mail)
        account = session.scalars(sa.select(Staff)).one()
        other = official(session, "khac", "H61.50")
        session.rollback()
        stolen = second.replace(f"/{account.id}/", f"/{other.id}/")
        session.rollback()
        for void in (first, stolen, second[:-1], f"/alerts/confirm/{2**70}/0.AAAA"):
            assert (client.get(void).status_code, client.post(void).status_code) in ((404, 404), (404, 405)), void
    with time_machine.travel(TUESDAY + address_links.VALID + DAY, tick=True):
        assert client.post(second).status_code == 404
    session.refresh(account)
    assert (account.email_confirmed, mail_address.confirmed_address(SECRET, account)) == (False, "")
    session.rollback()  # and lets go of the database
    with time_machine.travel(TUESDAY + DAY, tick=True):
        assert client.post(second).status_code == 200
    session.refresh(account)
    assert mail_address.confirmed_address(SECRET, account) == "hanh@example.vn"
    session.rollback()


@pytest.mark.usefixtures("overdue")
def test_nobody_fills_a_strangers_mailbox_with_links(session: Session, client: FlaskClient) -> None:
    sign_in(client)
    pages = [entered(client, "nguoila@example.vn") for _ in range(address_links.MOST + 1)]
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == address_links.MOST
    assert "ngày mai" in pages[-1] and "ngày mai" not in pages[0]
    session.rollback()


def test_what_administrators_entered_before_counts_as_confirmed(app: Flask, session: Session) -> None:
    for login, role in (("quan-tri", Role.ADMINISTRATOR), ("quan-ly", Role.MANAGER), ("khong-thu", Role.ADMINISTRATOR)):
        account = official(session, login, role=role)
        if login != "khong-thu":
            mail_address.save(session, SECRET, account, f"{login}@example.vn", "vi", TUESDAY)
    session.commit()
    migrations.migrate(survey_of(app).database, "0036")
    migrations.migrate(survey_of(app).database)
    session.expire_all()
    confirmed = session.scalars(sa.select(Staff.login).where(Staff.email_confirmed)).all()
    assert confirmed == ["quan-tri"]
    session.rollback()
