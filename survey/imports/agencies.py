"""Agencies from a file: the dated tree, its mergers and renamings, checked as a whole before a row is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey.cases.recording import Tally
from survey.i18n import msgid
from survey.imports import placeholders, table
from survey.imports.agency_columns import COLUMNS
from survey.imports.faults import ENDS_EARLY, ODD_SHAPE, TWICE, Findings
from survey.imports.placeholders import Key
from survey.models import Agency, Installation, Level
from survey.organisation.agencies import by_id, revise
from survey.organisation.code_formats import AGENCY_CODE, OLD_AGENCY_CODE
from survey.organisation.dated_tree import in_circles
from survey.organisation.province import place_of
from survey.settings import DATA

PROFILES = DATA / "agencies"

_OVERLAP = msgid("The code %(code)s is in use from %(day)s already. End the earlier agency before this one begins.")
_OVERLAPPED = msgid("The code %(code)s is in use from %(day)s. Write a last day before it for this earlier agency.")
_NO_PARENT = msgid("Only a province stands below nobody. Write the code of the agency above.")
_PARENT = msgid("No agency has the code %(code)s on %(day)s. Add it to the file, or correct the code.")
_SUCCESSOR = msgid(
    "No agency with the code %(code)s follows after %(day)s. Import the successors first, or correct the code."
)
_NOT_ENDED = msgid("Only an agency that has ended has a successor. Write its last day, or leave the successor out.")
_CIRCLE = msgid("This agency would stand below itself. Correct the agency above or the successor.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One agency from its first to its last day, with the rows of its parent and successor by code and first day."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    name: dict[str, str]
    level: Level
    parent: Key | None
    successor: Key | None
    line: int = 0
    heirs: tuple[Key, ...] = ()  # where it was split: each of those that came out of it
    placeholder: bool = False

    @property
    def key(self) -> Key:
        """Return what tells one row from all others."""
        return self.code, self.valid_from


def check(stored: Iterable[Entry], path: Path, findings: Findings, progress: Callable[[int], object]) -> list[Entry]:
    """Return the agencies of a file, their parents and successors found among it and those that are `stored`.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    before = {entry.key: entry for entry in stored}
    rows: dict[Key, tuple[Entry, str | None, tuple[str, ...]]] = {}
    for row in table.rows(path, COLUMNS, findings):
        progress(1)
        values = row.values
        if not row.whole:
            continue
        name = {language: values[f"name_{language}"] for language in ("vi", "en") if f"name_{language}" in values}
        same = before.get((values["code"], values["valid_from"]))
        _keep(None if same is None or same.placeholder else same, values, name, findings.titles)
        entry = Entry(
            values["code"], values["valid_from"], values.get("valid_to"), name, values["level"], None, None, row.line
        )
        _check_entry(entry, values, findings)
        if entry.key in rows:
            other = rows[entry.key][0].line
            findings.fault(row.line, findings.titles["code"], entry.code, TWICE, other=other)
        rows.setdefault(entry.key, (entry, values.get("parent"), values.get("successor", ())))
    findings.check()
    everyone = _without_placeholders(before, rows) | {key: entry for key, (entry, _, _) in rows.items()}
    lines = _lines(everyone.values())
    for entry, parent, codes_of_heirs in rows.values():
        _check_overlap(entry, lines, findings)
        heirs = tuple(heir for code in codes_of_heirs or (None,) if (heir := _successor(entry, code, lines, findings)))
        everyone[entry.key] = replace(
            entry,
            parent=_parent(entry, parent, lines, findings),
            successor=heirs[0] if len(heirs) == 1 else None,
            heirs=heirs if len(heirs) > 1 else (),
        )
    findings.check()
    _check_circles(everyone, findings)
    findings.check()
    return [everyone[key] for key in rows]


