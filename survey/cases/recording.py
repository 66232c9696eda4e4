"""Finished cases from the portal's feed: recorded once each, from whichever feed and however often."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies import drafting
from survey.collection import corrected_cases, withdrawn_cases
from survey.collection.withdrawn_cases import Informant
from survey.db.engine import Lock, exclusively
from survey.db.slices import rows_in
from survey.db.upsert import insert_or_ignore
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import Agency, Case, CaseOutcome, Filing, Invitation, Level, Procedure, Respondent, Withdrawal
from survey.organisation import agencies, procedures
from survey.organisation.agencies import revise, root
from survey.security.tokens import case_hash

UNKNOWN_SINCE = dt.date(2000, 1, 1)
BATCH = 2000
TABLE = cast(sa.Table, Case.__table__)
_RECORD = insert_or_ignore(TABLE, ["code_hash"])  # another feed may have recorded a case at the same moment
_USED = sa.exists().where(Invitation.case_id == TABLE.c.id, Invitation.used)
_STORED = sa.select(TABLE, Withdrawal.withdrawn_on, _USED.label("used")).outerjoin(
    Withdrawal, withdrawn_cases.withdrawal_of(TABLE.c.id)
)
SETTLED = ("resolving_agency_id", "procedure_id", "respondent", "finished_day")  # by which it is counted
CasesRead = Callable[[int], object]
Change: TypeAlias = Literal["recorded", "updated", "unchanged"]

_NO_PROCEDURE = msgid("There is no procedure with the code %(code)s. Import the procedures first, or correct the code.")
_NO_AGENCY_THEN = msgid("The agency %(code)s did not exist on %(day)s. Write the code of the agency that did.")
_FUTURE = msgid(
    "The case would be finished on %(day)s, which is still to come. Write the day on which it was finished."
)
_RECEIVED_LATE = msgid("The case was received after it was finished. Correct one of the two days.")
_DUE_EARLY = msgid("The case was due before it was received. Correct one of the two days.")
_WITHDRAWN_LATE = msgid(
    "The case would be withdrawn on %(day)s, which is still to come. Write the day on which it was withdrawn."
)
_WITHDRAWN_EARLY = msgid("The case was withdrawn before it was received. Correct one of the two days.")


@dataclass(frozen=True, slots=True)
class FinishedCase:
    """One finished case as the portal tells it, its own code already hashed; agencies and procedure by their codes.

    `withdrawal_told`: it says whether the case is withdrawn; a feed that knows nothing of withdrawals changes none.
    """

    code_hash: bytes
    receiving: str
    resolving: str
    procedure: str
    respondent: Respondent
    finished: dt.date
    received: dt.date | None = None
    due: dt.date | None = None
    filing: Filing | None = None
    outcome: CaseOutcome | None = None
    withdrawn: dt.date | None = None
    withdrawal_told: bool = False

    @property
    def agencies(self) -> tuple[tuple[str, str], ...]:
        """Return the fields that name an agency, with its code; one that did both is named as the one that resolved."""
        resolving = ("resolving", self.resolving)
        return (resolving,) if self.receiving == self.resolving else (("receiving", self.receiving), resolving)


@dataclass(frozen=True)
class Tally:
    """What recording changed."""

    added: int = 0
    unchanged: int = 0
    updated: int = 0

    def __add__(self, more: Tally) -> Tally:
        """Return both together."""
        return Tally(self.added + more.added, self.unchanged + more.unchanged, self.updated + more.updated)


@dataclass
class Directory:
    """Every agency and procedure by code, each with its days or its versions; read once, asked often."""

    agencies: dict[str, list[tuple[dt.date, dt.date | None, int]]] = field(repr=False)
    procedures: dict[str, list[Procedure]] = field(repr=False)

    @classmethod
    def read(cls, session: Session) -> Directory:
        """Read all codes."""
        return cls(agencies.spans(session), procedures.by_code(session))

    def agency(self, code: str, day: dt.date) -> int | None:
        """Return the agency with this code on a day."""
        for first, last, key in self.agencies.get(code, ()):
            if first <= day and (last is None or day <= last):
                return key
        return None

    def receiving(self, case: FinishedCase) -> int | None:
        """Return the agency that received a case: by its code on that day, or the one that has it since a merger."""
        return self.agency(case.receiving, case.received or case.finished) or self.agency(case.receiving, case.finished)


def faults(directory: Directory, case: FinishedCase, today: dt.date) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what is wrong with a case: the field, a msgid and its values."""
    if case.procedure not in directory.procedures:
        yield "procedure", _NO_PROCEDURE, {"code": case.procedure}
    for name, code in case.agencies:
        received = name == "receiving"
        agency_id = directory.receiving(case) if received else directory.agency(code, case.finished)
        if code in directory.agencies and agency_id is None:
            day = (case.received or case.finished) if received else case.finished
            yield name, _NO_AGENCY_THEN, {"code": code, "day": f"{day:%d/%m/%Y}"}
    if case.finished > today:
        yield "finished", _FUTURE, {"day": f"{case.finished:%d/%m/%Y}"}
    if case.received is not None and case.received > case.finished:
        yield "received", _RECEIVED_LATE, {}
    if case.received is not None and case.due is not None and case.due < case.received:
        yield "due", _DUE_EARLY, {}
    if case.withdrawn is not None and case.withdrawn > today:
        yield "withdrawn", _WITHDRAWN_LATE, {"day": f"{case.withdrawn:%d/%m/%Y}"}
    if case.withdrawn is not None and case.received is not None and case.withdrawn < case.received:
        yield "withdrawn", _WITHDRAWN_EARLY, {}


