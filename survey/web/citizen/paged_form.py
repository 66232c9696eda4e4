"""A questionnaire of several parts, asked one part to a page; what was answered before travels in the form.

Nothing is stored until the form is sent, as often as pages are turned, forth or back, in either language.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Response, render_template, request
from markupsafe import Markup

from survey import questionnaires
from survey.collection.answers import asked as is_asked
from survey.collection.answers import read_answers
from survey.collection.invitations import AnswerSource
from survey.errors import InvalidAnswers, NotFound
from survey.i18n import gettext, nfc
from survey.questionnaires import FULL, SHORT, Question, Questionnaire, Section
from survey.questionnaires.conditions import asked_about
from survey.web.citizen import submission
from survey.web.citizen.cached_page import Page
from survey.web.citizen.submission import Submission
from survey.web.current_survey import CurrentSurvey
from survey.web.request import reading, settings

FORMS = {"short": SHORT, "full": FULL}


def chosen(known: CurrentSurvey, source: AnswerSource) -> Questionnaire:
    """Return what is asked here: what `?form=` says, or the placement, or the setting for invitations."""
    code = FORMS.get(request.args.get("form", "")) or source.questionnaire or settings().questionnaire
    return known.sheets.get(code, known.sheet)


def asked(known: CurrentSurvey, form: Submission) -> Questionnaire:
    """Return the version that the form in hand was asked by, though another may be asked by now."""
    if (today := asked_today(known, form, request.args.get("form", ""))) is not None:
        return today
    try:
        with reading() as opened:
            return questionnaires.sheet(opened, int(form.one("asked")))
    except (NotFound, sa.exc.SQLAlchemyError):
        return known.sheet


def asked_today(known: CurrentSurvey, form: Submission, chosen: str = "") -> Questionnaire | None:
    """Return the version that the form in hand was asked by, if it is asked still."""
    number = form.one("asked")
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return known.sheets.get(FORMS.get(chosen, ""), known.sheet)
    return next((sheet for sheet in known.sheets.values() if sheet.id == int(number)), None)


def longer(known: CurrentSurvey) -> Questionnaire | None:
    """Return the longer questionnaire that may be offered after a short one."""
    return None if known.sheet.paged else known.sheets.get(FULL)


def first(known: CurrentSurvey, service: Markup, end: str) -> Response:
    """Ask the first part."""
    fresh = submission.fresh()
    fields = {"end": [end]} if end else {}
    form = Submission(fields, fresh["key"], fresh["csrf"], None, None)
    return _rendered(form, known, service, known.sheet.sections[0], 200)


def turned(form: Submission, known: CurrentSurvey, service: Markup) -> Response:
    """Turn to another part; forward only if what this part needs is answered."""
    sections = known.sheet.sections
    here, there = _position(sections, form.one("step")), _position(sections, form.one("go"))
    if there > here and form.one("step"):
        try:
            only = replace(known.sheet, sections=(sections[here],))
            read_answers(only, form.values, partial=form.amends is not None)
        except InvalidAnswers as refused:
            return _rendered(form, known, service, sections[here], 422, faults=_said(refused))
    return _rendered(form, known, service, sections[there], 200)


def again(form: Submission, known: CurrentSurvey, service: Markup, status: int, **said: Any) -> Response:
    """Give the form back: the first part with a fault, or the one in hand, everything as it was filled in."""
    faults = said.get("faults", {})
    wrong = (s for s in known.sheet.sections if any(question.id in faults for question in s.questions))
    section = next(wrong, known.sheet.sections[_position(known.sheet.sections, form.one("step"))])
    return _rendered(form, known, service, section, status, **said)


def _said(refused: InvalidAnswers) -> dict[str, str]:
    return {name: gettext(message, **values) for name, (message, values) in refused.faults.items()}


def _position(sections: tuple[Section, ...], code: str) -> int:
    return next((i for i, section in enumerate(sections) if section.id == code), 0)


def _rendered(
    form: Submission, known: CurrentSurvey, service: Markup, section: Section, status: int, **said: Any
) -> Response:
    sheet, values = known.sheet, {name: [nfc(value) for value in given] for name, given in form.fields.items()}
    here = sheet.sections.index(section)
    shown = [question for question in section.questions if _shown(question, section, form)]
    seen = {name for question in shown for name in question.fields}
    carried = [
        (name, value)
        for q in sheet.questions
        for name in q.fields
        if name not in seen
        for value in values.get(name, ())
    ]
    html = render_template(
        "citizen/part.html",
        masthead=known,
        sheet=sheet,
        section=section,
        questions=shown,
        number=here + 1,
        before=sheet.sections[here - 1].id if here else None,
        after=sheet.sections[here + 1].id if here + 1 < len(sheet.sections) else None,
        ready=form.amends is not None or any(form.values(sheet.target.id)) or sheet.target in shown,
        service=service,
        values=values,
        carried=carried,
        key=form.key,
        csrf=form.csrf,
        amends=form.one("amends") if form.amends else "",
        end=nfc(form.one("end"))[:16],
        **said,
    )
    return Page(html).fill({}, status)


def _shown(question: Question, section: Section, form: Submission) -> bool:
    """Say whether a question stands on its page; one that depends on the same page is left to the browser."""
    if question.show_if is None or any(any(form.values(name)) for name in question.fields):
        return True
    here = {other.id for other in section.questions}
    return bool(here & asked_about(question.show_if)) or is_asked(question, form.values)
