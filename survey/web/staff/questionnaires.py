"""The editor of questionnaires: versions, a draft side by side in two languages, its preview, and publishing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from survey import questionnaires
from survey.errors import Conflict
from survey.i18n import error_text, gettext, language_name, lazy_gettext, msgid
from survey.models import QuestionnaireVersion, Role, VersionStatus
from survey.periods import now
from survey.questionnaires import REQUIRED_LANGUAGES, DocumentFault, assign_slots, compile_document, drafts
from survey.questionnaires.document import items, sections, written
from survey.results import counts
from survey.web import questionnaire_page
from survey.web.current_survey import current_survey, forget
from survey.web.language import speak
from survey.web.questionnaire_page import Filled, HiddenFields
from survey.web.request import session
from survey.web.staff import access
from survey.web.survey import this_survey

KINDS = {
    "scale": lazy_gettext("Rating"),
    "single": lazy_gettext("One answer"),
    "multi": lazy_gettext("Several answers"),
    "text": lazy_gettext("Free text"),
    "grid": lazy_gettext("Grid"),
}
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
        may_change=access.may_change_for_the_province(Role.MANAGER),
        Status=VersionStatus,
    )


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
            "staff/questionnaire_version.html", row=row, parts=_parts(row.document), Status=VersionStatus
        )
    return _editor(row, row.document, [], saved="saved" in request.args)


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def save(number: int) -> AnyResponse | tuple[str, int]:
    """Save what was typed and do what the button said; if another has saved since, give what was typed back."""
    typed, act = request.form.to_dict(), request.form.get("do", "")
    revision = request.form.get("revision", 0, type=int)
    staff_id = access.who().staff_id
    try:
        row = drafts.save(session(), number, revision, typed, "" if act == "publish" else act, staff_id, now())
    except Conflict as stale:
        session().rollback()
        row = questionnaires.find(session(), number)
        if row.status != VersionStatus.DRAFT:
            raise
        typed, gone = drafts.moved(row.document, typed)
        document = drafts.with_texts(row.document, typed)
        changed = {drafts.pointer(at) for at in drafts.editable(row.document) if _differs(row.document, document, at)}
        notices = [error_text(stale)] + ([gettext(drafts.GONE, codes=", ".join(gone))] if gone else [])
        return _editor(row, document, [], refused=" ".join(notices), changed=changed), 409
    session().commit()
    if act != "publish":
        place = act.split(" ")[1] if " " in act else ""
        return redirect(
            url_for("questionnaires.edit", number=number, saved=1, _anchor=f"at-{place}" if place else None), 303
        )
    if problems := drafts.release(session(), number, row.revision, staff_id, now()):
        session().rollback()
        row = questionnaires.find(session(), number)
        return _editor(row, row.document, problems), 422
    session().commit()
    forget(this_survey())
    return redirect(url_for("questionnaires.show", published=row.code), 303)


def _differs(one: Any, other: Any, at: tuple[Any, ...]) -> bool:
    for key in at[:-1]:
        one, other = one[key], other[key]
    return bool(one.get(at[-1]) != other.get(at[-1]))


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
    survey = current_survey().asking(sheet)
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


@pages.app_template_global()
def kind_name(kind: str) -> str:
    """Return what a kind of question is called."""
    return str(KINDS.get(kind, kind))


def _editor(
    row: QuestionnaireVersion,
    document: dict[str, Any],
    faults: list[DocumentFault],
    *,
    saved: bool = False,
    refused: str = "",
    changed: Collection[str] = (),
) -> str:
    return render_template(
        "staff/questionnaire_edit.html",
        row=row,
        document=document,
        parts=_parts(document),
        languages_needed=[(language, language_name(language)) for language in REQUIRED_LANGUAGES],
        faults=[(drafts.pointer(fault.path), error_text(fault)) for fault in faults],
        faulty={drafts.pointer(fault.path): error_text(fault) for fault in faults},
        pointer=drafts.pointer,
        places=drafts.places(document),
        kinds=drafts.KINDS,
        saved=saved,
        refused=refused,
        changed=changed,
    )


def _parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a document with their questions, as the page lists them."""
    parts = []
    for at, section in sections(document):
        asked = [(place, item) for place, item in items(document, unasked=True) if place[: len(at)] == at]
        parts.append({"at": at, "section": section, "items": [_item(document, place, item) for place, item in asked]})
    return parts


def _item(document: dict[str, Any], at: tuple[Any, ...], item: dict[str, Any]) -> dict[str, Any]:
    siblings: Any = document
    for key in at[:-1]:
        siblings = siblings[key]
    return {"at": at, "item": item, "first": at[-1] == 0, "last": at[-1] == len(siblings) - 1}
