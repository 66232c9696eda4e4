"""The figures of a nation: closed months of provinces, as each tells them to everybody, added up and judged anew.

Counts are added up, never rates: in the whole each answer counts once, from whichever province it came. A month of
which a province withholds what people said stays withheld, and is in no sum. A province that was merged counts as the
one that it is now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from survey.errors import InvalidPeriod, NotFound
from survey.i18n import sort_key, text
from survey.models import Texts
from survey.periods import Period, month_of, previous
from survey.results.case_weighting import CaseWeightedShare, weighted_by_cases
from survey.results.disclosure import Withheld
from survey.results.figures import judged_table, measured_tables
from survey.results.live_counts import MEASURES
from survey.results.open_cohort import COHORT, COHORT_SHOWN
from survey.results.rows import JudgedRow, rows_of
from survey.results.scope import Standard

CountsByName: TypeAlias = Mapping[str, int]  # the measures and the cohort by their names


@dataclass(frozen=True, kw_only=True)
class ProvinceMonth:
    """What one province tells everybody of one closed month; `counted` holds nothing said where it is withheld."""

    code: str
    name: Texts
    period: Period
    demo: bool
    answered: int
    withheld: Withheld
    counted: CountsByName


@dataclass(frozen=True)
class ProvinceRegister:
    """Which provinces there are, and were: `successors` has of each that was merged the one that it is now.

    `last_months`: of those that were merged, the last month that they are to tell of, where that is given.
    """

    names: Mapping[str, Texts] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)
    last_months: Mapping[str, str] = field(default_factory=dict)

    def now(self, code: str) -> str:
        """Return the code of the province as which one counts."""
        return self.successors.get(code, code)


@dataclass(frozen=True, eq=False)
class NationFigures:
    """Provinces and the whole, with what they are added up from.

    `rows`: the provinces with a file, in Vietnamese order of their names; `silent`: the codes of those without one, of
    the provinces that there are now. `weighted`: the share in which each province counts by its finished
    cases, None without two of them; `covered`: the share of all finished cases that lie in those. `absent`: by code
    the months of which a province, also a former one, has no file. `untold`: months that are withheld. `merged`: the
    former provinces with figures, each with the code as which it counts.
    """

    period: Period
    months: tuple[Period, ...]
    standard: Standard
    demo: bool
    rows: tuple[JudgedRow, ...]
    total: JudgedRow
    weighted: CaseWeightedShare | None
    covered: float | None
    absent: Mapping[str, tuple[Period, ...]]
    silent: tuple[str, ...]
    untold: tuple[ProvinceMonth, ...]
    merged: Mapping[str, str]
    names: Mapping[str, Texts]

    closed = True  # each month is, or it would not be told
    provisional = False

    @property
    def target(self) -> str:
        """Return the target that all are held against."""
        return self.standard.target

    @property
    def confidence(self) -> float:
        """Return the confidence of intervals and verdicts."""
        return self.standard.confidence

    def partial(self, row: JudgedRow) -> bool:
        """Return whether months of a province, or of one that counts as it, are missing or withheld."""
        codes = {row.code, *(code for code, now in self.merged.items() if now == row.code)}
        return any(code in self.absent for code in codes) or any(one.code in codes for one in self.untold)


def nation_figures(
    months: Sequence[ProvinceMonth], period: Period, standard: Standard, register: ProvinceRegister
) -> NationFigures:
    """Return the figures of a period, from all months that there are, of whichever days.

    Months with fewer answers than `standard.fewest` are withheld here, too, whatever the province thought of it.

    Raises:
        InvalidPeriod: the period is not made of whole months.
        NotFound: no province tells of any of them.
    """
    asked = months_of(period)
    codes = {one.code for one in asked}
    inside = [_guarded(one, standard.fewest) for one in months if one.period.code in codes]
    if not inside:
        raise NotFound("No file tells of the period %(code)s.", code=period.code)
    names = {one.code: one.name for one in sorted(months, key=lambda one: one.period.first)} | dict(register.names)
    parts = defaultdict[str, list[ProvinceMonth]](list)
    for one in inside:
        parts[register.now(one.code)].append(one)
    now = {register.now(code) for code in names}
    present = sorted(parts, key=lambda code: (sort_key(text(names.get(code, {}), "vi")), code))
    added = [_added(code, names.get(code, {"vi": code}), parts[code]) for code in present]
    table = pd.DataFrame([{**row, "id": place} for place, row in enumerate([*added, _whole(added)], 1)])
    (measured,) = measured_tables([table], standard)
    *rows, total = rows_of(judged_table(measured, standard, True, provisional=False, closed=True), JudgedRow)
    weighted, covered = _by_cases(table.iloc[:-1], standard)
    return NationFigures(
        period=period,
        months=asked,
        standard=standard,
        demo=any(one.demo for one in inside),
        rows=tuple(rows),
        total=total,
        weighted=weighted,
        covered=covered,
        absent=dict(_absent(months, asked, names, register)),
        silent=tuple(sorted(now - set(parts))),
        untold=tuple(one for one in inside if one.withheld and one.answered),
        merged={one.code: register.now(one.code) for one in inside if register.now(one.code) != one.code},
        names=names,
    )


def months_of(period: Period) -> tuple[Period, ...]:
    """Return the months that a period is made of.

    Raises:
        InvalidPeriod: it is not made of whole months of its basis.

    >>> from survey.periods import parse
    >>> [month.code for month in months_of(parse("2026-Q3", "administrative"))]
    ['2026-07', '2026-08', '2026-09']
    """
    months = [month_of(period.last, period.basis)]
    while months[0].first > period.first:
        months.insert(0, previous(months[0]))
    if (months[0].first, months[-1].last) != (period.first, period.last):
        raise InvalidPeriod("The period %(code)s is not made of whole months.", code=period.code)
    return tuple(months)


def _guarded(one: ProvinceMonth, fewest: int) -> ProvinceMonth:
    """Return a month that tells nothing of too few answers."""
    if one.withheld or not 0 < one.answered < fewest:
        return one
    return ProvinceMonth(**{**vars(one), "withheld": "few"})


def _added(code: str, name: Texts, parts: Sequence[ProvinceMonth]) -> dict[str, object]:
    """Return the sum of the months that tell what people said; of a province without one, how many answered."""
    told_months = [one for one in parts if not one.withheld]
    hidden = [one for one in parts if one.withheld and one.answered]
    nothing = not any(one.answered for one in told_months) and bool(hidden)
    row: dict[str, object] = {name: sum(one.counted[name] for one in told_months) for name in MEASURES}
    row |= {name: sum(one.counted[name] for one in (parts if nothing else told_months)) for name in COHORT_SHOWN}
    if nothing:  # counts must add up until what is withheld is taken away
        row["answered"] = row["level_1"] = sum(one.answered for one in hidden)
    withheld = hidden[0].withheld if nothing else ""
    return {"code": code, "name": name, "pooled": "", "withheld": withheld, **row, "carried": 0}


def _whole(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return the sum of the rows that tell what people said."""
    frame = pd.DataFrame([row for row in rows if not row["withheld"]], columns=[*MEASURES, *COHORT])
    sums = {str(name): int(number) for name, number in frame.sum().items()}
    return {"code": "", "name": {}, "pooled": "", "withheld": "", **sums}


def _by_cases(table: pd.DataFrame, standard: Standard) -> tuple[CaseWeightedShare | None, float | None]:
    strata = table[(table["answered"] > 0) & (table["finished"] > 0) & (table["withheld"] == "")]
    if len(strata) < 2:
        return None, None
    share = weighted_by_cases(strata, standard.confidence)
    return share, int(strata["finished"].sum()) / int(table["finished"].sum())


def _absent(
    months: Sequence[ProvinceMonth], asked: Sequence[Period], names: Mapping[str, Texts], register: ProvinceRegister
) -> Iterator[tuple[str, tuple[Period, ...]]]:
    """Yield each province with the months of which it should have a file and has none.

    A former province is expected until its last month, where none is given until its last file; one that others were
    merged into, from its first file on.
    """
    there = defaultdict[str, set[str]](set)
    for one in months:
        there[one.code].add(one.period.code)
    heirs = set(register.successors.values())
    for code in sorted({*names, *register.successors}):
        first = min(there[code], default="") if code in heirs else ""
        last = "9"
        if code in register.successors:
            last = register.last_months.get(code, "") or max(there[code], default="")
        absent = [one for one in asked if first <= one.code <= last and one.code not in there[code]]
        if absent:
            yield code, tuple(absent)
