"""Originals are read for a reason on record, and nobody reads one that is not kept."""

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
from tests.support.written import NOON, TYPED, answer

LATER = NOON + dt.timedelta(days=200)
WHY = "Bà gọi 0987612345 xin sửa số điện thoại"


def comment_of(session: Session) -> Comment:
    return session.scalars(sa.select(Comment)).one()


def acts(session: Session) -> list[AuditEntry]:
    return list(
        session.scalars(sa.select(AuditEntry).where(AuditEntry.act.startswith("comment.")).order_by(AuditEntry.id))
    )


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
    session.execute(sa.update(Comment).where(originals.sent_before(LATER)).values(original=None))
    before = len(acts(session))
    session.expire_all()
    with pytest.raises(NotFound):
        originals.read(session, SECRET, comment_of(session), originals.Reading(reader.id, WHY, LATER))
    assert len(acts(session)) == before
