"""A questionnaire of several parts, asked one part to a page; what was answered before travels in the form.

Nothing is stored until the form is sent, as often as pages are turned, forth or back, in either language.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from markupsafe import Markup

from survey.collection.answers import asked as is_asked
from survey.collection.answers import read_answers
from survey.errors import InvalidAnswers
from survey.questionnaires import Question, Questionnaire, Section
from survey.questionnaires.conditions import asked_about
from survey.security.tokens import new_token
from survey.web import questionnaire_page
from survey.web.citizen.cached_page import CachedPage
from survey.web.citizen.submission import Submission
from survey.web.citizen.visit import Visit
from survey.web.questionnaire_page import Filled


def first(visit: Visit, about: Markup, end: str) -> Response:
    """Ask the first part, with nothing answered yet."""
    form = Submission({"end": [end]} if end else {}, new_token(), "", None, None)
    with visit.speaking():
        return _rendered(visit, form, about, visit.current.questionnaire.sections[0], 200)


def turned(visit: Visit) -> Response:
    """Turn to another part; forward only if what this part needs is answered."""
    form, questionnaire = visit.form, visit.current.questionnaire
    sections = _sections(questionnaire, form)
    here, there = _position(sections, form.one("step")), _position(sections, form.one("go"))
    if there > here and form.one("step"):
        try:
            only = replace(questionnaire, sections=(sections[here],))
            read_answers(only, form.values, partial=form.amends is not None)
        except InvalidAnswers as refused:
            return visit.give_back(refused.status, faults=refused.faults)
    about = visit.about()
    with visit.speaking():
        return _rendered(visit, form, about, sections[there], 200)


def again(visit: Visit, about: Markup, status: int, notice: str, faults: dict[str, str]) -> Response:
    """Give the form back: the first part with a fault, or the one in hand, everything as it was filled in."""
    sections = _sections(visit.current.questionnaire, visit.form)
    wrong = (section for section in sections if any(question.id in faults for question in section.questions))
    section = next(wrong, sections[_position(sections, visit.form.one("step"))])
    return _rendered(visit, visit.form, about, section, status, notice, faults)


def _sections(questionnaire: Questionnaire, form: Submission) -> tuple[Section, ...]:
    """Return the parts that are asked: without that of the one question where only more is added to its answer."""
    if form.amends is None:
        return questionnaire.sections
    return tuple(section for section in questionnaire.sections if _asks(section, form))


def _asks(section: Section, form: Submission) -> bool:
    asking = any(_shown(question, section, form) for question in section.questions)
    return asking or not any(question.target for question in section.questions)


def _position(sections: tuple[Section, ...], code: str) -> int:
    return next((i for i, section in enumerate(sections) if section.id == code), 0)


def _rendered(
    visit: Visit,
    form: Submission,
    about: Markup,
    section: Section,
    status: int,
    notice: str = "",
    faults: dict[str, str] | None = None,
) -> Response:
    questionnaire, values = visit.current.questionnaire, form.shown
    shown = [question for question in section.questions if _shown(question, section, form)]
    seen = {name for question in shown for name in question.fields}
    carried = [
        (name, value)
        for question in questionnaire.questions
        for name in question.fields
        if name not in seen
        for value in values.get(name, ())
    ]
    target = questionnaire.target
    html = questionnaire_page.part(
        visit.current,
        section,
        shown,
        about,
        visit.hidden(form),
        Filled(values, notice, faults),
        carried=carried,
        sections=_sections(questionnaire, form),
        ready=form.amends is not None or any(form.values(target.id)) or target in shown,
    )
    return CachedPage(html).fill({}, visit.request, status)


def _shown(question: Question, section: Section, form: Submission) -> bool:
    """Return whether a question stands on its page; one that depends on the same page is left to the browser.

    Whoever adds to an answer has answered the one question.
    """
    if question.target and form.amends is not None:
        return False
    if question.show_if is None or any(any(form.values(name)) for name in question.fields):
        return True
    here = {other.id for other in section.questions if form.amends is None or not other.target}
    return bool(here & asked_about(question.show_if)) or is_asked(question, form.values)
