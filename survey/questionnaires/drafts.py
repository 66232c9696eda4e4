"""Drafts of a questionnaire: made from a version, edited by several without overwriting each other, published."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import msgid, nfc
from survey.models import QuestionnaireVersion, VersionStatus
from survey.questionnaires import REQUIRED_LANGUAGES, At, DocumentFault, faults, items, publish
from survey.questionnaires.compiled import RATING
from survey.questionnaires.document import groups, listed, sections, texts

STALE = msgid("Somebody else has saved this draft in the meantime. What you typed stands below; look and save again.")
GONE = msgid("No longer in this draft, and left out of what you typed: %(codes)s.")
NOT_A_DRAFT = msgid("This version is published and cannot change. Make a draft from it.")
KINDS = ("scale", "single", "multi", "text")


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
) -> QuestionnaireVersion:
    """Save what was typed, do one act (see `ACTS`) on the document, and count the save.

    Raises:
        Conflict: somebody has saved since `revision`.
        NotFound: there is no such act or place.
    """
    row = find(session, draft_id, revision)
    document = with_texts(row.document, typed)
    name, _, place = act.partition(" ")
    if name:
        where, _, kind = place.partition(" ")
        at = _at(document, where)
        if name not in ACTS or (name in BELOW and at[-2:-1] != (BELOW[name],)):
            raise NotFound("This act is not known.")
        ACTS[name](document, at, kind, _codes(session))
    row.document, row.revision = document, row.revision + 1
    trail.append(session, staff_id, Act.QUESTIONNAIRE_SAVED, when, questionnaire=row.code, version=row.version)
    session.flush()
    return row


def release(session: Session, draft_id: int, revision: int, staff_id: int, when: dt.datetime) -> list[DocumentFault]:
    """Publish a draft if nothing stands in its way; return what does."""
    row = find(session, draft_id, revision)
    problems = faults(session, row.document)
    if not problems:
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
    """Yield the place of every text that a person may edit: in each required language, and each other that is there."""
    for at in _entries(document):
        held = texts(_get(document, at) or {})
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
    """Return a copy of a document with what was typed; what names no text of it is left out."""
    copied = copy.deepcopy(dict(document))
    for at in editable(document):
        if (value := typed.get(pointer(at))) is None:
            continue
        holder = _get(copied, at[:-1])
        if at[-1] == "show_if" and not nfc(value):
            holder.pop("show_if", None)
        else:
            holder[at[-1]] = nfc(value)
    return copied


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


def _get(document: Any, at: At) -> Any:
    for key in at:
        document = document[key]
    return document


def _at(document: Mapping[str, Any], place: str) -> At:
    entries = {pointer(at): at for at in _entries(document)} | {pointer(at): at for at, _section in sections(document)}
    if place not in entries:
        raise NotFound("This part of the draft is no longer there. Please reload the page.")
    return entries[place]


def _codes(session: Session) -> set[str]:
    """Return every code that a question has ever had: none is given twice."""
    documents = session.scalars(sa.select(QuestionnaireVersion.document))
    return {str(item.get("id")) for document in documents for _at, item in items(document, unasked=True)}


def _move(step: int) -> Callable[..., None]:
    def swapped(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> None:
        entries, here = _get(document, at[:-1]), int(at[-1])
        there = here + step
        if 0 <= there < len(entries):
            entries[here], entries[there] = entries[there], entries[here]

    return swapped


def _ask(wanted: bool) -> Callable[..., None]:
    def asked(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> None:
        _get(document, at)["enabled_by_default"] = wanted

    return asked


def _add(document: dict[str, Any], at: At, kind: str, codes: set[str]) -> None:
    """Add a question of this kind at the end of a part."""
    if kind not in KINDS:
        raise NotFound("This act is not known.")
    section = _get(document, at)
    holder = groups(section)[-1][1] if section.get("groups") else section
    used = codes | {str(item.get("id")) for _at, item in items(document, unasked=True)}
    code = next(f"N{number}" for number in range(1, 10_000) if f"N{number}" not in used)
    item: dict[str, Any] = {"id": code, "type": kind, "required": False, "vi": "", "en": ""}
    item |= {"scale": RATING, "allow_na": True} if kind == "scale" else {}
    item |= {"options": [_option(1), _option(2)]} if kind in ("single", "multi") else {}
    item |= {"max_length": 1000} if kind == "text" else {}
    holder.setdefault("items", []).append(item)


def _add_option(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> None:
    options = _get(document, at).setdefault("options", [])
    used = {str(option.get("value")) for option in options}
    options.append(next(_option(number) for number in range(1, 1000) if f"o{number}" not in used))


def _drop_option(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> None:
    del _get(document, at[:-1])[int(at[-1])]


def _option(number: int) -> dict[str, Any]:
    return {"value": f"o{number}", "vi": "", "en": ""}


ACTS: Mapping[str, Callable[..., None]] = {
    "up": _move(-1),
    "down": _move(1),
    "retire": _ask(False),
    "ask": _ask(True),
    "add": _add,
    "option": _add_option,
    "drop": _drop_option,
}
BELOW = {"up": "items", "down": "items", "retire": "items", "ask": "items", "option": "items", "drop": "options"}
