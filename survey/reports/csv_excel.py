"""The .csv that opens by double-click in a spreadsheet under Vietnamese settings: semicolons, decimal commas, a mark.

No program may make a number or a day of a code: 2.001610 would become 2,00161. So the code of a procedure stands behind
the word that offices put before it, and a period is named in words.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from analysis.formulas import inert
from analysis.printed import NOISE_DIGITS, rounded
from survey.i18n import gettext
from survey.reports.columns import ABOUT, CODE, INTERVAL, MEASURES, NAME, RecordColumn, Value
from survey.reports.printed_cells import BelowTarget
from survey.reports.records import records
from survey.reports.report import Report

# Name first; the limits once by themselves and once as they are printed.
COLUMNS = (NAME, CODE, *ABOUT[-2:], *MEASURES[:5], INTERVAL, *MEASURES[5:], *ABOUT[:-2])


def write_csv_excel(report: Report, path: Path) -> None:
    """Write the report's rows under the heads of its language; numbers are as Vietnamese settings read them."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(gettext(column.head) for column in COLUMNS)
        for record in records(report):
            values = record.words()
            if record.line == "procedure" and values.get("code"):
                values["code"] = gettext("Procedure %(code)s", code=values["code"])
            writer.writerow(excel_cell(column, values.get(column.key)) for column in COLUMNS)


def excel_cell(column: RecordColumn, value: Value) -> str:
    """Return a value as a cell that Vietnamese settings read as what it is.

    A share is rounded as it is printed already; "<90,0%" is a text, for the limit is below what is printed.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return inert(value) if isinstance(value, str) else _WRITTEN.get(column.kind, str)(value)


def _share(value: float) -> str:
    """Return a share with as many decimals as it was printed with, at least one."""
    percents = rounded(100 * Fraction(value), NOISE_DIGITS)
    tenths = percents.quantize(Decimal("0.1"))
    below = "<" if isinstance(value, BelowTarget) else ""
    return f"{below}{_comma(tenths if tenths == percents else percents.normalize())}%"


def _score(value: float) -> str:
    return _comma(rounded(value, 2))


def _comma(number: Decimal) -> str:
    return f"{number:f}".replace(".", ",")


_WRITTEN: dict[str, Callable[[float], str]] = {"share": _share, "limit": _share, "score": _score}
