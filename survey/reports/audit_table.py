"""The audit trail as a file: one entry in a line, with nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from survey.i18n import gettext
from survey.reports.columns import Value
from survey.reports.csv import cell

ENDINGS = ("xlsx", "csv")
KINDS = ("text", "text", "text", "long", "long", "long")


def written(lines: Sequence[Sequence[Value]], ending: str) -> bytes:
    """Return entries as a file: of each the moment, the person, the login, the unit, what was done and about what."""
    head = [
        gettext("Time"),
        gettext("Person"),
        gettext("Login"),
        gettext("Unit today"),
        gettext("Act on record"),
        gettext("About what"),
    ]
    if ending == "xlsx":
        from survey.reports.workbook import write_table

        workbook = io.BytesIO()
        write_table(workbook, gettext("Audit trail"), head, KINDS, lines)
        return workbook.getvalue()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([*map(cell, line)] for line in lines)
    return text.getvalue().encode("utf-8-sig")
