"""The table of the national portal's 766 indicator: its words on pages and its columns in files, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.indicator_766 import MOST_POINTS, PortalPoints
from survey.i18n import decimal, gettext, instant, number
from survey.reports.columns import Value
from survey.reports.owed_tables import OwedTable, named
from survey.reports.portal_indicator import CaseItem, PortalIndicator, PortalRow

NOTHING = "–"


def definition() -> str:
    """Say what the indicator is, and that it is no satisfaction rate."""
    return gettext(
        "The 766 indicator is the national portal's own figure (Decision 766/QĐ-TTg of 23 June 2022). It counts every "
        "case that was not late and drew no dislike, petition or complaint, those of people who said nothing among "
        "them. It is not the satisfaction rate of answers, and the two are never added up or compared."
    )


def percent_text(item: PortalPoints | None) -> str:
    """Return the share of an item as the portal prints it, with two decimals: 78,35%."""
    return NOTHING if item is None or item.percent is None else decimal(float(item.percent), "0.00") + "%"


def points_text(item: PortalPoints | None) -> str:
    """Return the points of an item with two decimals: 5,22."""
    return NOTHING if item is None else decimal(float(item.points), "0.00")


def missing_text(item: PortalPoints | None) -> str:
    """Return what is missing to the most points that an item can give."""
    return NOTHING if item is None else decimal(round(MOST_POINTS - float(item.points), 2), "0.00")


def union_percent(item: CaseItem | None) -> str:
    """Return the share in the wording that subtracts a case once, from least to most where nobody knows the overlap."""
    return NOTHING if item is None else _between(percent_text(item.union_least), percent_text(item.union_most))


def union_points(item: CaseItem | None) -> str:
    """Return the points in the same wording."""
    return NOTHING if item is None else _between(points_text(item.union_least), points_text(item.union_most))


def group_text(row: PortalRow) -> str:
    """Return the points of all items that the portal counted, of how many: 13,83 of 18."""
    if row.group is None:
        return NOTHING
    return gettext("%(points)s of %(most)s", points=decimal(row.group.points, "0.00"), most=number(row.group.most))


def portal_table(indicator: PortalIndicator) -> OwedTable:
    """Return the indicator as a table: what the portal counted and what this survey counts, a line for each."""
    columns = (
        (gettext("Code"), "text"),
        (gettext("Unit"), "long"),
        (gettext("Counted by"), "long"),
        (gettext("Source"), "long"),
        (gettext("Handed in"), "text"),
        (gettext("Cases handled"), "count"),
        (gettext("Late cases"), "count"),
        (gettext("Cases with a dislike, petition or complaint"), "count"),
        (gettext("Late and disliked"), "count"),
        (gettext("Share, each case subtracted once: at least"), "score"),
        (gettext("Share, each case subtracted once: at most"), "score"),
        (gettext("Points, each case subtracted once: at least"), "score"),
        (gettext("Points, each case subtracted once: at most"), "score"),
        (gettext("Share, as the portal writes its formula"), "score"),
        (gettext("Points, as the portal writes its formula"), "score"),
        (gettext("Petitions handled"), "count"),
        (gettext("Petitions on time, %"), "score"),
        (gettext("Points for petitions on time"), "score"),
        (gettext("Satisfied with how petitions were handled, %"), "score"),
        (gettext("Points for satisfaction with petitions"), "score"),
        (gettext("Points together"), "score"),
        (gettext("Missing to the most"), "score"),
        (gettext("Most points"), "count"),
    )
    lines: list[Sequence[Value]] = []
    for row in indicator.rows:
        if row.portal is not None:
            moment = instant(row.handed_in_at) if row.handed_in_at else None
            group = row.group
            together: tuple[Value, ...] = (group.points, group.missing, group.most) if group else (None, None, None)
            petitions = None if row.on_time is None else int(row.on_time.handled)
            items = (*_both(row.on_time), *_both(row.satisfied))
            counted_by = gettext("the national portal")
            case = _case(row.portal)
            lines.append([*named(row.agency), counted_by, row.source, moment, *case, petitions, *items, *together])
        nothing: tuple[Value, ...] = (None,) * 8
        own = gettext("this survey, for orientation")
        lines.append([*named(row.agency), own, gettext("this survey"), None, *_case(row.counted), *nothing])
    return OwedTable(gettext("766 indicator"), columns, lines, definition())


def _case(item: CaseItem) -> tuple[Value, ...]:
    counts = (item.handled, item.late, item.disliked, item.late_and_disliked)
    least, most = item.union_least, item.union_most
    percents = [None if one is None else _number(one.percent) for one in (least, most)]
    points = [None if one is None else _number(one.points) for one in (least, most)]
    return *counts, *percents, *points, *_both(item.sum)


def _both(item: PortalPoints | None) -> tuple[Value, Value]:
    return (None, None) if item is None else (_number(item.percent), _number(item.points))


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _between(least: str, most: str) -> str:
    return least if least == most else f"{least}–{most}"
