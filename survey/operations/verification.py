"""`hailong verify`: hold answers, closed periods, targets, questionnaires and issued reports against the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from survey.audit.acts import Act
from survey.callbacks import designs, drawing
from survey.collection import exclusions
from survey.ledger import discrepancies as words
from survey.ledger import tree
from survey.ledger.answers_check import check_answers
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.entries import EntryKind, sha256_of
from survey.ledger.log_check import History, check_log, signed
from survey.ledger.notes import Checkpoint, Verifier
from survey.ledger.signatures_check import check_signatures
from survey.models import (
    AuditEntry,
    ClosedPeriod,
    IssuedReport,
    LedgerEvent,
    Publication,
    QuestionnaireVersion,
    Response,
    StoredTarget,
    VersionStatus,
)
from survey.periods import local_day
from survey.results import closing, published

Facts = Mapping[tuple[str, ...], object]  # by what names one: what the ledger is to say of it


@dataclass(frozen=True)
class Verified:
    """What was looked at: how many entries, the newest checkpoint, how much waits to be sealed, and what is wrong."""

    entries: int
    checkpoint: Checkpoint | None
    waiting: int
    discrepancies: tuple[Discrepancy, ...]


def verify(session: Session, trusted: Verifier | None = None, since: Checkpoint | None = None) -> Verified:
    """Hold all that figures rest on against the ledger, and the ledger against its key and an old checkpoint.

    All is read in one transaction, so that people may answer meanwhile.

    Raises:
        InvalidNote: the key that is trusted has not signed the newest checkpoint.
    """
    newest, history = signed(session, trusted), History()
    differing = [*check_log(session, newest, since, history), *check_signatures(session)]
    row = tree.newest_checkpoint(session)
    differing += check_answers(session, history, None if row is None else local_day(row.sealed_at))
    differing += _facts_that_differ(session, history)
    differing += _exclusions(session, history)
    differing += _call_backs(session, history)
    differing += _recounted(session)
    waiting = session.scalar(sa.select(sa.func.count()).where(Response.entry.is_(None))) or 0
    waiting += session.scalar(sa.select(sa.func.count()).select_from(LedgerEvent)) or 0
    return Verified(history.size, newest, waiting, tuple(differing))


def _facts_that_differ(session: Session, history: History) -> Iterator[Discrepancy]:
    events = sa.select(LedgerEvent).where(LedgerEvent.response_id.is_(None)).order_by(LedgerEvent.id)
    facts = [*history.facts, *({"kind": row.kind, **row.about} for row in session.scalars(events))]
    for message, kinds, there in (
        (words.CHANGED_QUESTIONNAIRE, {EntryKind.QUESTIONNAIRE}, _questionnaires(session)),
        (words.CHANGED_TARGET, {EntryKind.TARGET, EntryKind.TARGET_TAKEN_BACK}, _targets(session)),
        (words.CHANGED_PERIOD, {EntryKind.PERIOD_CLOSED}, _closings(session)),
        (words.CHANGED_REPORT, {EntryKind.REPORT}, _reports(session)),
        (words.CHANGED_RESULTS, {EntryKind.RESULTS, EntryKind.RESULTS_RETRACTED}, _publications(session)),
    ):
        written: dict[tuple[str, ...], object] = {}
        for fact in facts:
            if fact["kind"] in kinds:
                name, value = _named(fact)
                written[name] = value
        for name in sorted(written.keys() | there.keys()):
            if written.get(name) != there.get(name):
                yield Discrepancy(message, {"name": " ".join(part for part in name if part)})


def _named(fact: Mapping[str, Any]) -> tuple[tuple[str, ...], object]:
    """Return what names a fact of the ledger, and what it says; None if it was taken back."""
    match fact["kind"]:
        case EntryKind.QUESTIONNAIRE:
            return (fact["questionnaire"], fact["version"]), fact["sha256"]
        case EntryKind.TARGET:
            return _target_name(fact["first"], fact["headline"]), (fact["target"], fact["last"])
        case EntryKind.TARGET_TAKEN_BACK:
            return _target_name(fact["first"], fact["headline"]), None
        case EntryKind.PERIOD_CLOSED:
            return (fact["period"], fact["basis"]), (fact.get("digest"), True)
        case EntryKind.RESULTS | EntryKind.RESULTS_RETRACTED:
            return (fact["period"], fact["basis"], fact["sha256"]), (fact["kind"], True)
        case _:
            return (fact["sha256"], fact["period"], fact["basis"]), (fact["edition"], fact["format"], fact["language"])


def _target_name(first: str, headline: int) -> tuple[str, ...]:
    return first, "" if headline else "*"


def _questionnaires(session: Session) -> Facts:
    rows = session.scalars(sa.select(QuestionnaireVersion).where(QuestionnaireVersion.status != VersionStatus.DRAFT))
    return {(row.code, row.version): sha256_of(row.document) for row in rows}


def _targets(session: Session) -> Facts:
    return {
        _target_name(row.valid_from.isoformat(), int(row.headline)): (
            row.share,
            row.valid_to.isoformat() if row.valid_to else "",
        )
        for row in session.scalars(sa.select(StoredTarget))
    }


def _closings(session: Session) -> Facts:
    """Return what went on record at each closing, and whether that is what is frozen now."""
    recorded = {
        (about["period"], about["basis"]): about.get("digest")
        for about in session.scalars(sa.select(AuditEntry.about).where(AuditEntry.act == Act.PERIOD_CLOSED.value))
    }
    return {
        (row.code, row.basis): (recorded.get((row.code, row.basis)), closing.as_recorded(session, row))
        for row in session.scalars(sa.select(ClosedPeriod))
    }


def _recounted(session: Session) -> Iterator[Discrepancy]:
    for row in session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)):
        if not closing.differences(session, row).empty:
            yield Discrepancy(words.OTHER_FIGURES, {"name": f"{row.code} {row.basis}"})


def _reports(session: Session) -> Facts:
    return {
        (row.sha256.hex(), row.period_code, row.period_basis): (row.edition.name.lower(), row.format, row.language)
        for row in session.scalars(sa.select(IssuedReport))
    }


def _publications(session: Session) -> Facts:
    """Return how each publication of a period stands last, and whether its figures are those that were published."""
    rows = session.scalars(sa.select(Publication).order_by(Publication.id).options(undefer(Publication.figures)))
    return {
        (row.period_code, row.period_basis, row.sha256.hex()): (
            EntryKind.RESULTS if row.retracted_at is None else EntryKind.RESULTS_RETRACTED,
            hashlib.sha256(published.written(row.figures)).digest() == row.sha256,
        )
        for row in rows
    }


def _call_backs(session: Session, history: History) -> Iterator[Discrepancy]:
    """Yield the call-backs that are not as the ledger says, and those of the ledger that are gone."""
    rows = {(row.period_code, row.period_basis): row for row in designs.listed(session)}
    written = {(fact["period"], fact["basis"]) for fact in history.facts if fact["kind"] == EntryKind.CALL_BACK}
    wrong = {name for name, row in rows.items() if next(drawing.discrepancies(session, row), None)}
    sealed = {name for name, row in rows.items() if row.sealed_at is not None}
    for name in sorted(wrong | (written - sealed)):
        yield Discrepancy(words.CHANGED_CALL_BACK, {"period": " ".join(name)})


def _exclusions(session: Session, history: History) -> Iterator[Discrepancy]:
    """Yield the answers about which the decisions in force are not those of the ledger."""
    effect = {EntryKind.EXCLUDED: 1, EntryKind.RESTORED: -1}
    waiting: dict[int, int] = {}
    for row in session.scalars(sa.select(LedgerEvent).where(LedgerEvent.kind.in_(effect))):
        if row.response_id is not None:
            waiting[row.response_id] = waiting.get(row.response_id, 0) + effect[EntryKind(row.kind)]
    there = {
        number
        for identity, number in session.execute(
            sa.select(Response.id, Response.entry).where(Response.id.in_(exclusions.in_force()))
        )
        if number is not None and identity not in waiting
    }
    written = {
        number
        for number, happened in history.of_answers.items()
        if sum(effect.get(EntryKind(one["kind"]), 0) for one in happened) > 0
    }
    passing = set(session.scalars(sa.select(Response.entry).where(Response.id.in_(waiting))))
    for number in sorted((there ^ written) - passing):
        yield Discrepancy(words.CHANGED_EXCLUSION, {"number": number})
