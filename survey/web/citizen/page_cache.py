"""The pages of an ordinary visit, printed once for each language and questionnaire, and what fills their holes."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.models import Channel
from survey.security.tokens import receipt_code
from survey.web.citizen import paged_form, submission
from survey.web.current_survey import CurrentSurvey

HOLES = ("service", "key", "csrf", "code", "path", "amends", "end", "sent")
ASK, THANK = "citizen/answer.html", "citizen/thanks.html"


def name_of(template: str, language: str, known: CurrentSurvey, said: dict[str, Any]) -> tuple[Any, ...]:
    """Return under which name a printed page is kept: it is another one as soon as anything on it changes."""
    return (template, language, known.sign, *(getattr(value, "id", value) for value in said.values()))


def about(known: CurrentSurvey, source: AnswerSource, language: str | None = None) -> Markup:
    """Return what an answer is about, a line each, in the language given or in use."""
    lines = known.about(source.agency_id, source.procedure_id, language)
    return Markup("<br>").join(escape(line) for line in lines)


def asking(service: Markup, end: str, secret: str, path: str) -> dict[str, str]:
    """Return what fills the page that asks."""
    return {"service": service, "end": end, **submission.fresh_at(secret, path)}


def offers(known: CurrentSurvey, source: AnswerSource, answers: Answers) -> dict[str, Any]:
    """Return which page thanks: somebody who gave one answer may add more, or answer the longer questionnaire."""
    only = set(answers.ratings) == {"overall"} and not set(answers.other) - {"end"} and not answers.comments
    return {
        "more": only and not known.sheet.paged,
        "invited": source.channel == Channel.INVITATION,
        "longer": paged_form.longer(known),
    }


def thanking(receipt: bytes, answers: Answers, key: str, secret: str, path: str) -> dict[str, str]:
    """Return what fills the page that thanks: the receipt, and the permit to add to this answer."""
    said = {"code": receipt_code(receipt), "path": path, "amends": submission.amendment(secret, receipt), "sent": key}
    return {**said, "end": answers.other.get("end", ""), **submission.fresh_at(secret, path)}
