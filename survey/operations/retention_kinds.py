"""How long each kind of data is kept, and why: the one table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.accounts import account_links, factor_resets, idempotency, paired_requests, sessions
from survey.alerts import episodes
from survey.apologies import drafting
from survey.audit.acts import Act
from survey.callbacks import phones
from survey.comments import originals, person_requests
from survey.i18n import msgid
from survey.models import (
    AccountLink,
    Alert,
    Apology,
    AuditEntry,
    Base,
    CallBackNumber,
    Case,
    ClosedPeriod,
    Comment,
    DeadAddress,
    Delivery,
    FactorReset,
    FrozenCoverage,
    IdempotentRequest,
    Invitation,
    Job,
    PairedRequest,
    PersonRequest,
    RequestCount,
    SignInFailure,
    StaffSession,
    Transition,
)
from survey.operations import jobs
from survey.settings import Settings

A_YEAR = 364  # days from its first to its last
AFTER_ITS_TIME = dt.timedelta(days=30)


@dataclass(frozen=True)
class RetentionKind:
    """One kind of data that ends: rows of a table, or the columns `emptied` of rows that stay.

    `kept` is a fixed time, or the field of the setting that holds the days; `ended` says which rows are older than a
    moment. What officials decide about is erased on record; what ends by itself within a day is not.
    """

    code: str
    data: str
    reason: str
    kept: str | dt.timedelta
    model: type[Base]
    ended: Callable[[dt.datetime], sa.ColumnElement[bool]]
    emptied: tuple[str, ...] = ()
    on_record: bool = True

    @property
    def table(self) -> sa.Table:
        """Return where it is stored."""
        return cast("sa.Table", self.model.__table__)

    def limit(self, settings: Settings, when: dt.datetime) -> dt.datetime:
        """Return the moment before which it is erased by `when`."""
        days = self.kept if isinstance(self.kept, dt.timedelta) else dt.timedelta(days=getattr(settings, self.kept))
        return when - days

    def number(self, session: Session, before: dt.datetime) -> int:
        """Return how many rows are older than a moment."""
        return session.scalar(sa.select(sa.func.count()).select_from(self.table).where(self.ended(before))) or 0


def _steps(before: dt.datetime) -> sa.ColumnElement[bool]:
    ended = sa.exists().where(Delivery.id == Transition.delivery_id, Delivery.payload.is_(None))
    return sa.and_(Transition.at < before, ended)


def _deliveries(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return which deliveries have ended; who was asked must be frozen first, in a closed year."""
    frozen = (
        sa.exists()
        .where(Invitation.id == Delivery.invitation_id, Case.id == Invitation.case_id)
        .where(ClosedPeriod.first <= Case.finished_day, ClosedPeriod.last >= Case.finished_day)
        .where(_number(ClosedPeriod.last) - _number(ClosedPeriod.first) >= A_YEAR)
        .where(FrozenCoverage.period_id == ClosedPeriod.id)
    )
    steps = sa.exists().where(Transition.delivery_id == Delivery.id)
    ended = sa.and_(Delivery.payload.is_(None), Delivery.changed_at < before, sa.not_(steps))
    return sa.and_(ended, sa.or_(Delivery.invitation_id.is_(None), frozen))


def _number(day: InstrumentedAttribute[dt.date]) -> sa.ColumnElement[int]:
    return sa.type_coerce(day, sa.Integer)


