"""A report: all figures of one agency and period, gathered once, from which every file is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey.apologies.letter_counts import UnitLetters
from survey.callbacks.figures import CallBackFigures
from survey.comments.clock import clock
from survey.comments.follow_up_counts import FollowUpCounts
from survey.comments.reading import CommentsInScope
from survey.i18n import speaking
from survey.models import Agency, Channel, Level, Texts
from survey.organisation import procedures
from survey.periods import LOCAL_ZONE
from survey.reports.frozen_beside import beside
from survey.reports.issuing import Issuing
from survey.reports.issuing_versions import issuing_of
from survey.reports.quotes import Quote, quotes
from survey.reports.weak_points import WeakPoint, weak_points
from survey.results.changes import RowChange, changes
from survey.results.disclosure import disclosure
from survey.results.exclusions import Exclusions, exclusions
from survey.results.figures import Figures, figures
from survey.results.invitation_coverage import InvitationCoverage, invitation_coverage
from survey.results.overview import Overview, overview
from survey.results.scope import Reader, Scope, Standard
from survey.results.year_so_far import YearSoFar, year_so_far
from survey.tasks.listing import TasksBeside


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
    call_back: CallBackFigures | None  # of the whole province, where one was finished
    issuing: Issuing  # what the agency writes on what it issues
    year: YearSoFar
    changes: Mapping[int, RowChange]  # of the rows of `by_row`, since the period before
    weak_points: tuple[WeakPoint, ...]  # the rows to act on, each with what is weakest in it
    quotes: tuple[Quote, ...]  # of comments, redacted
    fields: Mapping[int, Texts]  # of procedures, by their ids
    beyond_public: bool  # it holds more than everybody may read
    public_url: str  # where it can be checked against the register; empty where that is not known

    @property
    def units(self) -> Figures:
        """Return the figures by unit."""
        return self.overview.figures

    @property
    def by_row(self) -> Figures:
        """Return the figures by unit or, of an agency without units, by procedure."""
        return self.units if len(self.units.judged.rows) > 1 else self.procedures

    @property
    def public(self) -> bool:
        """Return whether it is the edition for everybody."""
        return self.units.scope.reader is Reader.PUBLIC

    @property
    def as_of(self) -> dt.datetime:
        """Return when its figures stood so: at the closing of its period, or on the day that it was asked for."""
        closing = self.units.scope.closing
        if closing is not None:
            return closing.closed_at
        return dt.datetime.combine(self.units.today, dt.time(), LOCAL_ZONE)

    @property
    def name(self) -> str:
        """Return the name of its files, without an ending: hailong_H61_2026-10_calendar_vi."""
        period = self.units.period
        edition = "_public" if self.public else ""
        return f"hailong_{self.units.agency.code}_{period.code}_{period.basis}{edition}_{self.language}"


def build(
    session: Session, scope: Scope, standard: Standard, today: dt.date, *, language: str, public_url: str = ""
) -> Report:
    """Gather the figures of one report, in the edition that the reader of the scope may see.

    They stand as of today or, of a closed period, as of its closing. `public_url` is where people can check it.
    """
    around = beside(session, scope, standard, today)
    today = around.day
    line = scope.tree.path(scope.agency_id)
    # A commune's committee stands under no other body in the head of a document; departments and offices do.
    below = len(line) > 1 and line[-1].level in (Level.DEPARTMENT, Level.OFFICE)
    whole = overview(session, scope, standard, today)
    by_procedure = figures(session, scope, standard, today, "procedure")
    by_row = whole.figures if len(whole.figures.judged.rows) > 1 else by_procedure
    ticking = clock(session, standard, today)
    comments = CommentsInScope(session, scope, scope.reader.guarded, ticking, standard.fewest)
    telling = _quoted(comments, language)
    return Report(
        language,
        whole,
        by_procedure,
        line[-2] if below else None,
        around.place,
        invitation_coverage(session, scope, dt.datetime.combine(today, dt.time.max, LOCAL_ZONE)),
        around.comments,
        around.tasks,
        exclusions(session, scope, standard.fewest, as_closed=True),
        around.letters,
        around.call_back,
        _issuing(session, scope, language),
        year_so_far(session, scope, standard, today),
        changes(session, by_row),
        weak_points(session, by_row, today),
        telling,
        {key: row.field for key, row in procedures.by_id(session).items()},
        scope.reader is not Reader.PUBLIC
        and (
            bool(telling or around.tasks.rows)
            or any(_beyond_public(session, one) for one in (whole.figures, by_procedure))
        ),
        public_url,
    )


def _issuing(session: Session, scope: Scope, language: str) -> Issuing:
    """Return what the agency writes on its documents; a translation holds of what is Vietnamese the names only."""
    issuing = issuing_of(session, scope.agency_id, None if scope.closing is None else scope.closing.closed_at)
    if language == "vi":
        return issuing
    return replace(issuing, addressees=(), bases=(), signing=(), position="", recipients=())


def _quoted(comments: CommentsInScope, language: str) -> tuple[Quote, ...]:
    """Return what is quoted of comments: nothing to everybody, for nobody has published these words."""
    if comments.scope.reader is Reader.PUBLIC:
        return ()
    with speaking(language):
        return quotes(comments)


def _beyond_public(session: Session, shown: Figures) -> bool:
    """Return whether figures show a row that everybody is not shown, or that is too weak to be published."""
    scope, rows = shown.scope, [row for row in shown.judged.rows if not row.pooled]
    public = disclosure(session, replace(scope, reader=Reader.PUBLIC), shown.standard.fewest)
    ids, answered = [row.id for row in rows], [row.answered for row in rows]
    why = public.rows(shown.by, Channel.INVITATION, ids, answered)
    total = shown.judged.total
    hidden = total.shown and bool(public.total(Channel.INVITATION, total.answered))
    return hidden or any(row.shown and (bool(one) or row.suppress) for row, one in zip(rows, why, strict=True))