def unknown_agencies(directory: Directory, case: FinishedCase) -> list[tuple[str, str]]:
    """Return the fields and codes of agencies that are not known yet: taken, with a warning."""
    return [(name, code) for name, code in case.agencies if code not in directory.agencies]


def finished(secret: str, code: str, **about: Any) -> FinishedCase:
    """Return a finished case with its code hashed."""
    return FinishedCase(case_hash(secret, code), **about)


def record(
    session: Session,
    cases: Iterable[FinishedCase],
    informant: Informant,
    progress: CasesRead = bool,
    changes: dict[bytes, Change] | None = None,
    *,
    apologises: bool = False,
) -> Tally:
    """Record finished cases; one that is known is left or corrected, never doubled, and the last word counts.

    The answer to a corrected case goes with it, unless its day lies in a closed period (`corrected_cases.follow`). A
    case whose link was used in a period that is closed stays as it is counted. Each withdrawal goes on record, and so
    does giving a case back. Rows are written in a random order: their numbers do not tell in which order cases were
    finished.

    Unknown codes of agencies are entered below the nearest agency whose code begins theirs (the law
    leaves codes after the merger open). `progress` is told how many cases are done, and `changes`, if given, what
    became of each case by its hashed code. `apologises`: a letter of apology is drafted about each that is late.
    """
    exclusively(session, Lock.FEED)
    directory = Directory.read(session)
    added = unchanged = updated = 0
    for batch in _batches(cases):
        latest = {case.code_hash: case for case in batch}
        stored = {row.code_hash: row._mapping for row in rows_in(session, _STORED, TABLE.c.code_hash, latest)}
        rows = [_row(session, directory, case) for case in latest.values()]
        rows = [row | _settled(stored.get(row["code_hash"])) for row in rows]
        new = [row for row in rows if row["code_hash"] not in stored]
        moved = [
            row | {"id": before["id"]}
            for row in rows
            if (before := stored.get(row["code_hash"])) is not None and _differs(before, row)
        ]
        if new:
            random.SystemRandom().shuffle(new)
            session.execute(_RECORD, new)
        if moved:
            session.execute(sa.update(Case), moved)
            corrected_cases.follow(session, moved, informant.when)
        turned = _withdrawals(session, latest, stored, informant)
        if moved or turned:
            revise(session)
        corrected = {row["code_hash"] for row in moved} | (turned & stored.keys())
        followed = corrected | {row["code_hash"] for row in new if apologises}
        drafting.follow(session, followed, informant.when, drafts=apologises)
        if changes is not None:
            changes.update(dict.fromkeys(latest, "unchanged"))
            changes.update({row["code_hash"]: "recorded" for row in new})
            changes.update(dict.fromkeys(corrected, "updated"))
        added, updated = added + len(new), updated + len(corrected)
        unchanged += len(batch) - len(new) - len(corrected)
        progress(len(batch))
    return Tally(added, unchanged, updated)


