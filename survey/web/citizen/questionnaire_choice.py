"""Which questionnaire a page asks, and by which version of it a form was asked."""

from __future__ import annotations

from survey import questionnaires
from survey.collection.invitations import AnswerSource
from survey.errors import NotFound
from survey.models import Channel
from survey.periods import now
from survey.questionnaires import FULL, SHORT, Questionnaire
from survey.web.citizen.submission import FORM_SECONDS, Submission
from survey.web.current_survey import CurrentSurvey
from survey.web.request import reading, settings

FORMS = {"short": SHORT, "full": FULL}  # as `?form=` names them


def chosen(current: CurrentSurvey, source: AnswerSource, form: str) -> Questionnaire:
    """Return what is asked here: what `?form=` says, or the placement, or the setting for invitations.

    A kiosk stands at a desk and asks one question: what is asked in person, as soon as that has been published.
    """
    if source.channel == Channel.KIOSK:
        return current.questionnaires.get(questionnaires.at_kiosks(current.questionnaires), current.questionnaire)
    code = FORMS.get(form) or source.questionnaire or settings().questionnaire
    return current.questionnaires.get(code, current.questionnaire)


def asked(current: CurrentSurvey, sent: Submission, form: str) -> Questionnaire:
    """Return the version that a form was asked by, though another may be asked by now; `form` is `?form=`.

    A version that was retired before any form that may still wait was opened is asked no more: today's version of the
    same questionnaire takes its place, and the caller tells the person.

    Raises:
        SQLAlchemyError: it would have to be read, and cannot be.
    """
    named = current.questionnaires.get(FORMS.get(form, ""))
    version = _version(current, sent.asked) or named or current.questionnaire
    # Whoever thanks for a short answer offers the longer questionnaire by the short one's proof: a page is only turned.
    return named if named is not None and sent.one("go") and version.code != named.code else version


def _version(current: CurrentSurvey, number: int | None) -> Questionnaire | None:
    if number is None:
        return None
    version = next((one for one in current.questionnaires.values() if one.id == number), None)
    if version is not None:
        return version
    with reading() as session:
        try:
            version = questionnaires.published_questionnaire(session, number)
        except NotFound:
            return None
        retired = questionnaires.retired_at(session, number)
    still = retired is None or (now() - retired).total_seconds() < FORM_SECONDS
    return version if still else current.questionnaires.get(version.code)


def longer(current: CurrentSurvey) -> Questionnaire | None:
    """Return the longer questionnaire that may be offered after a short one."""
    return None if current.questionnaire.paged else current.questionnaires.get(FULL)
