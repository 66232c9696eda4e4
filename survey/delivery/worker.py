"""One round of the worker: everything that is due, whatever it is and wherever it goes, is claimed, sent and recorded.

A line that keeps failing is left alone for the round, so that one dead server or receiver holds up nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa

from survey import questionnaires
from survey.db.engine import Database
from survey.delivery import indicator_events, invitation_mail, letters, messages, queue, replies, webhooks
from survey.delivery.email import LAST_WORD_SECONDS, Email
from survey.delivery.gateway import Gateway
from survey.delivery.invitation_mail import MailContext
from survey.delivery.kinds import kept_by
from survey.delivery.message_text import Writer, WrittenMessage
from survey.delivery.messages import ClaimedMessage
from survey.delivery.queue import ClaimedDelivery, Outcome
from survey.delivery.replies import ClaimedReply
from survey.delivery.webhook_sender import WebhookSender
from survey.delivery.webhooks import ClaimedEvent
from survey.errors import Unavailable
from survey.logs import log
from survey.models import AddressKind, Delivery, MessageKind, Reason, State
from survey.organisation import agencies
from survey.periods import now
from survey.results.scope import standard_of
from survey.settings import Settings

TROUBLES = 5  # in a row, before a line is left alone
# What is sent, or why it is not.
Content: TypeAlias = "ClaimedMessage | ClaimedReply | ClaimedEvent | WrittenMessage | Outcome"
SendingLine = tuple[AddressKind, int | None]  # the mail server, the gateway, or one webhook


class Carrier(Protocol):
    """What carries deliveries to one kind of address."""

    def send(self, content: Any, /) -> Outcome:
        """Hand one delivery over and say how it ended; raise nothing for what the other side does."""

    def close(self) -> None:
        """Hang up."""


def carriers(settings: Settings, clock: Callable[[], dt.datetime] = now) -> dict[AddressKind, Carrier]:
    """Return what this installation can send by; webhooks need no setting.

    Raises:
        SettingsError: a setting makes no sense; names it and the cure.
    """
    usable: dict[AddressKind, Carrier] = {AddressKind.WEBHOOK: WebhookSender(settings.send_seconds, clock)}
    if settings.smtp_host:
        usable[AddressKind.EMAIL] = Email(settings)
    if settings.gateway_url:
        usable[AddressKind.PHONE] = Gateway(settings, clock)
    return usable


@dataclass
class Worker:
    """Sends what is due; several may run at the same time, in one process or in many.

    Raises:
        SettingsError: a setting for sending makes no sense.
    """

    database: Database
    settings: Settings
    languages: Sequence[str]
    clock: Callable[[], dt.datetime] = now
    goes_on: Callable[[], bool] = lambda: True
    carriers: dict[AddressKind, Carrier] = field(init=False)
    troubles: Counter[SendingLine] = field(init=False, default_factory=Counter)
    context: MailContext = field(init=False, default_factory=MailContext)

    def __post_init__(self) -> None:
        self.carriers = carriers(self.settings, self.clock)

    @property
    def lease(self) -> dt.timedelta:
        """Return how long a claim holds: well beyond the longest try."""
        return dt.timedelta(seconds=3 * self.settings.send_seconds + LAST_WORD_SECONDS + 60)

    def run(self, kinds: Collection[MessageKind] = tuple(MessageKind)) -> Counter[State]:
        """Let the clock work, queue the events of webhooks, send what is due; return how many tries ended how."""
        self.troubles.clear()
        with self.database.session(writes=True) as session:
            when = self.clock()
            letters.sweep(session, when)
            messages.sweep(session, when)
            webhooks.sweep(session, when)
            webhooks.add_events(session, self.settings.public_url, when)
            asked = questionnaires.all_asked_now(session).get(self.settings.questionnaire)
            demo = agencies.is_installed(session) and agencies.installation(session).demo
            self.context = invitation_mail.context(asked, demo)
            session.commit()
        self._queue_indicators()
        self._sweep_replies()
        ended: Counter[State] = Counter()
        try:
            while self.goes_on() and (claim := self._claim(kinds)) is not None:
                ended[self._deliver(*claim)] += 1
        finally:
            for carrier in self.carriers.values():
                carrier.close()
        return ended

    def _queue_indicators(self) -> None:
        """Queue the daily indicators for those who want them; they are counted before anybody is kept from writing."""
        when = self.clock()
        with self.database.session(writes=False) as session:
            due = list(indicator_events.due(session, standard_of(self.settings), self.settings.public_url, when))
        if due:
            with self.database.session(writes=True) as session:
                queue.add(session, due, when)
                session.commit()

    def _sweep_replies(self) -> None:
        """Erase addresses that have served: in a transaction of its own, so that it holds nothing while it waits."""
        with suppress(Unavailable), self.database.session(writes=True) as session:  # the next round does what is left
            replies.sweep(session, self.clock())
            session.commit()

    def _claim(self, kinds: Collection[MessageKind]) -> tuple[ClaimedDelivery, Content] | None:
        """Take the next delivery and open it, both or neither: what fails here was certainly not sent."""
        tired = [line for line, troubles in self.troubles.items() if troubles >= TROUBLES]
        usable = [kind for kind in self.carriers if (kind, None) not in tired]
        receivers = [webhook_id for _, webhook_id in tired if webhook_id is not None]
        rested = sa.or_(Delivery.webhook_id.is_(None), Delivery.webhook_id.not_in(receivers))
        may_go = sa.and_(messages.ready(), letters.ready(self.settings))
        conditions = (Delivery.kind.in_(kinds), Delivery.address_kind.in_(usable), rested, may_go)
        with self.database.session(writes=True) as session:
            claimed = queue.claim(session, self.clock(), self.lease, *conditions)
            if claimed is None:
                return None
            content = kept_by(claimed).opened(session, self.settings.secret_key, claimed)
            session.commit()
        return claimed, content

    def _deliver(self, claimed: ClaimedDelivery, content: Content) -> State:
        try:
            outcome = content if isinstance(content, Outcome) else self._send(claimed.address_kind, content)
        except Exception as error:
            log.error("sending_fault", kind=type(error).__name__, exc_info=error)
            outcome = Outcome(State.UNKNOWN, Reason.CRASH)
        line = (claimed.address_kind, claimed.webhook_id)
        self._note_trouble(line, outcome)
        with self.database.session(writes=True) as session:
            when = self.clock()
            state: State = kept_by(claimed).settle(session, claimed, outcome, when)
            if outcome.wait:  # asked for by the one at the other end, so it holds for all that goes there
                until = when + min(outcome.wait, queue.LONGEST_ASKED)
                there = (Delivery.address_kind == line[0], Delivery.webhook_id.is_not_distinct_from(line[1]))
                queue.postpone(session, until, *there)
            session.commit()
        about = {"kind": claimed.kind.name, "act": claimed.address_kind.name, "state": state.name}
        log.info("delivery", **about, attempt=claimed.attempt, status=outcome.status)
        return state

    def _note_trouble(self, line: SendingLine, outcome: Outcome) -> None:
        """Count what failed in a row.

        Refusals count too: an unbroken row of them is more likely our own fault, and a refusal cannot be taken back.
        Who let us wait until the time was over has kept the others waiting long enough.
        """
        if outcome.reason == Reason.DEAD:
            return  # nobody was asked
        if outcome.state == State.DELIVERED:
            self.troubles[line] = 0
        else:
            self.troubles[line] += TROUBLES if outcome.reason == Reason.TIMEOUT else 1

    def _send(
        self, address_kind: AddressKind, content: ClaimedMessage | ClaimedReply | ClaimedEvent | WrittenMessage
    ) -> Outcome:
        if isinstance(content, ClaimedMessage | ClaimedReply):
            writer = Writer(self.settings.public_url, self.languages, self.context)
            return self.carriers[address_kind].send(writer.write(content))
        return self.carriers[address_kind].send(content)
