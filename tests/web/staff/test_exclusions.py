"""The pages of what is left out: one account proposes, another one agrees, everybody sees the figures."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.models import Channel, ExcludedAnswer, Exclusion, ExclusionDecision, Placement, Response, Role
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
HERE = "agency=H61&period=2026-10&basis=calendar"
QUALITY, NEW = f"/staff/response-quality?{HERE}", f"/staff/exclusions/new?{HERE}"
WORDS = "Thử máy trước ngày khai trương"


@pytest.fixture
def codes(session: Session) -> list[str]:
    """Receipt codes of a dozen open answers."""
    receipts = [factories.response(session, 5, when=NOON, channel=Channel.OPEN) for _ in range(12)]
    session.commit()
    return [receipt_code(receipt) for receipt in receipts]


def counted(session: Session) -> int:
    session.rollback()
    number = session.scalar(sa.select(sa.func.count()).select_from(Response).where(Response.counted)) or 0
    session.rollback()
    return number


def test_one_account_proposes_another_agrees_and_both_figures_are_shown(
    app: Flask, session: Session, codes: list[str]
) -> None:
    official(session, "hanh", role=Role.MANAGER)
    official(session, "tuan", role=Role.MANAGER)
    first, second = app.test_client(), app.test_client()
    sign_in(first, "hanh")
    sign_in(second, "tuan")
    check_page(first.get(NEW))
    sent = send(first, NEW, NEW, receipts="\n".join(codes[:2]), reason="test", words=WORDS)
    assert sent.status_code == 303 and counted(session) == 12
    number = session.scalars(sa.select(Exclusion.id)).one()
    session.rollback()
    decision = f"/staff/exclusions/{number}/decision?{HERE}"
    assert send(first, decision, QUALITY, agreed="1").status_code == 403 and counted(session) == 12
    waiting = check_page(second.get(QUALITY.replace("10&", "09&"))).words
    assert "Tháng 10" in waiting, "who opens another month is led to what waits"
    assert send(second, decision, QUALITY, agreed="1").status_code == 303 and counted(session) == 10
    words = check_page(second.get(f"{QUALITY}&lang=en"), "en").words
    assert "10 of 10 answers" in words and "12 of 12 answers" in words and WORDS in words
    restore = f"{NEW}&restore={number}"
    check_page(second.get(f"{restore}&lang=vi"))
    assert send(second, restore, restore, reason="mistake", words="Đã hỏi lại tại quầy").status_code == 303
    newest = session.scalars(sa.select(sa.func.max(Exclusion.id))).one()
    assert counted(session) == 10
    assert send(first, f"/staff/exclusions/{newest}/decision?{HERE}", QUALITY, agreed="1").status_code == 303
    assert counted(session) == 12


def test_what_stands_out_is_proposed_together_and_a_group_that_is_gone_is_refused(
    client: FlaskClient, session: Session
) -> None:
    source = invitations.place(session.connection(), factories.placement(session).code)
    for _ in range(500):
        factories.response(session, 5, when=NOON, source=source)
    official(session, role=Role.MANAGER)
    sign_in(client)
    words = check_page(client.get(f"{QUALITY}&lang=en"), "en").words
    assert "500" in words and "TESTQR" in words and "within ten minutes" in words
    flagged = f"{NEW}&flag=alike&place=TESTQR&lang=en"
    assert "It is about 500 answers." in check_page(client.get(flagged), "en").words
    assert send(client, flagged, flagged, reason="repeated", words=WORDS).status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(ExcludedAnswer)) == 500
    session.rollback()  # and lets go of the write lock
    assert "TESTQR" not in check_page(client.get(f"{QUALITY}&lang=en"), "en").words
    assert send(client, flagged, flagged, reason="repeated", words=WORDS).status_code == 409
    assert counted(session) == 500, "nothing is left out before a second account agrees"


def test_a_test_link_is_made_on_the_page_of_codes_and_is_no_poster(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    page = "/staff/placements/new"
    made = send(client, page, page, agency="H61.50", spot="test", questionnaire="short_online")
    assert made.status_code == 303
    placement = session.scalars(sa.select(Placement)).one()
    assert placement.test and placement.enabled
    session.commit()
    assert "never counted" in check_page(client.get("/staff/placements?lang=en"), "en").words
    assert client.get(f"/staff/placements/{placement.code}/poster.pdf").status_code == 404
    assert placement.code not in client.get("/staff/placements/sheet").text


@pytest.mark.parametrize(
    ("receipts", "words"),
    [("", WORDS), ("7K2M-9QXA-04TD-W3FH", WORDS), ("{code}", "thử"), ("\n" * 600 + "x\n" * 501, WORDS)],
)
def test_what_is_wrong_in_a_proposal_is_said_and_what_was_typed_is_kept(
    client: FlaskClient, session: Session, codes: list[str], receipts: str, words: str
) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    refused = send(client, NEW, NEW, receipts=receipts.format(code=codes[0]), reason="test", words=words)
    check_page(refused)
    assert refused.status_code == 422 and words in refused.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Exclusion)) == 0


def test_what_cannot_be_left_out_is_said_on_the_form_and_what_was_typed_is_kept(
    client: FlaskClient, session: Session
) -> None:
    code = receipt_code(factories.response(session, 5, when=NOON))  # of an invitation that is still tied to its case
    official(session, role=Role.MANAGER)
    session.commit()
    sign_in(client)
    refused = send(client, NEW, NEW, receipts=code, reason="test", words=WORDS)
    check_page(refused)
    assert refused.status_code == 409 and code in refused.text and WORDS in refused.text
    assert "còn gắn với hồ sơ" in refused.text


@pytest.mark.parametrize(
    ("agency", "role"), [("H61.50", Role.ADMINISTRATOR), ("H61", Role.VIEWER), ("H61", Role.AUDITOR)]
)
def test_nobody_else_proposes_or_decides_but_all_see_the_figures(
    client: FlaskClient, session: Session, codes: list[str], agency: str, role: Role
) -> None:
    official(session, agency=agency, role=role)
    sign_in(client)
    refused = send(client, NEW.replace("H61&", f"{agency}&"), receipts=codes[0], reason="test", words=WORDS)
    assert refused.status_code == 403
    assert send(client, f"/staff/exclusions/1/decision?{HERE}", agreed="1").status_code == 403
    assert session.scalar(sa.select(sa.func.count()).select_from(ExclusionDecision)) == 0
    check_page(client.get(QUALITY.replace("H61&", f"{agency}&")))
