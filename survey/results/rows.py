"""One row of figures: counts, and beside them what follows from them. Every page and file prints such rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
import pandas as pd

from analysis import Verdict
from survey.i18n import gettext, text
from survey.models import Texts
from survey.results.disclosure import Withheld

TypedRow = TypeVar("TypedRow")


class Limits(Protocol):
    """Whatever has a lower and an upper limit, as shares."""

    @property
    def lower(self) -> float:
        """Return the lower limit."""

    @property
    def upper(self) -> float:
        """Return the upper limit."""


class Withholding(Protocol):
    """Whatever has a number of answers of which it may be withheld what they said."""

    @property
    def answered(self) -> int | None:
        """Return how many answered; None where even that is not shown."""

    @property
    def withheld(self) -> Withheld:
        """Return why what they said is not shown; empty if it is."""


class WithdrawnCounts(Protocol):
    """Whatever tells how many cases were withdrawn, and how many of them after they had been rated."""

    @property
    def withdrawn(self) -> int:
        """Return how many cases were withdrawn."""

    @property
    def withdrawn_rated(self) -> int:
        """Return how many of them had been rated."""


@dataclass(frozen=True)
class Bounds:
    """Two limits by themselves."""

    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The counts of some answers to one rated question, and what is measured by them.

    `rate` and the means are None without answers, the limits then 0 and 1. `withheld`: why this reader is shown
    nothing but how many answered (`disclosure`); all else is then None, the limits 0 and 1. `suppress`: too few answers
    or too wide an interval to publish.
    """

    answered: int
    withheld: Withheld
    satisfied: int | None
    level_1: int | None
    level_2: int | None
    level_3: int | None
    level_4: int | None
    level_5: int | None
    no_opinion: int | None
    rate: float | None
    lower: float
    upper: float
    mean: float | None
    mean_lower: float | None
    mean_upper: float | None
    index: float | None
    suppress: bool

    @property
    def shown(self) -> bool:
        """Return whether there are answers and it is shown what they said."""
        return self.answered > 0 and not self.withheld

    @property
    def levels(self) -> tuple[int | None, int | None, int | None, int | None, int | None]:
        """Return how many chose each level, from 1 to 5."""
        return self.level_1, self.level_2, self.level_3, self.level_4, self.level_5


@dataclass(frozen=True, kw_only=True)
class FiguresRow(Measured):
    """The overall rating of one unit or procedure by one channel, or of all together: then of the agency itself.

    Answers that belong to no one procedure have the id 0, no code and no name. `pooled`: it is no row beside the others
    but those of them together that are withheld; it has the id -1 and no code or name either.
    """

    id: int
    code: str
    name: Texts
    pooled: Literal["", "unit", "procedure"]
    flag_complement: bool
    review: bool


@dataclass(frozen=True, kw_only=True)
class JudgedRow(FiguresRow):
    """A row of answers by invitation, held against the target: only from `LEAST_ANSWERS` on is a verdict given.

    `named`: may be named as missing the target, many rows allowed for. `needed_…`: how many more answers a verdict
    takes, None where no number suffices or the period is running. Of the cases finished in the period, whenever they
    were rated: `finished`, `invited`, `rated`, `response_rate`; `rated_satisfied` only where the answers of the period
    are those of its cases, None otherwise. Whatever the silent think, and whoever answered in another period, the rate
    of all lies from `possible_lower` to `possible_upper`; `break_even` is the share of the silent that must be
    satisfied for the target at least; `certain` is the verdict that they cannot change, or empty. Of these cases the
    portal withdrew `withdrawn_rated` after they had been rated; `withdrawn` counts those too that nobody had rated, and
    that are not among the finished ones any more.
    """

    verdict: Verdict
    p_met: float | None
    p_not_met: float | None
    named: bool
    needed_if_all_satisfied: int | None
    needed_if_all_dissatisfied: int | None
    needed_if_rate_holds: int | None
    finished: int
    invited: int
    rated: int
    rated_satisfied: int | None
    withdrawn: int
    withdrawn_rated: int
    response_rate: float | None
    possible_lower: float | None
    possible_upper: float | None
    break_even: float | None
    certain: Literal["", "met", "not_met"]


def name_of(row: FiguresRow) -> str:
    """Return the name of a row in the language in use."""
    if row.pooled:
        return gettext("Units with few answers") if row.pooled == "unit" else gettext("Procedures with few answers")
    return text(row.name) or gettext("Not tied to one procedure")


def short_name(row: FiguresRow) -> str:
    """Return the name of a row as short as lists and pictures have room for: of a commune without "committee of"."""
    name, before = name_of(row), gettext("People's Committee of ")
    short = name.removeprefix(before)
    return short[:1].upper() + short[1:]


def rows_of(frame: pd.DataFrame, kind: Callable[..., TypedRow]) -> tuple[TypedRow, ...]:
    """Return the rows of a table as typed rows, whose fields are its columns: Python numbers, None for what is not."""
    names = [str(name) for name in frame.columns]
    columns = [[python_value(value) for value in column.tolist()] for _name, column in frame.items()]
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True))


def python_value(value: object) -> object:
    """Return a value as JSON and templates take it: no numpy type, None for NaN and NA.

    >>> python_value(np.float64("nan")), python_value(np.int64(3))
    (None, 3)
    """
    if value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
