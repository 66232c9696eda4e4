"""A provider ends sessions by itself, and nobody else can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from survey.db.engine import Database
from survey.errors import SignOnRefused
from survey.periods import now
from survey.single_sign_on import logout_tokens
from survey.single_sign_on.logout_tokens import LASTS, LONGEST, SignedOut
from tests.support.factories import SECRET
from tests.support.provider import FakeProvider, logout_token, provider_of, provider_running

pytestmark = pytest.mark.usefixtures("vietnamese")


@pytest.fixture
def engine_name() -> str:
    """One database is enough: that a token is good once is counted as a try of a passkey is."""
    return "sqlite"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeProvider]:
    with provider_running() as fake:
        yield fake


def test_a_token_names_whom_it_signs_out_and_is_good_once(store: Database, fake: FakeProvider) -> None:
    for token, signed_out in (
        (logout_token(fake), SignedOut("p-1", "")),
        (logout_token(fake, sub=None, sid="s-1", jti="j-2"), SignedOut("", "s-1")),
    ):
        assert logout_tokens.read(store, SECRET, provider_of(fake), token, now()) == signed_out
        with pytest.raises(SignOnRefused):
            logout_tokens.read(store, SECRET, provider_of(fake), token, now())


def test_a_token_is_good_once_as_long_as_it_lasts(store: Database, fake: FakeProvider) -> None:
    token, moment = logout_token(fake, jti="j-3", exp=None), now()
    logout_tokens.read(store, SECRET, provider_of(fake), token, moment)
    with pytest.raises(SignOnRefused):
        logout_tokens.read(store, SECRET, provider_of(fake), token, moment + LASTS - dt.timedelta(seconds=2))
    other = provider_of(fake).model_copy(update={"code": "bo"})
    assert logout_tokens.read(store, SECRET, other, token, moment), "whose numbers are its own"


WRONG: dict[str, dict[str, Any]] = {
    "for signing in": {"kind": "JWT"},
    "with a nonce": {"nonce": "n"},
    "of no event": {"events": {}},
    "of another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "for another program": {"aud": "another program"},
    "of another issuer": {"iss": "https://evil.example"},
    "too old": {"iat": 1_000_000_000, "exp": None},
    "of nobody": {"sub": None},
    "without a number": {"jti": None},
    "without end": {"sub": "x" * LONGEST},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_any_other_token_ends_nothing(store: Database, fake: FakeProvider, wrong: str) -> None:
    with pytest.raises(SignOnRefused):
        logout_tokens.read(store, SECRET, provider_of(fake), logout_token(fake, **WRONG[wrong]), now())
    with pytest.raises(SignOnRefused):
        logout_tokens.read(store, SECRET, provider_of(fake), "", now())
