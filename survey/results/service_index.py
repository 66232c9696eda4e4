"""A table by factor and item after SIPAS, with the index of each group: for online services, and in person by unit.

An index is the share of ratings 4 and 5 among all ratings of the items of a group; it stands beside the satisfaction
rate, which is of one overall question, and is not judged against the target. A group is shown only where each of its
items is: else the item that is not would follow by subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import msgid
from survey.models import Agency, Channel, QuestionnaireVersion, Texts, VersionStatus
from survey.questionnaires import FULL, IN_PERSON, items
from survey.results import counts
from survey.results.block_scores import block_scores, index_of, versions_of
from survey.results.cuts import EVERYBODY, AnswerPart
from survey.results.disclosure import Withheld, beside
from survey.results.factors import FactorRow, factors
from survey.results.rows import Bounds
from survey.results.scope import Scope, Standard

ALL_GROUPS = msgid("All groups together")


@dataclass(frozen=True)
class GroupIndex:
    """The index of one group of items: how many people rated any of them and how many ratings that is.

    All else is None, and the limits 0 and 1, where it is withheld.
    """

    factor: str
    name: Texts
    answered: int
    ratings: int
    withheld: Withheld
    satisfied: int | None
    rate: float | None
    lower: float
    upper: float

    @property
    def shown(self) -> bool:
        """Return whether there are answers and it is shown what they said."""
        return self.answered > 0 and not self.withheld


@dataclass(frozen=True)
class UnitIndex:
    """The groups of one unit, and all of them together."""

    agency: Agency
    groups: tuple[GroupIndex, ...]
    together: GroupIndex

    @property
    def every(self) -> tuple[GroupIndex, ...]:
        """Return the groups, and all of them together last."""
        return *self.groups, self.together


@dataclass(frozen=True)
class ServiceTable:
    """The items of one questionnaire by group, as answered by one channel; `sipas` has the criteria each item is after.

    `units` are empty for readers who are not shown units beside each other.
    """

    title: Texts
    channel: Channel
    items: Mapping[str, tuple[FactorRow, ...]]
    groups: tuple[GroupIndex, ...]
    together: GroupIndex
    units: tuple[UnitIndex, ...]
    sipas: Mapping[str, tuple[int, ...]]

    @property
    def every(self) -> tuple[GroupIndex, ...]:
        """Return the groups, and all of them together last."""
        return *self.groups, self.together


def service_tables(session: Session, scope: Scope, standard: Standard) -> tuple[ServiceTable, ...]:
    """Return the tables of an agency and period: the full questionnaire by invitation, and by open links.

    The last is that of people who were served in person, by the QR codes at counters, unit by unit.
    """
    asked = ((FULL, Channel.INVITATION), (FULL, Channel.OPEN), (IN_PERSON, Channel.OPEN))
    tables = [_table(session, scope, standard, code, channel) for code, channel in asked]
    whole, by_link, in_person = tables
    reference = by_link if by_link is not None and by_link.together.answered else None
    return tuple(one for one in (whole, reference, in_person) if one is not None)


def _table(session: Session, scope: Scope, standard: Standard, code: str, channel: Channel) -> ServiceTable | None:
    """Return the table of one questionnaire and channel; None where nothing of it was ever published."""
    versions = versions_of(session, code)
    # By invitation its questions are nobody else's, so that the cells of closed periods serve.
    everybody = code == FULL and channel == Channel.INVITATION
    part = EVERYBODY if everybody else AnswerPart(channel, "questionnaire", frozenset(versions))
    rated = factors(session, scope, standard, part, code)
    if not rated:
        return None
    by_factor: dict[str, tuple[FactorRow, ...]] = {}
    for row in rated:
        by_factor[row.factor] = (*by_factor.get(row.factor, ()), row)
    confidence = scope.held_to(standard).confidence
    people = {
        name: block_scores(session, scope, channel, versions, [row.question for row in rows])
        for name, rows in (*by_factor.items(), ("", rated))
    }
    groups = tuple(
        _group(name, rows[0].name, people[name], _hidden(rows, standard, people[name]), confidence)
        for name, rows in by_factor.items()
    )
    together = _group("", {}, people[""], _hidden(groups, standard, people[""]), confidence)
    units: tuple[UnitIndex, ...] = ()
    if code == IN_PERSON and not scope.reader.guarded:
        units = _units(session, scope, standard, part, by_factor, people)
    sipas = _criteria(session, code)
    return ServiceTable(rated[0].title, channel, by_factor, groups, together, units, sipas)


def _hidden(parts: Sequence[FactorRow] | Sequence[GroupIndex], standard: Standard, people: pd.DataFrame) -> Withheld:
    """Return why a sum is not shown: one of its parts is not, or too few people make it up."""
    answered = int(people["people"].sum())
    if 0 < answered < standard.fewest:
        return "few"
    return next((part.withheld for part in parts if part.answered and part.withheld), "")


def _group(factor: str, name: Texts, people: pd.DataFrame, withheld: Withheld, confidence: float) -> GroupIndex:
    answered = int(people["people"].sum())
    ratings = int((people["rated"] * people["people"]).sum())
    if withheld or not answered:
        return GroupIndex(factor, name, answered, ratings, withheld, None, None, 0.0, 1.0)
    satisfied = int((people["satisfied"] * people["people"]).sum())
    rate, limits = index_of(people, confidence)
    return GroupIndex(factor, name, answered, ratings, "", satisfied, rate, limits.lower, limits.upper)


def _units(
    session: Session,
    scope: Scope,
    standard: Standard,
    part: AnswerPart,
    by_factor: Mapping[str, Sequence[FactorRow]],
    people: Mapping[str, pd.DataFrame],
) -> tuple[UnitIndex, ...]:
    """Return the units that have answers, in the order of the tree; each question hides small units and one more."""
    every = people[""]
    units = [key for key in scope.tree.children.get(scope.agency_id, ()) if (every["unit"] == key).any()]
    if not units:
        return ()
    questions = [row.question for rows in by_factor.values() for row in rows]
    cells = counts.cells(session, scope, ("question", "unit", *part.keys), questions)
    cells = cells[(cells["channel"] == int(part.channel)) & cells["questionnaire"].isin(part.wanted)]
    answered = cells.groupby(["question", "unit"])["answered"].sum()
    hidden: dict[int, set[str]] = {key: set() for key in units}
    rows = [*units, scope.agency_id]  # answers of the agency itself are beside those of its units in the total
    for question in questions:
        numbers = [int(answered.get((question, key), 0)) for key in rows]
        why = beside(scope, standard.fewest, numbers, [0] * len(rows), [True] * len(rows))
        for key, mark in zip(units, why, strict=False):
            hidden[key] |= {question} if mark else set()
    confidence, lines = scope.held_to(standard).confidence, []
    whole = _whole_units(every, units, standard, scope, hidden)
    for key in units:
        groups = tuple(
            _group(name, those[0].name, people[name].query("unit == @key"), _why(hidden[key], those), confidence)
            for name, those in by_factor.items()
        )
        of_unit = every[every["unit"] == key]
        lines.append((key, groups, _group("", {}, of_unit, "" if key in whole else "others", confidence)))
    return tuple(UnitIndex(scope.tree.agencies[key], groups, together) for key, groups, together in lines)


def _why(hidden: set[str], rows: Sequence[FactorRow]) -> Withheld:
    return "few" if any(row.question in hidden for row in rows) else ""


def _whole_units(
    every: pd.DataFrame, units: Sequence[int], standard: Standard, scope: Scope, hidden: Mapping[int, set[str]]
) -> set[int]:
    """Return the units whose index of all groups may be shown: with all of its items, and never all units but one."""
    numbers = every.groupby("unit")["people"].sum()
    rows = [*units, scope.agency_id]
    people = [int(numbers.get(key, 0)) for key in rows]
    why = beside(scope, standard.fewest, people, [0] * len(rows), [True] * len(rows))
    free = [key for key, mark in zip(units, why, strict=False) if not mark and not hidden[key]]
    left = [key for key in rows if numbers.get(key, 0) and key not in free]
    if len(left) == 1 and free:
        free.remove(min(free, key=lambda key: int(numbers[key])))
    return set(free)


def _criteria(session: Session, code: str) -> dict[str, tuple[int, ...]]:
    """Return by question the numbers of the official criteria that it is after, of the version asked now."""
    row = QuestionnaireVersion
    query = sa.select(row.document).where(row.code == code, row.status == VersionStatus.PUBLISHED)
    document = session.scalar(query.order_by(row.id.desc()).limit(1))
    after: dict[str, tuple[int, ...]] = {}
    for _at, item in items(document or {}):
        numbers = (item.get("map") or {}).get("sipas", ())
        after[str(item["id"])] = tuple(numbers) if isinstance(numbers, list) else (numbers,) if numbers else ()
    return after


def limits(group: GroupIndex) -> Bounds:
    """Return the limits of an index by themselves."""
    return Bounds(group.lower, group.upper)
