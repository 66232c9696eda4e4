"""Originals are read for a reason on record, and erased when their time is over."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.comments import originals
from survey.errors import NotFound
from survey.models import AuditEntry, Comment
from tests.support.factories import SECRET
from tests.support.officials import official
from tests.support.written import FOR_THE_UNIT, NOON, TYPED, answer

LATER = NOON + dt.timedelta(days=200)
WHY = "Bà gọi 0987612345 xin sửa số điện thoại"


def comment_of(session: Session) -> Comment:
    return session.scalars(sa.select(Comment)).one()


def acts(session: Session) -> list[AuditEntry]:
    return list(session.scalars(sa.select(AuditEntry).where(AuditEntry.act.startswith("comment."))))


def test_who_read_an_original_and_why_is_on_record_without_what_was_read(session: Session) -> None:
    reader = official(session)
    answer(session)
    comment = comment_of(session)
    read = originals.read(session, SECRET, comment, originals.Reading(reader.id, WHY, LATER))
    assert read == TYPED
    [entry] = acts(session)
    assert (entry.staff_id, entry.act, entry.at) == (reader.id, Act.COMMENT_UNSEALED, LATER)
    assert entry.about == {
        "response": comment.response_id,
        "question": "S8",
        "reason": "Bà gọi [số điện thoại] xin sửa số điện thoại",
    }


@pytest.mark.parametrize("text", ["Chờ lâu quá", TYPED])
def test_where_no_original_is_kept_nothing_is_read_and_nothing_is_on_record(session: Session, text: str) -> None:
    reader = official(session)
    answer(session, text)
    originals.erase(session, LATER, LATER)
    before = len(acts(session))
    session.expire_all()
    with pytest.raises(NotFound):
        originals.read(session, SECRET, comment_of(session), originals.Reading(reader.id, WHY, LATER))
    assert len(acts(session)) == before


def test_originals_sent_before_a_day_are_erased_and_what_may_be_read_stays(session: Session) -> None:
    answer(session)
    answer(session, TYPED, NOON + dt.timedelta(days=1), "b", "TESTQR")
    answer(session, "Chờ lâu quá", NOON, "c", "TESTQR")
    limit = NOON + dt.timedelta(hours=1)
    assert originals.erase(session, limit, LATER, dry_run=True) == 1
    kept = sa.select(Comment.original.is_not(None)).order_by(Comment.response_id)
    assert session.scalars(kept).all() == [True, True, False], "a dry run erases nothing"
    assert acts(session) == []
    assert originals.erase(session, limit, LATER) == 1
    assert session.scalars(kept).all() == [False, True, False]
    texts = session.scalars(sa.select(Comment.text).order_by(Comment.response_id)).all()
    assert texts == [FOR_THE_UNIT, FOR_THE_UNIT, "Chờ lâu quá"]
    assert originals.erase(session, limit, LATER) == 0
    [entry] = acts(session)
    assert (entry.act, entry.about) == (
        Act.COMMENT_ORIGINALS_ERASED,
        {"number": 1, "before": "2026-10-05T06:00:00+00:00"},
    )
