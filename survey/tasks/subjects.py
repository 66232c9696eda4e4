"""The figure that a task comes of: of which kind, of whom, in which period; never a number of it.

Whoever may see the agency sees its tasks. So a task comes only of a figure that the unit's own accounts are shown too:
that there is one would tell them of any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy.orm import Session

from analysis.control_chart import Trend
from survey.errors import Conflict
from survey.i18n import gettext, msgid, text
from survey.models import SubjectKind, Texts
from survey.organisation.agencies import root
from survey.periods import Period
from survey.results.choices import reasons
from survey.results.factors import factors
from survey.results.figures import figures
from survey.results.scope import Reader, Scope, Standard
from survey.results.trends import TrendFigures, trend

KINDS = {kind.name.lower(): kind for kind in SubjectKind}
_WORDS = {
    SubjectKind.VERDICT: msgid("Verdict"),
    SubjectKind.TREND: msgid("Trend"),
    SubjectKind.FACTOR: msgid("Part of the service"),
    SubjectKind.REASON: msgid("Reason"),
}
_NOT_SHOWN = msgid(
    "The unit itself is not shown this figure: there are too few answers, or the period is not closed yet. A task "
    "would tell it, so none can come of it now."
)


@dataclass(frozen=True)
class Subject:
    """One figure: its kind, its agency and period, and the key and name of a procedure, factor or reason there."""

    kind: SubjectKind
    agency_id: int
    key: str
    name: Texts
    period: Period


_Names: TypeAlias = Mapping[str, Texts]  # by the keys of what is shown of one kind


def subject(session: Session, scope: Scope, standard: Standard, today: dt.date, kind: SubjectKind, key: str) -> Subject:
    """Return the figure of a kind and key in a scope.

    Raises:
        Conflict: there is none, or the unit's own accounts are not shown it.
    """
    own = scope.agency.code == root(session).code
    shown = scope if own else replace(scope, reader=Reader.UNIT)
    named = _SHOWN[kind](session, shown, standard, today, key)
    if key not in named:
        raise Conflict(_NOT_SHOWN)
    return Subject(kind, scope.agency_id, key, named[key], scope.period)


def signalled(series: TrendFigures) -> bool:
    """Return whether a trend has a signal, anywhere in it."""
    marks = series.signals
    return marks is not None and any(one is not Trend.COMMON for one in (*marks.points, marks.trend))


def subject_words(kind: SubjectKind, name: Texts) -> str:
    """Return what a figure is called, in the language in use."""
    words = gettext(_WORDS[kind])
    return f"{words}: {text(name)}" if name else words


def _verdicts(session: Session, scope: Scope, standard: Standard, today: dt.date, key: str) -> _Names:
    judged = figures(session, scope, standard, today, "procedure" if key else "unit").judged
    if key:
        return {row.code: row.name for row in judged.rows if row.shown and row.code}
    return {"": {}} if judged.total.shown else {}


def _trends(session: Session, scope: Scope, standard: Standard, today: dt.date, _key: str) -> _Names:
    return {"": {}} if signalled(trend(session, scope, standard, today)) else {}


def _factors(session: Session, scope: Scope, standard: Standard, _today: dt.date, _key: str) -> _Names:
    return {row.question: row.name for row in factors(session, scope, standard) if row.shown}


def _reasons(session: Session, scope: Scope, standard: Standard, _today: dt.date, _key: str) -> _Names:
    given = reasons(session, scope, standard)
    options = given.choices if given is not None and given.shown else ()
    return {choice.value: choice.text for choice in options if choice.people}


_SHOWN: Mapping[SubjectKind, Callable[[Session, Scope, Standard, dt.date, str], _Names]] = {
    SubjectKind.VERDICT: _verdicts,
    SubjectKind.TREND: _trends,
    SubjectKind.FACTOR: _factors,
    SubjectKind.REASON: _reasons,
}
