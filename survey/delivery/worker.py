"""One round of sending: claim, commit, send, record; a way that keeps failing is left alone for the round."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from survey.db.engine import Database
from survey.delivery import outbox
from survey.delivery.email import Email
from survey.delivery.gateway import Gateway
from survey.delivery.message_text import Wording, Writer
from survey.delivery.outbox import Outcome, Parcel
from survey.logs import log
from survey.models import Kind, Reason, State, Way
from survey.periods import now
from survey.settings import Settings

TROUBLES = 5  # in a row, before a way is left alone


class Carrier(Protocol):
    """What carries messages one way."""

    def send(self, parcel: Parcel, wording: Wording) -> Outcome:
        """Hand one message over and say how it ended; raise nothing for what the other side does."""

    def close(self) -> None:
        """Hang up."""


def ways(settings: Settings) -> dict[Way, Carrier]:
    """Return what this installation can send by.

    Raises:
        SettingsError: a setting makes no sense; names it and the cure.
    """
    found: dict[Way, Carrier] = {}
    if settings.smtp_host:
        found[Way.EMAIL] = Email(settings)
    if settings.gateway_url:
        found[Way.PHONE] = Gateway(settings)
    return found


@dataclass
class Round:
    """Everything that is due, sent once; several rounds may run at the same time, in one process or in many."""

    database: Database
    settings: Settings
    writer: Writer
    carriers: dict[Way, Carrier]
    clock: Callable[[], dt.datetime] = now
    goes_on: Callable[[], bool] = lambda: True
    troubles: Counter[Way] = field(default_factory=Counter)

    @property
    def lease(self) -> dt.timedelta:
        """Return how long a claim holds: well beyond the longest try."""
        return dt.timedelta(seconds=3 * self.settings.send_seconds + 60)

    def run(self, kinds: Collection[Kind] = tuple(Kind)) -> Counter[State]:
        """Send what is due and return how many tries ended how."""
        ended: Counter[State] = Counter()
        with self.database.session(writes=True) as session:
            outbox.sweep(session, self.clock())
            session.commit()
        try:
            while self.goes_on() and (parcel := self._claim(kinds)) is not None:
                ended[self._send(parcel)] += 1
        finally:
            for carrier in self.carriers.values():
                carrier.close()
        return ended

    def _claim(self, kinds: Collection[Kind]) -> Parcel | None:
        usable = [way for way in self.carriers if self.troubles[way] < TROUBLES]
        if not usable:
            return None
        with self.database.session(writes=True) as session:
            parcel = outbox.claim(session, self.settings.secret_key, self.clock(), self.lease, usable, kinds)
            session.commit()
        return parcel

    def _send(self, parcel: Parcel) -> State:
        try:
            outcome = self.carriers[parcel.way].send(parcel, self.writer.write(parcel))
        except Exception as error:
            log.error("sending_fault", kind=type(error).__name__, exc_info=error)
            outcome = Outcome(State.UNKNOWN, Reason.CRASH)
        # Refusals count too: an unbroken row of them is more likely our own fault, and a refusal cannot be taken back.
        self.troubles[parcel.way] = 0 if outcome.state == State.DELIVERED else self.troubles[parcel.way] + 1
        with self.database.session(writes=True) as session:
            state = outbox.settle(session, parcel.id, parcel.attempt, outcome, self.clock())
            session.commit()
        log.info("message", kind=parcel.kind.name, act=parcel.way.name, state=state.name, attempt=parcel.attempt)
        return state
