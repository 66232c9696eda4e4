"""The figures of one agency and period: the one place from which dashboard, drill-down and every report take them.

Only answers by invitation are judged against the target; open links and kiosks stand beside them for reference, with
the same columns but without a verdict, and are never added to them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analysis.comparison import holm
from analysis.interval import confidence_sequence
from analysis.stratification import Poststratified, poststratify
from analysis.tables import summary
from analysis.validation import exact_target
from survey.i18n import sort_key, text
from survey.models import Agency, Channel
from survey.organisation import agencies
from survey.organisation.agencies import Tree
from survey.periods import Period
from survey.results import counts
from survey.results.counts import COHORT, LEVELS, MEASURES

By: TypeAlias = Literal["unit", "procedure"]
KEYS = ("id", "code", "name", "group")
NEEDED = ("needed_if_all_satisfied", "needed_if_all_dissatisfied", "needed_if_rate_holds")
VERDICTS = ("verdict", "p_met", "p_not_met", *NEEDED)
CERTAIN = ("lower", "upper", *VERDICTS)
REPRESENTATIVE = ("response_rate", "possible_lower", "possible_upper", "break_even", "certain")
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Figures:
    """Rates, limits and verdicts beside the counts they came from.

    `judged`, `open`, `kiosk`: one row per unit or procedure in Vietnamese order, those without answers included.
    Columns: id, code, name (texts by language; empty where answers belong to no one procedure), group; answered,
    satisfied, level_1 … level_5, no_opinion; rate (NaN without answers), lower, upper; mean, mean_lower, mean_upper,
    index; suppress, flag_complement, review. `judged` also has verdict, p_met, p_not_met, named, needed_…; of the
    cases finished in the period, whenever they were rated: finished, invited, rated, rated_satisfied, response_rate,
    possible_lower, possible_upper, break_even, certain ("", "met" or "not_met": whatever the silent think).
    `total`: the same for all rows together, by part ("judged", "open", "kiosk"), as dicts with None for NaN.
    `weighted`: the share over the rows with ratings, each counting by its finished cases; None without a rating.
    `covered`: the share of all finished cases that lie in those rows.
    `provisional`: the period has not ended; limits and verdicts then hold at every daily look. `closed`: its counts
    are frozen; only then is a verdict final.
    """

    period: Period
    agency: Agency
    by: By
    demo: bool
    target: str
    confidence: float
    today: dt.date
    provisional: bool
    closed: bool
    judged: pd.DataFrame
    open: pd.DataFrame
    kiosk: pd.DataFrame
    total: Mapping[str, dict[str, Any]]
    weighted: Poststratified | None
    covered: float | None


def figures(
    session: Session,
    period: Period,
    agency_id: int,
    by: By = "unit",
    *,
    target: str,
    confidence: float,
    today: dt.date,
    as_of: dt.date | None = None,
) -> Figures:
    """Return the figures of a period in an agency's subtree, by the units directly below it or by procedure.

    Units and names are those of the period's last day, or of the day `as_of`: with today, a period before a merger
    is shown under the agencies of today, each with the figures of its predecessors.
    """
    known = agencies.tree_for(session, agency_id, as_of or period.last)
    cells = counts.cells(session, period, agency_id, (by, "channel"), as_of=as_of)
    cohort = counts.cohort(session, period, agency_id, (by,), as_of).rename(columns={by: "id"})
    seen = {int(key) for frame in (cells[by], cohort["id"]) for key in frame.dropna()}
    index = _units(known, period, agency_id, seen) if by == "unit" else _procedures(session, seen)
    provisional = not period.ended(today)
    parts, total = {}, {}
    for part, channel in (("judged", Channel.INVITATION), ("open", Channel.OPEN), ("kiosk", Channel.KIOSK)):
        frame = _with_every_row(index, cells[cells["channel"] == int(channel)].rename(columns={by: "id"}))
        every = frame[list(MEASURES)].sum().to_frame().T.astype("int64")
        if part == "judged":
            frame = frame.merge(cohort, on="id", how="left").fillna(dict.fromkeys(COHORT, 0))
            frame = frame.astype(dict.fromkeys(COHORT, "int64"))
            every = every.assign(**{name: int(cohort[name].sum()) for name in COHORT})
        parts[part] = _judge(frame, part, target, confidence, provisional)
        total[part] = row(_judge(every, part, target, confidence, provisional).iloc[0])
    return Figures(
        period,
        known.agencies[agency_id],
        by,
        agencies.installation(session).demo,
        target,
        confidence,
        today,
        provisional,
        counts.closed(session, period) is not None,
        **parts,
        total=total,
        weighted=_weighted(parts["judged"], confidence),
        covered=_covered(parts["judged"]),
    )


def row(series: Row | pd.Series) -> dict[str, Any]:
    """Return one row as plain values: Python numbers, None for what is not there."""
    return {str(name): plain(value) for name, value in dict(series).items()}


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return every row of a table as plain values."""
    return [row(one) for _place, one in frame.astype(object).iterrows()] if len(frame) else []


