"""The cuts of the answers, a fixed menu: by one thing at a time, never by free combinations that single people out."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.tables import summary
from survey.errors import NotFound
from survey.i18n import gettext, msgid, sort_key, text
from survey.models import CaseOutcome, Channel, DeliveryLevel, Placement, Respondent, Timeliness
from survey.organisation import procedures
from survey.results import counts, live_counts
from survey.results.disclosure import Withheld, beside, parts_shown
from survey.results.frozen_names import procedures_then
from survey.results.live_counts import LEVELS, MEASURES
from survey.results.publishable_periods import NO_KEY
from survey.results.rows import rows_of
from survey.results.scope import Scope, Standard

Raw = int | None  # a key as it is stored with the answer
Names = Callable[[Session, Scope], Callable[[Raw], tuple[str, str]]]  # of a key: its value in an address, its name
UNKNOWN = msgid("Not known")


class Cut(enum.StrEnum):
    """By what the answers are cut, as addresses spell it."""

    PROCEDURE = "procedure"
    FIELD = "field"
    DELIVERY = "delivery"
    RESPONDENT = "respondent"
    OUTCOME = "outcome"
    TIMELINESS = "timeliness"
    PLACEMENT = "placement"
    KIOSK = "kiosk"


@dataclass(frozen=True)
class AnswerPart:
    """Some of the answers: those by one channel and, of these, those whose `key` is among `wanted`."""

    channel: Channel = Channel.INVITATION
    key: str = ""
    wanted: frozenset[Raw] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys by which the answers must be counted."""
        return ("channel", self.key) if self.key else ("channel",)


EVERYBODY = AnswerPart()  # who was invited: what is judged


@dataclass(frozen=True)
class PartRow:
    """The overall rating in one part: its value in addresses, its name, how many answered; the rest if it is shown."""

    value: str
    name: str
    part: AnswerPart
    answered: int
    withheld: Withheld
    satisfied: int | None
    rate: float | None
    lower: float
    upper: float

    @property
    def shown(self) -> bool:
        """Return whether it is shown what those who answered said."""
        return not self.withheld


def parts(session: Session, scope: Scope, standard: Standard, cut: Cut) -> tuple[PartRow, ...]:
    """Return the parts into which a cut divides the answers of a scope, most answers first, what is not known last."""
    key, channel, names = _MENU[cut]
    cells = counts.cells(session, scope, ("channel", key))
    cells = cells[cells["channel"] == int(channel)]
    name_of = names(session, scope)
    values = [name_of(raw(value)) for value in cells[key]]
    cells = cells.assign(
        value=[value for value, _name in values],
        name=[name for _value, name in values],
        raw=pd.Series([raw(value) for value in cells[key]], index=cells.index, dtype=object),
    )
    if cells.empty:
        return ()
    wanted = {value: frozenset(group["raw"]) for value, group in cells.groupby("value")}
    titles = dict(zip(cells["value"], cells["name"], strict=True))
    summed = cells.groupby("value", as_index=False)[list(MEASURES)].sum()
    standard = scope.held_to(standard)
    measured = summary(summed[["value", "answered", "satisfied", *LEVELS]], ["value"], confidence=standard.confidence)
    may = parts_shown(session, scope, standard.fewest, channel, live_counts.KEY_COLUMNS[key])
    free = [may is None or {one or NO_KEY for one in wanted[value]} <= may for value in measured["value"]]
    why = beside(scope, standard.fewest, measured["answered"].to_list(), [0] * len(measured), free)
    frame = measured[["value", "answered", "satisfied", "rate", "lower", "upper"]].assign(
        name=measured["value"].map(titles),
        part=pd.Series([AnswerPart(channel, key, wanted[value]) for value in measured["value"]], dtype=object),
        withheld=pd.Series(why, dtype=object),
    )
    hidden = frame["withheld"] != ""
    frame[["satisfied", "rate"]] = frame[["satisfied", "rate"]].astype(object).mask(hidden)
    frame["lower"], frame["upper"] = frame["lower"].mask(hidden, 0.0), frame["upper"].mask(hidden, 1.0)
    rows: tuple[PartRow, ...] = rows_of(frame, PartRow)
    return tuple(sorted(rows, key=lambda row: (not row.value, -row.answered, sort_key(row.name))))


def chosen(rows: Iterable[PartRow], value: str) -> PartRow:
    """Return the part that an address asks for.

    Raises:
        NotFound: there is none, or it has too few answers to be shown alone.
    """
    row = next((row for row in rows if row.value == value and row.shown), None)
    if row is None:
        raise NotFound("There is no such part, or it has too few answers to be shown alone. Please choose another.")
    return row


def of_part(frame: pd.DataFrame, part: AnswerPart) -> pd.DataFrame:
    """Return the counts of one part, of cells with its keys."""
    frame = frame[frame["channel"] == int(part.channel)]
    if not part.key:
        return frame
    return frame[np.array([raw(value) in part.wanted for value in frame[part.key]], dtype=bool)]


