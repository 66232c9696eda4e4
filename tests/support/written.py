"""Answers with a comment, recorded as the product records them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from tests.support import factories

NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
TYPED = "Cán bộ Lê Văn Hùng hẹn bà Thạch Thị Út ba lần, gọi 0987612345 không ai nghe."
FOR_THE_UNIT = "Cán bộ [cán bộ] hẹn bà [tên người] ba lần, gọi [số điện thoại] không ai nghe."
FOR_THE_PROVINCE = "Cán bộ Lê Văn Hùng hẹn bà [tên người] ba lần, gọi [số điện thoại] không ai nghe."


def answer_all(session: Session, texts: Sequence[str]) -> list[bytes]:
    """Record an open answer with each of these comments at once, and return their receipts."""
    source = invitations.place(session.connection(), factories.placement(session, code="TESTQR").code)
    sheet = questionnaires.asked_now(session)
    sent = [
        responses.Submitted(
            source, sheet, Answers({"overall": 2}, {}, {"S8": text}), responses.SubmissionMeta(f"{n:022}", NOON, "vi")
        )
        for n, text in enumerate(texts)
    ]
    return responses.record_many(session.connection(), factories.SECRET, sent)


def answer(session: Session, text: str = TYPED, when: dt.datetime = NOON, key: str = "a", code: str = "") -> bytes:
    """Record an open answer with a comment, and return its receipt."""
    code = code or factories.placement(session, code="TESTQR").code
    source = invitations.place(session.connection(), code)
    sheet = questionnaires.asked_now(session)
    meta = responses.SubmissionMeta(key * 22, when, "vi")
    return responses.record(
        session.connection(), factories.SECRET, source, sheet, Answers({"overall": 2}, {}, {"S8": text}), meta
    )
