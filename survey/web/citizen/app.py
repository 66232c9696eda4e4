"""The citizen's page: open it by link or QR code, answer, and be thanked with a receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from survey.collection import invitations, responses
from survey.collection.answers import Answers, read_answers
from survey.collection.invitations import AnswerSource
from survey.db.compiled_statements import Store
from survey.errors import Expired, InvalidAnswers, NotFound
from survey.i18n import current_language, gettext, nfc
from survey.logs import log
from survey.periods import now
from survey.web import headers, language
from survey.web.citizen import page_cache, paged_form, submission
from survey.web.citizen.cached_page import Page, hole
from survey.web.current_survey import CurrentSurvey, current_survey
from survey.web.request import settings, store
from survey.web.survey import this_survey

pages = Blueprint("citizen", __name__)
Find = Callable[[Store, dt.datetime], AnswerSource]
RETRY_SECONDS = 10


@pages.route("/r/<token>", methods=["GET", "POST"])
def by_invitation(token: str) -> Response:
    """Ask, or record, the answer of an invitation."""
    return _answer(lambda opened, when: invitations.find(opened, token, when))


@pages.route("/q/<code>", methods=["GET", "POST"])
def by_placement(code: str) -> Response:
    """Ask, or record, an answer by an open QR code or link."""
    return _answer(lambda opened, _when: invitations.place(opened, code))


def _answer(find: Find) -> Response:
    response = _receive(find) if request.method == "POST" else _ask(find)
    response.headers["Referrer-Policy"] = headers.CITIZENS_REFERRER
    return response


def _ask(find: Find) -> Response:
    known = current_survey()
    source = find(store(), now())
    known = known.asking(paged_form.chosen(known, source))
    end = nfc(request.args.get("end", ""))[:16]
    if known.sheet.paged:
        return paged_form.first(known, page_cache.about(known, source), end)
    return _page(page_cache.ASK, known, {}).fill(
        page_cache.asking(page_cache.about(known, source), end, settings().secret_key, request.path)
    )


def _receive(find: Find) -> Response:
    form = submission.read()
    language.speak(form.one("lang"))
    known = current_survey()
    known = known.asking(paged_form.asked(known, form))
    try:
        if form.one("switch"):
            return _switched(form, known, find(store(), now()))
        if form.one("go") and known.sheet.paged:
            return paged_form.turned(form, known, page_cache.about(known, find(store(), now())))
        if not form.ours:
            source = find(store(), now())
            notice = gettext("This page was open for too long. Nothing is lost: please send it again.")
            return _again(form, known, source, 400, notice=notice)
        answers = read_answers(known.sheet, form.values, partial=form.amends is not None)
        receipt, source = _record(find, form, known, answers)
    except InvalidAnswers as refused:
        faults = {name: gettext(message, **values) for name, (message, values) in refused.faults.items()}
        return _again(form, known, _found(find), refused.status, faults=faults)
    except (NotFound, Expired) as refused:
        message = gettext(refused.message, **refused.values)
        page = render_template("public/error.html", message=message, kept=_kept(form, known), status=refused.status)
        return make_response(page, refused.status)
    except sa.exc.SQLAlchemyError as fault:
        log.error("answer_not_stored", kind=type(fault).__name__)
        notice = gettext(
            "We could not store your answer just now. Nothing is lost: please wait a moment and send it again."
        )
        response = _again(form, known, None, 503, notice=notice)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    return _thank(known, source, answers, receipt, form.key)


def _record(
    find: Find, form: submission.Submission, known: CurrentSurvey, answers: Answers
) -> tuple[bytes, AnswerSource]:
    when, opened = now() - form.waited, store()  # as of the moment at which the person sent it
    source = find(opened, when)
    sending = responses.SubmissionMeta(form.key, when, current_language(), form.seconds, form.amends)
    receipt = responses.record(opened, settings().secret_key, source, known.sheet, answers, sending)
    opened.commit()
    return receipt, source


def _thank(known: CurrentSurvey, source: AnswerSource, answers: Answers, receipt: bytes, key: str) -> Response:
    page = _page(page_cache.THANK, known, page_cache.offers(known, source, answers))
    return page.fill(page_cache.thanking(receipt, answers, key, settings().secret_key, request.path))


def _switched(form: submission.Submission, known: CurrentSurvey, source: AnswerSource) -> Response:
    language.speak(form.one("switch"))
    response = _again(form, known, source, 200)
    language.remember(response, current_language())
    return response


def _again(
    form: submission.Submission, known: CurrentSurvey, source: AnswerSource | None, status: int, **said: Any
) -> Response:
    """Give the form back as it was filled in."""
    faults = said.get("faults", {})
    if known.sheet.paged:
        return paged_form.again(form, known, page_cache.about(known, source) if source else Markup(""), status, **said)
    more = any(any(form.values(q.id)) or q.id in faults for q in known.sheet.questions if not q.target)
    page = render_template(
        page_cache.ASK,
        masthead=known,
        sheet=known.sheet,
        service=page_cache.about(known, source) if source else "",
        values={name: [nfc(value) for value in given] for name, given in form.fields.items()},
        key=form.key,
        csrf=form.csrf,
        end=nfc(form.one("end"))[:16],
        amends=form.one("amends") if form.amends else "",
        more=more,
        **said,
    )
    return make_response(page, status)


def _page(template: str, known: CurrentSurvey, said: dict[str, Any]) -> Page:
    """Return a page rendered once for what never changes between two visitors."""
    rendered: dict[Any, Page] = this_survey().pages
    name = page_cache.name_of(template, current_language(), known, said)
    if name not in rendered:
        holes = {part: hole(part) for part in page_cache.HOLES}
        if template == page_cache.ASK:
            holes["amends"] = Markup("")
        rendered[name] = Page(render_template(template, masthead=known, sheet=known.sheet, values={}, **holes, **said))
    return rendered[name]


def _found(find: Find) -> AnswerSource | None:
    try:
        return find(store(), now())
    except (NotFound, Expired, sa.exc.SQLAlchemyError):
        return None


def _kept(form: submission.Submission, known: CurrentSurvey) -> list[str]:
    return [nfc("\n".join(form.values(question.id))) for question in known.sheet.questions if question.kind == "text"]
