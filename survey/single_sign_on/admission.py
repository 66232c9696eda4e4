"""Let in whoever a provider has named: their rights follow its words at each sign-in, and end with them.

Whoever has rights by the table and no account yet is given one, where the operator lets that be; an account that is
there is tied by its own holder only. Whatever a provider takes away ends every session at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts, identities, oversight, second_factor, sessions
from survey.accounts.accounts import LOGIN, NAME
from survey.accounts.logins import is_readable, login_key
from survey.accounts.oversight import Overseer
from survey.accounts.sessions import AtProvider, SignedIn
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database, Lock, exclusively
from survey.errors import NotFound, SignInRequired, SignOnRefused
from survey.i18n import msgid, nfc, text
from survey.logs import log
from survey.models import Identity, Role, Staff, StaffSession
from survey.organisation import agencies
from survey.security.passwords import VOID
from survey.security.tokens import token_hash
from survey.single_sign_on.claims import row_of, shows_second_factor, words_of
from survey.single_sign_on.openid_connect import Person
from survey.single_sign_on.providers import Provider

NO_RIGHTS = msgid(
    "%(provider)s gives you no rights in Hài Lòng. Please ask whoever looks after your account there to give you some."
)
NO_AGENCY = msgid("%(provider)s names a unit that is not in Hài Lòng. Please ask an administrator of the province.")
NO_ACCOUNT = msgid(
    "You have no account in Hài Lòng that is tied to %(provider)s. Please sign in with your login and tie it on the "
    "page of your account, or ask an administrator of your agency for an account."
)
SUSPENDED = msgid("Your account in Hài Lòng is suspended. Please ask an administrator of your agency.")
TAKEN = msgid("At %(provider)s you are the holder of another account in Hài Lòng, which is tied to it already.")
TIED = msgid("This account is tied to somebody else at %(provider)s already. Please ask an administrator.")
OTHER = msgid("At %(provider)s somebody else has proved who they are than the holder of this session.")
LAST = msgid(
    "This is the last administrator's account with a password. Please keep one that no provider signs in, so that "
    "somebody can get in when the provider is away."
)


@dataclass(frozen=True)
class Granted:
    """What the table of a provider gives somebody."""

    role: Role
    agency_id: int


def granted(session: Session, provider: Provider, person: Person) -> Granted:
    """Return what the first row that holds gives somebody.

    Raises:
        SignOnRefused: no row holds, or the agency of the one that does is none of ours.
    """
    row = row_of(provider, person.claims)
    if row is None:
        raise SignOnRefused("rights", NO_RIGHTS, provider=text(provider.name))
    code = row.agency or next(iter(words_of(person.claims, row.agency_claim or "")), "")
    try:
        return Granted(row.role, agencies.by_code(session, code).id)
    except NotFound as error:
        raise SignOnRefused("agency", NO_AGENCY, provider=text(provider.name)) from error


def sign_in(database: Database, provider: Provider, person: Person, device: str, at: dt.datetime) -> str:
    """Sign in whoever a provider has named, and return the new session's id.

    Raises:
        SignOnRefused: the provider gives them no rights, or they have no account, or it is suspended.
    """
    with database.session(writes=True) as session:
        identity = identities.of_person(session, person.issuer, person.subject)
        if identity is None:  # two windows of one person, or two people of one name, come one after the other
            exclusively(session, Lock.NEW_IDENTITY)
            identity = identities.of_person(session, person.issuer, person.subject)
        account = session.get_one(Staff, identity.staff_id, with_for_update=True) if identity else None
        try:
            rights = granted(session, provider, person)
            if account is None or identity is None:
                account, identity = _new_account(session, provider, person, rights, at)
            token = _begin(session, provider, person, rights, account, identity, device, at)
        except SignOnRefused as error:
            _refuse(session, provider, account, error, at)
            raise
        session.commit()
        return token


def tie(database: Database, provider: Provider, person: Person, who: SignedIn, device: str, at: dt.datetime) -> str:
    """Tie the account of whoever is signed in to the person whom they have proved to be; return the new session's id.

    From now on the provider says what they may do: sessions from before end.

    Raises:
        SignOnRefused: one of the two is tied elsewhere, the provider gives no rights, or it is the last way in.
    """
    with database.session(writes=True) as session:
        account = session.get_one(Staff, who.staff_id, with_for_update=True)
        identity = identities.of_person(session, person.issuer, person.subject)
        try:
            rights = granted(session, provider, person)
            if identity is None:
                _check_free(session, provider, account)
                identity = identities.tie(session, account, person.issuer, person.subject, provider.code, at)
            elif identity.staff_id != account.id:
                raise SignOnRefused("taken", TAKEN, provider=text(provider.name))
            sessions.revoke_all(session, account.id)
            token = _begin(session, provider, person, rights, account, identity, device, at)
        except SignOnRefused as error:
            _refuse(session, provider, account, error, at, ends=False)
            raise
        session.commit()
        return token


def confirm(database: Database, provider: Provider, person: Person, who: SignedIn, at: dt.datetime) -> str:
    """Let whoever is signed in prove again at the provider who they are; return the new session's id.

    Raises:
        SignOnRefused: it is somebody else, or the provider has taken their rights away.
        SignInRequired: their session has ended, or their rights are others now.
    """
    with database.session(writes=True) as session:
        identity = session.get(Identity, who.identity_id) if who.identity_id else None
        account = session.get_one(Staff, who.staff_id, with_for_update=True)
        try:
            if identity is None or (identity.issuer, identity.subject) != (person.issuer, person.subject):
                raise SignOnRefused("other", OTHER, provider=text(provider.name))
            _follow(session, account, granted(session, provider, person), at)
        except SignOnRefused as error:
            _refuse(session, provider, account, error, at)
            raise
        token = sessions.renew(session, who, at)
        if token is not None:
            trail.append(session, who.staff_id, Act.SESSION_CONFIRMED, at, provider=provider.code)
        session.commit()
    if token is None:
        raise SignInRequired("Please sign in first.")
    return token


def record_refusal(
    database: Database, provider: Provider, staff_id: int | None, error: SignOnRefused, at: dt.datetime
) -> None:
    """Put on record that nobody was let in, before it was clear who it is; never what was sent."""
    log.warning("sign_in_refused", kind=f"single_sign_on {error.reason}", staff_id=staff_id)
    with database.session(writes=True) as session:
        trail.append(session, staff_id, Act.SIGN_ON_REFUSED, at, provider=provider.code, reason=error.reason)
        session.commit()


def _begin(
    session: Session,
    provider: Provider,
    person: Person,
    rights: Granted,
    account: Staff,
    identity: Identity,
    device: str,
    at: dt.datetime,
) -> str:
    if not account.enabled:
        raise SignOnRefused("suspended", SUSPENDED)
    _follow(session, account, rights, at)
    account.name = _name(provider, person) or account.name
    identities.use(identity, account, at)
    shown, has_factor = shows_second_factor(provider, person.claims), second_factor.has_factor(session, account.id)
    second_factor.ask_in_time(account, has_factor or shown, at)
    named = token_hash(person.provider_session) if person.provider_session else None
    by = AtProvider(identity.id, provider.code, person.authenticated_at, shown, named)
    return sessions.begin(session, account.id, at, device=device, awaits_factor=has_factor and not shown, by=by)


def _follow(session: Session, account: Staff, rights: Granted, at: dt.datetime) -> None:
    """Give an account what its provider says; whatever is new ends its sessions, and links that it gave to others."""
    machine = Overseer(None, Role.ADMINISTRATOR, frozenset(agencies.by_id(session)), frozenset())
    oversight.change(session, machine, account, rights.role, rights.agency_id, at)


def _new_account(
    session: Session, provider: Provider, person: Person, rights: Granted, at: dt.datetime
) -> tuple[Staff, Identity]:
    if not provider.new_accounts:
        raise SignOnRefused("account", NO_ACCOUNT, provider=text(provider.name))
    login = _free_login(session, provider, person)
    account = accounts.add(session, login, _name(provider, person) or login, rights.role, rights.agency_id, None, at)
    return account, identities.tie(session, account, person.issuer, person.subject, provider.code, at)


def _free_login(session: Session, provider: Provider, person: Person) -> str:
    """Return a login that nobody has: as the provider calls somebody, else with a number. Nothing is tied by it."""
    wanted = nfc(next(iter(words_of(person.claims, provider.login_claim)), ""))
    usable = wanted and is_readable(wanted) and len(wanted) <= LOGIN - 40 and login_key(wanted)
    stem = f"{wanted}@{provider.code}" if usable else provider.code
    taken = accounts.login_keys(session)
    choices = ([wanted, stem] if usable else []) + [f"{stem}-{number}" for number in range(1, len(taken) + 2)]
    return next(one for one in choices if login_key(one) not in taken)


def _name(provider: Provider, person: Person) -> str:
    return nfc(next(iter(words_of(person.claims, provider.name_claim)), ""))[:NAME]


def _check_free(session: Session, provider: Provider, account: Staff) -> None:
    """Refuse to tie what is tied already, or the last way in that needs no provider."""
    if identities.of_account(session, account.id):
        raise SignOnRefused("tied", TIED, provider=text(provider.name))
    if account.role == Role.ADMINISTRATOR and not identities.local_administrator(session, account.id):
        raise SignOnRefused("last", LAST)


def _refuse(
    session: Session,
    provider: Provider,
    account: Staff | None,
    error: SignOnRefused,
    at: dt.datetime,
    ends: bool = True,
) -> None:
    """Put a refusal on record; sessions of an account that its provider lets in no more end, and so does a password."""
    staff_id = account.id if account is not None else None
    log.warning("sign_in_refused", kind=f"single_sign_on {error.reason}", staff_id=staff_id)
    session.rollback()
    if staff_id is not None and ends and error.reason in ("rights", "agency"):
        session.get_one(Staff, staff_id).password_hash = VOID
        sessions.revoke_all(session, staff_id)
    trail.append(session, staff_id, Act.SIGN_ON_REFUSED, at, provider=provider.code, reason=error.reason)
    session.commit()


def end_sessions(session: Session, issuer: str, subject: str, named: str, at: dt.datetime) -> int:
    """End the sessions that somebody began by a provider which has signed them out: one of them, or all; how many."""
    mine = sa.select(Identity.id).where(Identity.issuer == issuer)
    doomed = sa.delete(StaffSession)
    if subject:
        mine = mine.where(Identity.subject == subject)
    if named:
        doomed = doomed.where(StaffSession.provider_session == token_hash(named))
    gone = session.scalars(doomed.where(StaffSession.identity_id.in_(mine)).returning(StaffSession.staff_id)).all()
    for staff_id in sorted(set(gone)):
        trail.append(session, staff_id, Act.SIGN_ON_ENDED, at)
    return len(gone)
