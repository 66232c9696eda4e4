"""What a province hands in under Decision 1565/QĐ-TTg: its own survey of satisfaction with online public services.

Nothing is counted here: the figures are those of the overview, the factors and the cut by kind of respondent. The
national target of the decision stands beside the headline target, with a verdict of its own and its source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis import Verdict
from analysis.publication import LEAST_ANSWERS
from survey.i18n import gettext, text
from survey.models import QuestionnaireVersion, Texts, VersionStatus
from survey.organisation.targets import DatedTarget
from survey.questionnaires import FULL, SHORT
from survey.reports.columns import Value
from survey.reports.owed_tables import OwedTable
from survey.results.cuts import Cut, PartRow, parts
from survey.results.factors import FactorRow, factors
from survey.results.figures import Figures, figures
from survey.results.rows import JudgedRow, name_of
from survey.results.scope import Scope, Standard
from survey.results.second_target import named
from survey.results.verdict_text import definition, row_word, target_text, verdict_word, withheld

NEEDED = (SHORT, FULL)


@dataclass(frozen=True)
class NeededQuestionnaire:
    """A questionnaire that the return needs: its title and version where one is asked now."""

    code: str
    title: Texts
    version: str
    published: bool


@dataclass(frozen=True)
class Return1565:
    """The figures, who answered, the parts of the service, and what the national target says of all together.

    `beside` is the target that stands beside the headline in the period, None where there is none; `verdict` is None
    where there are too few answers.
    """

    questionnaires: tuple[NeededQuestionnaire, ...]
    figures: Figures
    respondents: tuple[PartRow, ...]
    factors: tuple[FactorRow, ...]
    beside: DatedTarget | None
    verdict: Verdict | None

    @property
    def share(self) -> str | None:
        """Return the share that the target beside the headline asks for."""
        return None if self.beside is None else self.beside.share

    @property
    def verdict_words(self) -> str:
        """Return what the national target says, in a few words."""
        if self.verdict is None:
            return gettext("No verdict yet: fewer than %(least)s answers, or they are not shown", least=LEAST_ANSWERS)
        return verdict_word(self.verdict, provisional=self.figures.provisional, closed=self.figures.closed)


def return_1565(session: Session, scope: Scope, standard: Standard, today: dt.date) -> Return1565:
    """Return what is to be handed in of an agency and period."""
    counted = figures(session, scope, standard, today)
    beside = counted.standard.beside
    return Return1565(
        _needed(session),
        counted,
        parts(session, scope, standard, Cut.RESPONDENT),
        tuple(row for row in factors(session, scope, standard, code=FULL) if row.answered)
        or factors(session, scope, standard),
        beside,
        _second_verdict(counted),
    )


def _second_verdict(counted: Figures) -> Verdict | None:
    row = counted.second
    return row.verdict if row is not None and row.shown and row.answered >= LEAST_ANSWERS else None


def _needed(session: Session) -> tuple[NeededQuestionnaire, ...]:
    row = QuestionnaireVersion
    asked = {
        code: (version, document)
        for code, version, document in session.execute(
            sa.select(row.code, row.version, row.document).where(
                row.code.in_(NEEDED), row.status == VersionStatus.PUBLISHED
            )
        )
    }
    return tuple(
        NeededQuestionnaire(
            code,
            dict(asked[code][1]["title"]) if code in asked else {},
            asked[code][0] if code in asked else "",
            code in asked,
        )
        for code in NEEDED
    )


def return_table(owed: Return1565) -> OwedTable:
    """Return the return as one table: the agency, its units, the kinds of respondent, the parts of the service."""
    columns = (
        (gettext("What it is about"), "long"),
        (gettext("Code"), "text"),
        (gettext("Name"), "long"),
        (gettext("Finished cases"), "count"),
        (gettext("Invited cases"), "count"),
        (gettext("Rated cases"), "count"),
        (gettext("Answers"), "count"),
        (gettext("Satisfied answers"), "count"),
        (gettext("Satisfaction rate"), "share"),
        (gettext("Lower limit"), "limit"),
        (gettext("Upper limit"), "limit"),
        (gettext("Mean"), "score"),
        (gettext("Target"), "share"),
        (gettext("Verdict"), "long"),
        (gettext("National target"), "share"),
        (gettext("Verdict by the national target"), "long"),
    )
    counted = owed.figures
    share = None if owed.share is None else float(owed.share)
    verdicts: tuple[Value, ...] = (share, None if share is None else owed.verdict_words)
    lines = [_judged(gettext("All units"), counted.judged.total, counted, verdicts)]
    lines += [_judged(gettext("Unit"), row, counted, (None, None)) for row in counted.judged.rows]
    lines += [_part(row) for row in owed.respondents]
    lines += [_factor(row) for row in owed.factors]
    note = [definition(), gettext("Only answers by invitation are counted.")]
    return OwedTable(gettext("Return under Decision 1565"), columns, lines, " ".join([*note, source(owed)]).strip())


def source(owed: Return1565) -> str:
    """Say which targets the verdicts are by."""
    target = gettext("Target: %(target)s.", target=target_text(owed.figures.target))
    return target if owed.beside is None else f"{target} {named(owed.beside)}."


def _judged(about: str, row: JudgedRow, counted: Figures, national: Sequence[Value]) -> list[Value]:
    words = row_word(row, provisional=counted.provisional, closed=counted.closed)
    cases = (row.finished, row.invited, row.rated)
    shares: tuple[Value, ...] = (row.rate, row.lower, row.upper, row.mean) if row.shown else (None,) * 4
    target = float(counted.target)
    return [about, row.code, name_of(row), *cases, row.answered, row.satisfied, *shares, target, words, *national]


def _part(row: PartRow) -> list[Value]:
    shares: tuple[Value, ...] = (row.rate, row.lower, row.upper) if row.shown and row.answered else (None,) * 3
    about = gettext("Kind of respondent")
    tail: tuple[Value, ...] = (None, None, withheld(row) or None, None, None)
    return [about, row.value, row.name, None, None, None, row.answered, row.satisfied, *shares, *tail]


def _factor(row: FactorRow) -> list[Value]:
    shares: tuple[Value, ...] = (row.rate, row.lower, row.upper, row.mean) if row.shown else (None,) * 4
    name = f"{text(row.name)}: {text(row.text)}"
    tail: tuple[Value, ...] = (None, withheld(row) or None, None, None)
    about = gettext("Part of the service")
    return [about, row.question, name, None, None, None, row.answered, row.satisfied, *shares, *tail]
