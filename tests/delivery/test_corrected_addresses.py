"""A case whose message reached nobody is asked once its address is corrected, by a new link."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.delivery import bounces
from survey.models import Delivery, MessageKind, Reason, State
from survey.periods import now
from survey.settings import Settings
from tests.support.factories import SECRET
from tests.support.portal import Portal, case, one, program
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import DAY, HOUR, LINH, PUBLIC, Rounds, delivery
from tests.support.sending.reports import report

MAI = "mai.tran@example.vn"
LINK = re.compile(rf"{PUBLIC}/r/([\w-]+)")


@pytest.fixture
def portal(session: Session, client: FlaskClient) -> Portal:
    return program(session, client)


def token_in(mail: MailServer) -> str:
    """Return the token of the link in the newest e-mail."""
    plain = mail.received[-1].get_body(("plain",))
    match = None if plain is None else LINK.search(plain.get_content())
    assert match is not None
    return match[1]


def come_back(session: Session, mail: MailServer, status: str) -> None:
    """Let the newest e-mail come back."""
    assert bounces.take(session, SECRET, report(mail.received[-1], status), now()) == 1
    session.commit()


@pytest.mark.parametrize("status", ["5.1.1", "5.2.2", "at once"])
def test_a_corrected_address_is_asked_after_the_first_was_refused_or_came_back(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds, portal: Portal, status: str
) -> None:
    sent = case(contact={"email": LINH.address})
    old = one(portal.send(sent))["invitation"]["link"].rpartition("/")[2]
    if status == "at once":
        mail.at["rcpt"] = "550 5.1.1 nobody here"
        assert rounds(patient) == {State.REFUSED: 1}
        mail.at.clear()
    else:
        assert rounds(patient) == {State.DELIVERED: 1}
        come_back(session, mail, status)
    result = one(portal.send(sent | {"contact": {"email": MAI}}))
    new = result["invitation"]["link"].rpartition("/")[2]
    assert (result["status"], result["invitation"]["message"]) == ("updated", True)
    assert rounds(patient) == {State.DELIVERED: 1}
    assert (mail.received[-1]["To"], token_in(mail)) == (MAI, new)
    pages = [portal.client.get(f"/r/{token}").status_code for token in (old, new)]
    assert pages == [404, 200], "a link that came back may be in strange hands"
    assert one(portal.send(sent | {"contact": {"email": MAI}}))["status"] == "unchanged", "once is enough"
    reminder = delivery(session, MessageKind.REMINDER)
    assert reminder.state == State.QUEUED
    session.rollback()
    assert rounds(patient, 3 * DAY + HOUR) == {State.DELIVERED: 1}
    assert (mail.received[-1]["To"], token_in(mail)) == (MAI, new)


def test_an_address_that_is_told_again_every_night_is_not_written_to_for_ever(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds, portal: Portal, look: Callable[..., Any]
) -> None:
    full, dead = (case(contact={"email": address}) for address in (LINH.address, MAI))
    for night in range(5):
        portal.send(full)
        if rounds(patient):
            come_back(session, mail, "5.2.2")
        assert len(mail.received) == min(night + 1, 3)
    portal.send(dead)
    assert rounds(patient) == {State.DELIVERED: 1}
    come_back(session, mail, "5.1.1")
    assert one(portal.send(dead))["status"] == "unchanged"
    assert rounds(patient) == {}
    rows = look(sa.select(Delivery.state, Delivery.reason).where(Delivery.kind == MessageKind.INVITATION))
    assert set(rows) == {(State.REFUSED, Reason.RETURNED)}


def test_who_has_answered_or_was_reached_is_not_asked_again(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds, portal: Portal
) -> None:
    sent = case(contact={"email": LINH.address})
    portal.send(sent)
    assert rounds(patient) == {State.DELIVERED: 1}
    assert one(portal.send(sent | {"contact": {"email": MAI}}))["invitation"] is None
    come_back(session, mail, "5.2.2")
    path = f"/r/{token_in(mail)}"
    page = portal.client.get(path)
    fields = dict(re.findall(r'name="(key|csrf_token|lang)" value="([^"]*)"', page.text))
    assert portal.client.post(path, data=fields | {"S1": "4"}).status_code == 200, "by the link from the portal's page"
    assert one(portal.send(sent | {"contact": {"email": MAI}}))["invitation"] is None
    assert rounds(patient) == {}