def raw(value: float | None) -> Raw:
    """Return a stored key, of whatever type a table holds it; None where there is none."""
    return None if value is None or pd.isna(value) else int(value)


def _procedure_names(session: Session, scope: Scope) -> Callable[[Raw], tuple[str, str]]:
    frozen = {} if scope.closing is None else procedures_then(scope.closing)
    every, names = procedures.by_id(session), procedures.names(session, scope.period.last)

    def name_of(key: Raw) -> tuple[str, str]:
        if key is None or key not in every:
            return "", gettext("Not tied to one procedure")
        return every[key].code, text(frozen[key][1] if key in frozen else names[key])

    return name_of


def _field_names(session: Session, _scope: Scope) -> Callable[[Raw], tuple[str, str]]:
    every = procedures.by_id(session)
    return lambda key: (every[key].field["vi"], text(every[key].field)) if key in every else ("", gettext(UNKNOWN))


def _delivery_names(session: Session, _scope: Scope) -> Callable[[Raw], tuple[str, str]]:
    every = procedures.by_id(session)
    words = _words(DELIVERIES)
    return lambda key: words(int(every[key].delivery) if key in every else None)


def _placement_names(session: Session, scope: Scope) -> Callable[[Raw], tuple[str, str]]:
    query = sa.select(Placement.id, Placement.code, Placement.label, Placement.agency_id)
    query = query.where(Placement.agency_id.in_(scope.subtree))
    places = {row.id: row for row in session.execute(query)}

    def name_of(key: Raw) -> tuple[str, str]:
        if key is None or key not in places:
            return "", gettext(UNKNOWN)
        row = places[key]
        unit = text(scope.tree.agencies[row.agency_id].name) if row.agency_id in scope.tree.agencies else ""
        return row.code, " · ".join(part for part in (text(row.label or {}), unit, row.code) if part)

    return name_of


def _words(named: Mapping[Any, str]) -> Callable[[Raw], tuple[str, str]]:
    by_number = {int(member): (member.name.lower(), message) for member, message in named.items()}

    def name_of(key: Raw) -> tuple[str, str]:
        value, message = by_number[key] if key is not None and key in by_number else ("", UNKNOWN)
        return value, gettext(message)

    return name_of


DELIVERIES = {
    DeliveryLevel.FULLY_ONLINE: msgid("Fully online"),
    DeliveryLevel.PARTLY_ONLINE: msgid("Partly online"),
    DeliveryLevel.PROACTIVE: msgid("Proactive"),
    DeliveryLevel.LEVEL_1: msgid("Level 1 (before 2022)"),
    DeliveryLevel.LEVEL_2: msgid("Level 2 (before 2022)"),
    DeliveryLevel.LEVEL_3: msgid("Level 3 (before 2022)"),
    DeliveryLevel.LEVEL_4: msgid("Level 4 (before 2022)"),
}
RESPONDENTS = {Respondent.CITIZEN: msgid("Citizens"), Respondent.BUSINESS: msgid("Businesses and organisations")}
OUTCOMES = {
    CaseOutcome.GRANTED: msgid("Granted"),
    CaseOutcome.REFUSED: msgid("Refused"),
    CaseOutcome.GIVEN_UP: msgid("Given up by the applicant"),
}
TIMELINESS = {Timeliness.ON_TIME: msgid("On time"), Timeliness.LATE: msgid("Late")}
CUT_NAMES = {
    Cut.PROCEDURE: msgid("Procedure"),
    Cut.FIELD: msgid("Field"),
    Cut.DELIVERY: msgid("Delivery level"),
    Cut.RESPONDENT: msgid("Kind of respondent"),
    Cut.OUTCOME: msgid("Outcome of the case"),
    Cut.TIMELINESS: msgid("On time or late"),
    Cut.PLACEMENT: msgid("QR code or link (for reference)"),
    Cut.KIOSK: msgid("Kiosk (for reference)"),
}


def _fixed(named: Mapping[Any, str]) -> Names:
    return lambda _session, _scope: _words(named)


_MENU: dict[Cut, tuple[str, Channel, Names]] = {
    Cut.PROCEDURE: ("procedure", Channel.INVITATION, _procedure_names),
    Cut.FIELD: ("procedure", Channel.INVITATION, _field_names),
    Cut.DELIVERY: ("procedure", Channel.INVITATION, _delivery_names),
    Cut.RESPONDENT: ("respondent", Channel.INVITATION, _fixed(RESPONDENTS)),
    Cut.OUTCOME: ("outcome", Channel.INVITATION, _fixed(OUTCOMES)),
    Cut.TIMELINESS: ("timeliness", Channel.INVITATION, _fixed(TIMELINESS)),
    Cut.PLACEMENT: ("placement", Channel.OPEN, _placement_names),
    Cut.KIOSK: ("placement", Channel.KIOSK, _placement_names),
}
