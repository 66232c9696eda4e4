"""When something stands out: one small function for each kind of alert, over results that pages show, too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.control_chart import Trend
from survey.models import AlertKind
from survey.periods import Period
from survey.reports.duties import DutyRow
from survey.results.coverage_flags import COVERAGE
from survey.results.invitation_coverage import UnitCoverage
from survey.results.trends import TrendFigures

WEEK = dt.timedelta(days=7)
SILENT_WEEKS, BASE_WEEKS = 2, 8
EXPECTED = 20  # answers in the silent weeks, from which none is no chance
FEWEST_DUE, FALL = 20, 0.02
MOST_STUCK = 4  # messages that may wait for longer than a day: full mailboxes
GRACE = dt.timedelta(days=3)
LONGEST_SUBJECT = 20


@dataclass(frozen=True)
class AlertFact:
    """Something that stands out: of which kind, what tells it from others of its kind, and what its sentence holds."""

    kind: AlertKind
    subject: str
    about: Mapping[str, Any]


def signal(trend: TrendFigures) -> AlertFact | None:
    """Return that the last ended period of a trend is no chance: a point beyond a limit, or a run.

    Source: the rules of `analysis.control_chart.signals`, docs/statistics.md §8.
    """
    ended = [row for row in trend.rows if row.ended]
    if trend.signals is None or not ended or ended[-1].withheld or not ended[-1].answered:
        return None
    direction = trend.signals.trend
    if direction is Trend.COMMON:
        return None
    return AlertFact(AlertKind.SIGNAL, ended[-1].code, {"period": ended[-1].code, "direction": str(direction.value)})


def comments_late(number: int, period: Period) -> AlertFact | None:
    """Return that comments of a period should have been answered before today; `number` is what their page shows.

    >>> from survey.periods import parse
    >>> comments_late(0, parse("2026-10")), comments_late(2, parse("2026-10")).about["number"]
    (None, 2)
    """
    about = {"period": period.code, "number": number}
    return AlertFact(AlertKind.COMMENTS_LATE, period.code, about) if number else None


def silence(weeks: Sequence[int], last: dt.date) -> AlertFact | None:
    """Return that no answer has come for two whole weeks or more where answers used to come.

    `weeks` are the answers of whole weeks, the newest last; `last` is the Monday of the newest. By the eight weeks
    before the silence at least `EXPECTED` would have come in two: if answers come one by one, none has a chance of
    e^-20 (Poisson), and e^-4 where they come five at a time.

    >>> silence([10] * 8 + [0, 0], dt.date(2026, 11, 16)).about
    {'since': '2026-11-09'}
    >>> silence([9] * 8 + [0, 0], dt.date(2026, 11, 16)), silence([90] * 9 + [0], dt.date(2026, 11, 16))
    (None, None)
    """
    quiet = 0
    while quiet < len(weeks) and not weeks[len(weeks) - 1 - quiet]:
        quiet += 1
    before = weeks[max(0, len(weeks) - quiet - BASE_WEEKS) : len(weeks) - quiet]
    if quiet < SILENT_WEEKS or sum(before) * SILENT_WEEKS < EXPECTED * BASE_WEEKS:
        return None
    return AlertFact(AlertKind.SILENCE, "", {"since": (last - WEEK * (quiet - 1)).isoformat()})


def coverage_falling(line: UnitCoverage, before: UnitCoverage, period: Period) -> AlertFact | None:
    """Return that fewer of the due cases are invited than must be, and clearly fewer than in the period before.

    Cases of which nobody was asked are counted, never answers; the least share is that of docs/statistics.md.
    """
    if line.coverage is None or before.coverage is None or line.due < FEWEST_DUE:
        return None
    if line.coverage >= COVERAGE or line.coverage > before.coverage - FALL:
        return None
    about = {"period": period.code, "invited": line.due_invited, "due": line.due}
    return AlertFact(AlertKind.COVERAGE, period.code, about)


def stuck(number: int) -> AlertFact | None:
    """Return that so many invitations have waited for longer than a day.

    >>> stuck(4), stuck(5).about
    (None, {'number': 5})
    """
    return AlertFact(AlertKind.STUCK, "", {"number": number}) if number > MOST_STUCK else None


def tasks_late(number: int) -> AlertFact | None:
    """Return that so many tasks should have been done before today.

    >>> tasks_late(0), tasks_late(1).about
    (None, {'number': 1})
    """
    return AlertFact(AlertKind.TASKS_LATE, "", {"number": number}) if number else None


def report_due(period: Period, reported: bool, today: dt.date) -> AlertFact | None:
    """Return that the report of a period that ended some days ago has not been made.

    >>> from survey.periods import parse
    >>> october = parse("2026-10")
    >>> report_due(october, False, dt.date(2026, 11, 3)), report_due(october, True, dt.date(2026, 12, 1))
    (None, None)
    """
    if reported or today <= period.last + GRACE:
        return None
    return AlertFact(AlertKind.REPORT_DUE, period.code, {"period": period.code})


def duty_due(row: DutyRow, today: dt.date) -> AlertFact | None:
    """Return that a report is to be handed in within the days of its reminder, or should have been."""
    if not row.near(today):
        return None
    return AlertFact(AlertKind.REPORT_DUE, _duty_subject(row), _duty(row) | {"late": today > row.due})


def draft_ready(row: DutyRow) -> AlertFact | None:
    """Return that the draft of a report has been made, which is not handed in yet; no figure of it."""
    if not row.drafted or row.met_on is not None:
        return None
    return AlertFact(AlertKind.DRAFT_READY, _duty_subject(row), _duty(row))


def _duty_subject(row: DutyRow) -> str:
    return f"{row.duty.id}:{row.period.code}"[-LONGEST_SUBJECT:]


def _duty(row: DutyRow) -> dict[str, Any]:
    code, basis = row.period.code, str(row.period.basis)
    return {"period": code, "basis": basis, "name": dict(row.duty.name), "day": row.due.isoformat()}
