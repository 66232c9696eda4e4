"""The public page that says whether a QR code is ours: printed codes, look-alikes, forgeries, anything typed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import placements, qr_verification
from survey.collection.qr_verification import Authenticity
from survey.models import Channel, Placement
from survey.periods import now
from survey.settings import Settings
from tests.support import factories
from tests.support.pages import check_page

BASE = "https://hailong.vinhlong.gov.vn"
SECRET = factories.SECRET


def placed(session: Session, channel: Channel = Channel.OPEN) -> Placement:
    made = placements.make(session, factories.agency_id(session), channel, now(), label={"vi": "Quầy số 3"})
    session.commit()
    return made


def address(placement: Placement) -> str:
    return placements.address(BASE, placement.channel, placement.code)


def test_what_is_printed_is_found_ours(session: Session) -> None:
    made = placed(session)
    printed = placements.fingerprint(SECRET, address(made))
    for typed in (
        made.code,
        made.code.lower(),
        placements.shown(made.code),
        address(made),
        address(made).removeprefix("https://"),
        address(made).upper().replace("/Q/", "/q/"),
        f"{address(made)}?lang=en",
        printed,
        f"{placements.shown(made.code)} · {printed}",
    ):
        verification = qr_verification.verify(session, SECRET, BASE, typed)
        assert (verification.authenticity, verification.link) == (Authenticity.OURS, address(made)), typed
    assert qr_verification.verify(session, SECRET, BASE, made.code, printed.lower()).authenticity == Authenticity.OURS


@pytest.mark.parametrize(
    "typed",
    [
        "https://hailong.vinhlong.gov.vn.evil.example/q/{code}",
        "https://hailong-vinhlong.gov.vn/q/{code}",
        "https://evil.example/q/{code}",
        "https://evil.example/https://hailong.vinhlong.gov.vn/q/{code}",
        "https://hailong.vinhlong.gov.vn@evil.example/q/{code}",
        "https://hailong.vinhlong.gov.vn\\@evil.example/q/{code}",
        "https://hailong.vinhlong.gov.vn:8443/q/{code}",
        "http://hailong.vinhlong.gov.vn/q/{code}",
        "https://hаilong.vinhlong.gov.vn/q/{code}",  # a Cyrillic а
        "https://hailong.vinhlong.gov.vn\u202e/q/{code}",
        "evil.example/q/{code}",
        "bit.ly/3xyz",
        "evil.example",
    ],
)
def test_a_look_alike_is_not_ours(session: Session, typed: str) -> None:
    made = placed(session)
    verification = qr_verification.verify(session, SECRET, BASE, typed.format(code=made.code))
    assert verification.authenticity == Authenticity.ELSEWHERE
    assert verification.placement is None


def test_unknown_forged_and_switched_off_codes_are_told_apart(session: Session) -> None:
    made, other, kiosk = placed(session), placed(session), placed(session, channel=Channel.KIOSK)

    def authenticity(typed: str, beside: str = "") -> str:
        return qr_verification.verify(session, SECRET, BASE, typed, beside).authenticity

    assert authenticity("ZZZZ ZZZZ") == Authenticity.UNKNOWN
    assert authenticity(made.code, placements.fingerprint(SECRET, address(other))) == Authenticity.MISMATCH
    assert authenticity(made.code, placements.fingerprint("x" * 32, address(made))) == Authenticity.MISMATCH
    assert authenticity(f"{made.code} {placements.fingerprint(SECRET, address(other))}") == Authenticity.MISMATCH
    assert authenticity(address(made).replace("/q/", "/k/")) == Authenticity.UNKNOWN
    assert authenticity(f"{BASE}/r/{'a' * 22}") == Authenticity.PERSONAL
    assert authenticity(f"{BASE}/results") == authenticity(BASE) == Authenticity.UNKNOWN
    assert authenticity(address(kiosk)) == Authenticity.OFF, "a kiosk is off until somebody switches it on"
    placements.switch(session, made, False, now())
    assert authenticity(made.code) == Authenticity.OFF


@given(typed=st.text(max_size=80), beside=st.text(max_size=20))
def test_no_text_typed_is_taken_for_ours(typed: str, beside: str) -> None:
    with _empty() as session:
        assert qr_verification.verify(session, SECRET, BASE, typed, beside).placement is None


@contextmanager
def _empty() -> Iterator[Session]:
    engine = sa.create_engine("sqlite://")
    Placement.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_public_page_says_whose_it_is_and_uses_only_our_own_address(
    settings: Settings,
    started: Callable[[Settings], AbstractContextManager[Flask]],
    session: Session,
    language: str,
) -> None:
    made = placed(session)
    with started(dataclasses.replace(settings, public_url=BASE)) as app:
        page = app.test_client().get(
            "/qr", query_string={"code": made.code, "lang": language}, base_url="http://localhost"
        )
    words = check_page(page, language).words
    assert page.status_code == 200
    for part in (
        address(made),
        placements.shown(made.code),
        placements.fingerprint(SECRET, address(made)),
        "Quầy số 3",
    ):
        assert part in words
    assert {"vi": "phường Trà Vinh", "en": "Tra Vinh Ward"}[language] in words
    assert "evil" not in page.text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("typed", "status"),
    [("", 200), ("ZZZZZZZZ", 404), ("https://evil.example/q/<b>", 200), ("\u202e\x00 <script>alert(1)</script>", 200)],
)
def test_the_public_page_answers_anything_and_keeps_what_was_typed(
    client: FlaskClient, typed: str, status: int, language: str
) -> None:
    page = client.get("/qr", query_string={"code": typed, "lang": language})
    assert page.status_code == status
    check_page(page, language)
    assert "<script>alert" not in page.text
    assert "evil.example/q/&lt;b&gt;" in page.text or "evil" not in typed


def test_a_personal_link_is_not_written_back(client: FlaskClient, link: str) -> None:
    page = client.get("/qr", query_string={"code": f"http://127.0.0.1:8000{link}"})
    assert "liên kết riêng" in check_page(page).words
    assert link.rsplit("/", 1)[-1] not in check_page(page).words
    assert f'value="http://127.0.0.1:8000{link}"' not in page.text
