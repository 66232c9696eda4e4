"""What stands on every citizen's page: whose survey it is, what is asked, and the names of agencies and procedures.

It is kept in memory for some seconds, and longer while the database cannot be reached, so that a form can be
given back filled in even then.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection.invitations import AnswerSource
from survey.errors import SurveyError
from survey.i18n import text
from survey.models import Agency, Procedure, Texts
from survey.organisation import agencies
from survey.questionnaires import Questionnaire
from survey.web.request import reading, settings
from survey.web.survey import Survey, this_survey

FRESH_SECONDS = 10


@dataclass(frozen=True)
class CurrentSurvey:
    """Whose survey it is, what it asks, and the names that it may have to say."""

    province: Texts
    demo: bool
    sheet: Questionnaire
    sheets: dict[str, Questionnaire]  # all that are asked today, by code
    agencies: dict[int, Texts]
    procedures: dict[int, Texts]
    sign: tuple[Any, ...]  # what the pages that were rendered with it depend on
    # The placements asked for since then: one QR code may be used by a whole queue of people.
    placed: dict[str, AnswerSource] = field(default_factory=dict, compare=False)

    def asking(self, sheet: Questionnaire) -> CurrentSurvey:
        """Return the same page asking another questionnaire, or another version of it."""
        return self if sheet is self.sheet else replace(self, sheet=sheet, sign=(sheet.id, *self.sign))

    def about(self, agency_id: int, procedure_id: int | None, language: str | None = None) -> list[str]:
        """Return what an answer is about, in the language given or in use: the procedure if known, and the agency."""
        named = [self.procedures.get(procedure_id or 0), self.agencies.get(agency_id)]
        return [text(name, language) for name in named if name]


def current_survey() -> CurrentSurvey:
    """Return what stands on the page, read from the database when what is known is too old.

    Raises:
        NotFound: nothing has been set up yet.
        SQLAlchemyError: the database cannot be reached, and nothing is known from before.
    """
    if (kept := fresh(this_survey())) is not None:
        return kept
    survey = this_survey()
    known = survey.current
    try:
        with reading() as opened:
            found = _read(opened)
    except sa.exc.SQLAlchemyError:
        if known is None:
            raise
        return cast("CurrentSurvey", known[1])
    survey.current = (time.monotonic(), found)
    return found


def forget(survey: Survey) -> None:
    """Read it again at the next visit: something that stands on it has just been changed by this process."""
    survey.current = None


def fresh(survey: Survey) -> CurrentSurvey | None:
    """Return what is kept in memory, if it was read not long ago."""
    known = survey.current
    return (
        cast("CurrentSurvey", known[1]) if known is not None and time.monotonic() - known[0] < FRESH_SECONDS else None
    )


def current_survey_or_none() -> CurrentSurvey | None:
    """Return what stands on the page, or nothing: an error page must not fail for want of it."""
    try:
        return current_survey()
    except (sa.exc.SQLAlchemyError, SurveyError):
        return None


def _read(opened: Session) -> CurrentSurvey:
    installation, province = agencies.installation(opened), agencies.root(opened).name
    sheets = questionnaires.all_asked_now(opened)
    sheet = sheets.get(questionnaires.SHORT) or questionnaires.asked_now(opened, settings().questionnaire)
    return CurrentSurvey(
        province=province,
        demo=installation.demo,
        sheet=sheet,
        sheets=sheets,
        sign=(*sorted(known.id for known in sheets.values()), installation.demo, *sorted(province.items())),
        agencies={row.id: row.name for row in opened.execute(sa.select(Agency.id, Agency.name))},
        procedures={row.id: row.name for row in opened.execute(sa.select(Procedure.id, Procedure.name))},
    )
