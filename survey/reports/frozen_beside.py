"""What stands beside the figures of a report (comments, tasks, letters, the place), kept as it was at a closing.

Of a period that is open, or was closed before this was kept, it is what it is today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from survey.apologies import letter_counts
from survey.apologies.letter_counts import LetterCounts, UnitLetters
from survey.callbacks import designs, disclosure
from survey.callbacks import figures as call_back
from survey.callbacks.counts import counts_kept
from survey.callbacks.figures import CallBackFigures
from survey.comments.clock import clock
from survey.comments.follow_up_counts import FollowUpCounts, follow_up_counts
from survey.comments.reading import CommentsInScope
from survey.comments.tally import added_up
from survey.models import Channel, ClosedPeriod, SubjectKind, TaskStatus, Texts
from survey.organisation import agencies
from survey.periods import Period, local_day, parse
from survey.results import closing
from survey.results.scope import Scope, Standard, scope_for
from survey.tasks import listing
from survey.tasks.listing import TaskRow, TasksBeside


@dataclass(frozen=True)
class FiguresBeside:
    """What a report says beside its figures: of comments, tasks, letters (None where none are written), and where.

    `day` is the one as of which all of it stands; `call_back` is None where none was finished by then.
    """

    day: dt.date
    place: Texts
    comments: FollowUpCounts
    tasks: TasksBeside
    letters: UnitLetters | None
    call_back: CallBackFigures | None


def beside(session: Session, scope: Scope, standard: Standard, today: dt.date) -> FiguresBeside:
    """Return what stands beside the figures of a scope: today, or as it stood when the period was closed."""
    kept = None if scope.closing is None else scope.closing.beside
    day = today if scope.closing is None else local_day(scope.closing.closed_at)
    if kept is not None:
        counts = kept.get("call_back") if call_back.of_the_whole(session, scope) else None
        called = None if counts is None else _called(session, scope, counts, scope.held_to(standard))
        return _as_closed(scope, standard, day, kept, called)
    return FiguresBeside(
        day,
        agencies.installation(session).place,
        follow_up_counts(session, scope, clock(session, standard, day), standard.fewest),
        listing.beside(session, scope, day, kept=dt.timedelta()),
        letter_counts.by_unit(session, scope) if standard.apologies else None,
        call_back.beside(session, scope, standard),
    )


def close(
    session: Session, period: Period, when: dt.datetime, standard: Standard, staff_id: int | None = None
) -> ClosedPeriod:
    """Close a period with all that its reports show; closing it again changes nothing. See `results.closing.close`.

    Raises:
        Conflict: the period has not ended yet in Viet Nam.
    """

    def gathered(of: Session, closed: ClosedPeriod) -> dict[str, Any]:
        return _gathered(of, closed, standard)

    return closing.close(session, period, when, standard, staff_id, gathered)


def _gathered(session: Session, closed: ClosedPeriod, standard: Standard) -> dict[str, Any]:
    """Return what is to be kept, as plain values; all of it by agency, so that every agency's report finds its own."""
    day, period = local_day(closed.closed_at), parse(closed.code, closed.basis)
    scope = scope_for(session, period, agencies.root(session, closing.EVERY).id)
    comments = CommentsInScope(session, scope, False, clock(session, standard, day), standard.fewest)
    letters = letter_counts.by_agency(session, scope) if standard.apologies else None
    return {
        "place": agencies.installation(session).place,
        "comments": [[int(way), key, numbers] for (way, key), numbers in comments.tally_by_agency().items()],
        "tasks": [_plain(row) for row in listing.beside(session, scope, day, kept=dt.timedelta()).rows],
        "letters": letters and [[key, asdict(counted)] for key, counted in letters.items()],
        "letters_written": letters is not None,
        "call_back": _call_back(session, period),
    }


def _call_back(session: Session, period: Period) -> dict[str, Any] | None:
    design = designs.of_period(session, period)
    if design is None or design.results is None or design.finished_at is None:
        return None
    return {**design.results, "finished_at": design.finished_at.isoformat()}


def _as_closed(
    scope: Scope, standard: Standard, day: dt.date, kept: Mapping[str, Any], called: CallBackFigures | None
) -> FiguresBeside:
    subtree, unit_of = set(scope.subtree), scope.unit_of
    comments = {(Channel(way), key): numbers for way, key, numbers in kept["comments"]}
    rows = (_task(values) for values in kept["tasks"] if values["agency_id"] in subtree)
    return FiguresBeside(
        day,
        kept["place"],
        FollowUpCounts(added_up(comments, unit_of), standard.fewest),
        TasksBeside(tuple(rows), scope),
        _letters(kept["letters"] or (), unit_of) if kept["letters_written"] else None,
        called,
    )


def _called(session: Session, scope: Scope, kept: Mapping[str, Any], standard: Standard) -> CallBackFigures:
    finished_at = dt.datetime.fromisoformat(kept["finished_at"])
    design = designs.of_period(session, scope.period)
    counts = disclosure.as_disclosed(session, design, counts_kept(kept), scope.reader, standard.fewest)
    return call_back.figures(counts, finished_at, standard)


def _letters(kept: Iterable[tuple[int, Mapping[str, Any]]], unit_of: Mapping[int, int]) -> UnitLetters:
    units: dict[int, LetterCounts] = {}
    for key, counted in kept:
        if key in unit_of:
            row = units.setdefault(unit_of[key], LetterCounts())
            row.late, row.letters = row.late + counted["late"], row.letters + counted["letters"]
            row.standing.update(counted["standing"])
    return UnitLetters(units)


def _plain(row: TaskRow) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in fields(row)}
    return values | {
        "kind": int(row.kind),
        "status": int(row.status),
        "period": [row.period.code, str(row.period.basis)],
        "due_day": row.due_day.isoformat(),
        "settled_day": row.settled_day and row.settled_day.isoformat(),
    }


def _task(values: Mapping[str, Any]) -> TaskRow:
    settled = values["settled_day"]
    typed = {
        "kind": SubjectKind(values["kind"]),
        "status": TaskStatus(values["status"]),
        "period": parse(*values["period"]),
        "due_day": dt.date.fromisoformat(values["due_day"]),
        "settled_day": settled and dt.date.fromisoformat(settled),
    }
    return TaskRow(**{**values, **typed})
