"""Which questionnaire a page asks, and by which version of it a form was asked."""

from __future__ import annotations

import sqlalchemy as sa

from survey import questionnaires
from survey.collection.invitations import AnswerSource
from survey.errors import NotFound
from survey.questionnaires import FULL, SHORT, Questionnaire
from survey.web.citizen.submission import Submission
from survey.web.current_survey import CurrentSurvey
from survey.web.request import reading, settings

FORMS = {"short": SHORT, "full": FULL}  # as `?form=` names them


def chosen(current: CurrentSurvey, source: AnswerSource, form: str) -> Questionnaire:
    """Return what is asked here: what `?form=` says, or the placement, or the setting for invitations."""
    code = FORMS.get(form) or source.questionnaire or settings().questionnaire
    return current.questionnaires.get(code, current.questionnaire)


def asked(current: CurrentSurvey, sent: Submission, form: str) -> Questionnaire:
    """Return the version that a form was asked by, though another may be asked by now; `form` is `?form=`."""
    number = sent.one("asked")
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return current.questionnaires.get(FORMS.get(form, ""), current.questionnaire)
    version = next((one for one in current.questionnaires.values() if one.id == int(number)), None)
    if version is not None:
        return version
    try:
        with reading() as session:
            return questionnaires.published_questionnaire(session, int(number))
    except (NotFound, sa.exc.SQLAlchemyError):
        return current.questionnaire


def longer(current: CurrentSurvey) -> Questionnaire | None:
    """Return the longer questionnaire that may be offered after a short one."""
    return None if current.questionnaire.paged else current.questionnaires.get(FULL)
