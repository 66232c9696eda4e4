"""What stands in a questionnaire, in the words of officials: questions by number, places, conditions and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey.i18n import current_language, gettext, language_in_words, lazy_gettext, msgid, text
from survey.questionnaires.compiled import RATING
from survey.questionnaires.conditions import Condition, parse
from survey.questionnaires.document import NOT_LANGUAGES, At, items, listed, part_at, sections, texts
from survey.questionnaires.findings import LANGUAGE

KINDS = {
    "scale": lazy_gettext("Rating"),
    "single": lazy_gettext("One answer"),
    "multi": lazy_gettext("Several answers"),
    "text": lazy_gettext("Free text"),
    "grid": lazy_gettext("Grid"),
}
TEXT_NAMES = {
    "invitation": msgid("Invitation to answer"),
    "invitation_in_person": msgid("Invitation to answer, at the counter"),
    "invitation_full": msgid("Invitation to answer, of the full questionnaire"),
    "voluntary": msgid("Word that answering is voluntary"),
    "anonymity": msgid("Promise of anonymity"),
    "no_staff_filling": msgid("Word that officers must not answer for others"),
    "free_text_hint": msgid("Hint at the box for free text"),
    "several_hint": msgid("Hint where several answers can be chosen"),
    "adults_only": msgid("Word that adults are asked"),
    "thanks": msgid("Thanks at the end"),
    "contact_consent": msgid("Consent to be contacted"),
    "sensitive_notice_ethnicity": msgid("Notice at the question about ethnicity"),
}
SETTINGS = {
    "title": msgid("Title of the questionnaire"),
    "basis": msgid("What it is based on"),
    "method_note": msgid("Note on how the rate is computed"),
    "intro": msgid("Words before the questions"),
    "outro": msgid("Words after the questions"),
    "audience": msgid("Who answers"),
    "estimated_minutes": msgid("Minutes that answering takes"),
    "max_items": msgid("Most questions"),
    "id": msgid("Code"),
    "type": msgid("Kind of question"),
    "scale": msgid("Scale"),
    "factor": msgid("Factor"),
    "hint": msgid("Hint"),
    "notice": msgid("Notice"),
    "required": msgid("Must be answered"),
    "allow_na": msgid("“No opinion” can be chosen"),
    "target_item": msgid("Compared with the target"),
    "max_length": msgid("Longest answer, in characters"),
    "quality_flag": msgid("Tells how freely people answered"),
    "enabled_by_default": msgid("Is asked"),
    "online_adapted": msgid("Official item, reworded for online services"),
    "map": msgid("References to other forms"),
    "options": msgid("Answers to choose from"),
    "rows": msgid("Rows"),
    "show_if": msgid("Condition"),
    "value": msgid("Value"),
    "lead": msgid("Introduction"),
    "note": msgid("Introduction"),
    "sections": msgid("Order of the parts"),
    "factors": msgid("Order of the factors"),
    "points": msgid("Order of the levels"),
}
SIGNS = {
    "<=": msgid("at level %(level)s or lower"),
    ">=": msgid("at level %(level)s or higher"),
    "<": msgid("below level %(level)s"),
    ">": msgid("above level %(level)s"),
    "==": msgid("at level %(level)s"),
    "!=": msgid("at another level than %(level)s"),
}
CHOSEN = {"==": msgid("with “%(answer)s”"), "!=": msgid("otherwise than “%(answer)s”")}
MANY = {
    "any": msgid("at least one of the questions %(numbers)s is answered"),
    "all": msgid("all questions %(numbers)s are answered"),
}


def numbers(document: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of each question by its code, counted over all parts; what is not asked now has one, too."""
    return {str(item.get("id")): i for i, (_at, item) in enumerate(items(document, unasked=True), start=1)}


def language_words(language: str) -> str:
    """Return what a language is called, within a sentence in the language in use."""
    return language_in_words(language, current_language())


def setting_name(name: str) -> str:
    """Return what a setting is called; one that no program knows keeps its own name."""
    return gettext(SETTINGS[name]) if name in SETTINGS else name


def text_name(document: Mapping[str, Any], name: str) -> str:
    """Return what a shared text is called: by what it is for, or by the questions at which it stands."""
    if name in TEXT_NAMES:
        return gettext(TEXT_NAMES[name])
    numbered = numbers(document)
    at = [
        str(numbered[str(item.get("id"))])
        for _at, item in items(document, unasked=True)
        if name in (item.get("hint"), item.get("notice"))
    ]
    if at:
        return gettext("Hint at question %(numbers)s", numbers=", ".join(at))
    return gettext("Text “%(name)s”", name=name)


def place_name(document: Mapping[str, Any], at: At, *, names_language: bool = False) -> str:
    """Return where something stands, such as “Question 7, answer 4, Vietnamese part”.

    `names_language`: what is said about the place names the language itself.
    """
    steps = list(at)
    language = (
        str(steps.pop()) if steps and LANGUAGE.fullmatch(str(steps[-1])) and steps[-1] not in NOT_LANGUAGES else ""
    )
    words = _question_place(document, tuple(steps)) or _other_place(document, tuple(steps))
    if language and not names_language:
        words.append(gettext("%(language)s part", language=language_words(language)))
    return ", ".join(words)


