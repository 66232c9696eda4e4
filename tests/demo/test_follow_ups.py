"""The demonstration follows comments up through the doors of everybody: most in time, some late, some not yet."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from survey.comments import follow_up
from survey.comments.clock import clock
from survey.comments.follow_up import FollowUpChange
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.standing import LATE
from survey.demo import follow_ups, reply_contacts
from survey.models import FollowUp, FollowUpStatus, FollowUpStep, ReplyContact, Role
from survey.organisation import agencies
from survey.periods import local_day, parse
from survey.results.scope import scope_for
from tests.demo.conftest import NOW
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official

pytestmark = pytest.mark.usefixtures("vietnamese")


def test_comments_are_followed_up_by_whoever_is_near_and_the_clock_finds_some_late(filled: Session) -> None:
    province = official(filled, "tinh", "H61", Role.ADMINISTRATOR).id
    ward = official(filled, "phuong", "H61.102", Role.MANAGER).id
    number = follow_ups.follow_all(filled, NOW, STANDARD, 2)
    assert number == filled.scalar(sa.select(sa.func.count()).select_from(FollowUp)) > 30
    steps = filled.scalars(sa.select(FollowUpStep)).all()
    assert {step.owner_id for step in steps} == {step.staff_id for step in steps} == {province, ward}
    assert max(step.day for step in steps if step.day) < local_day(NOW)
    ticking = clock(filled, STANDARD, local_day(NOW))
    scope = scope_for(filled, parse("2026-10"), agencies.root(filled).id)
    comments = CommentsInScope(filled, scope, weekly=False, clock=ticking, fewest=STANDARD.fewest)
    rows = comments.page(CommentFilter(levels=frozenset({1, 2, 3})))
    states = {row.standing.state for row in rows}
    assert {"done", LATE} <= states, states
    late = sum(row.standing.late for row in rows)
    assert 0 < late < len(rows) / 2
    done = [row for row in rows if row.standing.status == FollowUpStatus.DONE]
    assert len(done) > len(rows) / 2 and all(row.standing.answer for row in done)
    for row in done:
        taken, ended = (step.day for step in follow_up.steps(filled, row))
        assert taken and ended and row.sent.first < taken < ended


def test_its_answers_are_such_as_the_page_takes() -> None:
    answers = yaml.safe_load(follow_ups.ANSWERS.read_text(encoding="utf-8"))
    for words in answers.values():
        for answer in (words["vi"], words["en"]):
            assert not follow_up.faults([], FollowUpChange({"answer": answer}, follow_ups.NOT_FOR_US), (), CLOCK)


def test_some_people_ask_for_an_answer_to_their_newest_comment(filled: Session) -> None:
    official(filled, "tinh", "H61", Role.ADMINISTRATOR)
    number = reply_contacts.leave_some(filled, "k" * 32, NOW, STANDARD)
    assert number == filled.scalar(sa.select(sa.func.count()).select_from(ReplyContact)) > 2
