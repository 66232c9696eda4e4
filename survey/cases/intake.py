"""Finished cases as the portal sends them: each recorded whole or refused with every reason, and invited at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies import drafting
from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import phones
from survey.cases import former_keys, recording
from survey.cases.recording import UNKNOWN_SINCE, Directory, FinishedCase
from survey.collection import invitations
from survey.collection.withdrawn_cases import Informant
from survey.db import slices
from survey.db.engine import Lock, exclusively
from survey.db.slices import rows_in
from survey.delivery import contact, messages
from survey.delivery.messages import NewMessage
from survey.errors import InvalidContact
from survey.i18n import msgid
from survey.models import AddressKind, Case, CaseOutcome, Filing, Respondent
from survey.organisation import agencies
from survey.organisation.dated_tree import Tree, tree_of
from survey.periods import local_day

CaseStatus = Literal["recorded", "updated", "unchanged", "refused"]
FieldFault = tuple[str, str, dict[str, Any]]

_NOT_YOURS = msgid("This key may not send cases of the agency %(code)s. Ask for a key of that agency.")
_THEIRS = msgid("This case is known as one of another agency, which this key may not change.")
_TOO_OLD = msgid("The case would be finished before the year 2000. Correct the day.")
_TWICE = msgid("The same case stands at index %(other)s with other particulars. Send one of the two.")


@dataclass(frozen=True)
class IncomingCase:
    """One case as it was sent; its code is forgotten as soon as it is hashed."""

    case_code: str = field(repr=False)
    procedure: str
    receiving: str
    resolving: str
    respondent: Respondent
    finished: dt.date
    received: dt.date | None = None
    due: dt.date | None = None
    filing: Filing | None = None
    outcome: CaseOutcome | None = None
    withdrawn: dt.date | None = None
    withdrawal_told: bool = False
    contact: str | None = field(default=None, repr=False)
    language: str | None = None  # of a letter about it; None: that of the installation


@dataclass
class CaseResult:
    """What became of one case; `token` is there only if it was invited now.

    With a warning it is not, and stays due; nor is it while it is withdrawn.
    """

    status: CaseStatus
    faults: list[FieldFault] = field(default_factory=list)
    warnings: list[FieldFault] = field(default_factory=list)
    token: str | None = field(default=None, repr=False)
    message: bool = False


@dataclass(frozen=True)
class Terms:
    """Under which terms cases are taken: by which key of which agency, when, for how long they may be answered."""

    secret: str = field(repr=False)
    agency_id: int
    api_key: int
    when: dt.datetime
    answer_days: int
    reminder_days: int
    apology_ways: frozenset[AddressKind] | None = None  # to which kinds of address letters go; None drafts none


def take(
    session: Session, batch: Sequence[IncomingCase], terms: Terms, done: Sequence[CaseStatus] = ()
) -> list[CaseResult]:
    """Record the cases that have no fault, invite those not invited yet, and return what became of each; on record.

    One transaction takes the next `slices.ROWS` of a batch, after those of which `done` says what became of them.
    """
    exclusively(session, Lock.FEED)
    entries = batch[len(done) : len(done) + slices.ROWS]
    results = [CaseResult("unchanged", warnings=list(_unreadable(entry))) for entry in entries]
    entries = [_legible(entry) for entry in entries]
    former_keys.follow(session, former_keys.hashes(terms.secret, (entry.case_code for entry in entries)))
    accepted = _accept(session, entries, terms, results, _Earlier.read(batch, terms.secret, done))
    changes: dict[bytes, recording.Change] = {}
    informant = Informant(terms.when, api_key=terms.api_key)
    recording.record(
        session,
        (case for case, _ in accepted.values()),
        informant,
        changes=changes,
        apologises=terms.apology_ways is not None,
    )
    for code, (_, index) in accepted.items():
        results[index].status = changes[code]
    _invite(session, entries, accepted, terms, results)
    numbers = {status: sum(one.status == status for one in results) for status in ("recorded", "updated", "refused")}
    trail.append(session, None, Act.CASES_RECEIVED, terms.when, api_key=terms.api_key, number=len(entries), **numbers)
    return results


Accepted = dict[bytes, tuple[FinishedCase, int]]


@dataclass
class _Earlier:
    """The cases that stood earlier in the same batch and have no fault, each with its index and what was sent."""

    start: int  # how many stood earlier
    cases: dict[bytes, tuple[FinishedCase, int, IncomingCase]] = field(default_factory=dict)

    @classmethod
    def read(cls, batch: Sequence[IncomingCase], secret: str, done: Sequence[CaseStatus]) -> _Earlier:
        """Return those among the cases that are done."""
        earlier = cls(len(done))
        for index, status in enumerate(done):
            if status != "refused":
                earlier.add(_finished(secret, batch[index]), index, batch[index])
        return earlier

    def add(self, case: FinishedCase, index: int, entry: IncomingCase) -> None:
        """Remember a case, unless it stood earlier."""
        self.cases.setdefault(case.code_hash, (case, index, entry))

    def faults(self, case: FinishedCase, entry: IncomingCase) -> list[FieldFault]:
        """Return what is wrong with a case that stood earlier: nothing if it says the same."""
        first, index, other = self.cases[case.code_hash]
        alike = first == case and len({_legible(other).contact, entry.contact} - {None}) < 2
        return [] if alike else [("case_code", _TWICE, {"other": index})]


def _accept(
    session: Session, entries: Sequence[IncomingCase], terms: Terms, results: list[CaseResult], earlier: _Earlier
) -> Accepted:
    """Return the cases without fault by their hashes, each with the index of its entry."""
    directory, today = Directory.read(session), local_day(terms.when)
    cases = [_finished(terms.secret, entry) for entry in entries]
    resolving = sa.select(Case.code_hash, Case.resolving_agency_id)
    rows = rows_in(session, resolving, Case.code_hash, [case.code_hash for case in cases])
    stored = {row.code_hash: row.resolving_agency_id for row in rows}
    accepted: Accepted = {}
    scope = _Scope(agencies.tree(session, today), directory, terms.agency_id, agencies.root(session, today).id)
    for index, case in enumerate(cases):
        faults = [*_faults(directory, case, today), *scope.faults(case, stored)]
        if not faults and case.code_hash in earlier.cases:
            faults = earlier.faults(case, entries[index])
        elif not faults:
            accepted[case.code_hash] = (case, index)
            earlier.add(case, earlier.start + index, entries[index])
        if faults:
            results[index] = CaseResult("refused", faults, results[index].warnings)
    return accepted


def _finished(secret: str, entry: IncomingCase) -> FinishedCase:
    return recording.finished(
        secret,
        entry.case_code,
        receiving=entry.receiving,
        resolving=entry.resolving,
        procedure=entry.procedure,
        respondent=entry.respondent,
        finished=entry.finished,
        received=entry.received,
        due=entry.due,
        filing=entry.filing,
        outcome=entry.outcome,
        withdrawn=entry.withdrawn,
        withdrawal_told=entry.withdrawal_told,
    )


def _faults(directory: Directory, case: FinishedCase, today: dt.date) -> Iterator[FieldFault]:
    yield from recording.faults(directory, case, today)
    if case.finished < UNKNOWN_SINCE:
        yield "finished", _TOO_OLD, {}


def _legible(entry: IncomingCase) -> IncomingCase:
    return replace(entry, contact=None) if any(_unreadable(entry)) else entry


def _unreadable(entry: IncomingCase) -> Iterator[FieldFault]:
    try:
        if entry.contact is not None:
            contact.read(entry.contact)
    except InvalidContact as error:
        yield "contact", error.message, error.values


@dataclass(frozen=True)
class _Scope:
    """What one key may touch: the cases of agencies that are in its subtree today, or were when the case was finished.

    The night's feed of an agency that has changed its place since is not lost; what was recorded is judged by today.
    """

    tree: Tree
    directory: Directory
    agency_id: int
    root_id: int
    answers: dict[int, bool] = field(default_factory=dict)
    then: dict[dt.date, Tree] = field(default_factory=dict)

    def faults(self, case: FinishedCase, stored: Mapping[bytes, int]) -> Iterator[FieldFault]:
        if not self._held(self._place(case.resolving, case.finished), case.finished):
            yield "resolving", _NOT_YOURS, {"code": case.resolving}
        unknown = case.receiving != case.resolving and case.receiving not in self.directory.agencies
        if unknown and not self._held(self._place(case.receiving, case.finished), case.finished):
            yield "receiving", _NOT_YOURS, {"code": case.receiving}
        if case.code_hash in stored and not self._holds(stored[case.code_hash]):
            yield "case_code", _THEIRS, {}

    def _place(self, code: str, day: dt.date) -> int:
        """Return the agency with this code, or the one below which it would be entered."""
        if code in self.directory.agencies:
            return self.directory.agency(code, day) or self.directory.agencies[code][0][2]
        return recording.nearest(self.directory, code, day) or self.root_id

    def _held(self, agency_id: int, day: dt.date) -> bool:
        if self._holds(agency_id):
            return True
        tree = self.then.get(day) or self.then.setdefault(day, tree_of(self.tree.agencies, day))
        return tree.within(agency_id, self.agency_id)

    def _holds(self, agency_id: int) -> bool:
        if agency_id not in self.answers:
            self.answers[agency_id] = self.tree.within(agency_id, self.agency_id)
        return self.answers[agency_id]


def _invite(
    session: Session, entries: Sequence[IncomingCase], accepted: Accepted, terms: Terms, results: list[CaseResult]
) -> None:
    """Issue an invitation for each accepted case that has none, and queue a message where an address was sent.

    One that was invited before keeps its invitation; an address that is sent now replaces that of what still waits, and
    what reached nobody goes out again, under a new link. A
    case whose address cannot be used waits for one that can, or for its link to be asked for without one.
    """
    queued = []
    sent = {code: where for code, (_, index) in accepted.items() if (where := entries[index].contact) is not None}
    contacts = {code: contact.read(where) for code, where in sent.items()}
    languages = {code: entries[accepted[code][1]].language for code in contacts}
    drafting.address(session, terms.secret, terms.apology_ways or (), contacts, languages, terms.when)
    phones.keep(session, terms.secret, contacts, languages, terms.when)
    for code in messages.correct(session, terms.secret, contacts, terms.when):
        results[accepted[code][1]].status = "updated"
    again = messages.invite_again(session, terms.secret, contacts, terms.when, terms.reminder_days)
    for code, token in again.items():
        result = results[accepted[code][1]]
        result.status, result.token, result.message = "updated", token, True
    due = [code for code, (_, index) in accepted.items() if not results[index].warnings]
    for code, token in invitations.issue_due(session, due, terms.when, terms.answer_days).items():
        index = accepted[code][1]
        results[index].token = token
        if (where := entries[index].contact) is not None:
            results[index].message = True
            queued.append(NewMessage(token, contact.read(where)))
    if queued:
        messages.add(session, terms.secret, queued, terms.when, terms.reminder_days)
