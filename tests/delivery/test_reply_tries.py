"""However the tries of an answer end, and whatever happens meanwhile: its history is true, and its address goes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from survey.db.engine import Lock, exclusively
from survey.db.patience import Patience, waiting_at_most
from survey.delivery import bounces, csv_export, queue, replies
from survey.delivery.contact import Contact
from survey.delivery.message_text import Writer
from survey.delivery.queue import Outcome
from survey.delivery.replies import Agreed, ClaimedReply, Wish
from survey.models import (
    AddressKind,
    DeadAddress,
    Delivery,
    Reason,
    ReplyStage,
    State,
)
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.factories import SECRET
from tests.support.sending.asking import (
    DAY,
    LAN,
    LATER,
    NOON,
    REPLY,
    asked,
    contacts,
    reply,
    stages,
)
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import HOUR, PUBLIC, Rounds, claim
from tests.support.sending.reports import report

pytestmark = pytest.mark.usefixtures("vietnamese")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_is_handed_over_in_a_file_where_nothing_is_sent_directly(session: Session) -> None:
    asked(session)
    reply(session)
    [message] = csv_export.handed_over(session, SECRET, LATER)
    assert isinstance(message, ClaimedReply) and message.address == LAN.address and LAN.address not in repr(message)
    written = Writer(PUBLIC, ["vi", "en"]).write(message)
    assert written.link == f"{PUBLIC}/receipt/{message.code}" and LAN.address not in written.subject + written.body
    assert written.body.count(REPLY) == 1 and "Kính gửi" in written.body, "in the person's own language alone"
    replies.sweep(session, LATER)
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
    replies.leave(session, SECRET, first, LAN, Agreed("vi", 30), NOON + DAY)
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
        replies.sweep(session, moment)
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
