"""The figures of one agency and period: the one place from which dashboard, drill-down and every report take them.

Only answers by invitation are judged against the target; open links, kiosks, paper and telephone stand beside them for
reference, with the same columns but without a verdict, and are never added to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analysis import Verdict
from analysis.comparison import holm
from analysis.interval import confidence_sequence
from analysis.publication import LEAST_ANSWERS
from analysis.scores import mean_score
from analysis.tables import NEEDED, summary
from analysis.validation import exact_target
from survey.i18n import sort_key, text
from survey.models import INTERVIEWED, Agency, Channel
from survey.organisation import agencies, procedures
from survey.organisation.dated_tree import valid
from survey.periods import Period
from survey.results import counts
from survey.results.carried import nothing_carried, of_all_cases
from survey.results.case_weighting import CaseWeightedShare, case_weighted, covered
from survey.results.channel_names import REFERENCE
from survey.results.closing import altered
from survey.results.disclosure import Disclosure, disclosure
from survey.results.frozen_names import procedures_then
from survey.results.live_counts import LEVELS, MEASURES
from survey.results.open_cohort import COHORT
from survey.results.row_counts import beside, with_every_row
from survey.results.rows import FiguresRow, JudgedRow, rows_of
from survey.results.scope import Scope, Standard
from survey.results.withholding import withheld_rows, without_words

By: TypeAlias = Literal["unit", "procedure"]
KEYS = ("id", "code", "name")
VERDICTS = ("verdict", "p_met", "p_not_met", *NEEDED)
MEAN_LIMITS = ("mean_lower", "mean_upper")
REPRESENTATIVE = ("response_rate", "possible_lower", "possible_upper", "break_even")
AnyRow = TypeVar("AnyRow", bound=FiguresRow, covariant=True)


@dataclass(frozen=True)
class ChannelFigures(Generic[AnyRow]):
    """One channel: a row for each unit or procedure in Vietnamese order, even without answers, and one for all."""

    rows: tuple[AnyRow, ...]
    total: AnyRow


@dataclass(frozen=True, eq=False)
class Figures:
    """Rates, limits and verdicts beside the counts they came from.

    `weighted` is None without a rating.
    `covered`: the share of all finished cases that lie in those rows.
    `provisional`: the period has not ended; limits and verdicts then hold at every daily look. `closed`: its counts
    are frozen; only then is a verdict final. `altered`: they are closed, and the answers as they stood at the closing
    give other counts: somebody has changed the one or the other in the database. `second`: the total, held against the
    target that stands beside the headline; None where there is none.
    """

    scope: Scope
    standard: Standard
    by: By
    demo: bool
    today: dt.date
    provisional: bool
    closed: bool
    altered: bool
    judged: ChannelFigures[JudgedRow]
    open: ChannelFigures[FiguresRow]
    kiosk: ChannelFigures[FiguresRow]
    paper: ChannelFigures[FiguresRow]
    telephone: ChannelFigures[FiguresRow]
    weighted: CaseWeightedShare | None
    covered: float | None
    second: JudgedRow | None

    @property
    def period(self) -> Period:
        """Return the period that they are of."""
        return self.scope.period

    @property
    def agency(self) -> Agency:
        """Return the agency that they are of."""
        return self.scope.agency

    @property
    def target(self) -> str:
        """Return the target that they are held against."""
        return self.standard.target

    @property
    def confidence(self) -> float:
        """Return the confidence of their intervals and verdicts."""
        return self.standard.confidence

    @property
    def channels(self) -> Mapping[Channel, ChannelFigures[FiguresRow]]:
        """Return the figures by channel, the judged one first."""
        others = (self.open, self.kiosk, self.paper, self.telephone)
        return {Channel.INVITATION: self.judged, **dict(zip(REFERENCE, others, strict=True))}

    @property
    def for_reference(self) -> Mapping[Channel, ChannelFigures[FiguresRow]]:
        """Return the figures of the channels that are shown for reference: of an interviewer's, where any came."""
        shown = {one: self.channels[one] for one in REFERENCE}
        return {one: part for one, part in shown.items() if one not in INTERVIEWED or part.total.answered}


