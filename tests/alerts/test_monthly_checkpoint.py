"""The monthly digest carries the checkpoint of the ledger, so that it lies in many mailboxes; no other mail does."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy.orm import Session

from survey.alerts import choices
from survey.ledger.notes import opened
from survey.models import AlertKind, Frequency, State
from survey.settings import Settings
from tests.alerts.test_rounds import HOUR, TUESDAY, Look, look, overdue, reachable, text
from tests.reports.test_printed_checkpoint import MINUTE, SIGNER, seal
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import Rounds

__all__ = ["look"]  # the fixture


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about what is written
def test_who_reads_monthly_gets_the_signed_checkpoint_and_who_reads_daily_does_not(
    session: Session, look: Look, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    reachable(session, "hanh")
    monthly = reachable(session, "tinh", "H61")
    often = dict.fromkeys(AlertKind, Frequency.NEVER) | {AlertKind.COMMENTS_LATE: Frequency.MONTHLY}
    choices.choose(session, monthly, often, TUESDAY)
    overdue(session)
    note = seal(session, TUESDAY - MINUTE)
    session.commit()
    for at in (TUESDAY - 9 * HOUR, TUESDAY):
        look(at)
    with time_machine.travel(TUESDAY, tick=True):
        assert rounds(patient) == {State.DELIVERED: 2}
    letters = {letter["To"]: text(letter).replace("\r\n", "\n") for letter in mail.received}
    assert note.rstrip() in letters["tinh@example.vn"] and "/ledger" in letters["tinh@example.vn"]
    assert opened(note, [SIGNER.verifier]) and "/ledger" not in letters["hanh@example.vn"]
