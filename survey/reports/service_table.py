"""The tables by factor and item, and the index by groups, as a file."""

from __future__ import annotations

from collections.abc import Sequence

from survey.i18n import gettext, text
from survey.models import Agency
from survey.reports.columns import Value
from survey.reports.owed_tables import OwedTable
from survey.results.channel_names import channel_name
from survey.results.factors import FactorRow
from survey.results.service_index import ALL_GROUPS, GroupIndex, ServiceTable
from survey.results.verdict_text import withheld


def index_definition() -> str:
    """Say what an index of a group is, and what it is not."""
    return gettext(
        "Index of a group = ratings 4 (satisfied) and 5 (very satisfied) divided by all ratings 1 to 5 of its items; "
        "“no opinion” is left out. The interval counts people, not ratings. The groups are the factors of SIPAS "
        "2023–2026, the items are this survey's own wording after them: it is not the index of the Ministry of Home "
        "Affairs. It is not the satisfaction rate, which is of the one overall question."
    )


def service_table(tables: Sequence[ServiceTable], agency: Agency) -> OwedTable:
    """Return all tables as one: a line for each item, each group and all groups, and those of each unit in person."""
    columns = (
        (gettext("Questionnaire"), "long"),
        (gettext("How it came"), "text"),
        (gettext("Code"), "text"),
        (gettext("Unit"), "long"),
        (gettext("Group"), "long"),
        (gettext("Item"), "text"),
        (gettext("Question"), "long"),
        (gettext("After SIPAS criterion"), "text"),
        (gettext("People"), "count"),
        (gettext("Ratings"), "count"),
        (gettext("Ratings 4 and 5"), "count"),
        (gettext("Share"), "share"),
        (gettext("Lower limit"), "limit"),
        (gettext("Upper limit"), "limit"),
        (gettext("Mean"), "score"),
        (gettext("Remarks"), "text"),
    )
    lines: list[Sequence[Value]] = []
    for table in tables:
        head: list[Value] = [text(table.title), channel_name(table.channel)]
        own: list[Value] = [*head, agency.code, text(agency.name)]
        for group in table.groups:
            lines += [[*own, *_item(row, table.sipas.get(row.question, ()))] for row in table.items[group.factor]]
            lines.append([*own, *_group(group)])
        lines.append([*own, *_group(table.together)])
        for unit in table.units:
            named: list[Value] = [*head, unit.agency.code, text(unit.agency.name)]
            lines += [[*named, *_group(group)] for group in (*unit.groups, unit.together)]
    return OwedTable(gettext("Index by factors"), columns, lines, index_definition())


def group_name(group: GroupIndex) -> str:
    """Return the name of a group, or that it is all of them."""
    return text(group.name) if group.factor else gettext(ALL_GROUPS)


def criteria(numbers: Sequence[int]) -> str:
    """Return the numbers of the official criteria that an item is after: 24, 26."""
    return ", ".join(map(str, numbers))


def _item(row: FactorRow, numbers: Sequence[int]) -> list[Value]:
    shares: list[Value] = [row.rate, row.lower, row.upper, row.mean] if row.shown else [None] * 4
    counts: list[Value] = [row.answered, row.answered, row.satisfied]
    return [text(row.name), row.question, text(row.text), criteria(numbers), *counts, *shares, withheld(row)]


def _group(group: GroupIndex) -> list[Value]:
    shares: list[Value] = [group.rate, group.lower, group.upper] if group.shown else [None] * 3
    counts: list[Value] = [group.answered, group.ratings, group.satisfied]
    return [group_name(group), "", gettext("Index of the group"), "", *counts, *shares, None, withheld(group)]
