"""Which notice an answer was given on outlives its link only where it tells nothing about when it was given."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection import unlinking
from survey.models import PrivacyPage, Response
from tests.support import factories
from tests.support.cases import answer

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 14)
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
SEPTEMBER = dt.date(2026, 9, 1)


def shown_after_the_cut(
    session: Session, shown: list[bytes | None], other_sheet: bytes | None = None
) -> list[bytes | None]:
    """Answer once on each of these notices, cut the links, and return what the answers name then.

    `other_sheet`: on this one to another questionnaire, too.
    """
    every = [(notice, factories.ASKED) for notice in shown]
    every += [(other_sheet, factories.ASKED + 1)] if other_sheet else []
    for minute, (notice, sheet) in enumerate(every):
        when = NOON + dt.timedelta(minutes=minute)
        receipt = answer(session, factories.invitation(session, when=when), 4, when, notice=notice)
        session.execute(sa.update(Response).where(Response.receipt == receipt).values(questionnaire_id=sheet))
    assert unlinking.unlink(session, FIRST, LAST, []) == len(every)
    assert session.scalars(sa.select(Response.id).where(Response.invitation_id.is_not(None))).first() is None
    notices = sa.select(Response.privacy_notice).order_by(Response.questionnaire_id)
    return list(session.scalars(notices))


def test_one_notice_of_all_answers_stays(session: Session) -> None:
    notice = factories.privacy_notice(session, 1, SEPTEMBER)
    factories.privacy_notice(session, 2, LAST + dt.timedelta(days=1))
    factories.privacy_notice(session, 3, FIRST, PrivacyPage.KIOSK)
    assert shown_after_the_cut(session, [notice, notice, notice]) == [notice] * 3


def test_where_answers_name_several_none_does_afterwards(session: Session) -> None:
    first, second = factories.privacy_notice(session, 1, SEPTEMBER), factories.privacy_notice(session, 2, SEPTEMBER)
    assert shown_after_the_cut(session, [first, first, second]) == [None] * 3


def test_each_questionnaire_is_looked_at_by_itself(session: Session) -> None:
    first, second = factories.privacy_notice(session, 1, SEPTEMBER), factories.privacy_notice(session, 2, SEPTEMBER)
    assert shown_after_the_cut(session, [first, second], other_sheet=first) == [None, None, first]


def test_where_some_answers_name_none_the_others_do_not_either(session: Session) -> None:
    notice = factories.privacy_notice(session, 1, SEPTEMBER)
    assert shown_after_the_cut(session, [None, notice]) == [None] * 2


@pytest.mark.parametrize("changed", [FIRST, LAST])
def test_where_the_words_changed_in_these_days_nobody_learns_who_answered_before(
    session: Session, changed: dt.date
) -> None:
    before = factories.privacy_notice(session, 1, SEPTEMBER)
    factories.privacy_notice(session, 2, changed)
    assert shown_after_the_cut(session, [before, before]) == [None] * 2
