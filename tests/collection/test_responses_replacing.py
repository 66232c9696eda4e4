"""What a later answer takes the place of: its own sender's earlier one, whole, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import comments, invitations, responses
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
    assert comments.of_response(session.connection(), row.id) == {"S8": "Chậm"}


def written(session: Session) -> list[tuple[int, str, str]]:
    query = sa.select(Comment.response_id, Comment.question, Comment.text).order_by(Comment.response_id)
    return [tuple(row) for row in session.execute(query)]


def test_a_comment_is_kept_once_however_often_its_answer_is_added_to(session: Session) -> None:
    source = placed(session)
    first = send(session, source, "a", Answers({"overall": 2}, {}, {"S8": "Gọi 0912 345 678"}))
    for key in "bcb":  # the last one is the first addition, sent again
        send(session, source, key, Answers({"r1": 3}, {}, {}), amends=first)
    numbers = session.scalars(sa.select(Response.id).order_by(Response.id)).all()
    assert written(session) == [(numbers[0], "S8", "Gọi [số điện thoại]")]
    for number in numbers:
        assert comments.of_response(session.connection(), number) == {"S8": "Gọi [số điện thoại]"}


def test_of_two_texts_to_one_question_the_later_holds_and_both_are_kept(session: Session) -> None:
    source = placed(session)
    first = send(session, source, "a", Answers({"overall": 2}, {}, {"S8": "Chậm", "S9": "Xa"}))
    last = send(session, source, "b", Answers({}, {}, {"S8": "Không chậm lắm"}), amends=first)
    assert last == send(session, source, "b", Answers({}, {}, {"S8": "Không chậm lắm"}), amends=first)
    one, two = session.scalars(sa.select(Response.id).order_by(Response.id))
    assert comments.of_response(session.connection(), two) == {"S8": "Không chậm lắm", "S9": "Xa"}
    assert comments.of_response(session.connection(), one) == {"S8": "Chậm", "S9": "Xa"}
    assert len(written(session)) == 3


def test_an_answer_that_replaced_another_says_nothing_of_what_was_written_there(session: Session) -> None:
    source = invited(session)
    send(session, source, "a", Answers({"overall": 1}, {}, {"S8": "Chậm"}))
    send(session, source, "b", Answers({"overall": 5}))
    one, two = session.scalars(sa.select(Response.id).order_by(Response.id))
    assert comments.of_response(session.connection(), two) == {}
    assert comments.of_response(session.connection(), one) == {"S8": "Chậm"}


def test_many_are_recorded_at_once_as_each_would_be_alone(session: Session) -> None:
    short, full = questionnaires.asked_now(session), questionnaires.asked_now(session, questionnaires.FULL)
    links = [invited(session) for _ in range(4)]
    answers = [
        Answers({"overall": n + 1, "r1": 3}, {"end": "done"}, {"S8": f"Câu {n}"} if n % 2 else {}) for n in range(4)
    ]
    sent = [
        responses.Submitted(
            link, full if n == 2 else short, answers[n], responses.SubmissionMeta(f"{n}" * 22, NOON, "vi")
        )
        for n, link in enumerate(links)
    ]
    receipts = responses.record_many(session.connection(), factories.SECRET, sent)
    rows = session.scalars(sa.select(Response).order_by(Response.id)).all()
    assert [row.receipt for row in rows] == receipts
    texts = [comments.of_response(session.connection(), row.id).get("S8") for row in rows]
    assert texts == [None, "Câu 1", None, "Câu 3"]
    for one, receipt in zip(sent, receipts, strict=True):
        again = responses.record(
            session.connection(), factories.SECRET, one.source, one.questionnaire, one.answers, one.meta
        )
        assert again == receipt
    assert counted(session) == [1, 2, 3, 4]
    assert responses.record_many(session.connection(), factories.SECRET, []) == []
    with pytest.raises(sa.exc.IntegrityError):
        responses.record_many(session.connection(), factories.SECRET, sent[:1])
