"""Whom a provider knows: by issuer and subject together; and who gets in without any provider."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import identities, sessions
from survey.accounts.sessions import AtProvider
from survey.errors import NotFound
from survey.models import Identity, Role, Staff
from survey.security.passwords import VOID
from tests.support.officials import official

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
ISSUER, OTHER = "https://sso.example.vn", "https://other.example.vn"


def test_the_same_subject_at_two_issuers_is_two_people(session: Session) -> None:
    for issuer, login in ((ISSUER, "one"), (OTHER, "two")):
        identities.tie(session, official(session, login), issuer, "p-1", "code", NOON)
    for issuer, login in ((ISSUER, "one"), (OTHER, "two")):
        identity = identities.of_person(session, issuer, "p-1")
        assert identity is not None and session.get_one(Staff, identity.staff_id).login == login
    assert identities.of_person(session, ISSUER, "p-2") is None


def test_untying_ends_the_sessions_of_one_account_and_leaves_others_tied(session: Session) -> None:
    one, two = official(session, "one"), official(session, "two")
    tied = [identities.tie(session, account, ISSUER, account.login, "code", NOON) for account in (one, two)]
    begun = [sessions.begin(session, row.staff_id, NOON, by=AtProvider(row.id, "code", NOON)) for row in tied]
    begun.append(sessions.begin(session, one.id, NOON))  # by a password that stood in for the provider
    session.flush()
    identities.untie(session, one, NOON)
    assert [sessions.signed_in(session, token, NOON) is None for token in begun] == [True, False, True]
    assert session.scalars(sa.select(Identity.staff_id)).all() == [two.id]
    with pytest.raises(NotFound):
        identities.untie(session, one, NOON)


def test_the_way_in_without_a_provider_is_an_administrator_s_with_a_password(session: Session) -> None:
    assert not identities.local_administrator(session)
    one = official(session, "one", role=Role.ADMINISTRATOR)
    assert identities.local_administrator(session) and not identities.local_administrator(session, one.id)
    two = official(session, "two", role=Role.ADMINISTRATOR)
    for name, value in (("enabled", False), ("password_hash", VOID), ("role", Role.AUDITOR)):
        before = getattr(two, name)
        setattr(two, name, value)
        session.flush()
        assert not identities.local_administrator(session, one.id), name
        setattr(two, name, before)
        session.flush()
        assert identities.local_administrator(session, one.id), name
    identities.tie(session, two, ISSUER, "p-2", "code", NOON)
    assert not identities.local_administrator(session, one.id), "tied"
