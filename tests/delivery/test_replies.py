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

from survey.collection import invitations
from survey.comments import kept_answers
from survey.comments.follow_up import FollowUpChange, follow_up
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.db.engine import Lock, exclusively
from survey.db.patience import Patience, waiting_at_most
from survey.delivery import bounces, csv_export, queue, replies, reply_consent
from survey.delivery.contact import Contact
from survey.delivery.message_text import Writer
from survey.delivery.queue import Outcome
from survey.delivery.replies import ClaimedReply, Wish
from survey.errors import Conflict
from survey.i18n import gettext, speaking
from survey.models import (
    AddressKind,
    DeadAddress,
    Delivery,
    FollowUpStatus,
    FollowUpStep,
    Reason,
    ReplyContact,
    ReplyStage,
    Role,
    State,
)
from survey.operations import retention
from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.scope import scope_for
from survey.security.tokens import receipt_code
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.factories import SECRET
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import HOUR, PUBLIC, Rounds, claim
from tests.support.sending.reports import report

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LATER = NOON + 5 * DAY
OCTOBER = parse("2026-10")
LAN, PHONE = Contact(AddressKind.EMAIL, "canary.lan@example.vn"), Contact(AddressKind.PHONE, "+84987612345")
REPLY = "Từ ngày 20/10 nhận hồ sơ tại một quầy."
CLOSED = {"status": FollowUpStatus.DONE, "answer": REPLY}
pytestmark = pytest.mark.usefixtures("vietnamese")


def asked(session: Session, to: Contact = LAN, words: str = "Phải đi lại ba lần", **more: object) -> bytes:
    """Answer with a comment and leave an address; return the receipt."""
    receipt = factories.response(session, 1, when=NOON, comments={"S8": words}, **more)  # type: ignore[arg-type]  # as the factory takes it
    replies.leave(session, SECRET, receipt, to, "vi", NOON)
    session.commit()
    return receipt


def comments(session: Session) -> list[CommentRow]:
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    return CommentsInScope(session, scope, False, CLOCK, 1).page(CommentFilter())


def reply(session: Session, at: dt.datetime = LATER, login: str = "hanh") -> None:
    """Close the one comment with an answer that is to be sent."""
    staff = official(session, login, role=Role.MANAGER)
    [row] = [one for one in comments(session) if one.standing.asks]
    follow_up(session, [row], FollowUpChange(CLOSED, reply=True), staff.id, at)
    replies.send(session, SECRET, row, staff.id, at)
    session.commit()


def stages(session: Session) -> list[ReplyStage | None]:
    session.expire_all()
    steps = sa.select(FollowUpStep.reply).order_by(FollowUpStep.response_id, FollowUpStep.turn)
    every = list(session.scalars(steps))
    session.rollback()
    return every


def contacts(session: Session) -> int:
    number = session.scalar(sa.select(sa.func.count()).select_from(ReplyContact)) or 0
    session.rollback()
    return number


def test_the_words_agreed_to_change_only_with_their_version() -> None:
    words = []
    for language in ("vi", "en"):
        with speaking(language):
            words.append(gettext(reply_consent.CONSENT, days=30))
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
    assert (reply_consent.CONSENT_VERSION, digest) == (1, "c24ed694157fb552"), "other words are another version"


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


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_is_handed_over_in_a_file_where_nothing_is_sent_directly(session: Session) -> None:
    asked(session)
    reply(session)
    [message] = csv_export.handed_over(session, SECRET, LATER)
    assert isinstance(message, ClaimedReply) and message.address == LAN.address and LAN.address not in repr(message)
    written = Writer(PUBLIC, ["vi", "en"]).write(message)
    assert written.link == f"{PUBLIC}/receipt/{message.code}" and LAN.address not in written.subject + written.body
    assert written.body.count(REPLY) == 1 and "Kính gửi" in written.body, "in the person's own language alone"
    replies.sweep(session, LATER, 30)
    session.commit()
    assert stages(session)[-1] == ReplyStage.SENT and contacts(session) == 0


def test_what_cannot_be_delivered_is_given_up_and_the_history_says_so(
    session: Session, patient: Settings, rounds: Rounds, mail: MailServer
) -> None:
    mail.at = {"rcpt": "550 nobody"}
    with time_machine.travel(LATER, tick=True):
        asked(session)
        reply(session)
        assert rounds(patient) == {State.REFUSED: 1}
        rounds(patient)
    assert stages(session)[-1] == ReplyStage.GIVEN_UP and contacts(session) == 0


def test_the_person_withdraws_before_it_is_sent_or_while_it_waits(session: Session) -> None:
    first = asked(session)
    assert replies.wish(session, first, NOON.date()) == Wish.LEFT
    assert replies.withdraw(session, first, LATER) == 1 and replies.withdraw(session, first, LATER) == 0
    assert contacts(session) == 0 and stages(session) == [], "of what nobody followed up there is no history"
    replies.leave(session, SECRET, first, LAN, "vi", NOON + DAY)
    reply(session)
    assert replies.withdraw(session, first, LATER) == 1
    session.commit()
    assert stages(session)[-1] == ReplyStage.WITHDRAWN
    row = session.scalars(sa.select(Delivery)).one()
    assert (row.state, row.payload) == (State.DROPPED, None)


