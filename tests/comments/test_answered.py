"""Whoever holds the receipt reads the answer to the own comment beside the own words, and nobody else does."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.comments.answered import answered
from survey.comments.follow_up import FollowUpChange, follow_up
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.models import FollowUp, FollowUpStatus, Role
from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.scope import scope_for
from survey.security.tokens import receipt_code
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)
OCTOBER = parse("2026-10")
WORDS, REPLY = "Phải đi lại ba lần, xin gọi 0987612345", "Từ 20/10 nhận hồ sơ tại một quầy."
pytestmark = pytest.mark.usefixtures("vietnamese")


def reply(session: Session, words: str = REPLY, status: FollowUpStatus = FollowUpStatus.DONE) -> None:
    staff = official(session, role=Role.MANAGER)
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    rows = CommentsInScope(session, scope, False, CLOCK, 1).page(CommentFilter(words="ba lần"))
    assert follow_up(session, rows, FollowUpChange({"status": status, "answer": words}), staff.id, LATER) == 1
    session.commit()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_receipt_shows_the_answer_with_the_own_words_as_they_were_kept(
    client: FlaskClient, session: Session, language: str
) -> None:
    mine = factories.response(session, 1, when=NOON, comments={"S8": WORDS})
    other = factories.response(session, 1, when=NOON, comments={"S8": "Chờ lâu"})
    reply(session)
    page = client.get(f"/receipt/{receipt_code(mine)}?lang={language}")
    check_page(page, language)
    assert REPLY in page.text and "Phải đi lại ba lần" in page.text and "0987612345" not in page.text
    assert REPLY not in client.get(f"/receipt/{receipt_code(other)}?lang={language}").text


def test_nothing_is_shown_before_the_comment_is_dealt_with(client: FlaskClient, session: Session) -> None:
    mine = factories.response(session, 1, when=NOON, comments={"S8": WORDS})
    reply(session, status=FollowUpStatus.NOT_FOR_US)
    page = client.get(f"/receipt/{receipt_code(mine)}").text
    assert REPLY not in page and "ba lần" not in page
    session.execute(sa.update(FollowUp).values(status=FollowUpStatus.DONE))
    session.commit()
    assert REPLY in client.get(f"/receipt/{receipt_code(mine)}").text


def test_the_receipt_of_a_sheet_that_adds_to_the_first_shows_it_too_and_one_that_replaces_it_does_not(
    session: Session,
) -> None:
    token = factories.invitation(session, when=NOON)
    source = invitations.find(session.connection(), token, NOON)
    first = factories.response(session, 1, when=NOON, comments={"S8": WORDS}, source=source)
    added = factories.response(session, 1, when=NOON, other={"S7": ["login"]}, source=source, amends=first)
    reply(session)
    replaced = factories.response(session, 5, when=NOON + dt.timedelta(days=1), source=source)
    assert (
        [one.answer for one in answered(session, first)] == [one.answer for one in answered(session, added)] == [REPLY]
    )
    assert answered(session, replaced) == []


def test_the_receipt_finds_its_answer_after_the_links_were_cut(client: FlaskClient, session: Session) -> None:
    mine = factories.response(session, 1, when=NOON, comments={"S8": WORDS})
    for number in range(12):
        factories.response(session, 1, when=NOON, comments={"S8": f"Chờ lâu {number}"})
    reply(session)
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 2, tzinfo=dt.UTC), STANDARD)
    session.commit()
    for hour in (0, 1):
        with time_machine.travel(dt.datetime(2026, 11, 20, hour, tzinfo=dt.UTC), tick=False):
            link_cut.run(survey_of(client.application).database)
    assert [one.answer for one in answered(session, mine)] == [REPLY]
    session.rollback()
    assert REPLY in client.get(f"/receipt/{receipt_code(mine)}").text
