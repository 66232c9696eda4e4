"""An address that somebody leaves serves for one answer, then it is gone, and whatever it led to is cut with it."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.collection import invitations
from survey.comments import kept_answers
from survey.comments.follow_up import FollowUpChange, follow_up
from survey.delivery import csv_export, dead_addresses, replies, reply_consent
from survey.delivery.replies import Agreed, Wish
from survey.errors import Conflict
from survey.i18n import gettext, speaking
from survey.models import (
    AuditEntry,
    Delivery,
    FollowUpStatus,
    Reason,
    ReplyContact,
    ReplyStage,
    Role,
    State,
)
from survey.operations import retention
from survey.results import closing, link_cut
from survey.security.tokens import receipt_code
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.officials import official
from tests.support.sending.asking import (
    CLOSED,
    DAY,
    LAN,
    LATER,
    NOON,
    OCTOBER,
    PHONE,
    REPLY,
    asked,
    comments,
    contacts,
    reply,
    stages,
)
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import PUBLIC, Rounds

pytestmark = pytest.mark.usefixtures("vietnamese")


def test_the_words_agreed_to_change_only_with_their_version() -> None:
    words = []
    for language in ("vi", "en"):
        with speaking(language):
            words += [gettext(reply_consent.CONSENT), gettext(reply_consent.ERASURE, days=30)]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
    assert (reply_consent.CONSENT_VERSION, digest) == (2, "67d55543d41d0ad7"), "other words are another version"


def test_an_answer_leaves_once_with_its_words_and_link_and_nothing_of_the_address_stays(
    app: Flask, session: Session, patient: Settings, rounds: Rounds, mail: MailServer
) -> None:
    with time_machine.travel(LATER, tick=True):
        receipt = asked(session)
        sealed = session.scalars(sa.select(ReplyContact.sealed)).one()
        session.rollback()
        reply(session)
        payload = session.scalars(sa.select(Delivery.payload)).one()
        session.rollback()
        assert stages(session) == [None, ReplyStage.QUEUED]
        assert rounds(patient) == {State.DELIVERED: 1} and rounds(patient) == {}
    [message] = mail.received
    assert message["To"] == LAN.address and "góp ý" in str(message["Subject"]) and "ba lần" not in str(message)
    body = message.get_content()
    assert REPLY in body and f"{PUBLIC}/receipt/{receipt_code(receipt)}" in body
    assert stages(session) == [None, ReplyStage.QUEUED, ReplyStage.SENT] and contacts(session) == 0
    row = session.scalars(sa.select(Delivery)).one()
    assert row.invitation_id is None and row.payload is None and row.subject == row.key
    session.rollback()
    database = survey_of(app).database
    database.leave_nothing(rewritten=False)
    held = b"".join(dumps.tables(database).values())
    if database.engine.dialect.name == "sqlite":
        folder = Path(str(database.engine.url.database)).parent
        held += b"".join(path.read_bytes() for path in folder.glob("hailong.db*"))
    assert sealed and payload
    for gone in (LAN.address.encode(), sealed[12:44], payload[12:44]):
        assert gone not in held


def test_a_phone_gets_a_short_answer_with_the_link(
    session: Session, patient: Settings, rounds: Rounds, phones: PhoneGateway
) -> None:
    with time_machine.travel(LATER, tick=True):
        receipt = asked(session, PHONE)
        reply(session)
        assert rounds(patient) == {State.DELIVERED: 1}
    [sent] = phones.requests
    assert receipt_code(receipt) in str(sent) and "một quầy" in str(sent)


@pytest.mark.parametrize("status", [FollowUpStatus.DONE, FollowUpStatus.NOT_FOR_US])
def test_closing_a_comment_without_a_message_erases_the_address(session: Session, status: FollowUpStatus) -> None:
    asked(session)
    staff = official(session, role=Role.MANAGER)
    in_hand = {"status": FollowUpStatus.IN_HAND, "owner_id": staff.id}
    follow_up(session, comments(session), FollowUpChange(in_hand), staff.id, LATER)
    assert [row.standing.asks for row in comments(session)] == [True]
    follow_up(session, comments(session), FollowUpChange({"status": status}), staff.id, LATER)
    session.commit()
    assert stages(session) == [None, None, ReplyStage.ERASED] and contacts(session) == 0


@pytest.mark.parametrize("agreed", [14, 60])
def test_its_time_ends_by_the_week_and_never_later_than_was_agreed_whatever_others_agree_to(
    session: Session, agreed: int
) -> None:
    asked(session, PHONE, "Chờ lâu")  # agreed to 30 days
    receipt = asked(session)
    replies.leave(session, SECRET, receipt, LAN, Agreed("vi", agreed), NOON)
    session.commit()
    monday = dt.datetime(2026, 10, 12, 5, tzinfo=dt.UTC)
    [row] = [row for row in comments(session) if row.key[0] == receipt]
    assert replies.kept_until(session, row) == (monday + min(agreed - 1, 15) * DAY).date()
    for day in (13, 14, 29, 30, 59, 60):
        replies.sweep(session, monday + day * DAY)
        session.commit()
        assert sorted(session.scalars(sa.select(ReplyContact.days))) == sorted(one for one in (30, agreed) if one > day)


def test_an_address_left_on_the_last_day_of_the_week_ends_with_those_of_its_first(session: Session) -> None:
    sunday = dt.datetime(2026, 10, 18, 5, tzinfo=dt.UTC)
    receipt = factories.response(session, 1, when=sunday, comments={"S8": "Chờ lâu"})
    replies.leave(session, SECRET, receipt, LAN, Agreed("vi", 30), sunday)
    monday = dt.datetime(2026, 10, 12, 5, tzinfo=dt.UTC)
    for days, left in ((29, 1), (30, 0)):
        replies.sweep(session, monday + days * DAY)
        session.commit()
        assert contacts(session) == left


def test_whoever_withdraws_erases_the_own_address_and_nobody_elses(session: Session) -> None:
    receipt, other = asked(session), asked(session, PHONE, "Chờ lâu")
    assert replies.withdraw(session, receipt, LATER) == 1
    session.commit()
    assert (replies.wish(session, receipt, NOON.date()), replies.wish(session, other, NOON.date())) == (
        Wish.OFFERED,
        Wish.LEFT,
    )


def test_nothing_is_sent_to_an_address_that_is_called_dead_and_who_handed_it_over_is_on_record(
    session: Session,
) -> None:
    asked(session)
    dead_addresses.add(session, SECRET, LAN.address.upper(), NOON)
    reply(session)
    [record] = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == Act.REPLY_QUEUED)).all()
    assert record.staff_id is not None and record.about == {}, "never which: its time would tell when it was given"
    assert list(csv_export.handed_over(session, SECRET, LATER)) == []
    message = session.scalars(sa.select(Delivery)).one()
    assert (message.state, message.reason, message.payload) == (State.REFUSED, Reason.DEAD, None)
    replies.sweep(session, LATER)
    session.commit()
    assert contacts(session) == 0 and stages(session)[-1] == ReplyStage.GIVEN_UP


def test_a_comment_that_its_person_takes_back_or_has_erased_takes_the_address_with_it(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    source = invitations.find(session.connection(), token, NOON)
    asked(session, source=source)
    added = factories.response(session, 1, when=NOON, other={"S7": ["login"]}, source=source, amends=None)
    session.commit()
    replies.sweep(session, LATER)
    session.commit()
    assert contacts(session) == 0, "a later answer without it took its place"
    other = asked(session, words="Chờ lâu")
    staff = official(session, role=Role.ADMINISTRATOR)
    assert kept_answers.erase_comments(session, receipt_code(other), "Theo yêu cầu", staff.id, LATER) == 1
    session.commit()
    assert contacts(session) == 0 and added != other


def test_no_address_is_taken_where_there_is_nothing_to_answer(session: Session) -> None:
    silent = factories.response(session, 1, when=NOON)
    closed = factories.response(session, 1, when=NOON, comments={"S8": "Chờ lâu"})
    staff = official(session, role=Role.MANAGER)
    follow_up(session, comments(session), FollowUpChange({"status": FollowUpStatus.NOT_FOR_US}), staff.id, NOON)
    late = factories.response(session, 1, when=NOON, comments={"S8": "Chờ lâu"})
    factories.placement(session, code="TESTQR").test = True
    session.flush()
    source = invitations.place(session.connection(), "TESTQR")
    tried = factories.response(session, 1, when=NOON, comments={"S8": "Chạy thử"}, source=source)
    for receipt, when in ((silent, NOON), (closed, NOON), (tried, NOON), (late, NOON + 8 * DAY)):
        assert replies.wish(session, receipt, when.date()) == Wish.NONE
        with pytest.raises(Conflict):
            replies.leave(session, SECRET, receipt, LAN, Agreed("vi", 30), when)


def test_no_second_address_is_taken_while_an_answer_is_on_its_way(session: Session) -> None:
    receipt = factories.response(session, 1, when=NOON, comments={"S8": "Chờ lâu", "S7": "Mẫu đơn khó hiểu"})
    replies.leave(session, SECRET, receipt, LAN, Agreed("vi", 30), NOON)
    staff = official(session, role=Role.MANAGER)
    one, _still_open = comments(session)
    follow_up(session, [one], FollowUpChange(CLOSED, reply=True), staff.id, LATER)
    replies.send(session, SECRET, one, staff.id, LATER)
    with pytest.raises(Conflict):
        replies.leave(session, SECRET, receipt, PHONE, Agreed("vi", 30), LATER)
    session.commit()
    assert contacts(session) == 1


def test_nothing_of_an_address_outlives_the_link_between_answer_and_case(app: Flask, session: Session) -> None:
    for number in range(12):
        factories.response(session, 1, when=NOON, comments={"S8": f"Chờ lâu {number}"})
    asked(session)
    reply(session)
    asked(session, PHONE, "Chưa ai trả lời")
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 2, tzinfo=dt.UTC), STANDARD)
    session.commit()
    for hour in (0, 1):
        with time_machine.travel(dt.datetime(2026, 11, 7, hour, tzinfo=dt.UTC), tick=False):
            link_cut.run(survey_of(app).database)
    assert contacts(session) == 0
    row = session.scalars(sa.select(Delivery)).one()
    assert row.payload is None and row.state == State.DROPPED
    session.rollback()
    assert stages(session)[-1] == ReplyStage.ERASED


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_reply_that_has_ended_leaves_the_queue_with_the_others(app: Flask, session: Session) -> None:
    asked(session)
    reply(session)
    for _ in csv_export.handed_over(session, SECRET, LATER):
        pass
    replies.sweep(session, LATER)
    session.commit()
    retention.run(survey_of(app).database, survey_of(app).settings, lambda: LATER + 3000 * DAY)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0


def test_whoever_is_gone_meanwhile_leaves_the_official_with_clear_words(session: Session) -> None:
    receipt = asked(session)
    staff = official(session, role=Role.MANAGER)
    rows = comments(session)
    replies.withdraw(session, receipt, LATER)
    follow_up(session, rows, FollowUpChange(CLOSED, reply=True), staff.id, LATER)
    with pytest.raises(Conflict):
        replies.send(session, SECRET, rows[0], staff.id, LATER)