def figures(session: Session, scope: Scope, standard: Standard, today: dt.date, by: By = "unit") -> Figures:
    """Return the figures of a period in an agency's subtree, by the units directly below it or by procedure.

    Units and names are those of the scope's tree. `standard` holds while the period is open; a closed one is held
    against what was frozen with it.
    """
    standard = scope.held_to(standard)
    cells = counts.cells(session, scope, (by, "channel")).rename(columns={by: "id"})
    cohort = counts.cohort(session, scope, (by,)).rename(columns={by: "id"})
    present = {int(key) for frame in (cells, cohort) for key in frame["id"].dropna()}
    index = _units(scope, present) if by == "unit" else _procedures(session, scope, present)
    state = {"provisional": not scope.period.ended(today), "closed": scope.closing is not None}
    guarded = scope.reader.guarded
    shown = disclosure(session, scope, standard.fewest)
    counted = {channel: with_every_row(index, cells[cells["channel"] == int(channel)]) for channel in Channel}
    judged = withheld_rows(beside(counted[Channel.INVITATION], cohort, COHORT), shown, by, Channel.INVITATION)
    # Of the whole cohort: cases of an agency that has no row count in the total all the same.
    whole = _with_total(judged, shown, Channel.INVITATION, {name: int(cohort[name].sum()) for name in COHORT})
    others = [_with_total(withheld_rows(counted[one], shown, by, one), shown, one) for one in REFERENCE]
    table, *tables = measured_tables([whole, *others], standard)
    by_link, at_kiosks, on_paper, by_telephone = map(_reference, tables)
    return Figures(
        scope,
        standard,
        by,
        agencies.installation(session).demo,
        today,
        state["provisional"],
        state["closed"],
        altered(session, scope, (by, "channel")),
        _channel(judged_table(table, standard, guarded, **state), JudgedRow),
        by_link,
        at_kiosks,
        on_paper,
        by_telephone,
        case_weighted(judged, shown, standard.confidence),
        covered(judged),
        _second(whole.iloc[-1:].reset_index(drop=True), standard, guarded, **state),
    )


def _units(scope: Scope, present: set[int]) -> pd.DataFrame:
    """Return the children that existed in the period or have cases or answers; the agency itself last."""
    tree, period = scope.tree, scope.period
    last = tree.day or period.last
    first = period.first if last == period.last else last
    children = (tree.agencies[child] for child in tree.children.get(scope.agency_id, ()))
    units = [unit for unit in children if unit.id in present or valid(unit, first, last)]
    if scope.agency_id in present or not units:
        units.append(scope.agency)
    return pd.DataFrame([(unit.id, unit.code, unit.name) for unit in units], columns=list(KEYS))


def _procedures(session: Session, scope: Scope, present: set[int]) -> pd.DataFrame:
    if scope.closing is None:
        every = {row.id: (row.code, row.name) for row in procedures.by_id(session).values()}
    else:
        every = procedures_then(scope.closing)
    rows = sorted(((key, *every[key]) for key in present), key=lambda row: sort_key(text(row[2], "vi")))
    return pd.DataFrame(rows, columns=list(KEYS))