KINDS = (
    RetentionKind(
        "originals",
        msgid("Originals of comments, sealed"),
        "To look up what was taken out by mistake; the redacted comment stays",
        "keep_originals_days",
        Comment,
        originals.sent_before,
        emptied=("original",),
    ),
    RetentionKind(
        "steps",
        msgid("Steps of each message and event that was sent"),
        "To find out why something did not arrive",
        "keep_deliveries_days",
        Transition,
        _steps,
    ),
    RetentionKind(
        "deliveries",
        msgid("Messages and events that were sent, without addresses and words"),
        "Figures of who was asked are counted from them until their year is closed",
        "keep_deliveries_days",
        Delivery,
        _deliveries,
    ),
    RetentionKind(
        "dead_addresses",
        msgid("E-mail addresses that a server called dead, as keyed hashes"),
        "To write to nobody in vain; later somebody may have the address again",
        "keep_dead_addresses_days",
        DeadAddress,
        lambda before: DeadAddress.at <= before,
    ),
    RetentionKind(
        "audit",
        msgid("Audit trail, but for closings of periods"),
        "To find out who did what; a closing stays, as its figures are checked against it",
        "keep_audit_days",
        AuditEntry,
        lambda before: sa.and_(AuditEntry.at < before, AuditEntry.act != Act.PERIOD_CLOSED.value),
    ),
    RetentionKind(
        "requests",
        msgid("Requests of persons about their data, answered"),
        "To show that they were answered, and when",
        "keep_requests_days",
        PersonRequest,
        person_requests.answered_before,
    ),
    RetentionKind(
        "alerts",
        msgid("Alerts that are over, and who was told of them or saw them"),
        "To see what stood out in the year before",
        episodes.KEPT,
        Alert,
        lambda before: Alert.ended_at < before,
    ),
    RetentionKind(
        "apology_contacts",
        msgid("Contact addresses of letters of apology that nobody decided on, sealed"),
        "To send the letter once it is approved; later it can be printed",
        drafting.KEPT,
        Apology,
        drafting.kept_before,
        emptied=("contact",),
    ),
    RetentionKind(
        "call_back_numbers",
        msgid("Telephone numbers of cases of a call-back that was planned, sealed"),
        "To call whoever is drawn; those of others go with the draw, each other one when its last call has ended",
        phones.KEPT,
        CallBackNumber,
        lambda before: CallBackNumber.kept_at < before,
    ),
    RetentionKind(
        "jobs",
        msgid("Reports, posters and imports that were asked for, with their files"),
        "To be downloaded; they can be asked for again",
        jobs.KEPT,
        Job,
        jobs.ended_before,
        on_record=False,
    ),
    RetentionKind(
        "api_replies",
        msgid("Replies of the API, sealed"),
        "To answer a repeated request alike",
        idempotency.KEPT,
        IdempotentRequest,
        lambda before: IdempotentRequest.at <= before,
        on_record=False,
    ),
    RetentionKind(
        "sessions",
        msgid("Sessions of officials' browsers"),
        "Nobody stays signed in for longer",
        sessions.LONGEST,
        StaffSession,
        lambda before: StaffSession.created_at < before,
        on_record=False,
    ),
    RetentionKind(
        "account_links",
        msgid("One-time links to accounts, as hashes, with the name of who was invited"),
        "To be used within a week; the audit trail says who invited whom",
        AFTER_ITS_TIME,
        AccountLink,
        account_links.over_before,
        on_record=False,
    ),
    RetentionKind(
        "paired_requests",
        msgid("What one administrator asked another one to agree to"),
        "To be decided within three days; the audit trail says what became of it",
        AFTER_ITS_TIME,
        PairedRequest,
        paired_requests.ended_before,
        on_record=False,
    ),
    RetentionKind(
        "factor_resets",
        msgid("Requests to remove an account's second factors"),
        "Another administrator agrees within a day, or not at all; both are on record",
        factor_resets.LASTS,
        FactorReset,
        lambda before: FactorReset.asked_at <= before,
        on_record=False,
    ),
    RetentionKind(
        "sign_in_failures",
        msgid("Counts of wrong passwords, logins and addresses as keyed hashes"),
        "To stop guessing; a count lasts for 15 minutes or a day",
        dt.timedelta(),
        SignInFailure,
        lambda before: SignInFailure.until <= before,
        on_record=False,
    ),
    RetentionKind(
        "request_counts",
        msgid("Counts of requests by the minute, of whom as keyed hashes"),
        "To stop floods; none counts for longer",
        dt.timedelta(minutes=1),
        RequestCount,
        lambda before: RequestCount.minute < int(before.timestamp()) // 60 + 1,
        on_record=False,
    ),
)
