"""The page on which a draft of a questionnaire is edited: its parts and questions, what is wrong, what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import render_template

from survey.errors import Conflict
from survey.i18n import error_text, gettext
from survey.models import QuestionnaireVersion
from survey.questionnaires import REQUIRED_LANGUAGES, At, DocumentFault, drafts
from survey.questionnaires.document import items, sections
from survey.questionnaires.draft_acts import KINDS
from survey.web.staff import questionnaire_words as words


def page(
    row: QuestionnaireVersion,
    document: dict[str, Any],
    faults: list[DocumentFault],
    *,
    done: str = "",
    refused: str = "",
    changed: Collection[str] = (),
) -> str:
    """Return the page; `done` is the act that was done, `changed` are the places that differ from what is saved."""
    return render_template(
        "staff/questionnaire_edit.html",
        row=row,
        document=document,
        parts=parts(document),
        languages_needed=[(language, words.language_words(language)) for language in REQUIRED_LANGUAGES],
        faults=[(drafts.pointer(fault.path), _place(document, fault), error_text(fault)) for fault in faults],
        faulty={drafts.pointer(fault.path): error_text(fault) for fault in faults},
        pointer=drafts.pointer,
        places=drafts.places(document),
        kinds=KINDS,
        kind_names=words.KINDS,
        text_name=words.text_name,
        done=done,
        refused=refused,
        changed=changed,
    )


def given_back(row: QuestionnaireVersion, typed: Mapping[str, str], stale: Conflict) -> str:
    """Return the page with what was typed on an older one, each text at the place where its code stands now."""
    current, gone = drafts.moved(row.document, typed)
    document = drafts.with_texts(row.document, current)
    changed = {drafts.pointer(at) for at in drafts.editable(row.document) if _differs(row.document, document, at)}
    notices = [error_text(stale)] + ([gettext(drafts.GONE, codes=", ".join(gone))] if gone else [])
    return page(row, document, [], refused=" ".join(notices), changed=changed)


def _differs(one: Any, other: Any, at: At) -> bool:
    for key in at[:-1]:
        one, other = one[key], other[key]
    return bool(one.get(at[-1]) != other.get(at[-1]))


def _place(document: Mapping[str, Any], fault: DocumentFault) -> str:
    return words.place_name(document, fault.path, language_said="language" in fault.values)


def parts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a document with their questions, as the page lists them."""
    numbered, listed = words.numbers(document), []
    for at, section in sections(document):
        asked = [(place, item) for place, item in items(document, unasked=True) if place[: len(at)] == at]
        entries = [_entry(document, place, item, numbered[str(item.get("id"))]) for place, item in asked]
        listed.append({"at": at, "section": section, "items": entries})
    return listed


def _entry(document: Mapping[str, Any], at: At, item: Mapping[str, Any], number: int) -> dict[str, Any]:
    siblings: Any = document
    for key in at[:-1]:
        siblings = siblings[key]
    return {"at": at, "item": item, "number": number, "first": at[-1] == 0, "last": at[-1] == len(siblings) - 1}