def plain(value: Any) -> Any:
    """Return a value as JSON and templates take it: no numpy type, None for NaN and NA.

    >>> plain(np.float64("nan")), plain(np.int64(3))
    (None, 3)
    """
    if value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _units(known: Tree, period: Period, agency_id: int, seen: set[int]) -> pd.DataFrame:
    """Return the children that existed in the period, and whoever else has cases or answers; the agency itself last."""
    children = known.children.get(agency_id, ())
    there = [known.agencies[child] for child in children]
    last = known.day or period.last
    first = period.first if last == period.last else last
    rows = [a for a in there if a.id in seen or agencies.valid(a, first, last)]
    if agency_id in seen or not rows:
        rows.append(known.agencies[agency_id])
    return pd.DataFrame([(a.id, a.code, a.name, int(a.level)) for a in rows], columns=list(KEYS))


def _procedures(session: Session, seen: set[int]) -> pd.DataFrame:
    every = agencies.procedures(session)
    found = sorted((every[key] for key in seen), key=lambda p: sort_key(text(p.name, "vi")))
    rows = [(p.id, p.code, p.name, text(p.field, "vi")) for p in found]
    return pd.DataFrame(rows, columns=list(KEYS))


def _with_every_row(index: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of one channel, with a row for every unit or procedure and one for answers to none of them."""
    measured = cells[["id", *MEASURES]]
    loose = measured[measured["id"].isna()]
    joined = index.merge(measured.dropna(subset="id").astype({"id": "int64"}), on="id", how="left")
    if len(loose):
        extra = loose.assign(id=0, code="", group="")
        extra["name"] = pd.Series([{} for _ in range(len(loose))], index=extra.index, dtype=object)
        joined = pd.concat([joined, extra[[*KEYS, *MEASURES]]], ignore_index=True) if len(joined) else extra
    return joined.fillna(dict.fromkeys(MEASURES, 0)).astype(dict.fromkeys(MEASURES, "int64"))[[*KEYS, *MEASURES]]


def _judge(frame: pd.DataFrame, part: str, target: str, confidence: float, provisional: bool) -> pd.DataFrame:
    keyed = frame.assign(row=np.arange(len(frame)))
    drop = ["row", "answered", "satisfied", *LEVELS, "certain"]
    table = pd.concat([frame, summary(keyed, ["row"], target, confidence).drop(columns=drop)], axis=1)
    if part != "judged":
        return table.drop(columns=list(VERDICTS))
    a = (1 - confidence) / 2
    if provisional:
        table = _daily(table, target, confidence)
    tested = table["answered"] > 0
    named = pd.Series(False, index=table.index)
    named[tested] = holm(table["p_not_met"][tested].to_numpy(dtype=float)) <= a
    table["named"] = named & (table["verdict"] == "not_met")
    rated = frame[["finished"]].assign(row=keyed["row"], answered=frame["rated"], satisfied=frame["rated_satisfied"])
    possible = summary(rated, ["row"], target, confidence, "finished")
    table[list(REPRESENTATIVE)] = possible[list(REPRESENTATIVE)].astype({"certain": object})
    same = (frame["rated"] == frame["answered"]) & (frame["rated_satisfied"] == frame["satisfied"])
    for name in NEEDED:  # among so many cases, where that is known; daily limits ask for another number
        needed = table[name].mask(same & (frame["finished"] > 0), possible[name])
        table[name] = pd.array([pd.NA] * len(table), dtype="Int64") if provisional else needed
    # Cases of an open period are still being finished, so nothing is certain about all of them yet.
    certain = possible["certain"] & (frame["finished"] > 0) & same & (not provisional)
    for name in CERTAIN:  # column by column: pandas refuses several nullable ones at once
        table[name] = table[name].mask(certain, possible[name])
    table["certain"] = np.where(certain, possible["verdict"], "")
    return table


def _daily(table: pd.DataFrame, target: str, confidence: float) -> pd.DataFrame:
    """Replace limits and verdicts by those that may be looked at every day without wearing out the confidence."""
    goal = float(exact_target(target))
    k, n = table["satisfied"].to_numpy(), table["answered"].to_numpy()
    lower, upper = confidence_sequence(k, n, alpha=1 - confidence)
    verdict = np.where(lower >= goal, "met", np.where(upper <= goal, "not_met", "inconclusive"))
    return table.assign(lower=lower, upper=upper, verdict=np.where(n > 0, verdict, "inconclusive"))


def _weighted(judged: pd.DataFrame, confidence: float) -> Poststratified | None:
    """Weight the rows that have ratings by their finished cases; `covered` tells how many of all cases those are."""
    strata = judged[judged["rated"] > 0]
    if not len(strata):
        return None
    k, n, cases = (strata[name].to_numpy() for name in ("rated_satisfied", "rated", "finished"))
    return poststratify(k, n, cases, confidence)


def _covered(judged: pd.DataFrame) -> float | None:
    finished = int(judged["finished"].sum())
    return int(judged["finished"][judged["rated"] > 0].sum()) / finished if finished else None
