"""Recording: once per page, one counted per invitation, the earlier ones kept."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.models import Channel, Comment, Response
from tests.support import factories

NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
KEY = "k" * 22


def send(session: Session, token: str, rating: int, key: str = KEY, comment: str = "") -> bytes:
    source = invitations.find(session.connection(), token, NOON)
    answers = Answers({"overall": rating}, {}, {"S8": comment} if comment else {})
    sheet = questionnaires.asked_now(session)
    return responses.record(
        session.connection(), factories.SECRET, source, sheet, answers, responses.SubmissionMeta(key, NOON, "vi")
    )


def rows(session: Session) -> list[tuple[int, bool]]:
    return [tuple(row) for row in session.execute(sa.select(Response.overall, Response.counted).order_by(Response.id))]


def test_the_same_page_sent_twice_gives_one_response_and_the_same_receipt(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    assert send(session, token, 4, comment="Nhanh") == send(session, token, 4, comment="Nhanh")
    assert rows(session) == [(4, True)]
    assert session.scalars(sa.select(Comment.text)).all() == ["Nhanh"]


def test_a_later_answer_by_the_same_link_counts_and_the_earlier_one_stays(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    first, second = send(session, token, 1, "a" * 22), send(session, token, 5, "b" * 22)
    assert first != second
    assert rows(session) == [(1, False), (5, True)]
    later = session.scalars(sa.select(Response).where(Response.receipt == second)).one()
    assert later.supersedes_id == session.scalars(sa.select(Response.id).where(Response.receipt == first)).one()


def test_a_changed_answer_from_the_same_page_supersedes_and_repeats_without_harm(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    send(session, token, 2)
    changed = send(session, token, 5)
    assert send(session, token, 5) == changed
    assert rows(session) == [(2, False), (5, True)]


def test_the_database_itself_refuses_a_second_counted_response_of_one_invitation(session: Session) -> None:
    send(session, factories.invitation(session, when=NOON), 4)
    row = session.execute(sa.select(Response.__table__)).mappings().one()
    copy = {**row, "id": None, "receipt": b"0123456789"}
    del copy["id"]
    try:
        session.execute(sa.insert(Response.__table__), copy)
    except sa.exc.IntegrityError:
        return
    raise AssertionError("two counted responses for one invitation")


def test_what_is_added_after_the_thank_you_page_joins_the_answer_before(session: Session) -> None:
    place = factories.placement(session)
    source, sheet = invitations.place(session.connection(), place.code), questionnaires.asked_now(session)
    first = responses.record(
        session.connection(),
        factories.SECRET,
        source,
        sheet,
        Answers({"overall": 2}),
        responses.SubmissionMeta(KEY, NOON, "vi"),
    )
    more = responses.SubmissionMeta("m" * 22, NOON, "vi", amends=first)
    responses.record(session.connection(), factories.SECRET, source, sheet, Answers({"r1": 3}, {"S7": ["late"]}), more)
    counted = session.scalars(sa.select(Response).where(Response.counted)).one()
    assert (counted.overall, counted.r1, counted.other, counted.channel) == (2, 3, {"S7": ["late"]}, Channel.OPEN)