def apply(session: Session, entries: Sequence[Entry]) -> Tally:
    """Record agencies; one with the same code and first day is corrected, never doubled."""
    agencies = {(one.code, one.valid_from): one for one in by_id(session).values()}
    before = {key: particulars for key, particulars in _particulars(agencies).items() if not agencies[key].placeholder}
    replaced = placeholders.give_way(agencies, [entry.key for entry in entries])
    for entry in entries:
        if (one := agencies.get(entry.key)) is None:
            one = agencies[entry.key] = Agency(code=entry.code, valid_from=entry.valid_from)
            session.add(one)
        one.name, one.level, one.valid_to, one.placeholder = entry.name, entry.level, entry.valid_to, False
    session.flush()
    for entry in entries:
        one = agencies[entry.key]
        one.parent_id = agencies[entry.parent].id if entry.parent else None
        one.successor_id = agencies[entry.successor].id if entry.successor else None
    _split(agencies, entries)
    session.flush()
    for one in replaced:
        placeholders.share_out(session, one, [other for other in agencies.values() if other.code == one.code])
    _set_up(session, agencies.values())
    revise(session)
    added = sum(entry.key not in before for entry in entries)
    after = _particulars(agencies)
    same = sum(before.get(entry.key) == after[entry.key] for entry in entries)
    return Tally(added, same, len(entries) - added - same)


def _split(agencies: Mapping[Key, Agency], entries: Sequence[Entry]) -> None:
    """Say of each agency of which ended one it is a part, as far as the entries tell."""
    ended = {agencies[entry.key].id for entry in entries}
    for one in agencies.values():
        one.split_from_id = None if one.split_from_id in ended else one.split_from_id
    for entry in entries:
        for heir in entry.heirs:
            agencies[heir].split_from_id = agencies[entry.key].id


def _particulars(agencies: Mapping[Key, Agency]) -> dict[Key, tuple[object, ...]]:
    heirs: dict[int | None, set[int]] = {}
    for one in agencies.values():
        heirs.setdefault(one.split_from_id, set()).add(one.id)
    return {
        key: (dict(one.name), one.level, one.valid_to, one.parent_id, one.successor_id, heirs.get(one.id, set()))
        for key, one in agencies.items()
    }


def _set_up(session: Session, agencies: Iterable[Agency]) -> None:
    """Say whose survey this is, if nobody has yet and there is one province of today."""
    roots = [one for one in agencies if one.parent_id is None and one.valid_to is None]
    if session.get(Installation, 1) is None and len(roots) == 1:
        place = place_of(roots[0].name)
        session.add(Installation(id=1, demo=False, root_code=roots[0].code, place=place))
        session.flush()


def stored(session: Session) -> list[Entry]:
    """Return every agency as a file would tell it."""
    agencies = by_id(session)
    keys: dict[int | None, Key] = {one.id: (one.code, one.valid_from) for one in agencies.values()}
    heirs: dict[int | None, tuple[Key, ...]] = {}
    for one in agencies.values():
        heirs[one.split_from_id] = (*heirs.get(one.split_from_id, ()), keys[one.id])
    return [
        Entry(
            one.code,
            one.valid_from,
            one.valid_to,
            dict(one.name),
            one.level,
            keys.get(one.parent_id),
            keys.get(one.successor_id),
            heirs=heirs.get(one.id, ()),
            placeholder=one.placeholder,
        )
        for one in agencies.values()
    ]


def _without_placeholders(before: Mapping[Key, Entry], rows: Collection[Key]) -> dict[Key, Entry]:
    """Return what is stored but for placeholders of codes that the file explains; its first row stands for them."""
    first: dict[str, Key] = {}
    for key in sorted(rows):
        first.setdefault(key[0], key)
    gone = {key: first[key[0]] for key, entry in before.items() if entry.placeholder and key[0] in first}
    kept = {key: entry for key, entry in before.items() if key not in gone}
    for key, entry in kept.items():
        parent, successor = (one and gone.get(one, one) for one in (entry.parent, entry.successor))
        kept[key] = replace(entry, parent=parent, successor=successor)
    return kept


