"""What stands on every citizen's page: whose survey it is, what is asked, and the names of agencies and procedures.

It is kept in memory for some seconds, and longer while the database cannot be reached, so that a form can be
given back filled in even then.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection.invitations import AnswerSource
from survey.errors import NotFound
from survey.i18n import text
from survey.logs import log
from survey.models import Texts
from survey.organisation import agencies, procedures
from survey.periods import local_day, now
from survey.questionnaires import Questionnaire
from survey.web.request import reading, settings
from survey.web.survey import Survey, this_survey

FRESH_SECONDS = 10


@dataclass(frozen=True)
class CurrentSurvey:
    """Whose survey it is, what it asks, and the names that it may have to say."""

    province: Texts
    demo: bool
    publishes: bool  # its results, so that pages lead to them
    questionnaire: Questionnaire
    questionnaires: dict[str, Questionnaire]  # all that are asked today, by code
    agencies: dict[int, Texts]
    procedures: dict[int, Texts]
    version: tuple[Any, ...]  # what the pages that were rendered with it depend on
    # The placements asked for since then: one QR code may be used by a whole queue of people.
    placements: dict[str, AnswerSource] = field(default_factory=dict, compare=False)
    # Those asked for earlier, for as long as the database cannot be asked whether they are still in use.
    earlier_placements: dict[str, AnswerSource] = field(default_factory=dict, compare=False)

    def asking(self, questionnaire: Questionnaire) -> CurrentSurvey:
        """Return the same survey asking another questionnaire, or another version of it."""
        if questionnaire is self.questionnaire:
            return self
        return replace(self, questionnaire=questionnaire, version=(questionnaire.id, *self.version))

    def about(self, agency_id: int, procedure_id: int | None, language: str | None = None) -> list[str]:
        """Return what an answer is about, in the language given or in use: the procedure if any, and the agency."""
        names = [self.procedures.get(procedure_id or 0), self.agencies.get(agency_id)]
        return [text(name, language) for name in names if name]


@dataclass
class Kept:
    """What was read last, and until when it is fresh enough."""

    current: CurrentSurvey | None = None
    until: float = 0.0


def current_survey() -> CurrentSurvey:
    """Return what stands on the page, read from the database when what is kept is too old.

    Raises:
        NotFound: nothing has been set up yet.
        SQLAlchemyError: the database cannot be reached, and nothing is kept from before.
    """
    kept = this_survey().part(Kept)
    if kept.current is not None and time.monotonic() < kept.until:
        return kept.current
    try:
        with reading() as session:
            current = _read(session)
    except sa.exc.SQLAlchemyError:
        if kept.current is None:
            raise
        return kept.current
    if kept.current is not None:
        current = replace(current, earlier_placements=kept.current.earlier_placements | kept.current.placements)
    kept.current, kept.until = current, time.monotonic() + FRESH_SECONDS
    return current


def survey_asking(questionnaire: Questionnaire) -> CurrentSurvey:
    """Return the same survey asking a questionnaire, also where none has been published yet.

    Raises:
        NotFound: nobody has said whose survey this is.
    """
    try:
        return current_survey().asking(questionnaire)
    except NotFound:
        with reading() as session:
            return _read(session, questionnaire)


def forget(survey: Survey) -> None:
    """Read it again at the next visit: something that stands on it has just been changed by this process."""
    survey.part(Kept).until = 0.0


def current_survey_or_none() -> CurrentSurvey | None:
    """Return what stands on the page, or nothing: an error page must not fail for want of it."""
    try:
        return current_survey()
    except NotFound:
        return None  # nothing has been set up yet: no fault
    except Exception as error:
        log.warning("no_current_survey", kind=type(error).__name__)
        return None


def _read(session: Session, first: Questionnaire | None = None) -> CurrentSurvey:
    today = local_day(now())
    installation, province = agencies.installation(session), agencies.root(session, today).name
    asked = questionnaires.all_asked_now(session)
    questionnaire = first or asked.get(questionnaires.SHORT)
    questionnaire = questionnaire or questionnaires.asked_now(session, settings().questionnaire)
    return CurrentSurvey(
        province=province,
        demo=installation.demo,
        publishes=installation.publishes,
        questionnaire=questionnaire,
        questionnaires=asked,
        version=(
            *sorted(one.id for one in asked.values()),
            *(installation.demo, installation.publishes),
            *sorted(province.items()),
        ),
        agencies=agencies.agency_names(session, today),
        procedures=procedures.names(session, today),
    )
