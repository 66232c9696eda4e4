"""The second step: after the password, before a dangerous act, or by a passkey alone, which is both steps in one.

A try is counted before it is judged, as with passwords; whoever is right gets another session id.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.accounts import authenticators, identities, passkeys, recovery_codes, sessions, sign_in_limits
from survey.accounts import sign_in as signing_in
from survey.accounts.passkeys import Signed
from survey.accounts.sessions import SignedIn
from survey.accounts.sign_in_limits import Limit, Visitor
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import SignInRefused, SignInRequired, TooManyTries
from survey.logs import log

Evidence = str | Signed  # a code that was typed (an app's, or a recovery code), or what a passkey signed


def finish(
    database: Database, secret: str, who: SignedIn, evidence: Evidence, visitor: Visitor, at: dt.datetime
) -> str:
    """Admit somebody who has given the right password (`sessions.awaiting`); return the new session's id.

    Raises:
        SignInRefused: the code is wrong or was used already, or the passkey is not right.
        SignInRequired: the session that awaited this has ended.
        TooManyTries: codes were wrong too often.
    """
    return _proved(database, secret, who, evidence, visitor, at, Act.SESSION_STARTED)


def confirm(database: Database, secret: str, who: SignedIn, evidence: Evidence, at: dt.datetime) -> str:
    """Let somebody prove again who they are, by password where there is no second factor; return the new session's id.

    Raises:
        SignInRefused: what they showed is not right.
        SignInRequired: their session has ended.
        TooManyTries: it was wrong too often.
    """
    if who.has_factor or isinstance(evidence, Signed):
        visitor = Visitor("", who.id_hash.hex())
        return _proved(database, secret, who, evidence, visitor, at, Act.SESSION_CONFIRMED)
    if not signing_in.own_password_is_right(database, secret, who, evidence, at):
        raise SignInRefused("The password is not right. Please type it again.")
    with database.session(writes=True) as session:
        return _renewed(session, who, at, Act.SESSION_CONFIRMED)


def sign_in_by_passkey(database: Database, secret: str, signed: Signed, device: str, at: dt.datetime) -> str:
    """Admit whoever holds a passkey, and return the new session's id.

    Raises:
        SignInRefused: it is unknown, not right, or its account is closed.
    """
    challenge = passkeys.use(database, secret, signed, at)
    with database.session(writes=True) as session:
        account = passkeys.holder(session, signed, challenge, at)
        if account is None:
            _refuse(session, None, False, at)
            raise _wrong(signed)
        if identities.of_account(session, account.id):  # whose provider alone says whether they still may
            _refuse(session, account.id, False, at)
            raise SignInRefused("This account is signed in to by single sign-on. Please choose it on this page.")
        token = sessions.begin(session, account.id, at, device=device)
        session.commit()
        return token


def _proved(
    database: Database,
    secret: str,
    who: SignedIn,
    evidence: Evidence,
    visitor: Visitor,
    at: dt.datetime,
    act: Act,
) -> str:
    challenge, limits, last = b"", tuple[Limit, ...](), False
    if isinstance(evidence, Signed):
        challenge = passkeys.use(database, secret, evidence, at)
    else:
        limits = sign_in_limits.code_limits(secret, who.login, visitor)
        last = _count(database, limits, at)
    with database.session(writes=True) as session:
        if not _holds(session, secret, who, evidence, challenge, at):
            _refuse(session, who.staff_id, last, at)
            raise _wrong(evidence)
        if limits:
            sign_in_limits.forget(session, limits)
        return _renewed(session, who, at, act)


def _count(database: Database, limits: tuple[Limit, ...], at: dt.datetime) -> bool:
    try:
        with database.session(writes=True) as counting:
            sign_in_limits.check(counting, limits, at)
            last = sign_in_limits.count(counting, limits, at)
            counting.commit()
            return last
    except TooManyTries as error:
        log.warning("sign_in_refused", kind=error.code)
        raise


def _holds(session: Session, secret: str, who: SignedIn, evidence: Evidence, challenge: bytes, at: dt.datetime) -> bool:
    if isinstance(evidence, Signed):
        account = passkeys.holder(session, evidence, challenge, at)
        return account is not None and account.id == who.staff_id
    if authenticators.is_code(evidence):
        return authenticators.take(session, secret, who.staff_id, evidence, at)
    return recovery_codes.take(session, who.staff_id, evidence, at)


def _renewed(session: Session, who: SignedIn, at: dt.datetime, act: Act) -> str:
    token = sessions.renew(session, who, at)
    if token is None:
        raise SignInRequired("Please sign in first.")
    trail.append(session, who.staff_id, act, at)
    session.commit()
    return token


def _refuse(session: Session, staff_id: int | None, last: bool, at: dt.datetime) -> None:
    log.warning("sign_in_refused", kind="second_factor", staff_id=staff_id)
    session.rollback()
    trail.append(session, staff_id, Act.FACTOR_REFUSED, at)
    if last:
        trail.append(session, staff_id, Act.SESSION_LOCKED, at)
    session.commit()


def _wrong(evidence: Evidence) -> SignInRefused:
    if isinstance(evidence, Signed):
        return SignInRefused("This passkey could not be verified. Please try again, or use another way.")
    return SignInRefused(
        "This code is not right, or it was used already. Please wait for the next code of the app, or type a recovery "
        "code that you have not used."
    )