@pytest.mark.parametrize(
    ("outcome", "stage", "state"),
    [
        (Outcome(State.DELIVERED), ReplyStage.SENT, State.DELIVERED),
        (Outcome(State.REFUSED, Reason.ADDRESS), ReplyStage.GIVEN_UP, State.REFUSED),
        (Outcome(State.UNKNOWN, Reason.CLOSED), ReplyStage.GIVEN_UP, State.UNKNOWN),
        (Outcome(State.QUEUED, Reason.UNREACHABLE), ReplyStage.WITHDRAWN, State.DROPPED),
        (None, ReplyStage.GIVEN_UP, State.DELIVERED),
    ],
    ids=["sent", "refused", "in doubt", "certainly not sent", "on its way"],
)
def test_whoever_withdraws_after_a_try_leaves_a_history_that_tells_how_it_ended(
    session: Session, outcome: Outcome | None, stage: ReplyStage, state: State
) -> None:
    receipt = asked(session)
    reply(session)
    claimed = claim(session, LATER)
    assert claimed is not None
    if outcome is not None:
        replies.settle(session, claimed, outcome, LATER)
    session.commit()
    assert replies.withdraw(session, receipt, LATER) == 1
    if outcome is None:  # its sender comes back after that
        replies.settle(session, claimed, Outcome(State.DELIVERED), LATER)
    session.commit()
    assert claim(session, LATER + DAY) is None, "nothing goes to an address that was withdrawn"
    row = session.scalars(sa.select(Delivery)).one()
    assert (row.state, row.payload) == (state, None)
    session.rollback()
    assert stages(session) == [None, ReplyStage.QUEUED, stage] and contacts(session) == 0


def test_a_sender_that_dies_leaves_one_more_try_under_the_same_key_and_then_the_address_is_erased(
    session: Session,
) -> None:
    asked(session)
    reply(session)
    keys, moment = [], LATER
    while (claimed := claim(session, moment + HOUR)) is not None:
        keys.append(claimed.key)
        moment += DAY
        queue.sweep(session, moment)
        replies.sweep(session, moment, 30)
        session.commit()
    assert len(keys) == queue.MOST_DOUBTS and len(set(keys)) == 1
    assert stages(session)[-1] == ReplyStage.GIVEN_UP and contacts(session) == 0
    assert session.scalars(sa.select(Delivery.payload)).all() == [None]


def test_an_answer_that_comes_back_leaves_no_trace_of_its_address(
    session: Session, patient: Settings, rounds: Rounds, mail: MailServer
) -> None:
    with time_machine.travel(LATER, tick=True):
        asked(session)
        reply(session)
        assert rounds(patient) == {State.DELIVERED: 1}
    assert bounces.take(session, SECRET, report(mail.received[0]), LATER) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(DeadAddress)) == 0


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_round_sends_on_while_links_are_being_cut_and_tells_the_history_later(
    app: Flask, session: Session, patient: Settings, rounds: Rounds, mail: MailServer
) -> None:
    with time_machine.travel(LATER, tick=True):
        asked(session)
        reply(session)
        assert rounds(patient) == {State.DELIVERED: 1}
        asked(session, Contact(AddressKind.EMAIL, "canary.mai@example.vn"), "Chờ lâu")
        reply(session, login="mai")
        with survey_of(app).database.session(writes=True) as cutting, waiting_at_most(Patience(15, 0.2)):
            exclusively(cutting, Lock.LINKS)
            assert rounds(patient) == {State.DELIVERED: 1}
        assert contacts(session) == 2
        rounds(patient)
    assert contacts(session) == 0 and len(mail.received) == 2


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


def test_its_time_ends_by_the_week_and_never_later_than_was_agreed(session: Session) -> None:
    asked(session)
    monday = dt.datetime(2026, 10, 12, 5, tzinfo=dt.UTC)
    [row] = comments(session)
    assert replies.kept_until(row, 14) == (monday + 13 * DAY).date()
    for days, left in ((29, 1), (30, 0)):
        replies.sweep(session, monday + days * DAY, 30)
        session.commit()
        assert contacts(session) == left


def test_a_comment_that_its_person_takes_back_or_has_erased_takes_the_address_with_it(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    source = invitations.find(session.connection(), token, NOON)
    asked(session, source=source)
    added = factories.response(session, 1, when=NOON, other={"S7": ["login"]}, source=source, amends=None)
    session.commit()
    replies.sweep(session, LATER, 30)
    session.commit()
    assert contacts(session) == 0, "a later answer without it took its place"
    other = asked(session, words="Chờ lâu")
    staff = official(session, role=Role.ADMINISTRATOR)
    assert kept_answers.erase_comments(session, receipt_code(other), "Theo yêu cầu", staff.id, LATER) == 1
    session.commit()
    assert contacts(session) == 0 and added != other


def test_no_address_is_taken_where_there_is_nothing_to_answer(session: Session) -> None:
    silent = factories.response(session, 1, when=NOON)
    late = factories.response(session, 1, when=NOON, comments={"S8": "Chờ lâu"})
    for receipt, when in ((silent, NOON), (late, NOON + 8 * DAY)):
        assert replies.wish(session, receipt, when.date()) == Wish.NONE
        with pytest.raises(Conflict):
            replies.leave(session, SECRET, receipt, LAN, "vi", when)


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
    replies.sweep(session, LATER, 30)
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
