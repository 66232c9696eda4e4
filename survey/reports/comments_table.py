"""Comments as a file: one in a line, in the columns of the page, with nothing that a spreadsheet would compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey.comments.reading import CommentRow
from survey.comments.standing import state_words
from survey.i18n import gettext, language_name
from survey.reports.columns import Value
from survey.reports.table_file import table_file
from survey.results.channel_names import channel_name
from survey.results.charts import level_names

KINDS = (
    "day",
    "day",
    "long",
    "long",
    "text",
    "text",
    "count",
    "text",
    "long",
    "long",
    "text",
    "long",
    "text",
    "long",
    "day",
    "long",
    "text",
)


def written(
    rows: Sequence[CommentRow],
    units: Mapping[int, str],
    names: Mapping[int, str],
    ending: str,
    *,
    note: str,
) -> bytes:
    """Return the comments as a file; `units` names the agencies, `names` the accounts.

    `note` stands in every line (demonstration data).

    Of each stands the first and the last day on which it may have been sent, as far as that is told.
    """
    head = [
        gettext("Sent on or after"),
        gettext("Sent on or before"),
        gettext("Unit"),
        gettext("Procedure"),
        gettext("Field"),
        gettext("How it came"),
        gettext("Level"),
        gettext("In words"),
        gettext("Reasons"),
        gettext("Themes"),
        gettext("Language"),
        gettext("Comment"),
        gettext("Status"),
        gettext("Person in charge"),
        gettext("To be answered by"),
        gettext("Answer of the unit"),
        gettext("Remarks"),
    ]
    levels = level_names()
    lines: list[list[Value]] = [
        [
            row.sent.first,
            row.sent.last,
            units.get(row.agency_id, ""),
            row.procedure,
            row.field,
            channel_name(row.channel),
            row.level,
            levels[row.level - 1] if row.level else gettext("few answers"),
            "; ".join(row.reasons),
            "; ".join(row.themes),
            language_name(row.language),
            row.text,
            state_words(row.standing.state),
            names.get(row.standing.owner_id or 0, ""),
            row.standing.due,
            row.standing.answer,
            note,
        ]
        for row in rows
    ]
    return table_file(gettext("Comments"), head, KINDS, lines, ending)