def gone_name(document: Mapping[str, Any], code: str) -> str:
    """Return what is no longer in a document by its code, such as "S7/options/late", or by that of a part."""
    about, *below = code.split("/")
    number = numbers(document).get(about)
    if number is None:
        return gettext("“%(code)s”", code=about)
    named = gettext("Question %(number)s", number=number)
    if not below:
        return named
    answer = gettext("answer “%(code)s”", code=below[-1])
    return f"{named}, {answer}"


def _question_place(document: Mapping[str, Any], at: At) -> list[str]:
    for i, (place, _item) in enumerate(items(document, unasked=True), start=1):
        if at[: len(place)] != place:
            continue
        words, rest = [gettext("Question %(number)s", number=i)], at[len(place) :]
        if rest[:1] in (("options",), ("rows",)) and len(rest) > 1:
            named = msgid("answer %(number)s") if rest[0] == "options" else msgid("row %(number)s")
            words.append(gettext(named, number=int(rest[1]) + 1))
            rest = rest[2:]
        return words + [_lowered(setting_name(str(step))) for step in rest]
    return []


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _other_place(document: Mapping[str, Any], at: At) -> list[str]:
    if not at:
        return [gettext("The questionnaire as a whole")]
    head, rest = at[0], at[1:]
    if head == "sections" and rest:
        named = gettext("Heading") if rest[1:2] == ("title",) else None
        more = [named] if named else [setting_name(str(step)) for step in rest[1:] if isinstance(step, str)]
        return [gettext("Part %(number)s", number=int(rest[0]) + 1), *map(_lowered, more)]
    if head == "texts" and rest:
        return [text_name(document, str(rest[0])), *(setting_name(str(step)) for step in rest[1:])]
    if head == "scales" and rest:
        return [scale_name(document, str(rest[0]))]
    if head == "factors" and rest:
        return [gettext("Factor “%(name)s”", name=text(texts(part_at(document, at[:2]))))]
    return [setting_name(str(head))]


def scale_name(document: Mapping[str, Any], name: str) -> str:
    """Return what a scale is called, by its ends."""
    words = [text(texts(point)) for _i, point in listed(document.get("scales", {}).get(name, {}), "points")]
    return gettext("Scale “%(first)s – %(last)s”", first=words[0], last=words[-1]) if words else name


def part_name(document: Mapping[str, Any], code: str) -> str:
    """Return the heading of a part by its code; nothing for a questionnaire without parts."""
    return next((text(one.get("title")) for at, one in sections(document) if at and str(one.get("id")) == code), "")


def condition_words(document: Mapping[str, Any], written: str | None) -> str:
    """Return a condition in words; one that cannot be read stands as it is written."""
    if not written:
        return gettext("always asked")
    questions = {str(item.get("id")): item for _at, item in items(document, unasked=True)}
    try:
        condition = parse(written, list(questions))
    except ValueError:
        return gettext("not complete yet: %(written)s", written=written)
    return gettext("only if %(condition)s", condition=_Sentence(document, questions).of(condition))


class _Sentence:
    """A condition as part of a sentence."""

    def __init__(self, document: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> None:
        self.document, self.questions, self.numbers = document, questions, numbers(document)

    def of(self, condition: Condition, inner: bool = False) -> str:
        kind, *rest = condition
        if kind in ("and", "or"):
            both = msgid("%(one)s and %(other)s") if kind == "and" else msgid("%(one)s or %(other)s")
            words = gettext(both, one=self.of(rest[0], inner=True), other=self.of(rest[1], inner=True))
            return f"({words})" if inner else words
        if kind == "not":
            return gettext("not (%(condition)s)", condition=self.of(rest[0]))
        codes, sign, value = rest
        return gettext(
            "%(questions)s %(answer)s",
            questions=self._about(kind, codes),
            answer=answer_words(self.document, self.questions[codes[0]] if codes else {}, sign, value),
        )

    def _about(self, kind: str, codes: Sequence[str]) -> str:
        numbered = ", ".join(str(self.numbers[code]) for code in codes)
        if len(codes) == 1:
            return gettext("question %(number)s is answered", number=numbered)
        return gettext(MANY[kind], numbers=numbered)


def answer_words(document: Mapping[str, Any], item: Mapping[str, Any], sign: str, value: str) -> str:
    """Return what an answer is compared with: a level of the satisfaction scale, or one of the answers."""
    points = dict(_choices(document, item))
    name = points.get(value, value)
    if item.get("type", "scale") == "scale" and item.get("scale") == RATING:
        level = f"{value} ({name})" if name != value else value
        return gettext(SIGNS[sign], level=level)
    if sign in ("==", "!="):
        return gettext(
            msgid("with “%(answer)s”") if sign == "==" else msgid("otherwise than “%(answer)s”"), answer=name
        )
    return gettext(SIGNS[sign], level=name)


def _choices(document: Mapping[str, Any], item: Mapping[str, Any]) -> list[tuple[str, str]]:
    scale = document.get("scales", {}).get(item.get("scale"), {})
    points = [point for _i, point in (*listed(scale, "points"), *listed(item, "options"))]
    return [(str(point.get("value")), text(texts(point))) for point in points]
