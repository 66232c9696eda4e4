"""The pages of an ordinary visit, rendered once for each language and questionnaire, and what fills their holes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from survey import i18n
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.models import Channel
from survey.security.tokens import receipt_code
from survey.web.citizen import questionnaire_choice, submission
from survey.web.citizen.cached_page import CachedPage, hole
from survey.web.current_survey import CurrentSurvey
from survey.web.survey import Survey

ASK, THANK = "citizen/answer.html", "citizen/thanks.html"
HOLES = {
    ASK: ("service", "key", "csrf", "end"),
    THANK: ("key", "csrf", "code", "path", "amends", "end", "sent"),
}


def page(survey: Survey, current: CurrentSurvey, template: str, language: str, **shape: Any) -> CachedPage:
    """Return a page rendered once for what never changes between two visitors; `shape` is what it depends on."""
    kept: dict[Hashable, CachedPage] = survey.pages
    name = (template, language, current.version, *(getattr(value, "id", value) for value in shape.values()))
    if name not in kept:
        holes = {part: hole(part) for part in HOLES[template]}
        with i18n.speaking(language, survey.settings.translations):
            html = render_template(
                template,
                current_survey=current,
                questionnaire=current.questionnaire,
                values={},
                **holes,
                **shape,
            )
        kept[name] = CachedPage(html)
    return kept[name]


def about(current: CurrentSurvey, source: AnswerSource, language: str) -> Markup:
    """Return what an answer is about, a line each."""
    lines = current.about(source.agency_id, source.procedure_id, language)
    return Markup("<br>").join(escape(line) for line in lines)


def asking(current: CurrentSurvey, service: Markup, end: str, secret: str, path: str) -> dict[str, str]:
    """Return what fills the page that asks."""
    return {"service": service, "end": end, **submission.fresh(secret, path, current.questionnaire.id)}


def offers(current: CurrentSurvey, source: AnswerSource, answers: Answers) -> dict[str, Any]:
    """Return which page thanks: somebody who gave one answer may add more, or answer the longer questionnaire."""
    only = set(answers.ratings) == {"overall"} and not set(answers.other) - {"end"} and not answers.comments
    return {
        "more": only and not current.questionnaire.paged,
        "invited": source.channel == Channel.INVITATION,
        "longer": questionnaire_choice.longer(current),
    }


def thanking(
    current: CurrentSurvey, receipt: bytes, answers: Answers, key: str, secret: str, path: str
) -> dict[str, str]:
    """Return what fills the page that thanks: the receipt, and the permit to add to this answer."""
    return {
        "code": receipt_code(receipt),
        "path": path,
        "amends": submission.amendment(secret, receipt),
        "sent": key,
        "end": answers.other.get("end", ""),
        **submission.fresh(secret, path, current.questionnaire.id),
    }
