"""The pages of an ordinary visit, rendered once for each language and questionnaire, and what fills their holes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup, escape

from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.models import Channel
from survey.questionnaires import Questionnaire
from survey.security.tokens import receipt_code
from survey.settings import Settings
from survey.web import questionnaire_page
from survey.web.bounded_cache import BoundedCache
from survey.web.citizen import questionnaire_choice, submission
from survey.web.citizen.cached_page import CachedPage, hole
from survey.web.current_survey import CurrentSurvey
from survey.web.questionnaire_page import Filled, HiddenFields
from survey.web.reply_form import proof as contact_proof
from survey.web.reply_form import reply_form
from survey.web.survey import Survey


class Pages(BoundedCache[CachedPage]):
    """The pages that this process has rendered."""

    most = 256  # far more than two languages, every offer and some versions make


@dataclass(frozen=True)
class Offers:
    """What the page that thanks offers: to add to the one answer, to change one's mind, the longer questionnaire."""

    more: bool
    invited: bool
    longer: Questionnaire | None
    test: bool  # nor does it promise that the answer counts
    contact: bool  # to leave an address for the answer to a comment


def asking_page(survey: Survey, current: CurrentSurvey, language: str) -> CachedPage:
    """Return the page that asks, with holes for what differs between two visitors."""
    hidden = HiddenFields(hole("key"), hole("csrf"), hole("end"))

    def render() -> str:
        return questionnaire_page.whole(current, hole("service"), hidden, Filled({}), more=False)

    return _page(survey, (language, current.version), language, render)


def thanking_page(survey: Survey, current: CurrentSurvey, language: str, offers: Offers) -> CachedPage:
    """Return the page that thanks, with holes for what differs between two visitors."""

    def render() -> str:
        return render_template(
            "citizen/thanks.html",
            current_survey=current,
            questionnaire=current.questionnaire,
            hidden=HiddenFields(hole("key"), hole("csrf"), hole("end"), hole("amends")),
            code=hole("code"),
            path=hole("path"),
            sent=hole("sent"),
            offers=offers,
            contact=reply_form(survey.settings, hole("code"), hole("contact")) if offers.contact else None,
        )

    longer = offers.longer and offers.longer.id
    return _page(
        survey,
        (language, current.version, offers.more, offers.invited, longer, offers.test, offers.contact),
        language,
        render,
    )


def _page(survey: Survey, name: tuple[object, ...], language: str, render: Callable[[], str]) -> CachedPage:
    def make() -> CachedPage:
        with survey.speaking(language):
            return CachedPage(render())

    return survey.part(Pages).get(name, make)


def about(current: CurrentSurvey, source: AnswerSource, language: str) -> Markup:
    """Return what an answer is about, a line each."""
    lines = current.about(source.agency_id, source.procedure_id, language)
    return Markup("<br>").join(escape(line) for line in lines)


def asking(
    current: CurrentSurvey, service: Markup, end: str, secret: str, path: str, privacy_notice: bytes
) -> dict[str, str]:
    """Return what fills the page that asks."""
    return {"service": service, "end": end, **submission.fresh(secret, path, current.questionnaire.id, privacy_notice)}


def offers(current: CurrentSurvey, source: AnswerSource, answers: Answers) -> Offers:
    """Return which page thanks: somebody who gave one answer may add more, or answer the longer questionnaire."""
    only = set(answers.ratings) == {"overall"} and not set(answers.other) - {"end"} and not answers.comments
    return Offers(
        more=only and not current.questionnaire.paged,
        invited=source.channel == Channel.INVITATION,
        longer=questionnaire_choice.longer(current),
        test=source.test,
        contact=bool(answers.comments) and not source.test,
    )


def thanking(
    current: CurrentSurvey,
    receipt: bytes,
    answers: Answers,
    key: str,
    settings: Settings,
    path: str,
    privacy_notice: bytes,
) -> dict[str, str]:
    """Return what fills the page that thanks: the receipt, and the permit to add to this answer."""
    secret = settings.secret_key
    return {
        "code": receipt_code(receipt),
        "path": path,
        "amends": submission.amendment(secret, receipt),
        "sent": key,
        "contact": contact_proof(settings, receipt_code(receipt)) if answers.comments else "",
        "end": answers.other.get("end", ""),
        **submission.fresh(secret, path, current.questionnaire.id, privacy_notice),
    }
