"""Whether an account has a second factor and must have one; each kind of factor has a file of its own beside this one.

Managers, administrators and auditors must have one, a week after they first signed in with that role. All others may.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import sessions
from survey.accounts.sessions import SignedIn
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.models import Authenticator, FactorReset, Passkey, RecoveryCode, Role, Staff

ASKED_OF = (Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR)
GRACE = dt.timedelta(days=7)


def has_factor(session: Session, staff_id: int) -> bool:
    """Return whether an account has an app that makes codes, or a passkey."""
    return bool(session.scalar(sa.select(sessions.with_factor()).where(Staff.id == staff_id)))


def ask_in_time(account: Staff, has_factor: bool, at: dt.datetime) -> None:
    """Let the week begin in which an account of such a role sets up its second factor."""
    if account.role in ASKED_OF and not has_factor and account.factor_due_at is None:
        account.factor_due_at = at + GRACE


def is_owed(who: SignedIn) -> bool:
    """Return whether somebody's role asks for a second factor that the account has not, and no provider asked for."""
    return who.role in ASKED_OF and not (who.has_factor or who.factor_at_provider)


def is_overdue(who: SignedIn, at: dt.datetime) -> bool:
    """Return whether somebody may do nothing else before setting up a second factor."""
    return is_owed(who) and who.factor_due_at is not None and who.factor_due_at <= at


def removed(session: Session, who: SignedIn, at: dt.datetime, kind: str) -> None:
    """Put on record that somebody has taken a factor away; their other sessions end, codes end with the last factor.

    Raises:
        Conflict: it was the last one, and their role asks for one; the caller does not commit.
    """
    if not has_factor(session, who.staff_id):
        if who.role in ASKED_OF:
            raise Conflict("Your role asks for a second factor. Please set up another one before you remove this one.")
        session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == who.staff_id))
    sessions.revoke_all(session, who.staff_id, keep=who.id_hash)
    trail.append(session, who.staff_id, Act.FACTOR_REMOVED, at, kind=kind)


def remove_all(session: Session, account: Staff, at: dt.datetime) -> None:
    """Take every second factor of an account away and end its sessions; whose role asks for one, sets it up at once."""
    for model in (Authenticator, Passkey, RecoveryCode, FactorReset):
        session.execute(sa.delete(model).where(model.staff_id == account.id))
    account.factor_due_at = at
    sessions.revoke_all(session, account.id)
