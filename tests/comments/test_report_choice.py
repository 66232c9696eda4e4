"""Comments chosen for a report: a few, in their order, until the period is closed; gone when they are erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from survey.comments import kept_answers, report_choice
from survey.comments.reading import CommentFilter, CommentKey, CommentsInScope
from survey.errors import Conflict
from survey.i18n import speaking
from survey.models import AuditEntry, ReportComment, Response, Staff
from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.scope import scope_for
from survey.security.tokens import receipt_code
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
OCTOBER = parse("2026-10")


@pytest.fixture(autouse=True)
def in_vietnamese() -> Iterator[None]:
    with speaking("vi"):
        yield


@pytest.fixture
def receipts(session: Session) -> list[bytes]:
    return [
        factories.response(session, 2, when=NOON, comments={"S8": f"Góp ý số {number}, chờ lâu"}) for number in range(8)
    ]


def october(session: Session, agency: str = "H61") -> CommentsInScope:
    return CommentsInScope(session, scope_for(session, OCTOBER, factories.agency_id(session, agency)), False, CLOCK, 1)


def choose(session: Session, receipts: list[bytes], agency: str = "H61") -> int:
    keys: list[CommentKey] = [(receipt, "S8") for receipt in receipts]
    return report_choice.choose(october(session, agency), keys, LATER, official_id(session))


def official_id(session: Session) -> int:
    return session.scalar(sa.select(Staff.id)) or official(session).id


def quoted(session: Session, agency: str = "H61") -> list[str]:
    return [row.text[:10] for row in report_choice.chosen(october(session, agency))]


def test_some_are_chosen_in_their_order_and_chosen_anew(session: Session, receipts: list[bytes]) -> None:
    assert quoted(session) == []
    assert choose(session, [receipts[5], receipts[1], receipts[3]]) == 3
    assert quoted(session) == ["Góp ý số 5", "Góp ý số 1", "Góp ý số 3"]
    assert choose(session, [receipts[3], receipts[3], receipts[0]]) == 2, "named twice is chosen once"
    assert quoted(session) == ["Góp ý số 3", "Góp ý số 0"]
    assert quoted(session, "H61.50") == [], "a unit chooses for its own report"
    choose(session, [])
    assert quoted(session) == []


def test_it_is_on_record_once_and_not_where_nothing_changes(session: Session, receipts: list[bytes]) -> None:
    for _ in range(2):
        choose(session, receipts[:3])
    acts = session.scalars(
        sa.select(AuditEntry.about).where(AuditEntry.act == "report_comments.chosen").order_by(AuditEntry.id)
    ).all()
    assert acts == [{"agency": "H61", "period": "2026-10", "basis": "calendar", "number": 3}]


def test_not_more_than_five_and_none_of_another_agency(session: Session, receipts: list[bytes]) -> None:
    with pytest.raises(Conflict):
        choose(session, receipts[:6])
    strange = factories.response(session, 1, "H61.51", when=NOON, comments={"S8": "Ở nơi khác"})
    with pytest.raises(Conflict):
        choose(session, [strange], "H61.50")
    assert quoted(session, "H61.50") == []
    assert choose(session, receipts[:5]) == 5


def test_when_the_period_is_closed_the_choice_stands(session: Session, receipts: list[bytes]) -> None:
    choose(session, receipts[:3])
    closing.close(session, OCTOBER, LATER, STANDARD)
    with pytest.raises(Conflict):
        choose(session, receipts[:2])
    assert len(quoted(session)) == 3


def test_a_comment_that_its_person_erases_is_in_no_report(session: Session, receipts: list[bytes]) -> None:
    choose(session, receipts[:3])
    kept_answers.erase_comments(session, receipt_code(receipts[1]), "người gửi yêu cầu", official_id(session), LATER)
    assert quoted(session) == ["Góp ý số 0", "Góp ý số 2"]
    assert session.scalar(sa.select(sa.func.count()).select_from(ReportComment)) == 2


def test_a_cut_link_keeps_the_choice_and_forgets_who_chose_and_when(
    app: Flask, session: Session, receipts: list[bytes]
) -> None:
    choose(session, [receipts[4], receipts[2]])
    for basis, code in (("calendar", "2026-10"), ("administrative", "2026-10"), ("administrative", "2026-11")):
        closing.close(session, parse(code, basis), LATER, STANDARD)
    session.commit()
    for hours in (0, 1):
        with time_machine.travel(LATER + dt.timedelta(days=9, hours=hours), tick=False):
            link_cut.run(survey_of(app).database)
    session.expire_all()
    assert not session.scalar(sa.select(sa.func.count()).where(Response.invitation_id.is_not(None)))
    assert quoted(session) == ["Góp ý số 4", "Góp ý số 2"]
    rows = session.scalars(sa.select(ReportComment)).all()
    assert [(row.staff_id, row.day) for row in rows] == [(None, None)] * 2


def test_those_that_may_not_be_named_beside_few_answers_are_not(session: Session, receipts: list[bytes]) -> None:
    choose(session, receipts[:2])
    few = CommentsInScope(session, october(session).scope, True, CLOCK, 10)
    assert [(row.level, row.procedure) for row in report_choice.chosen(few)] == [(None, "")] * 2
    assert {row.key for row in few.page(CommentFilter())} >= {(receipts[0], "S8")}
