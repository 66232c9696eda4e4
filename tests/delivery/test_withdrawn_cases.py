"""What was queued about a case that the portal withdraws: nothing of it is sent, and its address is erased."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from survey.delivery import csv_export, messages
from survey.models import Reason, State
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.sending.queued import DAY, DELIVERED, WHEN, claim, claimed_message, delivery, invite, one_try


@pytest.mark.parametrize("delivered", [False, True], ids=["before the invitation left", "before the reminder"])
def test_nothing_is_sent_about_a_withdrawn_case_and_the_address_is_erased(session: Session, delivered: bool) -> None:
    token = invite(session)
    at = WHEN + 3 * DAY if delivered else WHEN
    if delivered:
        one_try(session, DELIVERED, WHEN)
    factories.withdraw(session, token, at)
    assert claim(session, at) is None, "even before the queue is swept"
    assert list(csv_export.handed_over(session, SECRET, at)) == []
    messages.sweep(session, at)
    for kind in messages.KINDS[delivered:]:
        ended = delivery(session, kind)
        assert (ended.state, ended.reason, ended.payload) == (State.DROPPED, Reason.WITHDRAWN, None)


def test_a_case_given_back_before_the_queue_was_swept_is_asked_about(session: Session) -> None:
    token = invite(session)
    factories.withdraw(session, token, WHEN)
    factories.give_back(session, token, WHEN)
    assert claimed_message(session, WHEN).token == token