def _keep(before: Entry | None, values: dict[str, Any], name: dict[str, str], columns: Collection[str]) -> None:
    """Let a row say what is known where its file has no column for it: silence must not undo a merger."""
    if before is None:
        return
    name.update(table.kept(before.name, name, "name", columns))
    if "valid_to" not in columns:
        values["valid_to"] = before.valid_to
    if "successor" not in columns and values.get("valid_to"):
        values["successor"] = tuple(
            code for code, _ in before.heirs or ((before.successor,) if before.successor else ())
        )


def _lines(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return the entries of each code in the order of their days."""
    lines: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.valid_from):
        lines.setdefault(entry.code, []).append(entry)
    return lines


def _check_entry(entry: Entry, values: dict[str, Any], findings: Findings) -> None:
    if not (AGENCY_CODE.fullmatch(entry.code) or OLD_AGENCY_CODE.fullmatch(entry.code)):
        findings.warn(entry.line, findings.titles["code"], entry.code, ODD_SHAPE)
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        findings.fault(entry.line, findings.titles["valid_to"], entry.valid_to.isoformat(), ENDS_EARLY)
    if entry.valid_to is None and values.get("successor"):
        findings.fault(entry.line, findings.titles["successor"], ", ".join(values["successor"]), _NOT_ENDED)
    if entry.level != Level.PROVINCE and not values.get("parent"):
        findings.fault(entry.line, findings.titles["parent"], "", _NO_PARENT)


def _check_overlap(entry: Entry, lines: dict[str, list[Entry]], findings: Findings) -> None:
    """Name a row that is in use on a day of another one; of two in the file the later one."""
    for other in lines[entry.code]:
        begun, earlier = other.valid_from <= (entry.valid_to or dt.date.max), other.valid_from < entry.valid_from
        if other.key == entry.key or not begun or (other.valid_to or dt.date.max) < entry.valid_from:
            continue
        if earlier or not other.line:
            findings.fault(
                entry.line,
                findings.titles["valid_from"],
                entry.valid_from.isoformat(),
                _OVERLAP if earlier else _OVERLAPPED,
                code=entry.code,
                day=f"{other.valid_from:%d/%m/%Y}",
            )


def _parent(entry: Entry, code: str | None, lines: dict[str, list[Entry]], findings: Findings) -> Key | None:
    if code is None:
        return None
    for other in lines.get(code, ()):
        if other.valid_from <= entry.valid_from and (other.valid_to is None or other.valid_to >= entry.valid_from):
            return other.key
    since = f"{entry.valid_from:%d/%m/%Y}"
    findings.fault(entry.line, findings.titles["parent"], code, _PARENT, code=code, day=since)
    return None


def _successor(entry: Entry, code: str | None, lines: dict[str, list[Entry]], findings: Findings) -> Key | None:
    """Return the row that takes over after the last day; without a code, the same code under its next name."""
    if entry.valid_to is None:
        return None
    next_day = entry.valid_to + dt.timedelta(days=1)
    for other in lines.get(code or entry.code, ()):
        goes_on = other.valid_to is None or other.valid_to >= next_day
        if other.key != entry.key and goes_on and (code or other.valid_from == next_day):
            return other.key
    if code:
        last = f"{entry.valid_to:%d/%m/%Y}"
        title = findings.titles.get("successor") or findings.titles.get("valid_to", findings.titles["code"])
        findings.fault(entry.line, title, code, _SUCCESSOR, code=code, day=last)
    return None


def _check_circles(everyone: dict[Key, Entry], findings: Findings) -> None:
    """Name agencies that would, on some day, stand below themselves."""
    numbers = {key: number for number, key in enumerate(everyone)}
    agencies = {
        numbers[entry.key]: Agency(
            id=numbers[entry.key],
            code=entry.code,
            name=entry.name,
            level=entry.level,
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
            parent_id=numbers[entry.parent] if entry.parent else None,
            successor_id=numbers[entry.successor] if entry.successor else None,
        )
        for entry in everyone.values()
    }
    entries = list(everyone.values())
    for number in sorted(in_circles(agencies)):
        if line := entries[number].line:
            findings.fault(line, findings.titles["parent"], entries[number].code, _CIRCLE)
