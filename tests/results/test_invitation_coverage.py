"""Invitation coverage: cases finished, invited, delivered, rated, completed; whoever asks fewer people is named."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires, reports
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.i18n import speaking
from survey.models import AddressKind, Agency, Case, Delivery, Invitation, MessageKind, Respondent, State
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, parse
from survey.results import closing
from survey.results.invitation_coverage import InvitationCoverage, UnitCoverage, invitation_coverage
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
DAY = dt.date(2026, 10, 10)
AT = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2026, 10, 11, tzinfo=LOCAL_ZONE)


def finished(session: Session, number: int, agency: str = "H61.50", day: dt.date = DAY) -> list[int]:
    """Add finished cases and return their ids."""
    about: dict[str, object] = dict.fromkeys(
        ("receiving_agency_id", "resolving_agency_id"), factories.agency_id(session, agency)
    )
    about |= {"procedure_id": factories.procedure_id(session), "respondent": Respondent.CITIZEN, "finished_day": day}
    rows = [about | {"code_hash": secrets.token_bytes(16)} for _ in range(number)]
    return list(session.scalars(sa.insert(Case).returning(Case.id), rows))


def invited(session: Session, cases: Sequence[int], hours: float = 2, days: int = 7) -> dict[int, str]:
    """Invite to rate these cases, so many hours after the day on which they were finished."""
    return invitations.issue(session, cases, MIDNIGHT + dt.timedelta(hours=hours), days)


def sent(session: Session, cases: Sequence[int], state: State) -> None:
    """Add a message for the invitation of each case."""
    keys = session.scalars(sa.select(Invitation.id).where(Invitation.case_id.in_(cases)))
    about = {"kind": MessageKind.INVITATION, "address_kind": AddressKind.EMAIL, "state": state, "expires_at": AT}
    about |= {"queued_at": AT, "changed_at": AT, "delivered_at": AT if state == State.DELIVERED else None}
    about |= {"due_at": None, "payload": None} if state > State.UNKNOWN else {"due_at": AT, "payload": b"sealed"}
    for key in keys.all():
        session.add(Delivery(invitation_id=key, key=secrets.token_hex(16), **about))
    session.flush()


def answer(session: Session, token: str, when: dt.datetime = MIDNIGHT + dt.timedelta(hours=5), **ratings: int) -> None:
    source, questionnaire = invitations.find(session.connection(), token, when), questionnaires.asked_now(session)
    answers, meta = Answers({"overall": 5, **ratings}), responses.SubmissionMeta(new_token(), when, "vi")
    responses.record(session.connection(), factories.SECRET, source, questionnaire, answers, meta)


def asked(session: Session, at: dt.datetime = AT) -> InvitationCoverage:
    return invitation_coverage(session, scope_for(session, OCTOBER, agencies.root(session).id), at)


def line_of(found: InvitationCoverage, code: str = "H61.50") -> UnitCoverage:
    return next(line for line in found.lines if line.code == code)


def said(line: UnitCoverage) -> list[str]:
    return [message % values for message, values in line.flags]


def test_each_step_is_counted_for_every_unit(session: Session) -> None:
    cases = finished(session, 10)
    tokens = list(invited(session, cases).values())
    sent(session, cases[:6], State.DELIVERED)
    sent(session, cases[6:], State.REFUSED)
    asked_of_all = dict.fromkeys(("r1", "r2", "r3", "r4", "r5"), 4)
    answer(session, tokens[0], **asked_of_all)
    answer(session, tokens[1], **dict(list(asked_of_all.items())[1:]))
    answer(session, tokens[9])
    found = asked(session)
    line = line_of(found)
    assert (line.finished, line.invited, line.delivered, line.rated, line.completed) == (10, 10, 7, 3, 1)
    assert (line.coverage, line.delay, line.flags, found.flagged) == (1.0, 2.0, (), ())
    assert [one.code for one in found.lines] == ["H61.1", "H61.2", "H61.50", "H61.51", "H61.52"]
    assert line_of(found, "H61.51").finished == 0
    assert (found.total.finished, found.total.delivered, found.total.completed) == (10, 7, 1)


def test_without_messages_nobody_claims_to_know_what_arrived(session: Session) -> None:
    invited(session, finished(session, 3))
    assert line_of(asked(session)).delivered is None


def never(session: Session, cases: list[int]) -> None:
    invited(session, cases[200:])


def three_days_late(session: Session, cases: list[int]) -> None:
    invited(session, cases[:200], hours=72)
    invited(session, cases[200:])


def closed_at_once(session: Session, cases: list[int]) -> None:
    invited(session, cases)
    close = MIDNIGHT + dt.timedelta(hours=3)
    session.execute(sa.update(Invitation).where(Invitation.case_id.in_(cases[:200])).values(expires_at=close))


def message_left_to_expire(session: Session, cases: list[int]) -> None:
    invited(session, cases)
    sent(session, cases[:200], State.EXPIRED)
    sent(session, cases[200:], State.DELIVERED)


def no_message_made(session: Session, cases: list[int]) -> None:
    invited(session, cases)
    sent(session, cases[200:], State.DELIVERED)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (never, "Only 800 of 1000 finished cases were invited"),
        (three_days_late, "200 of 1000 invitations went out more than 24 hours"),
        (closed_at_once, "200 of 1000 invitations could be answered for less than 24 hours"),
        (message_left_to_expire, "200 of 1000 invitations never left"),
        (no_message_made, "200 of 1000 invitations never left"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_two_hundred_of_a_thousand_dropped_are_named_by_any_method(
    session: Session, method: object, words: str
) -> None:
    invited(session, finished(session, 1000, "H61.51"))
    method(session, finished(session, 1000))  # type: ignore[operator]
    if method in (message_left_to_expire, no_message_made):
        other = sa.select(Case.id).where(Case.resolving_agency_id == factories.agency_id(session, "H61.51"))
        sent(session, list(session.scalars(other)), State.DELIVERED)
    found = asked(session)
    assert [line.code for line in found.flagged] == ["H61.50"]
    assert len(said(found.flagged[0])) == 1 and said(found.flagged[0])[0].startswith(words)
    assert found.total.flags, "one tenth of the whole province is no small thing either"


@pytest.mark.parametrize(("missing", "flagged"), [(2, False), (3, True)])
def test_the_line_is_drawn_at_98_of_100(session: Session, missing: int, flagged: bool) -> None:
    invited(session, finished(session, 100)[missing:])
    assert bool(line_of(asked(session)).flags) is flagged


@pytest.mark.parametrize(("hours", "flagged"), [(-20, False), (0, False), (24, False), (24.01, True)])
def test_the_median_delay_may_be_24_hours_after_the_day_of_the_case(
    session: Session, hours: float, flagged: bool
) -> None:
    cases = finished(session, 9)
    invited(session, cases[:5], hours=hours)
    invited(session, cases[5:], hours=1)
    line = line_of(asked(session))
    assert any(message.startswith("Half") for message in said(line)) is flagged
    assert line.delay == {-20: 0, 0: 0, 24: 24, 24.01: 25}[hours]


def test_a_case_of_yesterday_is_not_missed_yet(session: Session) -> None:
    finished(session, 5)
    for at, coverage in ((MIDNIGHT + dt.timedelta(hours=23), None), (MIDNIGHT + dt.timedelta(hours=24), 0.0)):
        line = line_of(asked(session, at))
        assert (line.coverage, bool(line.flags)) == (coverage, coverage is not None)


def test_a_closed_period_keeps_what_it_was_published_with(session: Session) -> None:
    cases = finished(session, 4)
    tokens = list(invited(session, cases, days=60).values())
    answer(session, tokens[0])
    answer(session, tokens[1])
    sent(session, cases, State.DELIVERED)
    before = asked(session)
    assert (before.total.rated, before.total.delivered, before.total.completed) == (2, 4, 0)
    closing.close(session, OCTOBER, AT, STANDARD)
    assert asked(session) == before
    later = AT + dt.timedelta(days=1)
    answer(session, tokens[0], when=later, r1=5, r2=5, r3=5, r4=5, r5=5)
    answer(session, tokens[2], when=later)
    invitations.issue(session, finished(session, 2), later, 7)
    finished(session, 30)
    assert asked(session, later) == before


def test_cases_that_were_not_due_yet_make_up_for_no_skipped_case_after_closing(session: Session) -> None:
    invited(session, finished(session, 300))
    finished(session, 20)
    last_day = finished(session, 30, day=OCTOBER.last)
    at = dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC)
    invitations.issue(session, last_day, at, 7)
    before = asked(session, at)
    assert (before.total.due, before.total.due_invited, before.total.coverage) == (320, 300, 0.9375)
    closing.close(session, OCTOBER, at, STANDARD)
    after = asked(session, at + dt.timedelta(days=5))
    assert after == before
    assert said(after.total) == ["Only 300 of 320 finished cases were invited; at least 98% must be."]


def test_a_case_that_is_moved_into_a_closed_period_is_none_of_its(session: Session) -> None:
    cases = finished(session, 4)
    invited(session, cases)
    sent(session, cases, State.DELIVERED)
    session.execute(
        sa.update(Case).where(Case.id == cases[0]).values(finished_day=OCTOBER.first - dt.timedelta(days=1))
    )
    closing.close(session, OCTOBER, AT, STANDARD)
    before = asked(session)
    assert (before.total.finished, before.total.invited, before.total.delivered) == (3, 3, 3)
    session.execute(sa.update(Case).where(Case.id == cases[0]).values(finished_day=OCTOBER.first))
    after = asked(session, AT + dt.timedelta(days=1))
    assert (after.total.finished, after.total.invited, after.total.delivered) == (3, 3, 3)


def test_predecessors_that_ended_in_the_period_are_asked_for_in_their_successor(session: Session) -> None:
    ward = session.get(Agency, factories.agency_id(session, "H61.52"))
    assert ward is not None
    finished(session, 3, "H61.52")
    ward.valid_to, ward.successor_id = dt.date(2026, 10, 15), factories.agency_id(session, "H61.50")
    session.flush()
    found = asked(session)
    assert line_of(found).finished == 3 and "H61.52" not in [line.code for line in found.lines]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_monthly_report_carries_the_red_flags(session: Session, tmp_path: Path, language: str) -> None:
    never(session, finished(session, 1000))
    with speaking(language):
        scope = scope_for(session, OCTOBER, agencies.root(session).id)
        report = reports.build(session, scope, STANDARD, AT.date(), language=language)
        written = reports.write(report, tmp_path, ["docx", "json"])
    cells = {cell.text for table in docx.Document(str(written[0])).tables for row in table.rows for cell in row.cells}
    words = {"vi": "Chỉ mời đánh giá 800 trong 1000 hồ sơ", "en": "Only 800 of 1000 finished cases were invited"}
    assert any(cell.startswith(words[language]) for cell in cells)
    units = json.loads(written[1].read_text(encoding="utf-8"))["asked"]["units"]
    assert [unit["code"] for unit in units if unit["flags"]] == ["H61.50"]


def test_the_page_says_who_falls_short_and_shows_an_official_only_their_own(
    session: Session, client: FlaskClient
) -> None:
    with time_machine.travel(AT, tick=False):
        never(session, finished(session, 1000))
        invited(session, finished(session, 10, "H61.51"))
        official(session)
        official(session, "binh", "H61.51")
        assert client.get("/staff/invitation-coverage").status_code in (302, 303, 401)
        sign_in(client)
        for language, title in (("vi", "mọi hồ sơ đã được mời đánh giá chưa?"), ("en", "Was everyone asked?")):
            page = client.get(f"/staff/invitation-coverage?period=2026-10&lang={language}")
            words = " ".join(check_page(page, language).words.split())
            assert title in words
            assert ("800" in words) and ("1.000" if language == "vi" else "1,000") in words
        assert "1 đơn vị cần lưu ý" in client.get("/staff/invitation-coverage?period=2026-10&lang=vi").text
        empty = client.get("/staff/invitation-coverage?period=2026-08&lang=vi")
        assert "<table" not in empty.text and check_page(empty)
        client.get("/staff/invitation-coverage?lang=vi")
        other = client.application.test_client()
        sign_in(other, "binh")
        assert "phường Trà Vinh" not in other.get("/staff/invitation-coverage?period=2026-10&agency=H61.51").text
        assert other.get("/staff/invitation-coverage?period=2026-10&agency=H61.50").status_code == 404


@pytest.mark.parametrize("lacking", [None, "missing", "late", "short", "unsent"])
def test_everyone_is_said_only_where_it_was_everyone(
    session: Session, client: FlaskClient, lacking: str | None
) -> None:
    with time_machine.travel(AT, tick=False):
        official(session)
        cases = finished(session, 100)
        if lacking != "missing":
            invited(session, cases[:1], hours=30 if lacking == "late" else 2)
        if lacking == "short":
            session.execute(sa.update(Invitation).values(expires_at=Invitation.issued_at))
        invited(session, cases[1:])
        if lacking == "unsent":
            sent(session, cases[1:], State.DELIVERED)
            sent(session, cases[:1], State.EXPIRED)
        session.commit()
        sign_in(client)
        words = check_page(client.get("/staff/invitation-coverage?period=2026-10")).words
    assert ("Mọi người có hồ sơ giải quyết xong đều được mời đánh giá đúng hạn" in words) == (lacking is None)
    assert ("Không có đơn vị nào cần lưu ý" in words) == (lacking is not None)
