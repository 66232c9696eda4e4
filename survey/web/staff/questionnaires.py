"""The editor of questionnaires: versions, a draft side by side in two languages, its preview, and publishing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from survey import questionnaires
from survey.errors import Conflict
from survey.i18n import error_text, msgid
from survey.models import Role, VersionStatus
from survey.periods import now
from survey.questionnaires import assign_slots, compile_document, drafts
from survey.questionnaires.document import written
from survey.questionnaires.drafts import Reviewed
from survey.results import counts
from survey.web import questionnaire_page
from survey.web.current_survey import forget, survey_asking
from survey.web.language import speak
from survey.web.questionnaire_page import Filled, HiddenFields
from survey.web.request import session
from survey.web.staff import access, questionnaire_editor, questionnaire_review
from survey.web.survey import this_survey

pages = Blueprint("questionnaires", __name__, url_prefix="/staff/questionnaires")


@pages.before_request
def of_the_province() -> None:
    """Let only the province's own people in: a questionnaire is asked everywhere.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("Questionnaires are kept by the province. Please ask a manager of the province."))


@pages.get("/")
@access.requires(Role.MANAGER)
def show() -> str:
    """List all versions and drafts with the number of answers to each."""
    return render_template(
        "staff/questionnaire_versions.html",
        rows=questionnaires.all_versions(session()),
        answers=counts.by_questionnaire(session()),
        published=request.args.get("published", 0, type=int),
        may_change=access.may_change_for_the_province(Role.MANAGER),
        Status=VersionStatus,
    )


@pages.post("/ready-made")
@access.requires(Role.MANAGER)
def take_over() -> AnyResponse:
    """Take the questionnaires that ship over as drafts, to be looked at and published."""
    drafts.take_over(session(), access.who().staff_id, now())
    session().commit()
    return redirect(url_for("questionnaires.show"), 303)


@pages.get("/<int:number>.yaml")
@access.requires(Role.MANAGER)
def export(number: int) -> Response:
    """Give a version or draft as YAML."""
    row = questionnaires.find(session(), number)
    response = Response(written(row.document), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.code}-{row.version}.yaml"'
    return response


@pages.post("/<int:number>/draft")
@access.requires(Role.MANAGER)
def start(number: int) -> AnyResponse:
    """Make a draft from a version, or go to the one that there is."""
    draft = drafts.start(session(), number, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("questionnaires.edit", number=draft.id), 303)


@pages.post("/<int:number>/discard")
@access.requires(Role.MANAGER)
def discard(number: int) -> AnyResponse:
    """Throw a draft away."""
    drafts.discard(session(), number, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("questionnaires.show"), 303)


@pages.get("/<int:number>")
@access.requires(Role.MANAGER)
def edit(number: int) -> str:
    """Show a draft to be edited, or a published version to be looked at."""
    row = questionnaires.find(session(), number)
    if row.status != VersionStatus.DRAFT:
        return render_template(
            "staff/questionnaire_version.html",
            row=row,
            parts=questionnaire_editor.parts(row.document),
            Status=VersionStatus,
        )
    problems = questionnaires.faults(session(), row.document) if "check" in request.args else []
    return questionnaire_editor.page(row, row.document, problems)


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def save(number: int) -> AnyResponse | tuple[str, int]:
    """Save what was typed and do what the button said; if another has saved since, give what was typed back."""
    typed, act = request.form.to_dict(), request.form.get("do", "")
    revision = request.form.get("revision", 0, type=int)
    staff_id = access.who().staff_id
    try:
        row, look = drafts.save(session(), number, revision, typed, "" if act == "review" else act, staff_id, now())
    except Conflict as stale:
        session().rollback()
        row = questionnaires.find(session(), number)
        if row.status != VersionStatus.DRAFT:
            raise
        return questionnaire_editor.given_back(row, typed, stale), 409
    session().commit()
    if act != "review":
        done, place = act.partition(" ")[0], drafts.pointer(look)
        anchor = f"at-{place}" if place else None
        return redirect(
            url_for("questionnaires.edit", number=number, done=done or "save", at=place, _anchor=anchor), 303
        )
    if problems := questionnaires.faults(session(), row.document):
        return questionnaire_editor.page(row, row.document, problems), 422
    return redirect(url_for("questionnaires.review", number=number), 303)


@pages.get("/<int:number>/review")
@access.requires(Role.MANAGER)
def review(number: int) -> AnyResponse | str:
    """Show what would be published: each question before and after, who will be asked, and the one button to do it."""
    row = questionnaires.find(session(), number)
    if row.status != VersionStatus.DRAFT or questionnaires.faults(session(), row.document):
        return redirect(url_for("questionnaires.edit", number=number, check=1), 303)
    return questionnaire_review.page(row)


@pages.post("/<int:number>/publish")
@access.requires(Role.MANAGER)
@access.confirmed
def publish(number: int) -> AnyResponse | tuple[str, int]:
    """Publish the draft that was looked at; if anything has changed since, show what would be published now."""
    reviewed = Reviewed(request.form.get("revision", 0, type=int), request.form.get("base", 0, type=int))
    try:
        problems = drafts.release(session(), number, reviewed, access.who().staff_id, now())
    except Conflict as changed:
        session().rollback()
        row = questionnaires.find(session(), number)
        if row.status != VersionStatus.DRAFT:
            raise
        if problems := questionnaires.faults(session(), row.document):
            return questionnaire_editor.page(row, row.document, problems, refused=error_text(changed)), 409
        return questionnaire_review.page(row, refused=error_text(changed)), 409
    if problems:
        session().rollback()
        row = questionnaires.find(session(), number)
        return questionnaire_editor.page(row, row.document, problems), 422
    session().commit()
    forget(this_survey())
    return redirect(url_for("questionnaires.show", published=number), 303)


@pages.route("/<int:number>/preview", methods=["GET", "POST"])
@access.requires(Role.MANAGER)
def preview(number: int) -> Response:
    """Show a part as citizens see it, with what was typed though it is not saved; nothing can be sent from it."""
    row = questionnaires.find(session(), number)
    document = row.document
    if request.method == "POST":
        document = drafts.with_texts(document, drafts.moved(document, request.form.to_dict())[0])
    spoken = request.values.get("preview_lang", "")
    speak(spoken)
    sheet = compile_document(document, _slots(document), row.id, row.code, row.version)
    survey = survey_asking(sheet)
    wanted = request.values.get("part", "")
    section = next((part for part in sheet.sections if part.id == wanted), sheet.sections[0])
    if sheet.paged or not any(question.target for question in sheet.questions):
        html = questionnaire_page.part(
            survey, section, section.questions, Markup(""), HiddenFields(), Filled({}), preview=True
        )
    else:
        html = questionnaire_page.whole(survey, Markup(""), HiddenFields(), Filled({}), preview=True)
    response = make_response(html)
    policy = this_survey().policy
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return response


def _slots(document: dict[str, Any]) -> dict[str, str]:
    """Return where a draft's ratings would be kept; one with too many has none yet."""
    try:
        return assign_slots(document)
    except StopIteration:
        return {}


@pages.app_template_global()
def may_manage_questionnaires() -> bool:
    """Return whether to show the way to the questionnaires: to those of the province who may open them."""
    return access.may_look_for_the_province(Role.MANAGER)