def _batches(cases: Iterable[FinishedCase]) -> Iterator[list[FinishedCase]]:
    ahead = iter(cases)
    while batch := list(islice(ahead, BATCH)):
        yield batch


def _settled(stored: sa.RowMapping | None) -> dict[str, Any]:
    """Return what is not corrected any more of a case whose answer is counted for good, and names no case."""
    return {name: stored[name] for name in SETTLED} if stored is not None and stored["used"] else {}


def _withdrawals(
    session: Session,
    latest: Mapping[bytes, FinishedCase],
    stored: Mapping[bytes, sa.RowMapping],
    informant: Informant,
) -> set[bytes]:
    """Record which of these cases are withdrawn now, or not any more, and return the codes of those that turned."""
    before = {code: row["withdrawn_on"] for code, row in stored.items()}
    open_ones = {code: case for code, case in latest.items() if code not in stored or not stored[code]["used"]}
    turned = {code for code, case in open_ones.items() if case.withdrawal_told and case.withdrawn != before.get(code)}
    numbers = rows_in(session, sa.select(TABLE.c.id, TABLE.c.code_hash), TABLE.c.code_hash, turned)
    withdrawn_cases.change(session, {row.id: latest[row.code_hash].withdrawn for row in numbers}, informant)
    return turned


_COLUMNS = [column for column in TABLE.columns if column.name != "id"]


def _differs(stored: sa.RowMapping, row: Mapping[str, Any]) -> bool:
    return any(stored[column.name] != row[column.name] for column in _COLUMNS)


def _row(session: Session, directory: Directory, case: FinishedCase) -> dict[str, Any]:
    return {
        "code_hash": case.code_hash,
        "resolving_agency_id": _agency(session, directory, case.resolving, case.finished),
        "receiving_agency_id": directory.receiving(case) or _agency(session, directory, case.receiving, case.finished),
        "procedure_id": procedures.on(directory.procedures[case.procedure], case.finished).id,
        "respondent": case.respondent,
        "filing": case.filing,
        "received_day": case.received,
        "due_day": case.due,
        "finished_day": case.finished,
        "outcome": case.outcome,
    }


def nearest(directory: Directory, code: str, day: dt.date) -> int | None:
    """Return the agency whose code begins this code and is the longest to do so; None if there is none but the root."""
    parts = code.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if (agency_id := directory.agency(".".join(parts[:length]), day)) is not None:
            return agency_id
    return None


def _agency(session: Session, directory: Directory, code: str, day: dt.date) -> int:
    agency_id = directory.agency(code, day)
    return _enter(session, directory, code, day) if agency_id is None else agency_id


def _enter(session: Session, directory: Directory, code: str, day: dt.date) -> int:
    """Enter an agency of which nothing is known but its code."""
    if code in directory.agencies:
        raise Conflict(_NO_AGENCY_THEN, code=code, day=f"{day:%d/%m/%Y}")
    above = nearest(directory, code, day) or root(session, day).id
    name = {"vi": f"Cơ quan có mã {code}", "en": f"Agency with the code {code}"}
    agency = Agency(code=code, name=name, level=Level.OFFICE, parent_id=above, valid_from=UNKNOWN_SINCE)
    agency.placeholder = True
    session.add(agency)
    session.flush()
    directory.agencies[code] = [(UNKNOWN_SINCE, None, agency.id)]
    return agency.id
