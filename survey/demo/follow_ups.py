"""Follow up the demonstration's comments as an office does: most in time, some late, some not yet."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from survey.comments import follow_up
from survey.comments.clock import MOST_LEVEL, WEEK, Clock, clock, monday
from survey.comments.follow_up import FollowUpChange
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.comments.themes import themes
from survey.i18n import text
from survey.models import FollowUpStatus
from survey.organisation import agencies
from survey.organisation.working_days import DAY
from survey.periods import LOCAL_ZONE, Period, local_day, month_of, previous
from survey.results.scope import Standard, scope_for

ANSWERS = Path(__file__).parent / "follow_ups.yaml"
NOT_FOR_US = "Nội dung thuộc hệ thống dùng chung của trung ương; đã chuyển kiến nghị."
UNTOUCHED, UNFINISHED, ELSEWHERE = 0.08, 0.05, 0.05  # shares of the comments from levels 1 to 3
SOONEST, LATEST = 1, 17  # working days from taking a comment in hand to its answer
MORNING = dt.time(9)


@dataclass(frozen=True)
class _Step:
    """One step that an account takes on a day; comments that take the same one take it together."""

    day: dt.date
    owner_id: int
    status: FollowUpStatus
    answer: str = ""
    note: str = ""

    @property
    def change(self) -> FollowUpChange:
        values: dict[str, Any] = {"status": self.status, "owner_id": self.owner_id}
        return FollowUpChange(values | ({"answer": self.answer} if self.answer else {}), self.note)


def follow_all(session: Session, now: dt.datetime, standard: Standard, months: int) -> int:
    """Follow up what came in the running month and the whole ones before it, and return how many comments.

    Comments with a level from 1 to 3 are taken in hand and answered by whoever is nearest to their agency; the same
    data are followed up in the same way. There must be an account for the province.
    """
    office = _Office(session, clock(session, standard, local_day(now)))
    month = month_of(local_day(now))
    steps: dict[_Step, list[CommentRow]] = defaultdict(list)
    followed = 0
    for _month in range(months + 1):
        for row in _low(session, month, office.clock, standard):
            taken = list(office.steps(row))
            followed += bool(taken)
            for step in taken:
                steps[step].append(row)
        month = previous(month)
    for step in sorted(steps, key=lambda one: (one.day, one.status)):
        at = dt.datetime.combine(step.day, MORNING, LOCAL_ZONE).astimezone(dt.UTC)
        follow_up.follow_up(session, steps[step], step.change, step.owner_id, at)
    return followed


def _low(session: Session, month: Period, ticking: Clock, standard: Standard) -> list[CommentRow]:
    scope = scope_for(session, month, agencies.root(session).id)
    comments = CommentsInScope(session, scope, weekly=False, clock=ticking, fewest=standard.fewest)
    low = comments.page(CommentFilter(levels=frozenset(range(1, MOST_LEVEL + 1))))
    return follow_up.held(comments, frozenset(row.key for row in low))


class _Office:
    """Who follows up which comment, when and with which words."""

    def __init__(self, session: Session, ticking: Clock) -> None:
        self.session, self.clock = session, ticking
        self.tree = agencies.tree(session)
        self.chance = random.Random("follow-ups")
        self.answers = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
        self.codes = {text(theme.name): theme.code for theme in themes(session)}
        self.owner_ids: dict[int, int] = {}

    def steps(self, row: CommentRow) -> Iterator[_Step]:
        """Yield the steps that a comment has taken before today."""
        fate, days = self.chance.random(), self.chance.randint(SOONEST, LATEST)
        taken = self.clock.calendar.after(monday(row.sent.first) + WEEK - DAY, self.chance.randint(1, 3))
        if fate < UNTOUCHED or taken >= self.clock.today:
            return
        owner_id = self._owner_id(row.agency_id)
        yield _Step(taken, owner_id, FollowUpStatus.IN_HAND)
        ended = self.clock.calendar.after(taken, days)
        if fate < UNTOUCHED + UNFINISHED or ended >= self.clock.today:
            return
        if fate < UNTOUCHED + UNFINISHED + ELSEWHERE:
            yield _Step(ended, owner_id, FollowUpStatus.NOT_FOR_US, note=NOT_FOR_US)
        else:
            yield _Step(ended, owner_id, FollowUpStatus.DONE, answer=self._answer(row))

    def _owner_id(self, agency_id: int) -> int:
        if agency_id not in self.owner_ids:
            self.owner_ids[agency_id] = follow_up.owners(self.session, self.tree, [agency_id])[0].id
        return self.owner_ids[agency_id]

    def _answer(self, row: CommentRow) -> str:
        codes = [self.codes[name] for name in row.themes]
        words = next((self.answers[code] for code in codes if code in self.answers), self.answers["other"])
        return str(words[row.language if row.language in words else "vi"])
