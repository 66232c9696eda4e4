"""A version of a questionnaire, compiled into what is asked on a page and read back from a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from survey.models import SLOTS, QuestionnaireVersion, Texts
from survey.questionnaires.conditions import Condition, parse
from survey.questionnaires.document import items, listed, sections, texts

RATING = "satisfaction5"


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen: its stable value and its words."""

    value: str
    text: Texts


@dataclass(frozen=True)
class Question:
    """One question of a version, ready to be asked and to be read back."""

    id: str
    kind: str  # scale, single, multi, text, grid
    text: Texts
    factor: str | None
    options: tuple[Option, ...]
    required: bool
    target: bool
    show_if: Condition | None
    hint: Texts | None
    max_length: int
    slot: str | None  # where its rating is stored; None: in `other`, or apart as a comment
    rows: tuple[Option, ...] = ()  # of a grid: each row is answered on `options`
    quality: str | None = None  # what its answers say about how freely the sheet was filled in

    @cached_property
    def values(self) -> frozenset[str]:
        """Return the values that can be chosen."""
        return frozenset(option.value for option in self.options)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Return the names of its form fields."""
        return tuple(row.value for row in self.rows) or (self.id,)


@dataclass(frozen=True)
class Section:
    """A part of a questionnaire with its heading; a questionnaire of several parts asks each on its own page."""

    id: str
    title: Texts | None
    lead: Texts | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A version of a questionnaire, compiled once per process."""

    id: int
    code: str
    version: str
    title: Texts
    intro: tuple[Texts, ...]
    outro: tuple[Texts, ...]
    minutes: int
    sections: tuple[Section, ...]
    factors: Mapping[str, Texts]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Return every question in the order in which it is asked."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def target(self) -> Question:
        """Return the one question that is compared with the target."""
        return next(question for question in self.questions if question.target)

    @cached_property
    def slots(self) -> frozenset[str]:
        """Return where its ratings are kept."""
        return frozenset(question.slot for question in self.questions if question.slot)

    @property
    def paged(self) -> bool:
        """Return whether it is asked on several pages."""
        return len(self.sections) > 1

    def only(self, question: Question) -> Questionnaire:
        """Return the same version as far as it asks this one question."""
        section = next(section for section in self.sections if question in section.questions)
        return replace(self, sections=(replace(section, questions=(question,)),))


def assign_slots(document: Mapping[str, Any]) -> dict[str, str]:
    """Return where each satisfaction rating is kept: the target question overall, the others r1, r2 and so on."""
    free = iter(SLOTS)
    return {
        str(item["id"]): "overall" if item.get("target_item") else next(free)
        for _at, item in items(document)
        if item.get("type", "scale") == "scale" and item.get("scale") == RATING
    }


def compile_version(row: QuestionnaireVersion) -> Questionnaire:
    """Compile a stored version into what views ask and `responses` reads back."""
    return compile_document(row.document, row.slots, row.id, row.code, row.version)


def compile_document(
    document: Mapping[str, Any], slots: Mapping[str, str], number: int, code: str, version: str
) -> Questionnaire:
    """Compile a document; a draft may still lack texts, and is compiled all the same, to be looked at."""
    named_texts = document.get("texts", {})
    return Questionnaire(
        id=number,
        code=code,
        version=version,
        title=document.get("title", {}),
        intro=_named(named_texts, document.get("intro", ())),
        outro=_named(named_texts, document.get("outro", ())),
        minutes=int(document.get("estimated_minutes", 1)),
        sections=tuple(_sections(document, slots)),
        factors={factor["id"]: texts(factor) for _i, factor in listed(document, "factors")},
    )


def _named(named_texts: Mapping[str, Texts], names: Iterable[str]) -> tuple[Texts, ...]:
    return tuple(named_texts[name] for name in names if name in named_texts)


def _sections(document: Mapping[str, Any], slots: Mapping[str, str]) -> Iterable[Section]:
    codes = [str(item["id"]) for _at, item in items(document)]
    for at, section in sections(document):
        asked = (item for _at, item in items({"sections": [section]}))
        yield Section(
            id=str(section["id"]),
            title=section.get("title") if at else None,
            lead=section.get("lead") or section.get("note"),
            questions=tuple(_question(item, document, slots, codes) for item in asked),
        )


def _question(
    item: Mapping[str, Any], document: Mapping[str, Any], slots: Mapping[str, str], codes: list[str]
) -> Question:
    scale = document.get("scales", {}).get(item.get("scale"), {})
    points = [*scale.get("points", ()), *item.get("options", ())]
    if item.get("allow_na") and "na" in scale:
        points.append(scale["na"])
    return Question(
        id=str(item["id"]),
        kind=item.get("type", "scale"),
        text=texts(item),
        factor=item.get("factor"),
        options=tuple(Option(str(point["value"]), texts(point)) for point in points),
        required=bool(item.get("required")),
        target=bool(item.get("target_item")),
        show_if=_condition(item.get("show_if"), codes),
        hint=document.get("texts", {}).get(item.get("hint")),
        max_length=int(item.get("max_length", 1000)),
        slot=slots.get(str(item["id"])),
        rows=tuple(Option(str(row["id"]), texts(row)) for row in item.get("rows", ())),
        quality=item.get("quality_flag"),
    )


def _condition(text: str | None, codes: list[str]) -> Condition | None:
    try:
        return parse(text, codes) if text else None
    except ValueError:
        return None  # of a draft: publishing names the fault
