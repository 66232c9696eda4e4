"""Placements: their codes and fingerprints, who may make, print and switch them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import placements
from survey.models import AuditEntry, Channel, Placement, Role
from survey.periods import now
from survey.security.base32 import ALPHABET
from survey.web.survey import survey_of
from tests.support import decoding, factories, officials
from tests.support.jobs import file_of
from tests.support.pages import check_page
from tests.support.statements import statements

BASE = "https://hailong.vinhlong.gov.vn"
SECRET = factories.SECRET


def placed(session: Session, agency: str = "H61.50", channel: Channel = Channel.OPEN) -> Placement:
    made = placements.make(session, factories.agency_id(session, agency), channel, now(), label={"vi": "Quầy số 3"})
    session.commit()
    return made


@pytest.fixture
def ward(client: FlaskClient, session: Session) -> FlaskClient:
    """The manager of one ward."""
    officials.official(session, agency="H61.50", role=Role.MANAGER)
    officials.sign_in(client)
    return client


def test_codes_carry_forty_random_bits_in_letters_that_cannot_be_misread() -> None:
    codes = [placements.new_code() for _ in range(20_000)]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {8}
    for position in range(8):
        seen = Counter(code[position] for code in codes)
        assert set(seen) == set(ALPHABET)
        assert max(seen.values()) < 2 * min(seen.values()), "each of the 32 letters as often as any other"


@given(st.text(ALPHABET, min_size=8, max_size=8), st.sampled_from(["", " ", "-", " · "]), st.booleans())
def test_a_code_is_understood_as_people_type_it(code: str, gap: str, lower: bool) -> None:
    typed = code[:4] + gap + code[4:]
    typed = typed.replace("0", "O").replace("1", "l")
    assert code in placements.readings(typed.lower() if lower else typed)


@given(st.text(max_size=60))
def test_no_text_typed_breaks_the_reading(typed: str) -> None:
    assert all(" " not in reading for reading in placements.readings(typed))


def test_a_fingerprint_depends_on_code_site_kind_and_secret() -> None:
    made = [
        placements.fingerprint(secret, f"{base}/{kind}/{code}")
        for secret in (SECRET, "another secret of another installation")
        for base in (BASE, "https://hailong.vinhlong.gov.vn.evil.example")
        for kind in "qk"
        for code in ("7K2M9QXA", "7K2M9QXB")
    ]
    assert len(set(made)) == 16
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", one) for one in made)


def test_looking_changes_nothing(
    ward: FlaskClient, session: Session, look: Callable[[sa.Select[Any]], list[Any]]
) -> None:
    made = placed(session)
    store = [sa.select(Placement.id, Placement.enabled), sa.select(sa.func.count(AuditEntry.id))]
    before = [look(query) for query in store]
    paths = [
        f"/qr?code={made.code}",
        "/staff/placements",
        "/staff/placements/new",
        "/staff/placements/sheet",
        f"/staff/placements/{made.code}/poster.pdf?size=a5",
        f"/staff/placements/{made.code}/qr.svg",
        f"/staff/placements/{made.code}/qr.png",
    ]
    for path in paths:
        assert ward.get(path).status_code == ward.head(path).status_code == 200, path
    assert ward.get(f"/staff/placements/{made.code}/switch").status_code == 405
    assert [look(query) for query in store] == before


def test_a_manager_adds_a_code_that_people_can_answer_by(
    ward: FlaskClient, session: Session, look: Callable[[sa.Select[Any]], list[Any]]
) -> None:
    sent = officials.send(
        ward,
        "/staff/placements/new",
        "/staff/placements/new",
        agency="H61.50",
        spot="counter",
        label_vi="Quầy  số 3",
        label_en="Counter 3",
        procedure="1.001193",
    )
    assert sent.status_code == 303
    [(made,)] = look(sa.select(Placement))
    assert (made.channel, made.enabled, made.procedure_id) == (Channel.OPEN, True, factories.procedure_id(session))
    assert made.label == {"vi": "Quầy  số 3", "en": "Counter 3"}
    assert "khai sinh" in check_page(ward.get(f"/q/{made.code}")).words
    assert placements.shown(made.code) in check_page(ward.get("/staff/placements")).words
    [(entry,)] = look(sa.select(AuditEntry).where(AuditEntry.act == "placement.added"))
    assert (entry.about, entry.staff_id is not None) == ({"placement": made.id}, True)


def test_a_result_letter_needs_no_place_and_a_kiosk_starts_switched_off(
    ward: FlaskClient, look: Callable[[sa.Select[Any]], list[Any]]
) -> None:
    for spot, label in (("result", ""), ("kiosk", "Sảnh tầng 1")):
        fields = {"agency": "H61.50", "spot": spot, "label_vi": label, "label_en": "", "procedure": ""}
        assert officials.send(ward, "/staff/placements/new", "/staff/placements/new", **fields).status_code == 303
    (result,), (kiosk,) = look(sa.select(Placement).order_by(Placement.id))
    assert (result.label, result.enabled) == (placements.RESULT_LETTER, True)
    assert (kiosk.channel, kiosk.label, kiosk.enabled) == (Channel.KIOSK, {"vi": "Sảnh tầng 1"}, False)
    assert ward.get(f"/staff/placements/{kiosk.code}/poster.pdf").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label_vi": " "}, "Vui lòng ghi nơi đặt"),
        ({"label_vi": "x" * 121}, "120 ký tự"),
        ({"procedure": "9.999999"}, "Không có thủ tục nào"),
        ({"agency": "H61.1"}, ""),
        ({"spot": "wall"}, ""),
    ],
)
def test_a_refused_form_comes_back_filled_in(
    ward: FlaskClient, look: Callable[[sa.Select[Any]], list[Any]], wrong: dict[str, str], said: str
) -> None:
    fields = {"agency": "H61.50", "spot": "counter", "label_vi": "Quầy 3", "label_en": "Counter <3>", "procedure": ""}
    sent = officials.send(ward, "/staff/placements/new", "/staff/placements/new", **{**fields, **wrong})
    assert sent.status_code == 422
    assert said in check_page(sent).words
    assert 'value="Counter &lt;3&gt;"' in sent.text
    assert look(sa.select(Placement)) == []


def test_a_manager_reaches_placements_of_the_own_subtree_only(
    ward: FlaskClient, session: Session, look: Callable[[sa.Select[Any]], list[Any]]
) -> None:
    own, strange = placed(session), placed(session, "H61.51")
    token = officials.token_on(ward, "/staff/placements/new")
    words = check_page(ward.get("/staff/placements")).words
    assert placements.shown(own.code) in words
    assert placements.shown(strange.code) not in words
    assert "Càng Long" not in ward.get("/staff/placements/new").text
    for path in ("poster.pdf", "qr.svg", "qr.png"):
        assert ward.get(f"/staff/placements/{own.code}/{path}").status_code == 200
        assert ward.get(f"/staff/placements/{strange.code}/{path}").status_code == 404
    for path in ("", "/sheet"):
        assert ward.get(f"/staff/placements{path}?agency=H61.51").status_code == 404
    assert ward.post("/staff/placements/posters", data={"csrf_token": token, "agency": "H61.51"}).status_code == 404
    refused = ward.post(f"/staff/placements/{strange.code}/switch", data={"csrf_token": token, "on": "0"})
    unknown = ward.post("/staff/placements/ZZZZZZZZ/switch", data={"csrf_token": token, "on": "0"})
    assert refused.status_code == unknown.status_code == 404
    assert refused.text.replace(strange.code, "") == unknown.text.replace("ZZZZZZZZ", "")
    assert look(sa.select(Placement.enabled)) == [(True,), (True,)]


@pytest.mark.parametrize(("role", "allowed"), [(Role.VIEWER, False), (Role.AUDITOR, False), (Role.ADMINISTRATOR, True)])
def test_only_those_who_manage_may_add_and_switch(
    client: FlaskClient, session: Session, role: Role, allowed: bool
) -> None:
    made = placed(session)
    officials.official(session, role=role)
    officials.sign_in(client)
    assert client.get("/staff/placements").status_code == 200
    assert ("/switch" in client.get("/staff/placements").text) == allowed
    sent = officials.send(client, f"/staff/placements/{made.code}/switch", on="0")
    assert sent.status_code == (303 if allowed else 403)
    assert officials.send(client, "/staff/placements/new", agency="H61.50").status_code == (422 if allowed else 403)


def test_a_code_that_is_switched_off_takes_no_answers_until_it_is_on_again(
    ward: FlaskClient, session: Session, look: Callable[[sa.Select[Any]], list[Any]]
) -> None:
    made = placed(session)
    for on, status in (("0", 404), ("0", 404), ("1", 200)):
        assert officials.send(ward, f"/staff/placements/{made.code}/switch", on=on).status_code == 303
        assert ward.get(f"/q/{made.code}").status_code == status
        assert ("không còn dùng" in ward.get(f"/qr?code={made.code}").text) == (on == "0")
    acts = [act for (act,) in look(sa.select(AuditEntry.act).order_by(AuditEntry.id)) if act.startswith("placement")]
    assert acts == ["placement.added", "placement.switched_off", "placement.switched_on"], (
        "twice the same is on record once"
    )


def test_the_pages_of_a_province_take_few_queries_and_list_everything(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    agencies_ = ("H61", "H61.1", "H61.2", "H61.50", "H61.51", "H61.52")
    made = [placed(session, agency) for agency in agencies_ for _ in range(8)]
    made.append(placed(session, channel=Channel.KIOSK))
    officials.official(session, role=Role.MANAGER)
    officials.sign_in(client)
    for path in ("/staff/placements", "/staff/placements/sheet"):
        with statements(survey_of(app).database.engine) as asked:
            words = check_page(client.get(path)).words
        assert len(asked) <= 14, asked
        for one in made:
            assert placements.shown(one.code) in words
            link = placements.address("http://127.0.0.1:8000", one.channel, one.code)
            assert placements.fingerprint(SECRET, link) in words


def test_downloads_lead_to_the_code_that_they_are_named_after(ward: FlaskClient, session: Session) -> None:
    made, other = placed(session), placed(session)
    wanted = placements.address("http://127.0.0.1:8000", made.channel, made.code)
    poster, picture, drawing = (
        ward.get(f"/staff/placements/{made.code}/{name}", headers={"X-Forwarded-Host": "evil.example"})
        for name in ("poster.pdf?size=a5", "qr.png", "qr.svg")
    )
    assert decoding.zbar(decoding.rasters(poster.data, 100)) == [[wanted]]
    assert decoding.zbar([decoding.pixels(picture.data)]) == [[wanted]]
    assert (poster.mimetype, picture.mimetype, drawing.mimetype) == ("application/pdf", "image/png", "image/svg+xml")
    assert f"<title>{wanted}</title>" in drawing.text
    placements.switch(session, other, False, now())
    session.commit()
    together = file_of(ward, "/staff/placements/posters", size="a4").data
    assert decoding.zbar(decoding.rasters(together, 72)) == [[wanted]], "what is off is not printed"


@pytest.mark.parametrize(
    ("spot", "suited"),
    [
        ("counter", "short_in_person"),
        ("kiosk", "short_in_person"),
        ("result", "short_online"),
        ("test", "short_online"),
    ],
)
def test_what_is_asked_suits_the_place(ward: FlaskClient, session: Session, spot: str, suited: str) -> None:
    sent = officials.send(
        ward, "/staff/placements/new", "/staff/placements/new", agency="H61.50", spot=spot, label_vi="Q"
    )
    assert sent.status_code == 303
    (made,) = officials.found(session, sa.select(Placement))
    assert made.questionnaire == suited
    if spot != "kiosk":
        assert ("trực tuyến" in check_page(ward.get(f"/q/{made.code}")).words) is (suited == "short_online")


@pytest.mark.parametrize("asked", ["", "full_sipas_online"])
def test_a_manager_chooses_whether_a_code_asks_the_short_or_the_full_questionnaire(
    ward: FlaskClient, session: Session, asked: str
) -> None:
    page = check_page(ward.get("/staff/placements/new"))
    assert "Phiếu ngắn: một câu hỏi" in page.words and "Phiếu đầy đủ, theo từng phần (khoảng 6 phút)" in page.words
    choice = {"questionnaire": asked} if asked else {}
    added = officials.send(
        ward, "/staff/placements/new", "/staff/placements/new", agency="H61.50", spot="counter", label_vi="Q", **choice
    )
    assert added.status_code == 303
    (made,) = officials.found(session, sa.select(Placement))
    assert made.questionnaire == (asked or "short_in_person")
    assert ("phiếu đầy đủ" in check_page(ward.get("/staff/placements")).words) is bool(asked)
    assert ("Phần 1" in check_page(ward.get(f"/q/{made.code}")).words) is bool(asked)


def test_a_questionnaire_that_nobody_asks_cannot_be_chosen(ward: FlaskClient, session: Session) -> None:
    wrong = officials.send(
        ward,
        "/staff/placements/new",
        "/staff/placements/new",
        agency="H61.50",
        spot="counter",
        label_vi="Quầy số 3",
        questionnaire="nothing",
    )
    assert wrong.status_code == 422
    assert officials.found(session, sa.select(Placement)) == []


def test_an_address_typed_by_hand_opens_the_survey(client: FlaskClient, session: Session) -> None:
    made = factories.placement(session, code="0K1M9QXA")
    session.commit()
    for typed in (made.code, "0k1m9qxa", "oklm-9qxa", "OKIM9QXA"):
        assert "phường Trà Vinh" in check_page(client.get(f"/q/{typed}")).words
    assert client.get("/q/OKIM9QXB").status_code == 404
