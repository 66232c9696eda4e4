"""Read, check and publish a questionnaire; what is asked is data, in every language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from survey.errors import Conflict, NotFound
from survey.models import SLOTS, Questionnaire, Status, Texts

BANK = Path(__file__).parent / "data" / "questionnaires.yaml"
REQUIRED_LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen: its stable value and its words."""

    value: str
    text: Texts


@dataclass(frozen=True)
class Question:
    """One question of a published version, ready to be asked and to be read back."""

    id: str
    kind: str  # scale, single, multi, text, grid
    text: Texts
    factor: str | None
    options: tuple[Option, ...]
    required: bool
    target: bool
    show_if: str | None
    hint: Texts | None
    max_length: int
    slot: str | None  # where its rating is stored; None: in `other`, or apart as a comment
    rows: tuple[Option, ...] = ()  # of a grid: each row is answered on `options`


@dataclass(frozen=True)
class Section:
    """A part of a questionnaire with its heading."""

    id: str
    title: Texts | None
    lead: Texts | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Sheet:
    """A published questionnaire, compiled once per process."""

    id: int
    code: str
    version: str
    title: Texts
    intro: tuple[Texts, ...]
    outro: tuple[Texts, ...]
    minutes: int
    sections: tuple[Section, ...]
    factors: Mapping[str, Texts]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return every question in the order in which it is asked."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def target(self) -> Question:
        """Return the one question that is compared with the target."""
        return next(question for question in self.questions if question.target)


def documents(source: str) -> list[dict[str, Any]]:
    """Return the questionnaires of a YAML bank, each with the scales, factors and texts that it uses."""
    bank = yaml.safe_load(source)
    shared = {name: bank[name] for name in ("scales", "factors", "texts", "method_note")}
    return [{**shared, **document} for document in bank["questionnaires"]]


def publish(session: Session, document: Mapping[str, Any], when: dt.datetime) -> Questionnaire:
    """Publish one version; it never changes again. The version published before it is no longer asked.

    Raises:
        Conflict: this version has been published before with another content.
    """
    code, version = str(document["id"]), str(document["version"])
    same = sa.select(Questionnaire).where(Questionnaire.code == code, Questionnaire.version == version)
    if (known := session.scalar(same)) is not None:
        if known.document != document:
            raise Conflict(
                "Version %(version)s of “%(code)s” is published and cannot change.", version=version, code=code
            )
        return known
    session.execute(
        sa.update(Questionnaire)
        .where(Questionnaire.code == code, Questionnaire.status == Status.PUBLISHED)
        .values(status=Status.RETIRED)
    )
    made = Questionnaire(
        code=code,
        version=version,
        status=Status.PUBLISHED,
        document=dict(document),
        slots=assign_slots(document),
        published_at=when,
    )
    session.add(made)
    session.flush()
    return made


def assign_slots(document: Mapping[str, Any]) -> dict[str, str]:
    """Return where each satisfaction rating is kept: the target question overall, the others r1, r2 and so on."""
    free = iter(SLOTS)
    return {
        str(item["id"]): "overall" if item.get("target_item") else next(free)
        for item in _items(document)
        if item.get("type", "scale") == "scale" and item.get("scale") == "satisfaction5"
    }


def compile_sheet(row: Questionnaire) -> Sheet:
    """Compile a stored version into what views ask and `responses` reads back."""
    document, texts = row.document, row.document["texts"]
    return Sheet(
        id=row.id,
        code=row.code,
        version=row.version,
        title=document["title"],
        intro=tuple(texts[name] for name in document.get("intro", ())),
        outro=tuple(texts[name] for name in document.get("outro", ())),
        minutes=int(document.get("estimated_minutes", 1)),
        sections=tuple(_sections(document, row.slots)),
        factors={factor["id"]: _texts(factor) for factor in document["factors"]},
    )


_compiled: dict[tuple[Any, int], Sheet] = {}


def sheet(session: Session, questionnaire_id: int) -> Sheet:
    """Return a published version, compiled; it is kept in memory, for it never changes."""
    known = (session.get_bind().engine.url, questionnaire_id)
    if known not in _compiled:
        row = session.get(Questionnaire, questionnaire_id)
        if row is None:
            raise NotFound("There is no such questionnaire.")
        _compiled[known] = compile_sheet(row)
    return _compiled[known]


def asked_now(session: Session, code: str = "short_online") -> Sheet:
    """Return the version of a questionnaire that is asked today.

    Raises:
        NotFound: no version has been published.
    """
    published = sa.select(Questionnaire.id).where(Questionnaire.code == code, Questionnaire.status == Status.PUBLISHED)
    found = session.scalar(published)
    if found is None:
        raise NotFound("No questionnaire has been published yet.")
    return sheet(session, found)


def _items(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for section in document.get("sections") or [document]:
        defaults = {name: section[name] for name in ("scale", "allow_na") if name in section}
        for group in section.get("groups") or [section]:
            factor = {"factor": group["factor"]} if group.get("factor") else {}
            for item in group.get("items", ()):
                if item.get("enabled_by_default", True):
                    yield {**defaults, **factor, **item}


def _sections(document: Mapping[str, Any], slots: Mapping[str, str]) -> Iterator[Section]:
    for section in document.get("sections") or [document]:
        questions = tuple(_question(item, document, slots) for item in _items({"sections": [section]}))
        titled = "sections" in document
        yield Section(
            id=str(section["id"]),
            title=section.get("title") if titled else None,
            lead=section.get("lead") or section.get("note"),
            questions=questions,
        )


def _question(item: Mapping[str, Any], document: Mapping[str, Any], slots: Mapping[str, str]) -> Question:
    kind = item.get("type", "scale")
    scale = document["scales"].get(item.get("scale"), {})
    points = [*scale.get("points", ()), *item.get("options", ())]
    if item.get("allow_na") and "na" in scale:
        points.append(scale["na"])
    return Question(
        id=str(item["id"]),
        kind=kind,
        text=_texts(item),
        factor=item.get("factor"),
        options=tuple(Option(str(point["value"]), _texts(point)) for point in points),
        required=bool(item.get("required")),
        target=bool(item.get("target_item")),
        show_if=item.get("show_if"),
        hint=document["texts"][item["hint"]] if item.get("hint") else None,
        max_length=int(item.get("max_length", 1000)),
        slot=slots.get(str(item["id"])),
        rows=tuple(Option(str(row["id"]), _texts(row)) for row in item.get("rows", ())),
    )


def _texts(item: Mapping[str, Any]) -> Texts:
    """Return the entry's texts by language: every two-letter key, so that a third language is data."""
    return {
        name: str(value)
        for name, value in item.items()
        if len(name) in (2, 3) and name not in NOT_LANGUAGES and isinstance(value, str)
    }


NOT_LANGUAGES = frozenset({"id", "map"})
