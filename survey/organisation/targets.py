"""The targets in force: dated, with their source; a period is judged by those of its last day.

The headline is the province's own: verdicts are by it. Another one may stand beside it, such as a national target, with
its own verdict. Until the province enters a headline, the setting HAILONG_TARGET is it. What has begun is not changed:
a new target begins on a later day, and one that stands beside may be ended from today on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import msgid, nfc
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell
from survey.models import StoredTarget, Texts
from survey.organisation.agencies import revise
from survey.periods import local_day

LOWEST, HIGHEST = Decimal("0.5"), Decimal("0.999")
LONGEST_TITLE, LONGEST_SOURCE = 120, 300
LANGUAGES = ("vi", "en")
_SHARE = re.compile(r"[0-9]{1,2}(?:[.,][0-9]{1,2})?")

_NO_SHARE = msgid("Write a share from 50 to 99.9, such as 95 or 92.5.")
_NO_DAY = msgid("Choose a day from tomorrow on: what is in force until then is not changed.")
_BEFORE = msgid("Choose a last day that is not before the first day.")
_ENDLESS = msgid("The headline target holds until the next one begins; leave its last day empty.")
_TAKEN = msgid("A target of this kind already begins on this day. Take it back first, or choose another day.")
_MISSING = msgid("Please fill this in.")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")
TargetState: TypeAlias = Literal["planned", "in_force", "past"]
TargetFaults = dict[str, tuple[str, dict[str, Any]]]  # by field: a msgid and its values


@dataclass(frozen=True)
class DatedTarget:
    """A target as figures are held against it: its share, a decimal in writing, what it is called and who set it."""

    share: str
    title: Texts = field(hash=False)
    source: Texts = field(hash=False)

    def kept(self) -> dict[str, object]:
        """Return it as plain values that can be kept as JSON."""
        return {"share": self.share, "title": self.title, "source": self.source}


@dataclass(frozen=True)
class TargetsInForce:
    """The headline, where the province has entered one, and the target beside it, where there is one."""

    headline: DatedTarget | None = None
    beside: DatedTarget | None = None

    def kept(self) -> dict[str, Any]:
        """Return both as plain values that can be kept as JSON."""
        both = {"headline": self.headline, "beside": self.beside}
        return {name: one and one.kept() for name, one in both.items()}


NO_TARGETS = TargetsInForce()


@dataclass(frozen=True)
class TargetDraft:
    """A target as somebody has filled it in, and found without fault."""

    headline: bool
    share: str
    valid_from: dt.date
    valid_to: dt.date | None
    title: Texts
    source: Texts


def in_force(session: Session, day: dt.date) -> TargetsInForce:
    """Return the targets that hold on a day: of each kind the one that began last and has not ended."""
    begun = [row for row in listed(session) if row.valid_from <= day]
    headline = next((row for row in begun if row.headline), None)
    beside = next((row for row in begun if not row.headline), None)
    ended = beside is not None and beside.valid_to is not None and beside.valid_to < day
    return TargetsInForce(_dated(headline), None if ended else _dated(beside))


def kept_in_force(kept: Mapping[str, Any] | None) -> TargetsInForce:
    """Return the targets that were kept as JSON; none of a period that was closed before they were.

    >>> kept_in_force({"headline": None, "beside": {"share": "0.95", "title": {}, "source": {}}}).beside.share
    '0.95'
    """
    return TargetsInForce(**{name: one and DatedTarget(**one) for name, one in (kept or {}).items()})


def listed(session: Session) -> list[StoredTarget]:
    """Return all targets, the headlines first, each kind from the newest first day on."""
    newest = (StoredTarget.headline.desc(), StoredTarget.valid_from.desc())
    return list(session.scalars(sa.select(StoredTarget).order_by(*newest)))


def read(session: Session, entered: Mapping[str, str], today: dt.date) -> tuple[TargetDraft | None, TargetFaults]:
    """Return the target that a form holds, or what is wrong with it by field.

    A form has `kind` ("headline" or "beside"), `share` in per cent, `first` and `last` (2027-01-01), and in each
    language a title and a source, such as `title_vi`.
    """
    faults: TargetFaults = {}
    headline = entered.get("kind") == "headline"
    if (share := _share(entered.get("share", ""))) is None:
        faults["share"] = _NO_SHARE, {}
    first, last = (_day(entered.get(name, "")) for name in ("first", "last"))
    if first is None or first <= today:
        faults["first"] = _NO_DAY, {}
    elif any((row.headline, row.valid_from) == (headline, first) for row in listed(session)):
        faults["first"] = _TAKEN, {}
    if entered.get("last", "").strip() and headline:
        faults["last"] = _ENDLESS, {}
    elif entered.get("last", "").strip() and (last is None or (first is not None and last < first)):
        faults["last"] = _BEFORE, {}
    title = _texts(entered, "title", LONGEST_TITLE, faults)
    source = _texts(entered, "source", LONGEST_SOURCE, faults)
    if faults or share is None or first is None:
        return None, faults
    return TargetDraft(headline, share, first, last, title, source), {}


def add(session: Session, draft: TargetDraft, when: dt.datetime, staff_id: int) -> StoredTarget:
    """Enter a target that holds from a later day on, on record.

    Raises:
        Conflict: its first day is not a later one, or another target of its kind begins on it.
    """
    if draft.valid_from <= local_day(when):
        raise Conflict(_NO_DAY)
    row = StoredTarget(**vars(draft), staff_id=staff_id, entered_at=when)
    try:
        with session.begin_nested():
            session.add(row)
    except sa.exc.IntegrityError as error:
        raise Conflict(_TAKEN) from error
    _record(session, row, Act.TARGET_ADDED, when, staff_id)
    return row


def end(session: Session, number: int, when: dt.datetime, staff_id: int) -> None:
    """Take back a target that has not begun, or let one that stands beside the headline end with today, on record.

    Raises:
        NotFound: there is no such target.
        Conflict: it is a headline in force, which only a later one replaces, or it has ended already.
    """
    row, today = session.get(StoredTarget, number), local_day(when)
    if row is None:
        raise NotFound("There is no such target.")
    if row.valid_from > today:
        _record(session, row, Act.TARGET_TAKEN_BACK, when, staff_id)
        session.delete(row)
        return
    if row.headline or (row.valid_to is not None and row.valid_to <= today):
        raise Conflict("This target cannot be ended. Enter another one that begins on a later day.")
    row.valid_to = today
    _record(session, row, Act.TARGET_ENDED, when, staff_id)


def state(row: StoredTarget, rows: Iterable[StoredTarget], today: dt.date) -> TargetState:
    """Return whether a target is still to begin, in force, or past: ended, or followed by one of its kind."""
    if row.valid_from > today:
        return "planned"
    later = any(one.headline == row.headline and row.valid_from < one.valid_from <= today for one in rows)
    return "past" if later or (row.valid_to is not None and row.valid_to < today) else "in_force"


def endable(row: StoredTarget, today: dt.date) -> bool:
    """Return whether a target can still be taken back or ended."""
    return row.valid_from > today or not (row.headline or (row.valid_to is not None and row.valid_to <= today))


def _record(session: Session, row: StoredTarget, act: Act, when: dt.datetime, staff_id: int) -> None:
    revise(session)
    last = row.valid_to.isoformat() if row.valid_to else ""
    about: dict[str, str | int] = {"target": row.share, "headline": int(row.headline)}
    about |= {"first": row.valid_from.isoformat(), "last": last}
    kind = EntryKind.TARGET_TAKEN_BACK if act == Act.TARGET_TAKEN_BACK else EntryKind.TARGET
    tell(session, kind, local_day(when), **about)
    trail.append(session, staff_id, act, when, **about)


def _dated(row: StoredTarget | None) -> DatedTarget | None:
    return None if row is None else DatedTarget(row.share, row.title, row.source)


def _share(typed: str) -> str | None:
    """Return a share in writing from one in per cent; None where it is none that can be a target.

    >>> _share("92,5 %"), _share("95"), _share("9")
    ('0.925', '0.95', None)
    """
    number = typed.strip().removesuffix("%").strip()
    if not _SHARE.fullmatch(number):
        return None
    share = Decimal(number.replace(",", ".")) / 100
    return str(share) if LOWEST <= share <= HIGHEST else None


def _day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _texts(entered: Mapping[str, str], name: str, longest: int, faults: TargetFaults) -> Texts:
    texts = {language: " ".join(nfc(entered.get(f"{name}_{language}", "")).split()) for language in LANGUAGES}
    for language, words in texts.items():
        if not words:
            faults[f"{name}_{language}"] = _MISSING, {}
        elif len(words) > longest:
            faults[f"{name}_{language}"] = _LONG, {"most": longest}
    return texts
