"""What a later answer takes the place of: its own sender's earlier one, whole, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.models import Channel, Comment, Response
from tests.support import factories

NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)


def send(session: Session, source: AnswerSource, key: str, answers: Answers, amends: bytes | None = None) -> bytes:
    sending = responses.SubmissionMeta(key * 22, NOON, "vi", amends=amends)
    sheet = questionnaires.asked_now(session)
    return responses.record(session.connection(), factories.SECRET, source, sheet, answers, sending)


def invited(session: Session) -> AnswerSource:
    return invitations.find(session.connection(), factories.invitation(session, when=NOON), NOON)


def placed(session: Session, code: str = "TESTQR") -> AnswerSource:
    return invitations.place(session.connection(), factories.placement(session, code=code).code)


def counted(session: Session) -> list[int]:
    return list(session.scalars(sa.select(Response.overall).where(Response.counted).order_by(Response.id)))


@pytest.fixture
def others(session: Session) -> list[int]:
    """Answers of other people, in every channel."""
    for channel in (Channel.INVITATION, Channel.OPEN, Channel.KIOSK):
        factories.response(session, 3, when=NOON, channel=channel)
    return [3, 3, 3]


def test_a_second_answer_of_one_link_takes_the_place_of_no_other(session: Session, others: list[int]) -> None:
    source = invited(session)
    send(session, source, "a", Answers({"overall": 1}))
    send(session, source, "b", Answers({"overall": 5}))
    assert counted(session) == [*others, 5]


def test_a_second_answer_of_one_link_takes_nothing_over_from_the_first(session: Session) -> None:
    source = invited(session)
    send(session, source, "a", Answers({"overall": 1, "r1": 2}, {"S7": ["late"]}, {"S8": "Chậm"}))
    receipt = send(session, source, "b", Answers({"overall": 5}))
    row = session.scalars(sa.select(Response).where(Response.receipt == receipt)).one()
    assert (row.overall, row.r1, row.other) == (5, None, None)
    assert session.scalars(sa.select(Comment.text).where(Comment.response_id == row.id)).all() == []


def test_a_changed_answer_of_one_open_page_counts_once(session: Session, others: list[int]) -> None:
    source = placed(session)
    receipts = [send(session, source, "a", Answers({"overall": rating})) for rating in (2, 5, 4)]
    assert len(set(receipts)) == 3
    assert counted(session) == [*others, 4]
    assert send(session, source, "a", Answers({"overall": 4})) == receipts[2]
    assert counted(session) == [*others, 4]


def test_two_open_pages_are_two_answers(session: Session) -> None:
    source = placed(session)
    for key in "ab":
        send(session, source, key, Answers({"overall": 5}))
    assert counted(session) == [5, 5]


def test_what_is_added_by_the_permit_of_another_code_stands_alone(session: Session, others: list[int]) -> None:
    theirs = send(session, placed(session, "THEIRS"), "a", Answers({"overall": 1, "r1": 2}))
    receipt = send(session, placed(session, "MINE"), "b", Answers({"overall": 5}), amends=theirs)
    assert counted(session) == [*others, 1, 5]
    mine = session.scalars(sa.select(Response).where(Response.receipt == receipt)).one()
    assert (mine.r1, mine.supersedes_id) == (None, None)


def test_what_is_added_to_an_answer_that_is_not_there_stands_alone(session: Session, others: list[int]) -> None:
    receipt = send(session, placed(session), "a", Answers({"overall": 4}), amends=b"0123456789")
    assert counted(session) == [*others, 4]
    assert session.scalars(sa.select(Response.supersedes_id).where(Response.receipt == receipt)).one() is None


def test_of_another_questionnaire_only_the_overall_rating_is_taken_over(session: Session) -> None:
    source = placed(session)
    first = send(session, source, "a", Answers({"overall": 2, "r1": 3}))
    full = questionnaires.asked_now(session, questionnaires.FULL)
    sending = responses.SubmissionMeta("b" * 22, NOON, "vi", amends=first)
    responses.record(session.connection(), factories.SECRET, source, full, Answers({}), sending)
    row = session.scalars(sa.select(Response).where(Response.counted)).one()
    assert (row.questionnaire_id, row.overall, row.r1) == (full.id, 2, None)


def test_what_is_added_twice_joins_all_that_was_said_before(session: Session) -> None:
    source = placed(session)
    first = send(session, source, "a", Answers({"overall": 2}))
    send(session, source, "b", Answers({"r1": 3}, {}, {"S8": "Chậm"}), amends=first)
    last = send(session, source, "c", Answers({"r2": 4}, {"S7": ["late"]}), amends=first)
    row = session.scalars(sa.select(Response).where(Response.counted)).one()
    assert (row.receipt, row.overall, row.r1, row.r2, row.other) == (last, 2, 3, 4, {"S7": ["late"]})
    assert session.scalars(sa.select(Comment.text).where(Comment.response_id == row.id)).all() == ["Chậm"]
