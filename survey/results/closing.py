"""Close a period: freeze its counts, so that what is published and what is shown later are the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pandas as pd
import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, Unavailable
from survey.ledger import tree
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell
from survey.models import (
    AuditEntry,
    ClosedPeriod,
    ExclusionDecision,
    FrozenCell,
    FrozenCohort,
    FrozenCoverage,
    QuestionnaireVersion,
    Response,
    VersionStatus,
)
from survey.organisation.agencies import root
from survey.periods import Period, local_day, parse
from survey.questionnaires import SHORT
from survey.results import counts, invitation_coverage, live_counts
from survey.results.frozen_coverage import COVERED
from survey.results.frozen_names import agencies_now, procedures_now
from survey.results.open_cohort import COHORT
from survey.results.scope import Scope, Standard, closed_period, scope_for

EVERY = dt.date.max  # by then every ended agency counts within its successor, so that no predecessor is left out
KEYS = ("agency", "procedure", "channel", "respondent")
COHORT_KEYS = ("agency", "procedure", "respondent")
# What a digest is of, in this order for good: it is compared with that of years ago.
FROZEN = (
    "code",
    "basis",
    "first",
    "last",
    "closed_at",
    "newest_response_id",
    "target",
    "confidence",
    "questionnaire_id",
    "agencies",
    "procedures",
)
FROZEN_CELL = ("agency_id", "procedure_id", "channel", "respondent", "question", *live_counts.MEASURES)
FROZEN_COVERAGE = ("agency_id", *COVERED)
FROZEN_COHORT = ("agency_id", "procedure_id", "respondent", *COHORT)
# What a digest covers more, by how it begins: what became of messages with the newest decision, and what stood beside
# the figures. One of before covers neither.
WITH_MESSAGES, WITH_BESIDE = "3:", "4:"
Beside: TypeAlias = "Callable[[Session, ClosedPeriod], dict[str, object]]"
OTHER_CLOSING_SECONDS = 60
ANSWERS_WAIT_MILLISECONDS = 250
TRIES, PAUSE_SECONDS = 240, 0.5
_NEWEST = sa.select(sa.func.max(Response.id))


def begin_closing(session: Session) -> None:
    """Begin a transaction in which a period can be closed while people answer: all that it reads is of one moment.

    It waits for any other closing, for decisions on what is left out and, for a few milliseconds, for the answers being
    written: ids are allotted before their rows become visible, and no answer with an id up to the newest may appear
    after the snapshot. On SQLite a transaction that writes is alone anyhow.

    Raises:
        Unavailable: a VACUUM of the answers did not end in two minutes.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    session.execute(sa.text(f"SET LOCAL lock_timeout = '{OTHER_CLOSING_SECONDS}s'"))
    session.execute(sa.text("LOCK TABLE closed_period, exclusion_decision IN SHARE ROW EXCLUSIVE MODE"))
    for _ in range(TRIES):
        if _writers_done(session):
            return
        time.sleep(PAUSE_SECONDS)
    raise Unavailable("The table of answers is being maintained just now. Please close the period later.")


def _writers_done(session: Session) -> bool:
    """Set the moment between two answers; say whether that could be done at once.

    Answers queue behind whoever waits for this lock, and a VACUUM keeps it waiting for as long as it takes: so it is
    tried shortly, and again later.
    """
    writers = session.begin_nested()
    try:
        session.execute(sa.text(f"SET LOCAL lock_timeout = '{ANSWERS_WAIT_MILLISECONDS}ms'"))
        session.execute(sa.text("LOCK TABLE response IN SHARE MODE"))
        session.scalar(_NEWEST)  # the first reading sets the moment, and going back lets people answer again
    except sa.exc.OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    finally:
        writers.rollback()
    return True


