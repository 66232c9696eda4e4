"""The page before publishing: every question before and after, what is warned of, and who will be asked from when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from survey.collection import placements
from survey.i18n import gettext, msgid, text
from survey.models import Channel, QuestionnaireVersion, Role
from survey.questionnaires import REQUIRED_LANGUAGES, SHORT, At, drafts
from survey.questionnaires.differences import ChangeKind, LeafDifference, QuestionChange
from survey.questionnaires.document import listed, texts
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff import questionnaire_words as words

CHANGES = {
    ChangeKind.ADDED: msgid("new"),
    ChangeKind.STOPPED: msgid("no longer asked"),
    ChangeKind.ASKED_AGAIN: msgid("asked again"),
    ChangeKind.REWORDED: msgid("reworded"),
    ChangeKind.ANSWERS: msgid("other answers to choose from"),
    ChangeKind.CONDITION: msgid("other condition"),
    ChangeKind.MOVED: msgid("moved"),
    ChangeKind.SETTINGS: msgid("other settings"),
}


@dataclass(frozen=True)
class ReviewRow:
    """One text or setting before and after; `language` is that of both, if it is not that of the page."""

    name: str
    before: str
    after: str
    language: str = ""


@dataclass(frozen=True)
class ReviewedQuestion:
    """A question that changes: its name, what it asks, what becomes of it, and every text and setting that differs."""

    name: str
    asked: str
    kinds: tuple[str, ...]
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True)
class _Sides:
    """Both documents, each of which says its own words."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


def page(row: QuestionnaireVersion, refused: str = "") -> str:
    """Return the page of a draft without faults; `refused` says why what was looked at before is not published."""
    base = drafts.base_of(session(), row)
    sides = _Sides(base.document if base else {}, row.document)
    differences = drafts.compared(session(), row)
    asking = placements.asking(session(), row.code)
    return render_template(
        "staff/questionnaire_review.html",
        row=row,
        base=base,
        differences=differences,
        questions=[_question(sides, change) for change in differences.questions],
        around=[one for difference in differences.around for one in _rows(sides, difference, {}, {})],
        by_invitation=settings().questionnaire == row.code,
        codes=asking.get(Channel.OPEN, 0),
        kiosks=asking.get(Channel.KIOSK, 0),
        marked=row.code == SHORT,
        may_publish=access.may_change_for_the_province(Role.MANAGER),
        refused=refused,
    )


def _question(sides: _Sides, change: QuestionChange) -> ReviewedQuestion:
    before, after = change.before or {}, change.after or {}
    shown, document = (after, sides.after) if change.after else (before, sides.before)
    return ReviewedQuestion(
        gettext("Question %(number)s", number=words.numbers(document)[change.code]),
        text(texts(shown)),
        tuple(gettext(CHANGES[kind]) for kind in change.kinds),
        tuple(row for one in _in_order(change) for row in _rows(sides, one, before, after)) + _place(sides, change),
    )


def _in_order(change: QuestionChange) -> list[LeafDifference]:
    """Return the differences as people read a question: its words, its answers, its condition, the rest."""
    order: dict[At, int] = {(): 0, ("options",): 1, ("rows",): 1, ("show_if",): 2}
    return sorted(change.differences, key=lambda one: order.get(one.at[:1], 3))


def _place(sides: _Sides, change: QuestionChange) -> tuple[ReviewRow, ...]:
    if ChangeKind.MOVED not in change.kinds:
        return ()
    places = [
        _placed(document, change.code, part)
        for document, part in zip((sides.before, sides.after), change.parts, strict=True)
    ]
    return (ReviewRow(gettext("Place"), places[0], places[1]),)


def _placed(document: Mapping[str, Any], code: str, part: str) -> str:
    named = gettext("Question %(number)s", number=words.numbers(document)[code])
    heading = words.part_name(document, part)
    return f"{named} ({heading})" if heading else named


def _rows(
    sides: _Sides, one: LeafDifference, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ReviewRow]:
    name = _name(sides, one)
    if one.at[-1:] != ("map",) and (isinstance(one.before, dict) or isinstance(one.after, dict)):
        yield from _by_language(name, one.before or {}, one.after or {})
        return
    if one.at == ("enabled_by_default",):
        return  # which the badge says
    yield ReviewRow(name, *(_value(*side) for side in _paired(sides, one, before, after)))


def _paired(sides: _Sides, one: LeafDifference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Any]:
    yield sides.before, before, one.at, one.before
    yield sides.after, after, one.at, one.after


def _by_language(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ReviewRow]:
    for language in dict.fromkeys((*REQUIRED_LANGUAGES, *before, *after)):
        was, now = before.get(language, ""), after.get(language, "")
        if was != now:
            spoken = gettext("%(text)s (%(language)s)", text=name, language=words.language_words(language))
            yield ReviewRow(spoken, was, now, language)


def _name(sides: _Sides, one: LeafDifference) -> str:
    at = one.at
    if at == ():
        return gettext("Wording")
    if at[0] in ("options", "rows") and len(at) > 1:
        return gettext("Answer") if at[0] == "options" else gettext("Row")
    if at in (("options",), ("rows",)):
        return gettext("Order of the answers")
    if at[0] == "sections" and len(at) > 1:
        document = sides.after if words.part_name(sides.after, str(at[1])) else sides.before
        named = gettext("Heading") if at[2:3] == ("title",) else words.setting_name(str(at[-1]))
        return gettext("Part “%(title)s”: %(text)s", title=words.part_name(document, str(at[1])), text=named)
    if at[0] == "texts" and len(at) > 1:
        return words.text_name({**sides.before, **sides.after}, str(at[1]))
    if at[0] == "scales" and len(at) > 1:
        return words.scale_name({**sides.before, **sides.after}, str(at[1]))
    if at[0] == "factors" and len(at) > 1:
        return words.setting_name("factor")
    return words.setting_name(str(at[-1]))


def _value(document: Mapping[str, Any], item: Mapping[str, Any], at: At, value: Any) -> str:
    """Return a setting as it is shown."""
    if at == ("show_if",):
        return words.condition_words(document, value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None:
        return ""
    if at in (("hint",), ("notice",)):
        return words.text_name(document, str(value))
    if at in (("intro",), ("outro",)):
        return " · ".join(words.text_name(document, str(name)) for name in value)
    if at == ("scale",):
        return words.scale_name(document, str(value))
    if at == ("type",):
        return str(words.KINDS.get(str(value), value))
    if at == ("factor",):
        named = {factor.get("id"): text(texts(factor)) for _i, factor in listed(document, "factors")}
        return named.get(value, str(value))
    if at in (("options",), ("rows",)):
        entries = [entry for _i, entry in listed(item, str(at[0]))]
        return " · ".join(text(texts(entry)) for entry in entries)
    return " · ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
