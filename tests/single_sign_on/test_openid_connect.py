"""The exchange with a provider over real HTTP: whatever does not belong to this very attempt is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from survey.errors import SignOnRefused
from survey.periods import now
from survey.single_sign_on import openid_connect
from survey.single_sign_on.openid_connect import Challenge, Person
from survey.single_sign_on.providers import Provider
from tests.support.provider import CLIENT, SECRET, FakeProvider, provider_of, provider_running, query_of

BACK = "https://khaosat.example.vn/staff/sign-in/with/tinh/back"
pytestmark = pytest.mark.usefixtures("vietnamese")


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    with provider_running() as fake:
        yield fake


@pytest.fixture
def fake(running: FakeProvider) -> FakeProvider:
    running.reset({"groups": ["quan-ly"]})
    return running


def answered(provider: Provider, fake: FakeProvider) -> tuple[Challenge, dict[str, str]]:
    """Go to the provider, and return what the browser brings back."""
    challenge = openid_connect.new_challenge()
    there = openid_connect.address(provider, fake.describe(), challenge, BACK, "vi", anew=False)
    return challenge, query_of(fake.authorize(query_of(there)))


def person(fake: FakeProvider, **faults: Any) -> Person:
    provider = provider_of(fake)
    challenge, answer = answered(provider, fake)
    for name, value in faults.items():
        setattr(fake, name, value)
    answer |= {name: value for name, value in fake.answer.items() if value is not None}
    answer = {name: value for name, value in answer.items() if fake.answer.get(name, "") is not None}
    return openid_connect.person(provider, challenge, answer, BACK, now() - dt.timedelta(hours=1), now())


def test_whoever_signs_in_is_named_by_issuer_and_subject(fake: FakeProvider) -> None:
    one = person(fake, userinfo={"name": "Mai", "groups": ["quan-tri"]})
    assert (one.issuer, one.subject, one.provider_session) == (fake.issuer, "p-1", "s-1")
    assert (one.claims["groups"], one.claims["name"]) == (["quan-ly"], "Mai"), "what is signed holds"
    assert one.authenticated_at is not None and now() - one.authenticated_at < dt.timedelta(minutes=1)


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "nonce": ("token", {"token": {"nonce": "of another attempt"}}),
    "no nonce": ("token", {"token": {"nonce": None}}),
    "audience": ("token", {"token": {"aud": "another program"}}),
    "issuer": ("token", {"token": {"iss": "https://evil.example"}}),
    "expired": ("token", {"token": {"exp": 1}}),
    "without end": ("token", {"token": {"exp": None}}),
    "of the future": ("token", {"token": {"iat": 4_000_000_000}}),
    "no subject": ("token", {"token": {"sub": None}}),
    "an empty subject": ("token", {"token": {"sub": ""}}),
    "an endless subject": ("token", {"token": {"sub": "x" * 256}}),
    "for two programs": ("token", {"token": {"aud": [CLIENT, "other"], "azp": "other"}}),
    "another access token": ("token", {"token": {"at_hash": "AAAA"}}),
    "proved too long ago": ("auth_time", {"token": {"auth_time": 1_000_000_000}}),
    "proved in the future": ("auth_time", {"token": {"auth_time": 4_000_000_000}}),
    "proved in no year": ("auth_time", {"token": {"auth_time": 10**18}}),
    "no time of proof": ("auth_time", {"token": {"auth_time": None}}),
    "another provider answers": ("iss", {"answer": {"iss": "https://evil.example"}}),
    "nobody says who answers": ("iss", {"answer": {"iss": None}}),
    "another state": ("state", {"answer": {"state": "x"}}),
    "another code": ("status 400", {"answer": {"code": "x"}}),
    "declined": ("declined", {"answer": {"code": None}}),
    "describes another": ("issuer", {"description": {"issuer": "https://evil.example"}}),
    **{
        f"{name} in the clear": ("description", {"description": {name: "http://evil.example/"}})
        for name in (
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
        )
    },
    "a secret of ours for a key": ("signature", {"signing": OctKey.import_key(SECRET), "algorithm": "HS256"}),
    "signed by anybody": ("signature", {"signing": ECKey.generate_key("P-256", {"kid": "k1"})}),
    "away": ("away", {"status": 503}),
    "broken": ("away", {"status": 500}),
    "claims of somebody else": ("userinfo", {"userinfo": {"sub": "p-2"}}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_belong_to_this_attempt_names_nobody(fake: FakeProvider, fault: str) -> None:
    reason, changed = FAULTS[fault]
    with pytest.raises(SignOnRefused) as refused:
        person(fake, **changed)
    assert refused.value.reason == reason


def test_clocks_may_differ_by_a_minute_and_no_more(fake: FakeProvider) -> None:
    moment, slack = int(now().timestamp()), openid_connect.SLACK
    late = person(fake, token={"exp": moment - slack + 20, "auth_time": moment + slack - 20})
    assert late.authenticated_at is not None and late.authenticated_at <= now(), "nobody has proved it later than now"
    for token in ({"exp": moment - slack - 5}, {"auth_time": moment + slack + 20}):
        with pytest.raises(SignOnRefused):
            person(fake, token=token)


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_a_provider_is_shown_our_secret_in_the_way_that_it_takes(fake: FakeProvider, way: str) -> None:
    fake.description = {"token_endpoint_auth_methods_supported": [way]}
    assert person(fake).subject == "p-1"
    assert fake.headers[-1].startswith("Basic ") == (way == "client_secret_basic")


def test_a_provider_that_never_promised_to_say_who_answers_need_not(fake: FakeProvider) -> None:
    fake.description = {"authorization_response_iss_parameter_supported": None}
    assert person(fake, answer={"iss": None}).subject == "p-1"


def test_a_code_is_bound_to_the_browser_that_asked_for_it_and_good_once(fake: FakeProvider) -> None:
    provider = provider_of(fake)
    challenge, answer = answered(provider, fake)
    other = Challenge(challenge.state, challenge.nonce, openid_connect.new_challenge().verifier)
    with pytest.raises(SignOnRefused):
        openid_connect.person(provider, other, answer, BACK, now() - dt.timedelta(hours=1), now())
    challenge, answer = answered(provider, fake)
    openid_connect.person(provider, challenge, answer, BACK, now() - dt.timedelta(hours=1), now())
    with pytest.raises(SignOnRefused):
        openid_connect.person(provider, challenge, answer, BACK, now() - dt.timedelta(hours=1), now())


def test_a_provider_that_answers_too_slowly_keeps_nobody(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openid_connect, "SECONDS", 0.3)
    fake.delay = 5.0
    began = now()
    with pytest.raises(SignOnRefused) as refused:
        openid_connect.describe(provider_of(fake))
    assert refused.value.reason == "away" and now() - began < dt.timedelta(seconds=4)
    fake.delay = 0.0


def test_somebody_is_asked_to_sign_out_where_the_provider_has_a_page_for_it(fake: FakeProvider) -> None:
    there = openid_connect.leaving(provider_of(fake), "https://khaosat.example.vn/staff/sign-in")
    assert there and there.startswith(f"{fake.issuer}/end?") and query_of(there)["client_id"] == CLIENT
    fake.status = 503
    assert openid_connect.leaving(provider_of(fake), "https://khaosat.example.vn/staff/sign-in") is None
