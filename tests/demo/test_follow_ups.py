"""The demonstration follows comments up through the doors of everybody: most in time, some late, some not yet."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import yaml

from survey.comments import follow_up
from survey.comments.clock import clock
from survey.comments.follow_up import FollowUpChange
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.standing import LATE
from survey.db.engine import Database
from survey.demo import filling, follow_ups, reply_contacts
from survey.models import FollowUp, FollowUpStatus, FollowUpStep, ReplyContact, Role
from survey.organisation import agencies
from survey.periods import local_day, parse
from survey.results.scope import scope_for
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("vietnamese")


def test_comments_are_followed_up_by_whoever_is_near_and_the_clock_finds_some_late(empty: Database) -> None:
    with empty.session(writes=True) as session:
        filling.fill(session, "k" * 32, NOW, 7, scale=0.2)
        province = official(session, "tinh", "H61", Role.ADMINISTRATOR).id
        ward = official(session, "phuong", "H61.102", Role.MANAGER).id
        number = follow_ups.follow_all(session, NOW, STANDARD, 2)
        assert number == session.scalar(sa.select(sa.func.count()).select_from(FollowUp)) > 30
        steps = session.scalars(sa.select(FollowUpStep)).all()
        assert {step.owner_id for step in steps} == {step.staff_id for step in steps} == {province, ward}
        assert max(step.day for step in steps if step.day) < local_day(NOW)
        ticking = clock(session, STANDARD, local_day(NOW))
        scope = scope_for(session, parse("2026-10"), agencies.root(session).id)
        comments = CommentsInScope(session, scope, weekly=False, clock=ticking, fewest=STANDARD.fewest)
        rows = comments.page(CommentFilter(levels=frozenset({1, 2, 3})))
        states = {row.standing.state for row in rows}
        assert {"done", LATE} <= states, states
        late = sum(row.standing.late for row in rows)
        assert 0 < late < len(rows) / 2
        done = [row for row in rows if row.standing.status == FollowUpStatus.DONE]
        assert len(done) > len(rows) / 2 and all(row.standing.answer for row in done)
        for row in done:
            taken, ended = (step.day for step in follow_up.steps(session, row))
            assert taken and ended and row.day < taken < ended


def test_its_answers_are_such_as_the_page_takes() -> None:
    answers = yaml.safe_load(follow_ups.ANSWERS.read_text(encoding="utf-8"))
    for words in answers.values():
        for answer in (words["vi"], words["en"]):
            assert not follow_up.faults([], FollowUpChange({"answer": answer}, follow_ups.NOT_FOR_US), (), CLOCK)


def test_some_people_ask_for_an_answer_to_their_newest_comment(empty: Database) -> None:
    with empty.session(writes=True) as session:
        filling.fill(session, "k" * 32, NOW, 7, scale=0.2)
        official(session, "tinh", "H61", Role.ADMINISTRATOR)
        number = reply_contacts.leave_some(session, "k" * 32, NOW, STANDARD)
        assert number == session.scalar(sa.select(sa.func.count()).select_from(ReplyContact)) > 2
