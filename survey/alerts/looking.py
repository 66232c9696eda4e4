"""Look for what stands out, each agency as its own accounts may see it, and every unit as the province sees it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.alerts import rules
from survey.alerts.rules import AlertFact
from survey.audit.acts import Act
from survey.comments.clock import Clock, clock, monday
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.standing import LATE, week, week_of
from survey.delivery.queue import RESTING
from survey.errors import NotFound
from survey.models import AuditEntry, Case, Delivery, Invitation, MessageKind, Response, Role
from survey.organisation import agencies
from survey.organisation.dated_tree import Tree
from survey.periods import Basis, Period, local_day, month_of, previous
from survey.reports import duties
from survey.results.invitation_coverage import UnitCoverage, invitation_coverage
from survey.results.scope import Reader, Scope, Standard, reader_of, scope_asked
from survey.results.trends import trend
from survey.tasks.listing import late_by_agency

WEEKS = 26  # that silence is looked for in
DAY = dt.timedelta(days=1)
LATE_MONTHS = 3  # of whose comments some may be overdue: this one and those before


@dataclass(frozen=True)
class SeenBy:
    """An agency and as whom its accounts look at it."""

    agency_id: int
    reader: Reader


def readers(session: Session) -> list[SeenBy]:
    """Return the agencies that have accounts, each with whom these are; an auditor sees what the province sees."""
    own = sorted({account.agency_id for account in accounts.enabled(session, list(Role))})
    return [SeenBy(agency_id, reader_of(session, agency_id)) for agency_id in own]


@dataclass(frozen=True, eq=False)
class Look:
    """One look, as one reader, at one moment."""

    session: Session
    seen_by: SeenBy
    standard: Standard
    at: dt.datetime

    def facts(self) -> Iterator[tuple[int, AlertFact]]:
        """Yield what stands out, with its agency: the reader's own, and for the province every unit below it.

        A guarded reader is told of its own agency only, from the pages that it may open itself. That no answer came in
        a week tells what nobody said; how many answered is shown to everybody, and the days of answers never are.
        """
        for agency_id in self._units:
            seen = (
                self._signal(agency_id),
                rules.silence(self._weeks(agency_id), monday(self._today) - rules.WEEK),
                self._coverage(agency_id),
                rules.stuck(sum(self._stuck[one] for one in self._tree.subtree(agency_id))),
                rules.tasks_late(sum(self._late_tasks[one] for one in self._borne(agency_id))),
            )
            yield from ((agency_id, fact) for fact in seen if fact is not None)
        yield from self._comments()
        yield from ((self.seen_by.agency_id, fact) for fact in self._reports() if fact is not None)

    def _reports(self) -> Iterator[AlertFact | None]:
        """Yield which reports are due: of the province those of its calendar, of a unit that of the last month."""
        if self.seen_by.reader.guarded:
            month = previous(self._month)
            yield rules.report_due(month, self._reported(month), self._today)
            return
        for row in duties.rows(self.session, self._today):
            yield rules.duty_due(row, self._today)
            yield rules.draft_ready(row)

    @cached_property
    def _today(self) -> dt.date:
        return local_day(self.at)

    @cached_property
    def _month(self) -> Period:
        return month_of(self._today, Basis.CALENDAR)

    @cached_property
    def _clock(self) -> Clock:
        return clock(self.session, self.standard, self._today)

    @cached_property
    def _tree(self) -> Tree:
        return agencies.tree(self.session, self._today)

    @cached_property
    def _units(self) -> list[int]:
        own = self.seen_by.agency_id
        return [own] if self.seen_by.reader.guarded else [own, *self._tree.children.get(own, ())]

    def _scope(self, agency_id: int, period: Period) -> Scope | None:
        """Return the scope as a page opens it; None of an agency that has nothing there."""
        own, code = self.seen_by.agency_id, self._tree.agencies[agency_id].code
        try:
            return scope_asked(self.session, period, code, own, self.seen_by.reader)
        except NotFound:
            return None

    def _signal(self, agency_id: int) -> AlertFact | None:
        scope = self._scope(agency_id, previous(self._month))
        return rules.signal(trend(self.session, scope, self.standard, self._today)) if scope else None

    def _comments(self) -> Iterator[tuple[int, AlertFact]]:
        """Yield overdue comments: as many as the page shows, which the reader is led to."""
        period = self._month
        for _month in range(LATE_MONTHS):
            if scope := self._scope(self.seen_by.agency_id, period):
                guarded, fewest = scope.reader.guarded, self.standard.fewest
                comments = CommentsInScope(self.session, scope, guarded, self._clock, fewest)
                late = Counter[int]()
                if guarded:
                    late[self.seen_by.agency_id] = comments.number(CommentFilter(status=LATE))
                else:
                    for (_channel, unit), numbers in comments.tally().items():
                        late[unit] += numbers[LATE]
                for agency_id in self._units:
                    if fact := rules.comments_late(late[agency_id], period):
                        yield agency_id, fact
            period = previous(period)

    @cached_property
    def _answers(self) -> Counter[tuple[int, int]]:
        """Count the answers of each agency and week."""
        counted = (
            sa.select(Response.agency_id, week().label("week"), sa.func.count())
            .where(Response.counted, Response.day >= monday(self._today) - rules.WEEK * WEEKS)
            .group_by(Response.agency_id, week())
        )
        return Counter({(agency_id, number): count for agency_id, number, count in self.session.execute(counted)})

    def _weeks(self, agency_id: int) -> list[int]:
        this, subtree = week_of(self._today), list(self._tree.subtree(agency_id))
        return [sum(self._answers[one, number] for one in subtree) for number in range(this - WEEKS, this)]

    def _coverage(self, agency_id: int) -> AlertFact | None:
        now, before = (lines.get(agency_id) for lines in self._coverages)
        return rules.coverage_falling(now, before, self._month) if now and before else None

    @cached_property
    def _coverages(self) -> list[dict[int, UnitCoverage]]:
        """Return the lines of this month and of the one before, by agency."""
        months = []
        for period in (self._month, previous(self._month)):
            scope = self._scope(self.seen_by.agency_id, period)
            coverage = invitation_coverage(self.session, scope, self.at) if scope else None
            lines = {line.agency_id: line for line in coverage.lines} if coverage else {}
            months.append(lines | ({self.seen_by.agency_id: coverage.total} if coverage else {}))
        return months

    @cached_property
    def _stuck(self) -> Counter[int]:
        """Count the invitations of each agency that have waited for longer than a day."""
        counted = (
            sa.select(Case.resolving_agency_id, sa.func.count())
            .select_from(Delivery)
            .join(Invitation, Invitation.id == Delivery.invitation_id)
            .join(Case, Case.id == Invitation.case_id)
            .where(Delivery.kind == MessageKind.INVITATION, Delivery.state.in_(RESTING))
            .where(Delivery.queued_at <= self.at - DAY)
            .group_by(Case.resolving_agency_id)
        )
        return Counter({row[0]: row[1] for row in self.session.execute(counted)})

    @cached_property
    def _late_tasks(self) -> Counter[int]:
        return late_by_agency(self.session, self._today)

    def _borne(self, agency_id: int) -> Iterable[int]:
        """Return the agencies whose tasks are told as those of one: the province is told of each unit's by itself."""
        own, guarded = self.seen_by.agency_id, self.seen_by.reader.guarded
        return self._tree.subtree(agency_id) if guarded or agency_id != own else (own,)

    def _reported(self, period: Period) -> bool:
        about = {"agency": self._tree.agencies[self.seen_by.agency_id].code, "period": period.code}
        asked = sa.select(AuditEntry.about).where(AuditEntry.act == Act.REPORT_REQUESTED.value)
        return any(about.items() <= entry.items() for entry in self.session.scalars(asked))
