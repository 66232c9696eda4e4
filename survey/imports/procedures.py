"""Procedures from a file: the national catalogue, or a part of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from survey.cases.recording import UNKNOWN_SINCE, Tally
from survey.imports import table
from survey.imports.cells import choice, day, procedure_code, words
from survey.imports.faults import ENDS_EARLY, TWICE, Findings
from survey.imports.header import Column
from survey.models import DeliveryLevel, Procedure
from survey.organisation import procedures
from survey.organisation.agencies import revise

ONLINE = ("", "trực tuyến ", "dvc ", "dvctt ", "dvc trực tuyến ", "dịch vụ công ", "dịch vụ công trực tuyến ")
PORTIONS = {
    "toàn trình": DeliveryLevel.FULLY_ONLINE,
    "một phần": DeliveryLevel.PARTLY_ONLINE,
    "chủ động": DeliveryLevel.PROACTIVE,
}
BEFORE_2022 = ("", "mức độ ", "mức ", "level ", "dvc mức độ ", "dịch vụ công mức độ ")
NUMBERS = {
    **dict.fromkeys(("1", "I", "một"), DeliveryLevel.LEVEL_1),
    **dict.fromkeys(("2", "II", "hai"), DeliveryLevel.LEVEL_2),
    **dict.fromkeys(("3", "III", "ba"), DeliveryLevel.LEVEL_3),
    **dict.fromkeys(("4", "IV", "bốn"), DeliveryLevel.LEVEL_4),
}
DELIVERIES = {
    **{before + word: level for before in ONLINE for word, level in PORTIONS.items()},
    **{before + number: level for before in BEFORE_2022 for number, level in NUMBERS.items()},
    "fully online": DeliveryLevel.FULLY_ONLINE,
    "partly online": DeliveryLevel.PARTLY_ONLINE,
    "proactive": DeliveryLevel.PROACTIVE,
}
COLUMNS = (
    Column("code", ("Mã thủ tục", "Mã TTHC", "Mã thủ tục hành chính", "Mã", "Procedure code"), procedure_code),
    Column("name_vi", ("Tên thủ tục", "Tên TTHC", "Tên", "Tên thủ tục hành chính", "Vietnamese name"), words(1000)),
    Column("name_en", ("Tên tiếng Anh", "English name", "Name"), words(1000), needed=False, optional=True),
    Column("field_vi", ("Lĩnh vực", "Vietnamese field"), words(200)),
    Column("field_en", ("Lĩnh vực tiếng Anh", "English field", "Field"), words(200), needed=False, optional=True),
    Column(
        "delivery",
        ("Mức độ", "Mức độ dịch vụ công", "Mức độ DVC", "Delivery", "Delivery level"),
        choice(DELIVERIES, "Toàn trình, Một phần, Chủ động, Mức độ 1–4; Fully online, Partly online, Proactive"),
    ),
    Column("valid_from", ("Từ ngày", "Hiệu lực từ", "Valid from", "From"), day, needed=False, optional=True),
    Column("valid_to", ("Đến ngày", "Hiệu lực đến", "Valid to", "To"), day, needed=False, optional=True),
)


@dataclass(frozen=True, slots=True)
class ProcedureEntry:
    """One procedure as a file tells it, and the columns of the file: what it has none for stays as it is known."""

    code: str
    name: dict[str, str]
    field: dict[str, str]
    delivery: DeliveryLevel
    valid_from: dt.date | None
    valid_to: dt.date | None
    columns: frozenset[str]


def check(path: Path, findings: Findings, progress: Callable[[int], object]) -> list[ProcedureEntry]:
    """Return the procedures of a file.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    entries: list[ProcedureEntry] = []
    places: dict[tuple[str, dt.date | None], int] = {}
    columns: frozenset[str] = frozenset()
    for row in table.rows(path, COLUMNS, findings):
        progress(1)
        if not row.whole:
            continue
        values = row.values
        first, last = values.get("valid_from"), values.get("valid_to")
        other = places.setdefault((values["code"], first), row.line)
        if other != row.line:
            findings.fault(row.line, findings.titles["code"], values["code"], TWICE, other=other)
        if first and last and last < first:
            findings.fault(row.line, findings.titles["valid_to"], last.isoformat(), ENDS_EARLY)
        columns = columns or frozenset(findings.titles)
        texts = [
            {language: values[f"{part}_{language}"] for language in ("vi", "en") if f"{part}_{language}" in values}
            for part in ("name", "field")
        ]
        entries.append(ProcedureEntry(values["code"], texts[0], texts[1], values["delivery"], first, last, columns))
    findings.check()
    return entries


def apply(session: Session, entries: Sequence[ProcedureEntry]) -> Tally:
    """Record procedures; one with the same code and first day is corrected, without a first day the newest one."""
    stored: dict[tuple[str, dt.date | None], Procedure] = {}
    for code, versions in procedures.by_code(session).items():
        stored |= {(code, one.valid_from): one for one in versions} | {(code, None): versions[-1]}
    added = updated = 0
    for entry in entries:
        row = stored.get((entry.code, entry.valid_from))
        if row is None:
            row = Procedure(code=entry.code, valid_from=entry.valid_from or UNKNOWN_SINCE)
            session.add(row)
            added += 1
            particulars = entry.name, entry.field, entry.delivery, entry.valid_to
        elif (particulars := _corrected(row, entry)) == (row.name, row.field, row.delivery, row.valid_to):
            continue
        else:
            updated += 1
        row.name, row.field, row.delivery, row.valid_to = particulars
    session.flush()
    revise(session)
    return Tally(added, len(entries) - added - updated, updated)


def _corrected(
    row: Procedure, entry: ProcedureEntry
) -> tuple[dict[str, str], dict[str, str], DeliveryLevel, dt.date | None]:
    name, field = (
        table.kept(before, after, part, entry.columns)
        for part, before, after in (("name", row.name, entry.name), ("field", row.field, entry.field))
    )
    return name, field, entry.delivery, entry.valid_to if "valid_to" in entry.columns else row.valid_to