def close(
    session: Session,
    period: Period,
    when: dt.datetime,
    standard: Standard,
    staff_id: int | None = None,
    beside: Beside | None = None,
) -> ClosedPeriod:
    """Freeze a period's counts and all that its verdicts rest on, on record; closing it again changes nothing.

    That is the target and the confidence, the version of the questionnaire, the agencies and the names, and what
    `beside` returns of what stands beside the figures just then. `staff_id` closes it; nobody, if a command does.

    Raises:
        Conflict: the period has not ended yet in Viet Nam.
    """
    if (earlier := closed_period(session, period)) is not None:
        return earlier
    if not period.ended(local_day(when)):
        raise Conflict("The period %(code)s has not ended yet; it can be closed from the day after.", code=period.code)
    province = scope_for(session, period, root(session, EVERY).id, EVERY)
    held = province.held_to(standard)
    overall = counts.cells(session, province, KEYS)
    asked = questions(session)
    rated = counts.cells(session, province, (*KEYS, "question"), asked) if asked else overall.iloc[:0]
    finished = counts.cohort(session, province, COHORT_KEYS)
    present = {int(key) for frame in (overall, finished) for key in frame["procedure"].dropna()}
    published = (QuestionnaireVersion.code == SHORT, QuestionnaireVersion.status == VersionStatus.PUBLISHED)
    closing = ClosedPeriod(
        code=period.code,
        basis=str(period.basis),
        first=period.first,
        last=period.last,
        closed_at=when,
        newest_response_id=session.scalar(_NEWEST) or 0,
        newest_decision_id=session.scalar(sa.select(sa.func.max(ExclusionDecision.id))) or 0,
        target=held.target,
        targets=province.targets.kept(),
        confidence=held.confidence,
        questionnaire_id=session.scalar(sa.select(QuestionnaireVersion.id).where(*published)),
        agencies=agencies_now(session),
        procedures=procedures_now(session, present),
        checkpoint=None if (newest := tree.newest_checkpoint(session)) is None else newest.note,
    )
    session.add(closing)
    session.flush()
    _freeze(session, FrozenCell, closing.id, overall.assign(question=""), KEYS)
    _freeze(session, FrozenCell, closing.id, rated, KEYS)
    _freeze(session, FrozenCohort, closing.id, finished, COHORT_KEYS)
    freeze_coverage(session, closing)
    if beside is not None:
        closing.beside = beside(session, closing)
        session.flush()
        session.expire(closing, ["beside"])  # so that its digest is of what the database gives back
    about = {"period": closing.code, "basis": closing.basis, "target": closing.target}
    both = {"digest": digest(session, closing), "targets": _number(closing.targets)}
    tell(session, EntryKind.PERIOD_CLOSED, local_day(when), **about, **both)
    trail.append(session, staff_id, Act.PERIOD_CLOSED, when, **about, **both)
    return closing


def freeze_coverage(session: Session, closing: ClosedPeriod) -> None:
    """Freeze what became of messages, while the answers still name their cases."""
    period = parse(closing.code, closing.basis)
    province = scope_for(session, period, root(session, EVERY).id, EVERY)
    covered = invitation_coverage.covered_now(session, closing, province.subtree)
    _freeze(session, FrozenCoverage, closing.id, covered, ("agency",))


def questions(session: Session) -> list[str]:
    """Return the ids of all rated questions but the overall one, of every version."""
    versions = session.scalars(sa.select(QuestionnaireVersion.slots))
    return sorted({question for slots in versions for question, slot in slots.items() if slot != "overall"})


def differences(session: Session, closing: ClosedPeriod) -> pd.DataFrame:
    """Return the cells in which a closed period's frozen counts differ from a recount of the answers.

    Recounted are the answers as they stood at the closing, so that a row says that the frozen counts or the answers
    have been tampered with; answers that came or were replaced later are none. Columns: the keys, the question (empty:
    the overall one) and every count twice, with the endings "_frozen" and "_recount".
    """
    province = scope_for(session, parse(closing.code, closing.basis), root(session, EVERY).id, EVERY)
    compared = [_compared(session, province, KEYS)]
    if rated := questions(session):
        compared.append(_compared(session, province, (*KEYS, "question"), rated))
    return pd.concat(compared, ignore_index=True).fillna({"question": ""})