def _with_total(
    frame: pd.DataFrame, shown: Disclosure, channel: Channel, counted: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Return the rows and, last and under the agency's name, all of them together; `counted`: of it, what they lack."""
    agency = shown.scope.agency
    every = frame[list(MEASURES)].to_numpy("int64")[frame["pooled"].eq("").to_numpy()].sum(axis=0).tolist()
    row: dict[str, Any] = dict(zip(MEASURES, every, strict=True)) | dict(counted or {})
    why = shown.total(channel, row["answered"])
    row |= {"id": agency.id, "code": agency.code, "name": agency.name, "withheld": why, "pooled": ""}
    total = pd.DataFrame([row], columns=list(frame.columns))
    return pd.concat([frame, total], ignore_index=True) if len(frame) else total


def _channel(table: pd.DataFrame, kind: Callable[..., AnyRow]) -> ChannelFigures[AnyRow]:
    """Return a table whose last row is the total as typed rows."""
    *rows, total = rows_of(table, kind)
    return ChannelFigures(tuple(rows), total)


def _reference(table: pd.DataFrame) -> ChannelFigures[FiguresRow]:
    return _channel(without_words(table).drop(columns=list(VERDICTS)), FiguresRow)


def measured_tables(frames: Sequence[pd.DataFrame], standard: Standard) -> list[pd.DataFrame]:
    """Return tables of counts with what is measured by them: all at once, because each time takes its time."""
    keyed = pd.concat([frame[["answered", "satisfied", *LEVELS]] for frame in frames], keys=range(len(frames)))
    keyed = keyed.assign(row=np.arange(len(keyed)))
    every = summary(keyed, ["row"], standard.target, standard.confidence).drop(columns=[*keyed.columns, "certain"])
    every.index = keyed.index
    return [pd.concat([frame, every.loc[number]], axis=1) for number, frame in enumerate(frames)]


def judged_table(
    frame: pd.DataFrame, standard: Standard, guarded: bool, *, provisional: bool, closed: bool
) -> pd.DataFrame:
    """Return a table of `measured_tables` as it is judged; its last row is the total, a test of its own.

    `guarded`: of a reader who is not to find out what a few people said; withheld rows keep only how many answered.
    It is worked out in arrays and put together once: column by column in a table it takes four times as long.
    """
    table = _daily(frame, standard) if provisional else frame
    answered, finished = frame["answered"].to_numpy(), frame["finished"].to_numpy()
    enough = (answered >= LEAST_ANSWERS) & frame["withheld"].eq("").to_numpy()
    missed, p_not_met = table["verdict"].eq("not_met").to_numpy(), table["p_not_met"].to_numpy(dtype=float)
    named, places = np.zeros(len(table), dtype=bool), np.arange(len(table))
    for rows in (places[:-1], places[-1:]):  # the total is a test of its own
        tested = rows[enough[rows]]
        named[tested] = holm(p_not_met[tested]) <= (1 - standard.confidence) / 2
    possible = of_all_cases(frame, standard)
    same = nothing_carried(frame).to_numpy()
    # Where the answers of an ended period are those of its cases a mean cannot leave what is left. To a guarded reader
    # it would tell that they are: what the few said by which two sets of answers differ.
    among = same & (finished > 0) & (not provisional) & (not guarded)
    # Cases of an open period are still being finished, so nothing is certain about all of them yet.
    certain = possible["certain"].to_numpy(dtype=bool) & among
    levels = np.where(among[:, None], frame[list(LEVELS)].to_numpy(), 0)
    mean = mean_score(levels, standard.confidence, finished, "self-selected")
    columns: dict[str, Any] = {name: possible[name].to_numpy() for name in REPRESENTATIVE}
    columns |= {"named": named & missed, "rated_satisfied": frame["satisfied"].astype(object).where(same, None)}
    for name, limits in zip(MEAN_LIMITS, (mean.lower, mean.upper), strict=True):
        columns[name] = np.where(among, np.asarray(limits, dtype=float), table[name])
    for name in ("lower", "upper", "p_met", "p_not_met"):
        columns[name] = np.where(certain, possible[name], table[name])
    # More answers can come only from cases not yet rated, and only until the period is closed; daily limits ask for
    # another number.
    left = -1 if provisional or closed else finished - frame["rated"].to_numpy()
    for name in NEEDED:
        of_all, needed = (each[name].to_numpy(dtype=float, na_value=np.nan) for each in (possible, table))
        needed = np.maximum(np.where(among, of_all, needed), np.maximum(LEAST_ANSWERS - answered, 0))
        needed = np.where(certain, of_all, np.where(needed > left, np.nan, needed))
        columns[name] = pd.array(needed, dtype="Int64")
    columns["certain"] = np.where(certain & enough, possible["verdict"], "")
    words = np.where(enough, np.where(certain, possible["verdict"], table["verdict"]), Verdict.INCONCLUSIVE)
    columns["verdict"] = [Verdict(word) for word in words]
    whole: dict[Any, Any] = {name: column for name, column in table.items() if name != "carried"} | columns
    judged = pd.DataFrame(whole, index=table.index)
    return without_words(judged, cases=not guarded, fewest=standard.fewest)


def _second(
    total: pd.DataFrame, standard: Standard, guarded: bool, *, provisional: bool, closed: bool
) -> JudgedRow | None:
    """Judge the total by the target beside the headline, as it is judged by the headline."""
    if (second := standard.second) is None:
        return None
    (table,) = measured_tables([total], second)
    return rows_of(judged_table(table, second, guarded, provisional=provisional, closed=closed), JudgedRow)[0]


def _daily(table: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Replace limits and verdicts by those that may be looked at every day without wearing out the confidence."""
    goal, k, n = float(exact_target(standard.target)), table["satisfied"].to_numpy(), table["answered"].to_numpy()
    lower, upper = confidence_sequence(k, n, alpha=1 - standard.confidence)
    verdict = np.where(lower >= goal, "met", np.where(upper <= goal, "not_met", "inconclusive"))
    verdicts = [Verdict(word) for word in np.where(n > 0, verdict, "inconclusive")]
    return table.assign(lower=lower, upper=upper, verdict=verdicts)
