"""Import a file in two passes: checked as a whole, then recorded in transactions that nobody waits long for."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from survey.apologies import drafting
from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import phones
from survey.cases import former_keys, recording
from survey.cases.recording import Directory, FinishedCase, Tally
from survey.collection import invitations
from survey.collection.withdrawn_cases import Informant
from survey.db import slices
from survey.db.engine import Database, Lock, exclusively
from survey.db.slices import sharing_time
from survey.delivery import messages
from survey.delivery.messages import NewMessage
from survey.i18n import gettext, msgid, ngettext, number
from survey.imports import agencies, cases, earlier, portal_counts, procedures, sheets
from survey.imports.faults import Findings
from survey.organisation.agencies import spans
from survey.periods import local_day, now
from survey.settings import Settings

SUMMARY = msgid("%(all)s read: %(added)s added, %(unchanged)s unchanged, %(updated)s updated.")


class ImportKind(enum.StrEnum):
    """What can be imported, by the word of `hailong import`."""

    AGENCIES = "agencies"
    PROCEDURES = "procedures"
    CASES = "cases"
    PORTAL_COUNTS = "portal-counts"
    SHEETS = "sheets"
    EARLIER = "earlier"


ACTS = {
    ImportKind.AGENCIES: Act.AGENCIES_IMPORTED,
    ImportKind.PROCEDURES: Act.PROCEDURES_IMPORTED,
    ImportKind.CASES: Act.CASES_IMPORTED,
    ImportKind.PORTAL_COUNTS: Act.PORTAL_COUNTS_IMPORTED,
    ImportKind.SHEETS: Act.SHEETS_IMPORTED,
    ImportKind.EARLIER: Act.EARLIER_IMPORTED,
}


@dataclass(frozen=True)
class ImportOutcome:
    """What an import, or a part of it, has changed."""

    added: int = 0
    unchanged: int = 0
    updated: int = 0
    invited: int = 0
    queued: int = 0

    def __add__(self, more: ImportOutcome) -> ImportOutcome:
        """Return both together."""
        return ImportOutcome(
            self.added + more.added,
            self.unchanged + more.unchanged,
            self.updated + more.updated,
            self.invited + more.invited,
            self.queued + more.queued,
        )

    @property
    def summary(self) -> str:
        """Return what became of the rows, in the language in use."""
        return gettext(
            SUMMARY,
            all=number(self.added + self.unchanged + self.updated),
            added=number(self.added),
            unchanged=number(self.unchanged),
            updated=number(self.updated),
        )

    @property
    def invitations(self) -> str:
        """Return who was invited, in the language in use, one sentence a line; nothing if nobody was."""
        if not self.invited:
            return ""
        waiting = gettext("Messages waiting to be sent: %(number)s.", number=number(self.queued))
        return f"{issued(self.invited)}\n{waiting}"


@dataclass(frozen=True)
class ImportStep:
    """Some rows and what records them, in a transaction of its own."""

    rows: int
    record: Callable[[Session, Informant], ImportOutcome]


@dataclass(frozen=True)
class ImportPlan:
    """What is to be recorded of a file without faults."""

    kind: ImportKind
    steps: Sequence[ImportStep]

    @property
    def rows(self) -> int:
        """Return how many rows are to be recorded."""
        return sum(step.rows for step in self.steps)


def issued(invited: int) -> str:
    """Return in the language in use how many invitations were issued."""
    return ngettext(
        "%(number)s invitation was issued.", "%(number)s invitations were issued.", invited, number=number(invited)
    )


def check(
    database: Database,
    settings: Settings,
    kind: ImportKind,
    path: Path,
    findings: Findings,
    progress: Callable[[int], object] = bool,
) -> ImportPlan:
    """Check every line of a file and return what there is to record; `progress` is told of every line.

    Nothing is held open while the file is read.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    if kind == ImportKind.PROCEDURES:
        entries = procedures.check(path, findings, progress)
        parts = [entries[start : start + slices.ROWS] for start in range(0, len(entries), slices.ROWS)]
        return ImportPlan(kind, [ImportStep(len(part), partial(_procedures, part)) for part in parts])
    if kind == ImportKind.AGENCIES:  # a tree, recorded whole: a part of it would leave units without the one above
        with database.session(writes=False) as session:
            stored = agencies.stored(session)
        tree = agencies.check(stored, path, findings, progress)
        return ImportPlan(kind, [ImportStep(len(tree), partial(_agencies, tree))])
    if kind == ImportKind.PORTAL_COUNTS:
        with database.session(writes=False) as session:
            agency_spans = spans(session)
        counted = portal_counts.check(path, agency_spans, findings, progress)
        return ImportPlan(kind, [ImportStep(len(counted), partial(_portal_counts, counted))])
    if kind == ImportKind.EARLIER:  # few and small: whole, so that a system is one
        with database.session(writes=False) as session:
            figures = earlier.check(earlier.stored(session), path, findings, progress)
        return ImportPlan(kind, [ImportStep(len(figures), partial(_earlier, figures))])
    if kind == ImportKind.SHEETS:
        with database.session(writes=False) as session:
            listed = sheets.check(sheets.surroundings(session, local_day(now())), path, findings, progress)
        piles = [listed[start : start + slices.ROWS] for start in range(0, len(listed), slices.ROWS)]
        return ImportPlan(kind, [ImportStep(len(one), partial(_sheets, one, settings.secret_key)) for one in piles])
    with database.session(writes=False) as session:
        directory = Directory.read(session)
    feed = cases.check(directory, settings.secret_key, path, local_day(now()), findings, progress)
    shares = [feed.cases[start : start + slices.ROWS] for start in range(0, len(feed.cases), slices.ROWS)]
    return ImportPlan(kind, [ImportStep(len(one), partial(_cases, one, feed, settings)) for one in shares])


