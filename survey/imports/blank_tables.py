"""Tables to be filled in: the columns that an import reads, what is stored already, and choices where words are fixed.

What is downloaded can be imported again as it is: it changes nothing then.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from survey.i18n import current_language, gettext, msgid
from survey.imports import agencies, agency_columns, cases, procedures
from survey.imports.header import Column
from survey.imports.importing import ImportKind
from survey.models import DeliveryLevel, Level
from survey.organisation.procedures import by_code

if TYPE_CHECKING:
    from xlsxwriter import Workbook

ROWS = 2000  # of a table in which choices are offered
LEVELS = {
    Level.PROVINCE: ("Tỉnh", "Province"),
    Level.DEPARTMENT: ("Sở", "Department"),
    Level.DISTRICT: ("Huyện", "District"),
    Level.COMMUNE: ("Xã", "Commune"),
    Level.OFFICE: ("Phòng", "Office"),
}
DELIVERIES = {
    DeliveryLevel.FULLY_ONLINE: ("Toàn trình", "Fully online"),
    DeliveryLevel.PARTLY_ONLINE: ("Một phần", "Partly online"),
    DeliveryLevel.PROACTIVE: ("Chủ động", "Proactive"),
    DeliveryLevel.LEVEL_1: ("Mức độ 1", "Level 1"),
    DeliveryLevel.LEVEL_2: ("Mức độ 2", "Level 2"),
    DeliveryLevel.LEVEL_3: ("Mức độ 3", "Level 3"),
    DeliveryLevel.LEVEL_4: ("Mức độ 4", "Level 4"),
}
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "level": tuple(LEVELS.values()),
    "delivery": tuple(DELIVERIES.values())[:3],
    "respondent": (("Người dân", "Citizen"), ("Doanh nghiệp", "Business")),
    "filing": (("Trực tiếp", "In person"), ("Trực tuyến", "Online"), ("Bưu chính công ích", "Post")),
    "outcome": (("Đồng ý", "Granted"), ("Từ chối", "Refused"), ("Rút hồ sơ", "Given up")),
}
DAYS = frozenset({"valid_from", "valid_to", "received", "due", "finished", "withdrawn"})
WIDE = frozenset({"name_vi", "name_en"})
LEFT_OUT = frozenset({"contact"})  # beside an e-mail address and a telephone number it only confuses
SHEETS = {
    ImportKind.AGENCIES: (msgid("Agencies"), agency_columns.COLUMNS),
    ImportKind.PROCEDURES: (msgid("Procedures"), procedures.COLUMNS),
    ImportKind.CASES: (msgid("Finished cases"), cases.COLUMNS),
}
HINTS = {
    "code": msgid("As the national catalogue writes it."),
    "level": msgid("One of the words offered."),
    "delivery": msgid("One of the words offered."),
    "respondent": msgid("One of the words offered."),
    "filing": msgid("One of the words offered."),
    "outcome": msgid("One of the words offered."),
    "parent": msgid("Code of the agency above; only the province has none."),
    "successor": msgid("Code of the agency that took over; several with semicolons between them."),
    "case_code": msgid("It is kept as a keyed hash only."),
    "email": msgid("The invitation goes there; it is erased once it has gone."),
    "phone": msgid("Used where there is no e-mail address; it is erased once the invitation has gone."),
}
TableRow = Sequence[str | dt.date | None]


@dataclass(frozen=True)
class BlankTable:
    """A table as a file: its name and its bytes."""

    name: str
    content: bytes


def table(session: Session, kind: ImportKind) -> BlankTable:
    """Return the table of a kind of import in the language in use, holding what is stored; of cases, nothing."""
    title, columns = SHEETS[kind]
    shown = [column for column in columns if column.name not in LEFT_OUT]
    rows = {ImportKind.AGENCIES: _agencies, ImportKind.PROCEDURES: _procedures}.get(kind)
    return BlankTable(f"{kind.value}.xlsx", _written(gettext(title), shown, rows(session) if rows else ()))


def _language() -> int:
    """Return the place of the language in use in pairs of words."""
    return 0 if current_language() == "vi" else 1


def _header(column: Column) -> str:
    return column.headers[0] if _language() == 0 else column.headers[-1]


def _agencies(session: Session) -> Iterable[TableRow]:
    for one in sorted(agencies.stored(session), key=lambda entry: (entry.level, entry.code, entry.valid_from)):
        heirs = one.heirs or ((one.successor,) if one.successor else ())
        yield (
            one.code,
            one.name.get("vi"),
            one.name.get("en"),
            LEVELS[one.level][_language()],
            one.parent[0] if one.parent else None,
            one.valid_from,
            one.valid_to,
            "; ".join(code for code, _day in heirs) or None,
        )


def _procedures(session: Session) -> Iterable[TableRow]:
    for code, versions in sorted(by_code(session).items()):
        for one in versions:
            names = (one.name.get("vi"), one.name.get("en"), one.field.get("vi"), one.field.get("en"))
            yield (code, *names, DELIVERIES[one.delivery][_language()], one.valid_from, one.valid_to)


def _written(title: str, columns: Sequence[Column], rows: Iterable[TableRow]) -> bytes:
    memory = io.BytesIO()
    from xlsxwriter import Workbook  # only where a table is asked for: its library is large

    with Workbook(memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDEBEB", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet(title)
        for place, column in enumerate(columns):
            width = 44 if column.name in WIDE else 18
            sheet.set_column(place, place, width, day if column.name in DAYS else text)
            sheet.write_string(0, place, _header(column), head)
            if words := CHOICES.get(column.name):
                offered = [pair[_language()] for pair in words]
                sheet.data_validation(
                    1, place, ROWS, place, {"validate": "list", "source": offered, "error_type": "warning"}
                )
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(line, place, dt.datetime.combine(value, dt.time()), day)
                elif value:
                    sheet.write_string(line, place, value, text)
        sheet.freeze_panes(1, 1)
        _explain(book, columns)
    return memory.getvalue()


def _explain(book: Workbook, columns: Sequence[Column]) -> None:
    """Add a second sheet that says what each column holds; an import does not read it."""
    sheet, bold = book.add_worksheet(gettext("How to fill it in")), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 30, wrapped)
    sheet.set_column(1, 1, 20, wrapped)
    sheet.set_column(2, 2, 70, wrapped)
    for place, words in enumerate((gettext("What is asked"), gettext("Needed?"), gettext("What to write"))):
        sheet.write_string(0, place, words, bold)
    for line, column in enumerate(columns, start=1):
        hint = gettext("Day, month and year.") if column.name in DAYS else _hint(column.name)
        offered = ", ".join(pair[_language()] for pair in CHOICES.get(column.name, ()))
        sheet.write_string(line, 0, _header(column))
        sheet.write_string(line, 1, gettext("yes") if column.needed else gettext("if there is one"))
        sheet.write_string(line, 2, f"{hint} {offered}".strip())


def _hint(name: str) -> str:
    return gettext(HINTS[name]) if name in HINTS else ""
