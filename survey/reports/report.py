"""A report: all figures of one agency and period, gathered once, from which every file is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.apologies import letter_counts
from survey.apologies.letter_counts import UnitLetters
from survey.comments.clock import clock
from survey.comments.follow_up_counts import FollowUpCounts, follow_up_counts
from survey.models import Agency, Level, Texts
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, local_day
from survey.results.exclusions import Exclusions, exclusions
from survey.results.figures import Figures, figures
from survey.results.invitation_coverage import InvitationCoverage, invitation_coverage
from survey.results.overview import Overview, overview
from survey.results.scope import Scope, Standard
from survey.tasks.listing import TasksBeside, beside


@dataclass(frozen=True, eq=False)
class Report:
    """What a page shows by unit, beside it the figures by procedure (their totals are the same), in one language."""

    language: str
    overview: Overview
    procedures: Figures
    parent: Agency | None  # named above the agency in the head of the document
    place: Texts
    asked: InvitationCoverage  # whether everybody was
    comments: FollowUpCounts  # what has become of them by the day of the report
    tasks: TasksBeside  # that came of figures: open ones, and those settled since the period began
    exclusions: Exclusions  # answers that are left out
    letters: UnitLetters | None  # of apology for late cases, as they stand; None where none are written

    @property
    def units(self) -> Figures:
        """Return the figures by unit."""
        return self.overview.figures

    @property
    def by_row(self) -> Figures:
        """Return the figures by unit or, of an agency without units, by procedure."""
        return self.units if len(self.units.judged.rows) > 1 else self.procedures

    @property
    def moment(self) -> dt.datetime:
        """Return the moment that its files carry as that of their making: of the closing, or the begin of its day."""
        closing = self.units.scope.closing
        return dt.datetime.combine(self.units.today, dt.time.min, LOCAL_ZONE) if closing is None else closing.closed_at

    @property
    def name(self) -> str:
        """Return the name of its files, without an ending: hailong_H61_2026-10_calendar_vi."""
        period = self.units.period
        return f"hailong_{self.units.agency.code}_{period.code}_{period.basis}_{self.language}"


def build(session: Session, scope: Scope, standard: Standard, today: dt.date, *, language: str) -> Report:
    """Gather the figures of one report; of a closed period it is of the day of the closing, whichever day it is."""
    if scope.closing is not None:
        today = local_day(scope.closing.closed_at)
    line = scope.tree.path(scope.agency_id)
    # A commune's committee stands under no other body in the head of a document; departments and offices do.
    below = len(line) > 1 and line[-1].level in (Level.DEPARTMENT, Level.OFFICE)
    return Report(
        language,
        overview(session, scope, standard, today),
        figures(session, scope, standard, today, "procedure"),
        line[-2] if below else None,
        agencies.installation(session).place,
        invitation_coverage(session, scope, dt.datetime.combine(today, dt.time.max, LOCAL_ZONE)),
        follow_up_counts(session, scope, clock(session, standard, today), standard.fewest),
        beside(session, scope, today, kept=dt.timedelta()),
        exclusions(session, scope, standard.fewest),
        letter_counts.by_unit(session, scope) if standard.apologies else None,
    )
