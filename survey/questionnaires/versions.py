"""The versions of a questionnaire: which is asked, and publishing one, which then never changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, ImportRefused, NotFound
from survey.i18n import msgid
from survey.ledger.entries import EntryKind, sha256_of
from survey.ledger.events import tell
from survey.models import QuestionnaireVersion, VersionStatus
from survey.organisation.agencies import revise
from survey.periods import local_day
from survey.questionnaires.compatibility import changed_meanings
from survey.questionnaires.compiled import Questionnaire, assign_slots, compile_version
from survey.questionnaires.document import DocumentFault
from survey.questionnaires.validation import check
from survey.settings import SettingsError

SHORT, FULL, IN_PERSON = "short_online", "full_sipas_online", "short_in_person"
ONE_TAP = "2.0"  # the first version of the short questionnaire that was asked by one tap on a worded face
UNCHANGING = msgid("Version %(version)s of “%(code)s” is published and cannot change.")


def faults(session: Session, document: Mapping[str, Any]) -> list[DocumentFault]:
    """Return all that keeps a document from being published: its own faults, and codes that would change meaning."""
    return check(document) or changed_meanings(session, document)


def publish(
    session: Session, document: Mapping[str, Any], when: dt.datetime, staff_id: int | None = None
) -> QuestionnaireVersion:
    """Publish one version, on record; it never changes again. The version published before it is no longer asked.

    Raises:
        Conflict: this version has been published before with another content.
        ImportRefused: the document has faults; carries them.
    """
    code, version = str(document.get("id", "")), str(document.get("version", ""))
    stored = next((row for row in held(session, code) if row.version == version), None)
    if stored is not None and stored.status != VersionStatus.DRAFT:
        if stored.document != document:
            raise Conflict(UNCHANGING, version=version, code=code)
        return stored
    if problems := faults(session, document):
        raise ImportRefused(msgid("This cannot be published yet: %(number)s faults."), problems, number=len(problems))
    session.execute(
        sa.update(QuestionnaireVersion)
        .where(QuestionnaireVersion.code == code, QuestionnaireVersion.status == VersionStatus.PUBLISHED)
        .values(status=VersionStatus.RETIRED)
    )
    row = stored or QuestionnaireVersion(code=code, version=version)
    row.status, row.published_at = VersionStatus.PUBLISHED, when
    row.document, row.slots = dict(document), assign_slots(document)
    session.add(row)
    session.flush()
    revise(session)
    trail.append(session, staff_id, Act.QUESTIONNAIRE_PUBLISHED, when, questionnaire=code, version=version)
    facts = {"questionnaire": code, "version": version, "sha256": sha256_of(row.document)}
    tell(session, EntryKind.QUESTIONNAIRE, local_day(when), **facts)
    compile_version(row)  # what the checks let through and no page could show must not be committed
    return row


def at_kiosks(published: Collection[str]) -> str:
    """Return what kiosks ask where these are published: they stand at desks, so about the visit once that may be asked.

    >>> at_kiosks({"short_online"}), at_kiosks({"short_online", "short_in_person"})
    ('short_online', 'short_in_person')
    """
    return IN_PERSON if IN_PERSON in published else SHORT


def held(session: Session, code: str) -> list[QuestionnaireVersion]:
    """Return every version and draft of a questionnaire as it is now, held until the transaction ends.

    A concurrent publication of the same questionnaire waits here, so that only one version is asked.
    """
    of_code = sa.select(QuestionnaireVersion).where(QuestionnaireVersion.code == code).order_by(QuestionnaireVersion.id)
    return list(session.scalars(of_code.with_for_update(), execution_options={"populate_existing": True}))


_compiled: dict[tuple[Any, int], Questionnaire] = {}


def published_questionnaire(session: Session, questionnaire_id: int) -> Questionnaire:
    """Return a published version, compiled; it is kept in memory, for it never changes.

    Raises:
        NotFound: there is none, or it is a draft.
    """
    key = (session.get_bind().engine.url, questionnaire_id)
    if key not in _compiled:
        row = session.get(QuestionnaireVersion, questionnaire_id)
        if row is None or row.status == VersionStatus.DRAFT:
            raise NotFound("There is no such questionnaire.")
        _compiled[key] = compile_version(row)
    return _compiled[key]


def retired_at(session: Session, questionnaire_id: int) -> dt.datetime | None:
    """Return when the next version took the place of a published one; nothing if it is still asked."""
    row = find(session, questionnaire_id)
    later = sa.select(sa.func.min(QuestionnaireVersion.published_at)).where(
        QuestionnaireVersion.code == row.code,
        QuestionnaireVersion.status != VersionStatus.DRAFT,
        QuestionnaireVersion.published_at > row.published_at,
    )
    return session.scalar(later) if row.status == VersionStatus.RETIRED else None


def asked_now(session: Session, code: str = SHORT) -> Questionnaire:
    """Return the version of a questionnaire that is asked today.

    Raises:
        NotFound: no version has been published.
    """
    published = sa.select(QuestionnaireVersion.id).where(
        QuestionnaireVersion.code == code, QuestionnaireVersion.status == VersionStatus.PUBLISHED
    )
    questionnaire_id = session.scalar(published)
    if questionnaire_id is None:
        raise NotFound("No questionnaire has been published yet.")
    return published_questionnaire(session, questionnaire_id)


def all_asked_now(session: Session) -> dict[str, Questionnaire]:
    """Return every questionnaire that is asked today, by its code."""
    published = sa.select(QuestionnaireVersion.id).where(QuestionnaireVersion.status == VersionStatus.PUBLISHED)
    return {
        questionnaire.code: questionnaire
        for questionnaire in (published_questionnaire(session, number) for number in session.scalars(published))
    }


def check_asked(session: Session, code: str) -> None:
    """Check that the questionnaire that invitations ask is one, where any has been published.

    Raises:
        SettingsError: there is none of this code in use; names those that are.
    """
    status = QuestionnaireVersion.status == VersionStatus.PUBLISHED
    codes = sorted(session.scalars(sa.select(QuestionnaireVersion.code).where(status)))
    if codes and code not in codes:
        raise SettingsError(
            "HAILONG_QUESTIONNAIRE is “%(value)s”; no such questionnaire is in use. There are: %(choices)s.",
            value=code[:80],
            choices=", ".join(codes),
        )


def find(session: Session, questionnaire_id: int) -> QuestionnaireVersion:
    """Return a version or a draft.

    Raises:
        NotFound: there is none.
    """
    row = session.get(QuestionnaireVersion, questionnaire_id)
    if row is None:
        raise NotFound("There is no such questionnaire.")
    return row


def named(session: Session, code: str, version: str | None = None) -> QuestionnaireVersion:
    """Return a version by its code; without a version, the one that is asked today.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(QuestionnaireVersion).where(QuestionnaireVersion.code == code)
    which = (
        QuestionnaireVersion.version == version if version else QuestionnaireVersion.status == VersionStatus.PUBLISHED
    )
    row = session.scalar(query.where(which))
    if row is None:
        raise NotFound("There is no questionnaire “%(code)s” in that version.", code=code)
    return row


def all_versions(session: Session) -> list[QuestionnaireVersion]:
    """Return all versions and drafts: by code, the newest first."""
    rows = session.scalars(sa.select(QuestionnaireVersion))
    return sorted(rows, key=lambda row: (row.code, [-int(part) for part in row.version.split(".")]))
