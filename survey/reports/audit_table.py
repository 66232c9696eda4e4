"""The audit trail as a file: one entry in a line, with nothing that a spreadsheet would compute."""

from __future__ import annotations

from collections.abc import Sequence

from survey.i18n import gettext
from survey.reports.columns import Value
from survey.reports.table_file import table_file

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
    return table_file(gettext("Audit trail"), head, KINDS, lines, ending)
