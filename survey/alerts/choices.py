"""How often an account is told of each kind of alert: as it chose, else as is usual for its role; and how it stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import AlertChoice, AlertKind, Frequency, Role, Staff
from survey.security.tokens import issued_at, sign

PURPOSE = "stop alerts"
DIGESTS = (Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)
_ACTING = {
    AlertKind.SIGNAL: Frequency.WEEKLY,
    AlertKind.COMMENTS_LATE: Frequency.DAILY,
    AlertKind.SILENCE: Frequency.DAILY,
    AlertKind.COVERAGE: Frequency.WEEKLY,
    AlertKind.STUCK: Frequency.DAILY,
    AlertKind.REPORT_DUE: Frequency.AT_ONCE,
    AlertKind.TASKS_LATE: Frequency.DAILY,
    AlertKind.DRAFT_READY: Frequency.AT_ONCE,
}
_READING = dict.fromkeys(AlertKind, Frequency.NEVER) | {AlertKind.SIGNAL: Frequency.MONTHLY}
USUAL: Mapping[Role, Mapping[AlertKind, Frequency]] = {
    Role.VIEWER: _READING,
    Role.MANAGER: _ACTING,
    Role.ADMINISTRATOR: _ACTING | {AlertKind.STUCK: Frequency.AT_ONCE},
    Role.AUDITOR: _READING,
    Role.INTERVIEWER: dict.fromkeys(AlertKind, Frequency.NEVER),
}
WHAT = {kind.name.lower(): kind for kind in AlertKind}
EVERY = {frequency.name.lower(): frequency for frequency in Frequency}


def chosen(session: Session, account: Staff) -> dict[AlertKind, Frequency]:
    """Return how often an account is told of each kind."""
    own = sa.select(AlertChoice.kind, AlertChoice.frequency).where(AlertChoice.staff_id == account.id)
    return {**USUAL[account.role], **{row.kind: row.frequency for row in session.execute(own)}}


def choose(session: Session, account: Staff, choices: Mapping[AlertKind, Frequency], when: dt.datetime) -> None:
    """Keep what an account chooses, on record if it is something else than before."""
    before = chosen(session, account)
    for kind, frequency in choices.items():
        if before[kind] != frequency:
            session.merge(AlertChoice(staff_id=account.id, kind=kind, frequency=frequency))
    if before != {**before, **choices}:
        trail.append(session, account.id, Act.ALERT_CHOICES_CHANGED, when)


def stop_link(public_url: str, secret: str, account: Staff, what: AlertKind | Frequency, when: dt.datetime) -> str:
    """Return the address by which an account stops a kind of alert, or its daily, weekly or monthly digest."""
    name = what.name.lower()
    token = sign(secret, PURPOSE, str(account.id), name, at=when.timestamp())
    return f"{public_url}/alerts/stop/{account.id}/{name}/{token}"


def stoppable(
    session: Session, secret: str, staff_id: int, name: str, token: str
) -> tuple[Staff, list[AlertKind]] | None:
    """Return whose mail a link stops, and of which kinds; None of a link that is not ours."""
    account = session.get(Staff, staff_id)
    if account is None or issued_at(secret, PURPOSE, token, str(staff_id), name) is None:
        return None
    if name in WHAT:
        return account, [WHAT[name]]
    return account, [kind for kind, frequency in chosen(session, account).items() if frequency == EVERY[name]]


def stop(session: Session, account: Staff, kinds: list[AlertKind], when: dt.datetime) -> None:
    """Let an account be told nothing more of these kinds by e-mail; done twice, it is the same."""
    choose(session, account, dict.fromkeys(kinds, Frequency.NEVER), when)
