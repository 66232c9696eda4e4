"""Rounds of alerts on both databases: who is told what, when, how often, in which language; and one click stops it."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.alerts import choices, episodes
from survey.alerts import rounds as alert_rounds
from survey.alerts.post import Post
from survey.models import Alert, AlertKind, AuditEntry, Delivery, Frequency, MessageKind, Role, Staff, State
from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.scope import Standard
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.factories import SECRET
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import PUBLIC, Rounds

HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7)
WRITTEN = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)  # the clock gives until 6 November
TUESDAY = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)  # eight in the morning, and a working day as those after it
SECRET_WORDS = "Chờ quá lâu ở quầy số ba"
POST = Post(SECRET, PUBLIC, ["vi", "en"])
Look = Callable[..., int]


@pytest.fixture
def look(app: Flask) -> Look:
    """One round of alerts at a moment; returns how many mails were queued."""

    def run(at: dt.datetime, fewest: int = 10) -> int:
        return alert_rounds.run(survey_of(app).database, Standard("0.90", 0.95, fewest), POST, at)

    return run


def reachable(
    session: Session, login: str = "hanh", agency: str = "H61.50", role: Role = Role.MANAGER, language: str = "vi"
) -> Staff:
    """An account with an address; it is told of comments daily, and of nothing else."""
    account = official(session, login, agency, role)
    mail_address.save(session, SECRET, account, f"{login}@example.vn", language, TUESDAY)
    mail_address.confirm(session, account, TUESDAY)
    often = dict.fromkeys(AlertKind, Frequency.NEVER) | {AlertKind.COMMENTS_LATE: Frequency.DAILY}
    choices.choose(session, account, often, TUESDAY)
    session.commit()
    return account


def overdue(session: Session, number: int = 1, agency: str = "H61.50") -> None:
    """Comments of a closed month that nobody has answered, among twelve answers."""
    for _comment in range(number):
        factories.response(session, 1, agency, when=WRITTEN, comments={"S8": SECRET_WORDS})
    for _other in range(12 - number):
        factories.response(session, 5, agency, when=WRITTEN)
    closing.close(session, parse("2026-10"), TUESDAY - WEEK, Standard("0.90", 0.95))
    session.commit()


def queued(session: Session) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).where(Delivery.kind == MessageKind.NOTICE)) or 0


def text(mail: EmailMessage) -> str:
    content = mail.get_content()
    assert isinstance(content, str)
    return content


def test_an_overdue_comment_is_told_once_a_week_until_somebody_settles_it(session: Session, look: Look) -> None:
    account = reachable(session)
    overdue(session)
    assert [look(TUESDAY - 9 * HOUR), look(TUESDAY)] == [0, 1], "not at night, but at eight"
    assert [look(TUESDAY + DAY), look(TUESDAY + 2 * DAY), look(TUESDAY + WEEK)] == [0, 0, 1]
    assert queued(session) == 2
    at = TUESDAY + WEEK
    alerts = episodes.shown_to(session, account.id, account.agency_id, account.role, at, [AlertKind.COMMENTS_LATE])
    episodes.settle(session, alerts, alerts[0].alert.id, account.id, at)
    session.commit()
    assert look(at + WEEK) == 0


def test_what_is_over_ends_and_what_comes_back_is_told_anew(session: Session, look: Look) -> None:
    reachable(session)
    overdue(session)
    assert look(TUESDAY - 9 * HOUR) == 0
    assert look(TUESDAY) == 1
    assert look(TUESDAY + DAY, fewest=50) == 0, "too few answers to tell: nothing stands out"
    late = sa.select(Alert).where(Alert.kind == AlertKind.COMMENTS_LATE).order_by(Alert.id)
    session.rollback()
    assert [alert.ended_at for alert in session.scalars(late)] == [TUESDAY + DAY]
    session.rollback()
    assert look(TUESDAY + 2 * DAY) == 0, "it began after seven: for tomorrow"
    assert look(TUESDAY + 3 * DAY) == 1


def test_nobody_gets_two_digests_of_one_day_also_who_chooses_another_kind_at_noon(session: Session, look: Look) -> None:
    account = reachable(session)
    overdue(session)
    wednesday = TUESDAY - 6 * DAY  # the report of October is due, too
    assert [look(wednesday - 9 * HOUR), look(wednesday)] == [0, 1]
    session.rollback()
    choices.choose(session, account, {AlertKind.REPORT_DUE: Frequency.DAILY}, wednesday)
    session.commit()
    assert [look(wednesday + 2 * HOUR), look(wednesday + DAY)] == [0, 1]


def test_from_few_answers_a_unit_is_told_of_no_overdue_comment(session: Session, look: Look) -> None:
    reachable(session)
    factories.response(session, 1, when=WRITTEN, comments={"S8": SECRET_WORDS})
    closing.close(session, parse("2026-10"), TUESDAY - WEEK, Standard("0.90", 0.95))
    session.commit()
    assert look(TUESDAY) == 0
    session.rollback()
    late = sa.select(Alert.id).where(Alert.kind == AlertKind.COMMENTS_LATE)
    assert session.scalars(late).all() == []


def test_a_unit_is_not_told_of_another_and_the_province_of_both(session: Session, look: Look) -> None:
    unit, other = reachable(session, "hanh", "H61.50"), reachable(session, "binh", "H61.51")
    province = reachable(session, "tinh", "H61")
    overdue(session)
    look(TUESDAY)
    session.rollback()
    late = [AlertKind.COMMENTS_LATE]

    def agencies(account: Staff) -> list[int]:
        alerts = episodes.shown_to(session, account.id, account.agency_id, account.role, TUESDAY, late)
        return [shown.alert.agency_id for shown in alerts]

    own = factories.agency_id(session, "H61.50")
    assert (agencies(unit), agencies(other), agencies(province)) == ([own], [], [own])


def test_two_workers_tell_nobody_twice(app: Flask, session: Session, look: Look) -> None:
    reachable(session)
    overdue(session)
    look(TUESDAY - 9 * HOUR)
    together, numbers = threading.Barrier(2), list[int]()

    def work() -> None:
        together.wait()
        numbers.append(look(TUESDAY))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(numbers) == [0, 1]
    assert queued(session) == 1


def test_the_mail_speaks_the_persons_language_leads_to_the_page_and_holds_no_word_of_a_comment(
    session: Session, look: Look, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    reachable(session, language="en")
    overdue(session, 2)
    look(TUESDAY - 9 * HOUR)
    assert look(TUESDAY) == 1
    with time_machine.travel(TUESDAY, tick=True):
        assert rounds(patient) == {State.DELIVERED: 1}
    [letter] = mail.received
    body = text(letter)
    assert (letter["To"], letter["Subject"]) == ("hanh@example.vn", "Hài Lòng: Comments not answered in time")
    assert "2 comments of October 2026 should have been answered by now." in body
    assert f"{PUBLIC}/staff/comments?agency=H61.50&period=2026-10&status=late" in body
    assert not any(word in letter.as_string() + body for word in ("quầy", SECRET_WORDS))
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip().startswith(f"<{PUBLIC}/alerts/stop/")
    assert session.scalars(sa.select(Delivery.payload)).all() == [None]


def test_one_click_stops_one_kind_without_signing_in(
    app: Flask, session: Session, client: FlaskClient, look: Look, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    account = reachable(session)
    often = {AlertKind.SILENCE: Frequency.DAILY}
    choices.choose(session, account, often, TUESDAY)
    overdue(session)
    look(TUESDAY - 9 * HOUR)
    look(TUESDAY)
    with time_machine.travel(TUESDAY, tick=True):
        rounds(patient)
    [letter] = mail.received
    [link] = re.findall(rf"{PUBLIC}(/alerts/stop/\d+/comments_late/\S+)", text(letter))
    page = client.get(link)
    check_page(page)
    assert "<button>" in page.text
    session.rollback()
    assert choices.chosen(session, account)[AlertKind.COMMENTS_LATE] == Frequency.DAILY, "looking changes nothing"
    session.rollback()
    for _again in range(2):
        check_page(client.post(link, data={"List-Unsubscribe": "One-Click"}))
    session.rollback()
    after = choices.chosen(session, account)
    assert (after[AlertKind.COMMENTS_LATE], after[AlertKind.SILENCE]) == (Frequency.NEVER, Frequency.DAILY)
    acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts.count("alert_choices.changed") == 3
    session.rollback()
    digest = letter["List-Unsubscribe"].strip(" <>").removeprefix(PUBLIC)
    assert "/daily/" in digest
    check_page(client.post(digest))
    session.rollback()
    assert set(choices.chosen(session, account).values()) == {Frequency.NEVER}


WRONG = [
    "1/signal/0.AAAA",
    "1/daily/x",
    "999/signal/6ab.zz",
    "1/nonsense/0.AAAA",
    f"{2**70}/signal/0.AAAA",
    "1/daily/é.é",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_link_that_is_not_ours_stops_nothing(session: Session, client: FlaskClient, wrong: str) -> None:
    reachable(session)
    assert client.get(f"/alerts/stop/{wrong}").status_code == 404
    assert client.post(f"/alerts/stop/{wrong}").status_code in (404, 405)  # as of any address that there is not
    session.rollback()
    assert session.scalars(sa.select(AuditEntry.act)).all().count("alert_choices.changed") == 1


def test_an_account_without_an_address_is_told_on_the_page_only(session: Session, look: Look) -> None:
    official(session, "hanh", "H61.50", Role.MANAGER)
    overdue(session)
    assert look(TUESDAY) == 0
    session.rollback()
    assert session.scalars(sa.select(Alert.kind)).all().count(AlertKind.COMMENTS_LATE) == 1


def test_no_address_of_an_account_is_readable_in_the_database(session: Session) -> None:
    account = reachable(session)
    assert mail_address.address_of(SECRET, account) == "hanh@example.vn"
    assert mail_address.address_of(SECRET + "x", account) == ""
    assert account.email is not None
    assert b"hanh" not in account.email
    other = official(session, "khac", "H61.50")
    other.email = account.email
    assert mail_address.address_of(SECRET, other) == "", "a sealed address cannot be moved to another account"


def test_once_links_are_cut_an_alert_about_comments_tells_its_month_only(
    app: Flask, session: Session, client: FlaskClient, look: Look, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    account = reachable(session)
    choices.choose(session, account, {AlertKind.COMMENTS_LATE: Frequency.AT_ONCE}, TUESDAY)
    overdue(session)
    began = [TUESDAY + day * DAY for day in (3, 10)]
    for at in began:
        with time_machine.travel(at, tick=True):
            assert (look(at), rounds(patient)) == (1, {State.DELIVERED: 1})
    assert len(mail.received) == 2
    for hours in (1, 2):
        with time_machine.travel(began[-1] + hours * HOUR, tick=False):
            link_cut.run(survey_of(app).database)
    session.rollback()
    kept = dumps.in_order(session.connection())
    session.rollback()
    [alert] = [row for row in kept["alert"] if row["kind"] == AlertKind.COMMENTS_LATE]
    [reading] = [row for row in kept["alert_reading"] if row["alert_id"] == alert["id"]]
    moments = [str(alert["began_at"])[:13], str(reading["told_at"])[:13]]
    assert moments == ["2026-11-30 17", f"{began[-1] + 2 * HOUR:%Y-%m-%d %H}"], "the first of December in Viet Nam"
    told = [day for at in began for day in (f"{at:%Y-%m-%d %H:%M}", f"{at:%Y-%m-%dT%H:%M}")]
    assert not [day for day in told if day in repr([alert, reading])]
    assert kept["delivery"] == kept["transition"] == []
    assert look(began[-1] + 3 * DAY) == 0, "nobody is told twice within a week"
    with time_machine.travel(began[-1] + 3 * DAY, tick=True):
        sign_in(client)
        words = check_page(client.get("/staff/alerts?lang=vi")).words
    assert "tháng 12 năm 2026" in words
