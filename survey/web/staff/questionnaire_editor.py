"""The page on which a draft of a questionnaire is edited: its parts and questions, what is wrong, what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request

from survey.errors import Conflict
from survey.i18n import error_text, gettext, msgid, text
from survey.models import QuestionnaireVersion
from survey.questionnaires import REQUIRED_LANGUAGES, At, DocumentFault, condition_choices, drafts
from survey.questionnaires.condition_choices import ANY, KEEP, ConditionChoice
from survey.questionnaires.document import items, part_at, sections, texts
from survey.questionnaires.draft_acts import KINDS
from survey.web.staff import questionnaire_words as words

DONE = {
    "save": msgid("The draft is saved."),
    "up": msgid("Saved; the question has moved up. It is marked below."),
    "down": msgid("Saved; the question has moved down. It is marked below."),
    "add": msgid("Saved; the new question is marked below. Please write what it asks."),
    "option": msgid("Saved; the new answer is marked below. Please write what it says."),
    "drop": msgid("Saved; the answer is removed from this draft."),
    "retire": msgid("Saved; the question marked below will not be asked. “Resume asking” takes this back."),
    "ask": msgid("Saved; the question marked below is asked again."),
}


@dataclass(frozen=True)
class AnswerGroup:
    """Answers to choose from: of the questions with these codes, sent with a prefix that says whose they are."""

    name: str
    codes: tuple[str, ...]
    prefix: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ConditionFields:
    """The two choices that make a condition, and in words what stands there; without a choice it is kept as it is."""

    chosen: ConditionChoice | None
    words: str
    questions: tuple[tuple[str, str], ...]
    groups: tuple[AnswerGroup, ...]
    keep: str = KEEP


def page(
    row: QuestionnaireVersion,
    document: dict[str, Any],
    faults: list[DocumentFault],
    *,
    refused: str = "",
    changed: Collection[str] = (),
) -> str:
    """Return the page; `changed` are the places that differ from what is saved."""
    listed = [(drafts.pointer(fault.path), _place(document, fault), _words(document, fault)) for fault in faults]
    faulty = {place: fault_in_words for place, _named, fault_in_words in listed}
    look = request.args.get("at", "")
    done = DONE.get(request.args.get("done", ""))
    marked = {*faulty, *changed, *([look] if look else [])}
    shared = [(name, entry, words.text_name(document, name)) for name, entry in document.get("texts", {}).items()]
    return render_template(
        "staff/questionnaire_edit.html",
        row=row,
        document=document,
        parts=parts(document, marked, faulty, look),
        languages_needed=[(language, words.language_words(language)) for language in REQUIRED_LANGUAGES],
        faults=listed,
        faulty=faulty,
        linked=_linked(document, faulty),
        pointer=drafts.pointer,
        places=drafts.places(document),
        kinds=KINDS,
        kind_names=words.KINDS,
        shared=shared,
        shared_open=_inside("texts", marked),
        look=look,
        done=gettext(done) if done and not faults and not refused else "",
        refused=refused,
        changed=changed,
    )


def given_back(row: QuestionnaireVersion, typed: Mapping[str, str], stale: Conflict) -> str:
    """Return the page with what was typed on an older one, each text at the place where its code stands now."""
    current, gone = drafts.moved(row.document, typed)
    document = drafts.with_texts(row.document, current)
    changed = {drafts.pointer(at) for at in drafts.editable(row.document) if _differs(row.document, document, at)}
    names = [words.gone_name(document, code) for code in gone]
    notices = [error_text(stale)] + ([gettext(drafts.GONE, names=", ".join(names))] if gone else [])
    return page(row, document, [], refused=" ".join(notices), changed=changed)


def _differs(one: Any, other: Any, at: At) -> bool:
    return bool(part_at(one, at[:-1]).get(at[-1]) != part_at(other, at[:-1]).get(at[-1]))


def _place(document: Mapping[str, Any], fault: DocumentFault) -> str:
    return words.place_name(document, fault.path, names_language="language" in fault.values)


def _words(document: Mapping[str, Any], fault: DocumentFault) -> str:
    """Return a fault in words: questions by their number, languages as they are called here."""
    if fault.path[-1:] == ("show_if",):
        at = fault.path[:-1]
        chosen = condition_choices.choice(document, at, part_at(document, at))
        if chosen is not None and not chosen.answer:
            return gettext("Please choose at which level or answer this question is asked.")
    values, numbered = dict(fault.values), words.numbers(document)
    for name in ("code", "question"):
        if values.get(name) in numbered:
            values[name] = gettext("Question %(number)s", number=numbered[str(values[name])])
    if "language" in values:
        values["language"] = words.language_words(str(fault.path[-1]))
    return error_text(replace(fault, values=values))


def _linked(document: Mapping[str, Any], faulty: Collection[str]) -> set[str]:
    """Return the faulty places that have a field, or at least words, on the page."""
    fields = {drafts.pointer(at) for at in drafts.editable(document)}
    below = [drafts.pointer(at) for at, _item in items(document, unasked=True)]
    return {place for place in faulty if place in fields or any(_inside(one, [place]) for one in below)}


def _inside(place: str, marked: Collection[str]) -> bool:
    return any(one == place or one.startswith(f"{place}/") for one in marked)


def parts(
    document: Mapping[str, Any], marked: Collection[str] = (), faulty: Collection[str] = (), look: str = ""
) -> list[dict[str, Any]]:
    """Return the parts of a document with their questions, as pages list them; what is marked stands open."""
    numbered, listed = words.numbers(document), []
    for at, section in sections(document):
        asked = [(place, item) for place, item in items(document, unasked=True) if place[: len(at)] == at]
        entries = []
        for place, item in asked:
            here, siblings = drafts.pointer(place), part_at(document, place[:-1])
            entries.append(
                {
                    "at": place,
                    "item": item,
                    "words": texts(item),
                    "number": numbered[str(item.get("id"))],
                    "first": place[-1] == 0,
                    "last": place[-1] == len(siblings) - 1,
                    "open": _inside(here, marked),
                    "wrong": _inside(here, faulty),
                    "looked_at": bool(look) and _inside(here, [look]),
                    "when": _condition(document, place, item, numbered),
                }
            )
        listed.append({"at": at, "section": section, "items": entries, "open": _inside(drafts.pointer(at), marked)})
    return listed


def _condition(
    document: Mapping[str, Any], at: At, item: Mapping[str, Any], numbered: Mapping[str, int]
) -> ConditionFields:
    offered = condition_choices.offered(document, at)
    rated = condition_choices.any_of(document, at)
    named = {
        code: gettext("Question %(number)s: %(words)s", number=numbered[code], words=shortened(text(texts(one))))
        for code, one in offered.items()
    }
    questions = [("", gettext("always"))]
    if len(rated) > 1:
        questions.append((ANY, gettext("only if at least one rated question")))
    questions += [(code, gettext("only if %(condition)s", condition=name)) for code, name in named.items()]
    groups = [
        AnswerGroup(named[code], (code,), f"{code} ", _answers(document, one))
        for code, one in offered.items()
        if code not in rated
    ]
    if rated:
        levels = AnswerGroup(gettext("Levels of a rating"), (*rated, ANY), "", _answers(document, offered[rated[0]]))
        groups.insert(0, levels)
    in_words = words.condition_words(document, item.get("show_if"))
    return ConditionFields(condition_choices.choice(document, at, item), in_words, tuple(questions), tuple(groups))


def _answers(document: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    every = condition_choices.answers(document, item)
    return tuple((one, words.answer_words(document, item, *one.split(" ", 1))) for one in every)


def shortened(whole: str, most: int = 60) -> str:
    """Return the beginning of a text, cut between words.

    >>> shortened("Ông/Bà hài lòng ở mức nào?", 12)
    'Ông/Bà hài…'
    """
    return whole if len(whole) <= most else whole[: most + 1].rpartition(" ")[0].rstrip(" ,:;") + "…"