def altered(session: Session, scope: Scope, by: Sequence[str]) -> bool:
    """Return whether the frozen counts that a page shows of a closed period are not those of the answers any more."""
    return scope.closing is not None and not _compared(session, scope, by).empty


def digest(session: Session, closing: ClosedPeriod, covering: str = WITH_BESIDE) -> str:
    """Return a digest of all that was frozen with a period, which goes on record at the closing.

    It tells of a change that no recount can: of the target, a name, the cases and invitations of then, what had become
    of the messages, or what stood beside the figures. `covering` is how one begins that covers less, of a period that
    was closed before digests covered more.
    """
    more = {WITH_BESIDE: ("newest_decision_id", "beside"), WITH_MESSAGES: ("newest_decision_id",)}.get(covering, ())
    about_it = (*FROZEN, *more)
    read = [sa.select(*(getattr(ClosedPeriod, name) for name in about_it)).where(ClosedPeriod.id == closing.id)]
    tables: list[tuple[type[FrozenCell | FrozenCohort | FrozenCoverage], tuple[str, ...]]] = [
        (FrozenCell, FROZEN_CELL),
        (FrozenCohort, FROZEN_COHORT),
        (FrozenCoverage, FROZEN_COVERAGE),
    ]
    for table, names in tables:
        columns = [getattr(table, name) for name in names]
        read.append(sa.select(*columns).where(table.period_id == closing.id).order_by(table.id))
    frozen = [[tuple(row) for row in session.execute(query)] for query in read]
    kept = frozen if more else frozen[:-1]
    return covering + _number(kept)


def digest_on_record(session: Session, closing: ClosedPeriod) -> str | None:
    """Return the digest that went on record when a period was closed; None of one closed before there were any."""
    return _on_record(session, closing).get("digest")


def as_recorded(session: Session, closing: ClosedPeriod) -> bool:
    """Return whether what was frozen is what went on record; also where nothing did."""
    about = _on_record(session, closing)
    if (record := about.get("digest")) is None:
        return True
    covering = next((one for one in (WITH_BESIDE, WITH_MESSAGES) if record.startswith(one)), "")
    targets = None if closing.targets is None else _number(closing.targets)  # apart: they came later than digests
    return targets == about.get("targets") and record == digest(session, closing, covering)


def _on_record(session: Session, closing: ClosedPeriod) -> dict[str, Any]:
    """Return what went on record with a digest when a period was closed; nothing where there were no digests yet."""
    entries = session.scalars(sa.select(AuditEntry.about).where(AuditEntry.act == Act.PERIOD_CLOSED.value))
    period = {"period": closing.code, "basis": closing.basis}
    return next((about for about in entries if period.items() <= about.items() and "digest" in about), {})


def _number(kept: object) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def _compared(session: Session, scope: Scope, by: Sequence[str], asked: Sequence[str] = ()) -> pd.DataFrame:
    """Return the cells whose frozen counts are not those of a recount, with both."""
    frozen, recount = counts.cells(session, scope, by, asked), counts.recount(session, scope, by, asked)
    both = frozen.merge(recount, on=list(by), how="outer", suffixes=("_frozen", "_recount"))
    both = both.fillna({name: 0 for name in both.columns if name not in by})
    differs = pd.Series(False, index=both.index)
    for measure in live_counts.MEASURES:
        differs |= both[f"{measure}_frozen"].ne(both[f"{measure}_recount"])
    return both[differs]


def _freeze(session: Session, table: type[Any], period_id: int, frame: pd.DataFrame, keys: Sequence[str]) -> None:
    names = {name: f"{name}_id" for name in keys if name in ("agency", "procedure")}
    frame = frame.rename(columns=names).assign(period_id=period_id)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
    if rows:
        session.execute(sa.insert(table), rows)
