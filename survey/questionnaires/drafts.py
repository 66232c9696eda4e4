"""Drafts of a questionnaire: made from a version, edited by several without overwriting each other, published."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import msgid, nfc
from survey.models import QuestionnaireVersion, VersionStatus
from survey.questionnaires import (
    BANK,
    REQUIRED_LANGUAGES,
    At,
    DocumentFault,
    condition_choices,
    documents,
    faults,
    items,
    publish,
    versions,
)
from survey.questionnaires.differences import Differences, differences
from survey.questionnaires.document import listed, part_at, sections, texts
from survey.questionnaires.draft_acts import ACTS, BELOW

STALE = msgid("Somebody else has saved this draft in the meantime. What you typed stands below; look and save again.")
GONE = msgid("No longer in this draft, and left out of what you typed: %(names)s.")
REVIEW_AGAIN = msgid(
    "Nothing is published yet: since you looked at it, somebody has changed this draft or published another version."
    " Please look at what would be published now."
)
NOTHING_NEW = msgid("This draft differs in nothing from the version that is asked now.")
QUESTION, ANSWER = "when_question", "when_answer"  # fields of a condition, below the place of its question
NOT_A_DRAFT = msgid("This version is published and cannot change. Make a draft from it.")


@dataclass(frozen=True)
class Reviewed:
    """What somebody looked at before publishing: the draft as of which save, compared with which version (0: none)."""

    revision: int
    base: int


def start(session: Session, questionnaire_id: int, staff_id: int | None, when: dt.datetime) -> QuestionnaireVersion:
    """Make a draft from a version, or return the one that there is already."""
    source = session.get(QuestionnaireVersion, questionnaire_id, with_for_update=True)
    if source is None:
        raise NotFound("There is no such questionnaire.")
    drafts = sa.select(QuestionnaireVersion).where(
        QuestionnaireVersion.code == source.code, QuestionnaireVersion.status == VersionStatus.DRAFT
    )
    if (draft := session.scalar(drafts)) is not None:
        return draft
    version = _next_version(session, source.code)
    document = {**copy.deepcopy(source.document), "version": version}
    return put(session, document, staff_id, when)


def take_over(session: Session, staff_id: int | None, when: dt.datetime) -> list[QuestionnaireVersion]:
    """Keep each ready-made questionnaire that ships as a draft, but for those of which there is a version already."""
    taken = set(session.scalars(sa.select(QuestionnaireVersion.code)))
    ready_made = documents(BANK.read_text(encoding="utf-8"))
    return [put(session, document, staff_id, when) for document in ready_made if document["id"] not in taken]


def put(session: Session, document: Mapping[str, Any], staff_id: int | None, when: dt.datetime) -> QuestionnaireVersion:
    """Keep a document as a draft; a draft of the same version is replaced.

    Raises:
        Conflict: that version is published.
    """
    code, version = str(document["id"]), str(document["version"])
    same = sa.select(QuestionnaireVersion).where(
        QuestionnaireVersion.code == code, QuestionnaireVersion.version == version
    )
    draft = session.scalar(same.with_for_update())
    if draft is not None and draft.status != VersionStatus.DRAFT:
        raise Conflict("Version %(version)s of “%(code)s” is published and cannot change.", version=version, code=code)
    if draft is None:
        draft = QuestionnaireVersion(
            code=code, version=version, status=VersionStatus.DRAFT, document={}, slots={}, revision=0
        )
        session.add(draft)
    draft.document, draft.revision = dict(document), draft.revision + 1
    session.flush()
    trail.append(session, staff_id, Act.QUESTIONNAIRE_DRAFTED, when, questionnaire=code, version=version)
    return draft


def _next_version(session: Session, code: str) -> str:
    versions = session.scalars(sa.select(QuestionnaireVersion.version).where(QuestionnaireVersion.code == code))
    numbers = max([int(part) for part in version.split(".")] + [0] for version in versions)
    return f"{numbers[0]}.{numbers[1] + 1}"


def find(session: Session, draft_id: int, revision: int | None = None) -> QuestionnaireVersion:
    """Return a draft, held until the transaction ends.

    Raises:
        NotFound: there is none.
        Conflict: it is published, or somebody has saved it since `revision`.
    """
    row = session.get(QuestionnaireVersion, draft_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such questionnaire.")
    if row.status != VersionStatus.DRAFT:
        raise Conflict(NOT_A_DRAFT)
    if revision is not None and row.revision != revision:
        raise Conflict(STALE)
    return row


def save(
    session: Session,
    draft_id: int,
    revision: int,
    typed: Mapping[str, str],
    act: str,
    staff_id: int,
    when: dt.datetime,
) -> tuple[QuestionnaireVersion, At]:
    """Save what was typed, do one act (see `ACTS`), and count the save; return also where to look at what came of it.

    Raises:
        Conflict: somebody has saved since `revision`.
        NotFound: there is no such act or place.
    """
    row = find(session, draft_id, revision)
    document = with_texts(row.document, typed)
    name, _, place = act.partition(" ")
    look: At = ()
    if name:
        where, _, kind = place.partition(" ")
        at = _at(document, where)
        if name not in ACTS or (name in BELOW and at[-2:-1] != (BELOW[name],)):
            raise NotFound("This act is not known.")
        look = ACTS[name](document, at, kind, _codes(session))
    row.document, row.revision = document, row.revision + 1
    trail.append(session, staff_id, Act.QUESTIONNAIRE_SAVED, when, questionnaire=row.code, version=row.version)
    session.flush()
    return row, look


def base_of(session: Session, draft: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """Return the version that is asked now and that publishing a draft would replace, if there is one."""
    asked = sa.select(QuestionnaireVersion).where(
        QuestionnaireVersion.code == draft.code, QuestionnaireVersion.status == VersionStatus.PUBLISHED
    )
    return session.scalar(asked)


def compared(session: Session, draft: QuestionnaireVersion) -> Differences:
    """Return in what a draft differs from the version that is asked now; with none, everything is new."""
    base = base_of(session, draft)
    return differences(base.document if base else {}, draft.document)


def release(
    session: Session, draft_id: int, reviewed: Reviewed, staff_id: int, when: dt.datetime
) -> list[DocumentFault]:
    """Publish a draft as it was reviewed, if nothing stands in its way; return what does.

    Raises:
        Conflict: since then it was saved, or another version was published; or it differs in nothing.
    """
    versions.held(session, versions.find(session, draft_id).code)
    row = find(session, draft_id)
    base = base_of(session, row)
    if reviewed != Reviewed(row.revision, base.id if base else 0):
        raise Conflict(REVIEW_AGAIN)
    problems = faults(session, row.document)
    if not problems:
        if not compared(session, row):
            raise Conflict(NOTHING_NEW)
        publish(session, row.document, when, staff_id)
    return problems


def discard(session: Session, draft_id: int, staff_id: int, when: dt.datetime) -> None:
    """Throw a draft away."""
    row = find(session, draft_id)
    trail.append(session, staff_id, Act.QUESTIONNAIRE_DISCARDED, when, questionnaire=row.code, version=row.version)
    session.delete(row)


def pointer(at: At) -> str:
    """Return a place as one word: ("items", 2, "vi") is "items/2/vi"."""
    return "/".join(str(key) for key in at)


def editable(document: Mapping[str, Any]) -> Iterator[At]:
    """Yield the place of each text that may be edited, in every language required or there, and of each condition."""
    for at in _entries(document):
        held = texts(part_at(document, at) or {})
        yield from ((*at, language) for language in dict.fromkeys((*REQUIRED_LANGUAGES, *held)))
    for at, _item in items(document, unasked=True):
        yield (*at, "show_if")


def _entries(document: Mapping[str, Any]) -> Iterator[At]:
    yield ("title",)
    yield from (("texts", name) for name in document.get("texts", {}))
    for at, section in sections(document):
        yield from ((*at, name) for name in ("title", "lead", "note") if at and name in section)
    for at, item in items(document, unasked=True):
        yield at
        yield from ((*at, part, i) for part in ("options", "rows") for i, _entry in listed(item, part))


def with_texts(document: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return a copy of a document with what was typed and chosen; what names no text of it is left out."""
    copied = copy.deepcopy(dict(document))
    for at in editable(document):
        if at[-1] == "show_if":
            _choose(document, copied, at[:-1], typed)
        elif (value := typed.get(pointer(at))) is not None:
            part_at(copied, at[:-1])[at[-1]] = nfc(value)
    return copied


