"""Whoever a provider has named is let in with the rights that its table gives, on both databases."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts, identities, sessions
from survey.accounts.accounts import LOGIN, NAME
from survey.accounts.sessions import SignedIn
from survey.db.engine import Database
from survey.errors import NotFound, SignInRequired, SignOnRefused
from survey.models import AuditEntry, Identity, Role, Staff, StaffSession
from survey.periods import now
from survey.security.passwords import VOID
from survey.single_sign_on import admission
from survey.single_sign_on.openid_connect import Person
from survey.single_sign_on.providers import Provider, SecondFactorWords
from tests.support import factories
from tests.support.officials import found, official

ISSUER = "https://sso.example.vn"
PROVIDER = Provider.model_validate(
    {
        "code": "tinh",
        "name": {"vi": "Tỉnh", "en": "Province"},
        "issuer": ISSUER,
        "client_id": "hai-long",
        "client_secret": "s",
        "rights": [
            {"claim": "groups", "value": "a", "role": "administrator", "agency": "H61"},
            {"claim": "groups", "value": "m", "role": "manager", "agency_claim": "unit"},
        ],
    }
)
pytestmark = pytest.mark.usefixtures("vietnamese")


def person(subject: str = "p-1", named: str = "", **claims: Any) -> Person:
    return Person(ISSUER, subject, claims, now(), named)


def enter(store: Database, one: Person, provider: Provider = PROVIDER) -> SignedIn:
    token = admission.sign_in(store, provider, one, "Firefox", now())
    with store.session(writes=False) as reading:
        who = sessions.signed_in(reading, token, now())
    assert who is not None
    return who


def reason(store: Database, one: Person, provider: Provider = PROVIDER) -> str:
    with pytest.raises(SignOnRefused) as refused:
        admission.sign_in(store, provider, one, "", now())
    return refused.value.reason


def test_rights_follow_and_end(store: Database, session: Session) -> None:
    who = enter(store, person(groups=["m"], unit="H61.50", preferred_username="mai", name="Mai"))
    assert (who.login, who.name, who.role) == ("mai", "Mai", Role.MANAGER) and who.proves_at_provider
    higher = enter(store, person(groups=["m", "a"]))
    assert (higher.staff_id, higher.role, higher.name) == (who.staff_id, Role.ADMINISTRATOR, "Mai")
    assert found(session, sa.select(StaffSession.id_hash)) == [higher.id_hash], "the session of before has ended"
    with store.session(writes=True) as writing:
        accounts.reset_password(writing, "x" * 40, "mai", "một câu dài dễ nhớ", now())
        writing.commit()
    again = enter(store, person(groups=["a"]))
    assert found(session, sa.select(Staff.password_hash)) == [VOID], "a password is for when the provider is away"
    with store.session(writes=True) as writing:
        accounts.reset_password(writing, "x" * 40, "mai", "một câu dài dễ nhớ", now())
        writing.commit()
    assert reason(store, person(groups=[])) == "rights"
    assert found(session, sa.select(Staff.password_hash)) == [VOID], "and not past what the provider has taken away"
    assert found(session, sa.select(StaffSession)) == [] and again.identity_id is not None
    acts = found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "sign_on.refused"))
    assert acts == [{"provider": "tinh", "reason": "rights"}]


def test_whoever_comes_by_two_windows_at_once_gets_one_account(store: Database, session: Session) -> None:
    session.rollback()
    one = person(groups=["a"], preferred_username="mai")
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: enter(store, one).staff_id, range(4)))
    assert len(set(begun)) == len(found(session, sa.select(Staff.id))) == 1


def test_nobody_is_let_in_without_a_row_a_unit_or_an_account(store: Database, session: Session) -> None:
    assert reason(store, person()) == "rights"
    assert reason(store, person(groups=["m"])) == reason(store, person(groups=["m"], unit="H99")) == "agency"
    tied_only = PROVIDER.model_copy(update={"new_accounts": False})
    assert reason(store, person(groups=["a"]), tied_only) == "account"
    assert found(session, sa.select(Staff)) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # how a login is chosen
def test_a_login_is_free_readable_and_never_somebody_elses(store: Database, session: Session) -> None:
    official(session, "Mai")
    most = LOGIN - 40  # so that the provider's code and a number can follow
    names = ("mai", "mаi", "ханна", "x" * (most + 1), "", "x" * most, "X" * most)  # the second has a Cyrillic letter
    logins = [
        enter(store, person(f"p-{i}", groups=["a"], preferred_username=one, name="n" * (NAME + 1))).login
        for i, one in enumerate(names)
    ]
    assert logins == ["mai@tinh", "tinh-1", "tinh-2", "tinh-3", "tinh-4", "x" * most, "X" * most + "@tinh"]
    assert {len(one) for one in found(session, sa.select(Staff.name).where(Staff.login != "Mai"))} == {NAME}


def test_a_tie_moves_an_account_to_its_provider_and_is_ended_by_the_machine(store: Database, session: Session) -> None:
    account = official(session, "hanh").id
    official(session, "khan", role=Role.ADMINISTRATOR)
    with store.session(writes=True) as writing:
        token = sessions.begin(writing, account, now())
        writing.commit()
        who = sessions.signed_in(writing, token, now())
    assert who is not None
    tied = admission.tie(store, PROVIDER, person(groups=["a"], named="s-1"), who, "", now())
    with pytest.raises(SignOnRefused) as second:
        admission.tie(store, PROVIDER, person("p-2", groups=["a"]), who, "", now())
    assert second.value.reason == "tied"
    with store.session(writes=False) as reading:
        now_in = sessions.signed_in(reading, tied, now())
        assert sessions.signed_in(reading, token, now()) is None
    assert now_in is not None and now_in.role == Role.ADMINISTRATOR
    with pytest.raises(SignOnRefused) as other:
        admission.confirm(store, PROVIDER, person("p-2", groups=["a"]), now_in, now())
    assert other.value.reason == "other"
    renewed = admission.confirm(store, PROVIDER, person(groups=["a"]), now_in, now())
    with pytest.raises(SignInRequired):
        admission.confirm(store, PROVIDER, person(groups=["a"]), now_in, now())
    with store.session(writes=True) as writing:
        held = sessions.signed_in(writing, renewed, now())
        assert held is not None and held.identity_id == now_in.identity_id, "it is still the provider's"
        for issuer, subject, named in (
            (ISSUER, "p-2", ""),
            (ISSUER, "", "s-2"),
            (ISSUER, "p-2", "s-1"),
            ("https://other.example.vn", "p-1", "s-1"),
        ):
            assert admission.end_sessions(writing, issuer, subject, named, now()) == 0
        assert admission.end_sessions(writing, ISSUER, "p-1", "s-1", now()) == 1
        identities.untie(writing, accounts.named(writing, "hanh"), now())
        with pytest.raises(NotFound):
            identities.untie(writing, accounts.named(writing, "hanh"), now())
        writing.commit()
    assert found(session, sa.select(Identity)) == []


def signed_in_by_password(store: Database, login: str) -> SignedIn:
    with store.session(writes=True) as writing:
        token = sessions.begin(writing, accounts.named(writing, login).id, now())
        writing.commit()
        who = sessions.signed_in(writing, token, now())
    assert who is not None
    return who


def test_a_tie_ends_the_sessions_of_before_though_the_rights_stay_what_they_were(
    store: Database, session: Session
) -> None:
    for login in ("hanh", "khan"):
        official(session, login, role=Role.ADMINISTRATOR)
    who = signed_in_by_password(store, "hanh")
    admission.tie(store, PROVIDER, person(groups=["a"]), who, "", now())
    (left,) = found(session, sa.select(StaffSession))
    assert left.identity_id is not None and left.id_hash != who.id_hash, "the one that the provider has begun"


def test_a_tie_that_is_refused_leaves_nothing_of_itself(store: Database, session: Session) -> None:
    official(session, "hanh")
    who = signed_in_by_password(store, "hanh")
    session.execute(sa.update(Staff).values(enabled=False))
    session.commit()
    with pytest.raises(SignOnRefused) as refused:
        admission.tie(store, PROVIDER, person(groups=["a"]), who, "", now())
    assert refused.value.reason == "suspended"
    assert found(session, sa.select(Identity)) == [] and len(found(session, sa.select(StaffSession))) == 1


def test_a_proof_is_of_the_same_issuer_and_rights_follow_it(store: Database, session: Session) -> None:
    who = enter(store, person(groups=["m"], unit="H61.50"))
    elsewhere = Person("https://other.example.vn", "p-1", {"groups": ["m"], "unit": "H61.50"}, now(), "")
    with pytest.raises(SignOnRefused) as other:
        admission.confirm(store, PROVIDER, elsewhere, who, now())
    assert other.value.reason == "other" and len(found(session, sa.select(StaffSession))) == 1
    with pytest.raises(SignInRequired):
        admission.confirm(store, PROVIDER, person(groups=["m"], unit="H61.51"), who, now())
    assert found(session, sa.select(Staff.agency_id)) == [factories.agency_id(session, "H61.51")]
    assert found(session, sa.select(StaffSession)) == [], "of rights from before"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # a date
def test_whoever_showed_a_second_factor_at_the_provider_is_given_no_week_to_set_one_up(
    store: Database, session: Session
) -> None:
    provider = PROVIDER.model_copy(update={"second_factor": SecondFactorWords(amr=["otp"])})
    for shown in (["otp"], ["pwd"]):
        one = person(groups=["a"], amr=shown)
        who = enter(store, one, provider)
        assert (who.factor_due_at is None) == who.factor_at_provider == (shown == ["otp"])
        with store.session(writes=False) as reading:
            proved = sessions.signed_in(reading, admission.confirm(store, provider, one, who, now()), now())
            assert proved is not None and sessions.device_of(reading, proved.id_hash) == "Firefox"
        assert replace(proved, id_hash=b"", confirmed_at=None) == replace(who, id_hash=b"", confirmed_at=None)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # time only
def test_when_somebody_proved_it_at_the_provider_is_when_it_counts(store: Database, session: Session) -> None:
    before = now() - dt.timedelta(hours=3)
    one = Person(ISSUER, "p-1", {"groups": ["a"]}, before, "")
    assert enter(store, one).confirmed_at == before
