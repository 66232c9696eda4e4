"""The pages of an ordinary visit, rendered once for each language and questionnaire, and what fills their holes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import render_template
from markupsafe import Markup, escape

from survey.collection.answers import Answers, asked
from survey.collection.invitations import AnswerSource
from survey.i18n import date, gettext, instant, msgid
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

    most = 256  # far more than two languages, five levels, every offer and some versions make


CHOOSE_AGAIN = msgid("Your answer is recorded. What you choose now takes its place; what you wrote stays.")
_ANSWERED = msgid(
    "You answered on %(day)s. What you send now takes the place of that answer; you can change it until %(until)s."
)
_UNTIL = msgid("You can change your answer by the same link until %(until)s. Only the last answer counts.")


@dataclass(frozen=True)
class Offers:
    """What the page that thanks shows and offers: to add to the one answer, to change it, the longer questionnaire."""

    chosen: str  # the level, as its form field has it; empty where only something was added
    more: bool
    invited: bool
    longer: Questionnaire | None
    test: bool  # nor does it promise that the answer counts
    contact: bool  # to leave an address for the answer to a comment
    anew: bool = False  # there was an answer before, with a receipt of its own


def asking_page(
    survey: Survey, current: CurrentSurvey, language: str, level: str = "", answered: bool = False
) -> CachedPage:
    """Return the page that asks, with holes for what differs between two visitors.

    `level` was chosen in a message: it is marked and nothing more, for mail filters open every link. `answered`: it
    says that there is an answer, and what takes its place.
    """
    target = current.questionnaire.target
    level = level if level in target.values else ""
    hidden = HiddenFields(hole("key"), hole("csrf"), hole("end"))

    def render() -> str:
        how = gettext("You chose this in the message. One tap sends it.") if level else ""
        how = gettext(_ANSWERED, day=hole("day"), until=hole("until")) if answered else how
        filled = Filled({target.id: [level]})
        return questionnaire_page.whole(current, hole("service"), hidden, filled, how=how)

    return _page(survey, (language, current.version, level, answered), language, render)


def thanking_page(survey: Survey, current: CurrentSurvey, language: str, offers: Offers) -> CachedPage:
    """Return the page that thanks, with holes for what differs between two visitors."""
    target = current.questionnaire.target
    given = {target.id: [offers.chosen]}
    unasked = [q.id for q in current.questionnaire.questions if not asked(q, lambda name: given.get(name, ()))]

    def render() -> str:
        return render_template(
            "citizen/thanks.html",
            current_survey=current,
            questionnaire=current.questionnaire,
            hidden=HiddenFields(hole("key"), hole("csrf"), hole("end"), hole("amends")),
            code=hole("code"),
            path=hole("path"),
            sent=hole("sent"),
            until=gettext(_UNTIL, until=hole("until")),
            offers=offers,
            chosen=next((option.text for option in target.options if option.value == offers.chosen), None),
            given=given,
            unasked=unasked,
            contact=reply_form(survey.settings, hole("code"), hole("contact")) if offers.contact else None,
        )

    longer = offers.longer and offers.longer.id
    return _page(survey, (language, current.version, replace(offers, longer=None), longer), language, render)


def _page(survey: Survey, name: tuple[object, ...], language: str, render: Callable[[], str]) -> CachedPage:
    def make() -> CachedPage:
        with survey.speaking(language):
            return CachedPage(render())

    return survey.part(Pages).get(name, make)


def about(current: CurrentSurvey, source: AnswerSource, language: str) -> Markup:
    """Return what an answer is about, a line each: first the procedure, or the agency alone."""
    first, *rest = (escape(line) for line in current.about(source.agency_id, source.procedure_id, language))
    return Markup("<br>").join([Markup("<b>%s</b>") % first, *rest])


def asking(
    current: CurrentSurvey, service: Markup, end: str, secret: str, path: str, privacy_notice: bytes
) -> dict[str, str]:
    """Return what fills the page that asks."""
    return {"service": service, "end": end, **submission.fresh(secret, path, current.questionnaire.id, privacy_notice)}


def offers(current: CurrentSurvey, source: AnswerSource, answers: Answers, *, adding: bool) -> Offers:
    """Return which page thanks: somebody who gave one answer may add more, or answer the longer questionnaire.

    `adding`: this was sent from a page that adds to an answer or changes it.
    """
    only = set(answers.ratings) == {"overall"} and not set(answers.other) - {"end"} and not answers.comments
    return Offers(
        chosen=str(answers.ratings.get("overall", "")),
        more=only and not current.questionnaire.paged,
        invited=source.channel == Channel.INVITATION,
        longer=questionnaire_choice.longer(current),
        test=source.test,
        contact=bool(answers.comments) and not source.test,
        anew=adding or source.answered_on is not None,
    )


def answered_before(source: AnswerSource, language: str) -> dict[str, str]:
    """Return when an invitation was answered and until when that can be changed, where a page says so."""
    if source.expires_at is None:
        return {}
    day = "" if source.answered_on is None else date(source.answered_on, language)
    return {"day": day, "until": instant(source.expires_at, language)}


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