def _choose(document: Mapping[str, Any], copied: dict[str, Any], at: At, typed: Mapping[str, str]) -> None:
    """Write the condition that was chosen for a question; one that is the same stays as somebody wrote it."""
    place = pointer(at)
    if (question := typed.get(f"{place}/{QUESTION}")) is None:
        return
    item = part_at(document, at)
    wanted = condition_choices.chosen(document, at, question, typed.get(f"{place}/{ANSWER}", ""))
    if wanted is None or wanted == condition_choices.choice(document, at, item):
        return
    if text := condition_choices.written(document, at, wanted):
        part_at(copied, at)["show_if"] = text
    else:
        part_at(copied, at).pop("show_if", None)


def places(document: Mapping[str, Any]) -> str:
    """Return which code stands at which place: what an editor's page sends along, for `moved` to read."""
    return " ".join(f"{place}={code}" for place, code in _standing(document).items())


def moved(document: Mapping[str, Any], typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what was typed on an older page, each text at the place where its code stands now; and the codes gone.

    Places are counted, and another may have moved, added or dropped something since: a text that stayed at its
    number would stand under the code of another question or answer, and be counted as that one.
    """
    before = dict(word.split("=", 1) for word in typed.get("places", "").split() if "=" in word)
    now = {code: place for place, code in _standing(document).items()}
    current: dict[str, str] = {}
    for key, value in typed.items():
        place, _, name = key.rpartition("/")
        if place in before and before[place] in now:
            current[f"{now[before[place]]}/{name}"] = value
        elif not key.startswith(("items/", "sections/")):
            current[key] = value
    return current, [code for code in before.values() if code not in now]


def _standing(document: Mapping[str, Any]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for at, section in sections(document):
        codes |= {pointer((*at, name)): f"{section.get('id')}/{name}" for name in ("title", "lead", "note") if at}
    for at, item in items(document, unasked=True):
        code = codes[pointer(at)] = str(item.get("id"))
        for part, key in (("options", "value"), ("rows", "id")):
            codes |= {pointer((*at, part, i)): f"{code}/{part}/{entry.get(key)}" for i, entry in listed(item, part)}
    return codes


def _at(document: Mapping[str, Any], place: str) -> At:
    entries = {pointer(at): at for at in _entries(document)} | {pointer(at): at for at, _section in sections(document)}
    if place not in entries:
        raise NotFound("This part of the draft is no longer there. Please reload the page.")
    return entries[place]


def _codes(session: Session) -> set[str]:
    """Return every code that a question has ever had: none is given twice."""
    documents = session.scalars(sa.select(QuestionnaireVersion.document))
    return {str(item.get("id")) for document in documents for _at, item in items(document, unasked=True)}