def record(
    database: Database,
    plan: ImportPlan,
    staff_id: int | None,
    progress: Callable[[int], object] = bool,
    dry_run: bool = False,
    job: int | None = None,
) -> ImportOutcome:
    """Take each step in a transaction of its own; the last one carries the entry in the record of who did what.

    After an interruption the same file can be imported again: nothing is doubled. `progress` is told of every row.
    `job` is the job that does it, if one does.
    """
    outcome = ImportOutcome()
    for left, step in zip(range(len(plan.steps) - 1, -1, -1), plan.steps, strict=True):
        with sharing_time() if left else nullcontext(), database.session(writes=True) as session:
            outcome += step.record(session, Informant(now(), staff_id, job=job))
            if not dry_run:
                if not left:
                    about = {"added": outcome.added, "updated": outcome.updated, "unchanged": outcome.unchanged}
                    trail.append(session, staff_id, ACTS[plan.kind], now(), **about)
                session.commit()
        progress(step.rows)
    return outcome


def _outcome(tally: Tally) -> ImportOutcome:
    return ImportOutcome(tally.added, tally.unchanged, tally.updated)


def _agencies(entries: Sequence[agencies.Entry], session: Session, _informant: Informant) -> ImportOutcome:
    return _outcome(agencies.apply(session, entries))


def _procedures(entries: Sequence[procedures.ProcedureEntry], session: Session, _informant: Informant) -> ImportOutcome:
    return _outcome(procedures.apply(session, entries))


def _portal_counts(
    entries: Sequence[portal_counts.PortalEntry], session: Session, informant: Informant
) -> ImportOutcome:
    return _outcome(portal_counts.apply(session, entries, informant.when))


def _earlier(figures: Sequence[earlier.EarlierFigure], session: Session, informant: Informant) -> ImportOutcome:
    return _outcome(earlier.apply(session, figures, informant))


def _sheets(part: Sequence[sheets.ListedSheet], secret: str, session: Session, informant: Informant) -> ImportOutcome:
    return _outcome(sheets.apply(session, secret, part, informant))


def _cases(
    part: Sequence[FinishedCase],
    feed: cases.Feed,
    settings: Settings,
    session: Session,
    informant: Informant,
) -> ImportOutcome:
    """Record cases, and invite those whose address the file tells; the others stay due, for `hailong invite`.

    An address that the file corrects replaces that of a message which still waits.
    """
    ways, contacts = drafting.apology_ways(settings), feed.contacts
    exclusively(session, Lock.FEED)
    former_keys.follow(session, {old: one.code_hash for one in part for old in feed.former.get(one.code_hash, ())})
    outcome = _outcome(recording.record(session, part, informant, apologises=ways is not None))
    reachable = {case.code_hash: contacts[case.code_hash] for case in part if case.code_hash in contacts}
    if not reachable:
        return outcome
    when = informant.when
    drafting.address(session, settings.secret_key, ways or (), reachable, {}, when)
    phones.keep(session, settings.secret_key, reachable, {}, when)
    messages.correct(session, settings.secret_key, reachable, when)
    again = messages.invite_again(session, settings.secret_key, reachable, when, settings.reminder_days)
    tokens = invitations.issue_due(session, reachable, when, settings.answer_days)
    invited = (NewMessage(token, reachable[code]) for code, token in tokens.items())
    queued = messages.add(session, settings.secret_key, invited, when, settings.reminder_days)
    return outcome + ImportOutcome(invited=len(tokens), queued=queued + len(again))
