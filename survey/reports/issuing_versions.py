"""Issuing data of agencies, by version: what is in use, what was in use, what a name suggests, and how it is changed.

A change is a new version. A version belongs to the code of its agency, so that a new name keeps it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.i18n import msgid, nfc, text
from survey.models import Agency, IssuingVersion, Level
from survey.organisation import agencies
from survey.reports.issuing import Issuing

LINES = ("addressees", "bases", "signing", "recipients")
LONGEST = {"symbol": 40, "place": 80, "position": 120, "signer": 120, "drafting_unit": 40}
LONGEST_LINE, MOST_LINES = 300, 12
COMMITTEE, KINDS = "Ủy ban nhân dân ", ("xã ", "phường ", "thị trấn ", "đặc khu ")
HEADS = {"Sở ": "GIÁM ĐỐC", "Văn phòng ": "CHÁNH VĂN PHÒNG", "Thanh tra ": "CHÁNH THANH TRA", "Ban ": "TRƯỞNG BAN"}
_WRITTEN_BY_ITSELF = ("như trên", "lưu:")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")
_LONG_LINE = msgid("A line is too long. Shorten it to %(most)s characters.")
_MANY = msgid("Keep at most %(most)s lines.")
IssuingFaults = dict[str, tuple[str, dict[str, int]]]  # by field: a msgid and its values


@dataclass(frozen=True)
class IssuingEntry:
    """One version, with who entered it and when."""

    issuing: Issuing
    staff_id: int
    entered_at: dt.datetime


def issuing_of(session: Session, agency_id: int, when: dt.datetime | None = None) -> Issuing:
    """Return the issuing data in use at a moment, or now; where nobody has entered any, what the name suggests.

    For the report of a closed period `when` is the moment of the closing: what is entered later does not change it. If
    nothing had been entered by then, the first that is entered afterwards fills it in, for good.
    """
    entries = versions(session, agency_id, when) or versions(session, agency_id)[-1:]
    return entries[0].issuing if entries else suggested(session, agency_id)


def versions(session: Session, agency_id: int, until: dt.datetime | None = None) -> list[IssuingEntry]:
    """Return the versions of an agency that were entered up to a moment, the newest first."""
    every = agencies.by_id(session)
    bearers = [one.id for one in every.values() if one.code == every[agency_id].code]
    query = sa.select(IssuingVersion).where(IssuingVersion.agency_id.in_(bearers))
    if until is not None:
        query = query.where(IssuingVersion.entered_at <= until)
    rows = session.scalars(query.order_by(IssuingVersion.entered_at.desc(), IssuingVersion.id.desc()))
    return [IssuingEntry(_issuing(row), row.staff_id, row.entered_at) for row in rows]


def suggested(session: Session, agency_id: int) -> Issuing:
    """Return what follows from an agency's Vietnamese name and place in the tree; what does not is left empty."""
    agency = agencies.by_id(session)[agency_id]
    path = agencies.tree(session, agency.valid_to).path(agency_id)
    above = text(path[-2].name, "vi") if len(path) > 1 else ""
    seat = text(agencies.installation(session).place, "vi")
    return suggestion(text(agency.name, "vi"), agency.level, above, seat)


def suggestion(name: str, level: Level, above: str, seat: str) -> Issuing:
    """Return what an agency's name suggests; `above` is the body above it, `seat` the town of the province's bodies.

    >>> suggestion("Sở Nông nghiệp và Môi trường", Level.DEPARTMENT, "Ủy ban nhân dân tỉnh Vĩnh Long", "").symbol
    'BC-SNNMT'
    >>> commune = suggestion("Ủy ban nhân dân xã Ngũ Lạc", Level.COMMUNE, "", "Vĩnh Long")
    >>> commune.symbol, commune.place, commune.signing, commune.position
    ('BC-UBND', 'Ngũ Lạc', ('TM. ỦY BAN NHÂN DÂN',), 'CHỦ TỊCH')
    """
    place, signing = seat, ""
    position = next((head for kind, head in HEADS.items() if name.startswith(kind)), "")
    if name.startswith(COMMITTEE):
        own = name.removeprefix(COMMITTEE)
        if level == Level.COMMUNE:
            place = next((own.removeprefix(kind) for kind in KINDS if own.startswith(kind)), own)
        signing, position = "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"
    return Issuing(
        symbol=f"BC-{_initials(name)}",
        place=place,
        addressees=(above,) if above else (),
        signing=(signing,) if signing else (),
        position=position,
    )


def read(entered: Mapping[str, str]) -> tuple[Issuing, IssuingFaults]:
    """Return the issuing data that a form holds, and what is wrong with them by field.

    What a report writes by itself is left out: "Như trên" and the line of the archive among the recipients, "Số: …/"
    before the symbol, and dashes.
    """
    faults: IssuingFaults = {}
    values: dict[str, Any] = {}
    for name, longest in LONGEST.items():
        values[name] = _spaced(entered.get(name, ""))
        if len(values[name]) > longest:
            faults[name] = _LONG, {"most": longest}
    values["symbol"] = values["symbol"].rpartition("/")[2]
    for name in LINES:
        lines = [_spaced(line) for line in nfc(entered.get(name, "")).splitlines()]
        if name in ("addressees", "recipients"):
            lines = [line.strip(" -–;.") for line in lines]
        if name == "recipients":
            lines = [line for line in lines if not line.casefold().startswith(_WRITTEN_BY_ITSELF)]
        values[name] = tuple(line for line in lines if line)
        if any(len(line) > LONGEST_LINE for line in values[name]):
            faults[name] = _LONG_LINE, {"most": LONGEST_LINE}
        elif len(values[name]) > MOST_LINES:
            faults[name] = _MANY, {"most": MOST_LINES}
    return Issuing(**values), faults


def save(session: Session, agency: Agency, issuing: Issuing, when: dt.datetime, staff_id: int) -> bool:
    """Add a version, on record; return whether there was anything to save."""
    entries = versions(session, agency.id)
    if entries and entries[0].issuing == issuing:
        return False
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(issuing).items()}
    session.add(IssuingVersion(agency_id=agency.id, staff_id=staff_id, entered_at=when, **values))
    trail.append(session, staff_id, Act.ISSUING_SAVED, when, agency=agency.code)
    return True


def written(issuing: Issuing) -> dict[str, str]:
    """Return issuing data as the fields of a form hold them: lists with a line each."""
    return {name: "\n".join(value) if isinstance(value, tuple) else value for name, value in asdict(issuing).items()}


def _issuing(row: IssuingVersion) -> Issuing:
    values: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(Issuing)}
    return Issuing(**values | {name: tuple(values[name]) for name in LINES})


def _initials(name: str) -> str:
    """Return how symbols name an agency: UBND, SNNMT, VP.

    >>> _initials("Sở Văn hóa, Thể thao và Du lịch"), _initials("Văn phòng Ủy ban nhân dân tỉnh")
    ('SVHTTDL', 'VP')
    """
    if name.startswith(COMMITTEE):
        return "UBND"
    if name.startswith("Văn phòng "):
        return "VP"
    return "".join(word[0] for word in name.replace(",", " ").split() if word != "và").upper()


def _spaced(typed: str) -> str:
    return " ".join(nfc(typed).split())
