"""By what counts are kept: by agency and channel, and by one thing more at a time, as the menu of `cuts` has them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from survey.models import DailyCell, DailyCohort, DailyRating

NO_VALUE = -1  # in the place of a key that an answer does not have
UNCUT = ""
ANSWER_CUTS = ("procedure", "respondent", "outcome", "timeliness", "placement", "questionnaire")
CASE_CUTS = ("procedure", "respondent")
_UNCUT_KEYS = {"agency": "agency_id", "unit": "agency_id", "channel": "channel", "question": "question"}


def cut_of(by: Sequence[str]) -> str | None:
    """Return by what a count with these keys is cut; None if such counts are not kept.

    >>> cut_of(("unit", "channel")), cut_of(("question", "channel", "procedure")), cut_of(("procedure", "respondent"))
    ('', 'procedure', None)
    """
    cuts = [name for name in by if name not in _UNCUT_KEYS]
    if not cuts:
        return UNCUT
    return cuts[0] if len(cuts) == 1 and cuts[0] in ANSWER_CUTS else None


def kept_key(table: type[DailyCell | DailyCohort | DailyRating], name: str) -> sa.ColumnElement[object]:
    """Return the column of a table of kept counts that has a key, as a count of the answers gives it."""
    if name == "question":
        return sa.type_coerce(getattr(table, name), sa.String)
    if name in _UNCUT_KEYS:
        return sa.type_coerce(getattr(table, _UNCUT_KEYS[name]), sa.Integer)
    return sa.func.nullif(sa.type_coerce(table.value, sa.Integer), sa.literal_column(str(NO_VALUE)))
