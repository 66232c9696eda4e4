"""One attempt at a provider: good for that provider and for what was sealed, whatever comes back."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace

import pytest

from survey.db.engine import Database
from survey.errors import SignOnRefused
from survey.periods import now
from survey.single_sign_on import attempts
from survey.single_sign_on.attempts import LASTS, LONGEST, MOST, Aim, Attempt
from tests.support.factories import SECRET


@pytest.fixture
def engine_name() -> str:
    """One database is enough: that an attempt is good once is counted as a try of a passkey is."""
    return "sqlite"


def attempt(*fields: tuple[str, str], state: str = "s") -> Attempt:
    return Attempt("tinh", Aim.CONFIRM, state, "n", "v", int(now().timestamp()), "/staff/", "00", fields)


def test_an_attempt_at_one_provider_is_none_at_another(store: Database) -> None:
    cookie = attempts.seal(SECRET, attempt())
    for provider, at in (("bo", now()), ("tinh", now() + LASTS), ("tinh", now() - dt.timedelta(minutes=1))):
        with pytest.raises(SignOnRefused):
            attempts.opened(store, SECRET, cookie, provider, at)
    moment = now()
    assert attempts.opened(store, SECRET, cookie, "tinh", moment).aim == Aim.CONFIRM
    with pytest.raises(SignOnRefused):
        attempts.opened(store, SECRET, cookie, "tinh", moment + LASTS - dt.timedelta(seconds=2))


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("Đã xem", True),
        (secrets.token_hex(2600), False),
        ("a" * MOST, False),
    ],
    ids=["short", "too long for a cookie", "long, and packed small"],
)
def test_a_form_goes_with_it_as_far_as_a_cookie_holds_it_and_comes_back_whole(
    store: Database, content: str, kept: bool
) -> None:
    sent = attempt(("words", content))
    cookie = attempts.seal(SECRET, sent)
    assert len(cookie) <= LONGEST <= 4096 - len("__Host-hailong-single-sign-on"), "as much as browsers keep"
    assert attempts.opened(store, SECRET, cookie, "tinh", now()).fields == (sent.fields if kept else ())
    endless = replace(sent, after="/staff/" + content, state="t")
    after = attempts.opened(store, SECRET, attempts.seal(SECRET, endless), "tinh", now()).after
    assert after == (endless.after if kept else "")
