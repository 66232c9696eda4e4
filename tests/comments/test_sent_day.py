"""Once the link of an answer is cut its comment tells the half of a month, and its due day moves no more."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.sent_day import SentDay
from survey.comments.standing import LATE
from survey.models import Channel, Comment, Response, Role
from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.scope import scope_for
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page

NOON, DAY = dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC), dt.timedelta(days=1)
OCTOBER = parse("2026-10")
HALF = SentDay(dt.date(2026, 10, 1), dt.date(2026, 10, 14))
ON = re.compile(r"\b\d\d/10/2026\b|\d{4}-10-\d\d")
LATE_DAY = dt.date(2026, 11, 6)  # of the week that ends on 18 October, 15 working days
KIOSK = "Ở bàn một cửa"
pytestmark = pytest.mark.usefixtures("vietnamese")


def comments(session: Session, *, weekly: bool = False) -> CommentsInScope:
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    return CommentsInScope(session, scope, weekly, CLOCK, 1)


@pytest.fixture
def cut(client: FlaskClient, session: Session) -> Session:
    """Comments by invitation, one on each of the first ten days of October, and one at a counter; the links are cut."""
    for ahead in range(10):
        said = {"S8": f"Trễ hẹn {ahead}"}
        factories.response(session, 2, when=NOON + ahead * DAY, comments=said)
    factories.response(session, 2, when=NOON + 6 * DAY, comments={"S8": KIOSK}, channel=Channel.KIOSK)
    official(session, role=Role.ADMINISTRATOR)
    official(session, "xa", "H61.50", Role.MANAGER)
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 2, tzinfo=dt.UTC), STANDARD)
    session.commit()
    for hour in (0, 1):
        with time_machine.travel(dt.datetime(2026, 11, 3, hour, tzinfo=dt.UTC), tick=False):
            link_cut.run(survey_of(client.application).database, 15)
    session.expire_all()
    assert session.scalars(sa.select(Response.invitation_id)).all() == [None] * 11
    session.rollback()
    return session


@pytest.mark.parametrize("weekly", [False, True])
def test_a_comment_is_told_with_its_half_and_stands_with_it(cut: Session, weekly: bool) -> None:
    rows = comments(cut, weekly=weekly).page(CommentFilter())
    assert {row.sent for row in rows if row.text != KIOSK} == {HALF} and str(HALF) == "nửa đầu tháng 10 năm 2026"
    at_counter = next(row for row in rows if row.text == KIOSK)
    assert at_counter.sent == (
        SentDay(dt.date(2026, 10, 5), dt.date(2026, 10, 11)) if weekly else SentDay(*[dt.date(2026, 10, 7)] * 2)
    )
    assert rows[-1] == at_counter, "its place among the others tells no day of theirs"


def test_all_of_a_half_have_one_due_day_that_no_later_setting_moves(cut: Session) -> None:
    days = cut.execute(sa.select(Comment.due_day, sa.func.count()).group_by(Comment.due_day)).all()
    assert sorted((day or dt.date.min, number) for day, number in days) == [(dt.date.min, 1), (LATE_DAY, 10)]
    for days_to_answer, today, late in ((40, LATE_DAY + DAY, 10), (1, LATE_DAY, 1)):  # the counter's goes by the clock
        clock = type(CLOCK)(CLOCK.calendar, days_to_answer, today)
        scope = scope_for(cut, OCTOBER, factories.agency_id(cut, "H61"))
        found = CommentsInScope(cut, scope, False, clock, 1)
        assert found.number(CommentFilter(status=LATE)) == found.offered().statuses.get(LATE, 0) == late
        assert sum(row.standing.late for row in found.page(CommentFilter())) == late
        assert {row.standing.due for row in found.page(CommentFilter()) if row.text != KIOSK} == {LATE_DAY}


def test_themes_are_counted_by_half_months_where_nobody_knows_the_week(cut: Session) -> None:
    spans, numbers = comments(cut).over_time(CommentFilter())
    assert spans == [HALF, SentDay(dt.date(2026, 10, 15), dt.date(2026, 10, 31))] and numbers["delay"] == [10, 0]


@pytest.mark.parametrize(("login", "language"), [("hanh", "vi"), ("hanh", "en"), ("xa", "vi")])
def test_no_page_and_no_file_prints_a_day_of_october(
    cut: Session, client: FlaskClient, login: str, language: str
) -> None:
    half = {"vi": "nửa đầu tháng 10 năm 2026", "en": "first half of October 2026"}[language]
    with time_machine.travel(dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC), tick=False):
        sign_in(client, login)
        query = f"period=2026-10&lang={language}&q=tre+hen"
        listed = client.get(f"/staff/comments?{query}")
        check_page(listed, language)
        address = re.search(r'href="(/staff/comments/[^"]+/follow-up[^"]*)"', listed.text)
        assert address
        one = client.get(address[1].replace("&amp;", "&"))
        check_page(one, language)
        overview = client.get(f"/staff/?period=2026-10&lang={language}").text
        fields = {"period": "2026-10", "basis": "calendar", "q": "tre hen"}
        file = send(client, "/staff/comments/file", **fields, format="csv").text
    for page in (listed.text, one.text, overview):
        assert half in page
    heads = re.findall(r'<p class="comment-head">.*?</p>', listed.text + one.text, re.DOTALL)
    assert len(heads) == 11 and not any(ON.search(head) for head in heads)
    sayings = re.findall(r'<article class="saying">.*?</article>', overview, re.DOTALL)
    assert sayings and not any(ON.search(one) for one in sayings if KIOSK not in one)
    lines = [line.split(",")[:2] for line in file.splitlines() if "Trễ hẹn" in line]
    assert lines == [["2026-10-01", "2026-10-14"]] * 10
