"""I. Conclusion: the verdict first, one table of this period beside earlier ones, then the rows to act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.publication import LEAST_ANSWERS
from survey.callbacks import words as call_back_words
from survey.callbacks.figures import CallBackFigures
from survey.i18n import gettext, number, percent, text
from survey.periods import Period, parse
from survey.reports import pictures
from survey.reports.numbering import Numbering
from survey.reports.outline import OutlineBlock, OutlineText, ReportTable
from survey.reports.report import Report
from survey.reports.tables import NOTHING
from survey.results import caveats
from survey.results.figures import Figures
from survey.results.overview_text import change_sentence, rate_words
from survey.results.period_names import period_words
from survey.results.rows import JudgedRow, name_of, short_name
from survey.results.second_target import second_sentence
from survey.results.trends import TrendRow, rate_change
from survey.results.verdict_text import headline, interval, rate_text, target_text, withheld
from survey.results.year_so_far import same_period_last_year

NAMED = 4  # rows that one sentence names


def conclusion(report: Report, numbering: Numbering) -> Iterator[OutlineBlock]:
    """Yield the section: verdict, change, table, months, the drawing of the trend, rows to act on and to watch."""
    yield OutlineText(" ".join(filter(None, (headline(report.units), change(report)))))
    if beside := second_sentence(report.units):
        yield OutlineText(beside)
    if report.call_back is not None:
        yield from _call_back(report.call_back)
    title = gettext("Satisfaction in %(period)s beside earlier periods", period=period_words(report.units.period))
    yield from numbering.table(title, beside_earlier(report))
    if report.year.total is not None and report.year.left_out:
        yield OutlineText(
            gettext(
                "The year so far leaves out %(number)s months of which too few answered to be told.",
                number=number(report.year.left_out),
            ),
            "note",
        )
    yield from numbering.table(gettext("Month by month"), months(report))
    yield from _to_act_on(report, numbering)
    if report.by_row.by == "unit" and (sentence := _procedures(report.procedures)):
        yield OutlineText(sentence)
    yield from numbering.figure(gettext("Satisfaction rate by period"), pictures.movement(report))


def change(report: Report) -> str:
    """Say how the rate differs from the period before, what the trend shows, and whether it was asked otherwise."""
    movement, target = report.overview.trend, report.units.target
    anew = [caveats.asked_anew(one) for one in movement.asked_anew if one.code == movement.rows[-1].code]
    before = period_words(_period(report, movement.rows[-2])) if movement.change is not None else ""
    signal = ""
    if before and movement.signals is not None and not movement.signals.chart.provisional:
        signal = gettext("Trend: %(signal)s.", signal=caveats.signal(movement.signals.trend).lower())
    return " ".join(filter(None, (change_sentence(movement, target, before), signal, *anew)))


def earlier(report: Report) -> list[tuple[str, TrendRow]]:
    """Return the periods that stand beside this one, by their heads: the one before, last year's, the year so far."""
    movement, period = report.overview.trend, report.units.period
    rows = {row.code: row for row in movement.rows[:-1]}
    codes = [movement.rows[-2].code if len(movement.rows) > 1 else "", same_period_last_year(period).code]
    chosen = [rows[code] for code in dict.fromkeys(codes) if code in rows]
    shown = [(_capital(period_words(_period(report, row))), row) for row in chosen]
    if report.year.total is not None:
        shown.append((gettext("%(year)s so far", year=report.year.total.code), report.year.total))
    return shown


def beside_earlier(report: Report) -> ReportTable:
    """Return this period and earlier ones side by side: rate, limits, answers, how this one differs, cases, units."""
    figures, others = report.units, earlier(report)
    total, target = figures.judged.total, figures.target
    now = report.overview.trend.rows[-1]
    rows = [row for _name, row in others]
    each: Sequence[JudgedRow | TrendRow] = (total, *rows)
    kept = [rate_change(now, row, figures.confidence) if row is not report.year.total else None for row in rows]
    lines = [
        [gettext("Satisfaction rate"), *[_rate(row, target) for row in each]],
        [
            gettext("%(share)s interval", share=target_text(str(figures.confidence))),
            *[interval(row, target=target) if _shown(row) else NOTHING for row in each],
        ],
        [gettext("Satisfied, of all answers"), *[_counted(row) for row in each]],
    ]
    if any(kept):
        clear = gettext("clear")
        not_clear = gettext("not clear")
        words = [f"{caveats.moved_by(one)}; {clear if one.clear else not_clear}" if one else NOTHING for one in kept]
        lines.append([gettext("This period against it, points"), NOTHING, *words])
    lines.append(
        [
            gettext("Rated, of the finished cases"),
            f"{number(total.rated)}/{number(total.finished)} ({percent(total.response_rate)})",
            *[NOTHING for _row in rows],
        ]
    )
    label = gettext("Units by verdict") if report.by_row.by == "unit" else gettext("Procedures by verdict")
    lines.append([label, verdict_counts(report.by_row.judged.rows)])
    width = 116 / (1 + len(rows))
    head = ["", _capital(period_words(figures.period)), *[name for name, _row in others]]
    return ReportTable(head, lines, (44, *[width] * (1 + len(rows))), "l" + "c" * (1 + len(rows)))


def verdict_counts(rows: Sequence[JudgedRow]) -> str:
    """Say how many rows have met the target, missed it, are undecided, have few answers, and have none."""
    counted = Counter(verdict_group(row) for row in rows if not row.pooled)
    words = gettext(
        "%(met)s met; %(not_met)s not met; %(inconclusive)s without enough grounds; %(few)s with few answers; "
        "%(none)s without answers",
        **{name: number(counted[name]) for name in ("met", "not_met", "inconclusive", "few", "none")},
    )
    hidden = gettext("%(hidden)s of which the verdict is not shown", hidden=number(counted["hidden"]))
    return f"{words}; {hidden}" if counted["hidden"] else words


def verdict_group(row: JudgedRow) -> str:
    """Return under which verdict a row is listed: not_met, met, inconclusive; few (answers for one), none, hidden."""
    if not row.answered:
        return "none"
    if row.answered < LEAST_ANSWERS:
        return "few"
    return str(row.verdict) if row.shown else "hidden"


def months(report: Report) -> ReportTable | None:
    """Return the months of a longer period; None for a month, or where only one of them has answers."""
    figures, period = report.units, report.units.period
    begun = [row for row in report.year.months if row.first <= figures.today]
    inside = [row for row in begun if period.first <= row.first and row.last <= period.last]
    if len(inside) < 2:
        return None
    target = figures.target
    head = [
        gettext("Month"),
        gettext("Answers"),
        gettext("Satisfied answers"),
        gettext("Rate"),
        gettext("%(share)s interval", share=target_text(str(figures.confidence))),
    ]
    lines = [
        [
            _capital(period_words(_period(report, row))),
            number(row.answered),
            number(row.satisfied),
            _rate(row, target),
            interval(row, target=target) if _shown(row) else NOTHING,
        ]
        for row in inside
    ]
    return ReportTable(head, lines, (48, 24, 28, 24, 36), "lrrrc")


def _call_back(shown: CallBackFigures) -> Iterator[OutlineText]:
    yield OutlineText(" ".join(filter(None, (call_back_words.headline(shown), call_back_words.if_alike(shown)))))
    if behind := " ".join(filter(None, (call_back_words.silent(shown), call_back_words.own(shown)))):
        yield OutlineText(behind)
    yield OutlineText(call_back_words.caution(), "note")


def _to_act_on(report: Report, numbering: Numbering) -> Iterator[OutlineBlock]:
    figures = report.by_row
    named = [row for row in figures.judged.rows if row.named]
    missing = [row for row in figures.judged.rows if row.verdict == "not_met" and not row.named and not row.pooled]
    by_unit = figures.by == "unit"
    if named:
        yield OutlineText(
            gettext("Units to be put right, beyond what chance explains: %(rows)s.", rows=_listed(named))
            if by_unit
            else _procedures(figures)
        )
        if by_unit or any(point.factor for point in report.weak_points):
            yield from numbering.table(gettext("To be put right, with what is weakest there"), weakest(report))
    elif any(caveats.judged(row) for row in figures.judged.rows):
        yield OutlineText(
            gettext("No unit is proved to be below the target.")
            if by_unit
            else gettext("No procedure is proved to be below the target.")
        )
    if missing:
        yield OutlineText(
            gettext(
                "To be watched, as such a result may still be due to chance where many are compared: %(rows)s.",
                rows=_listed(missing),
            )
        )


def weakest(report: Report) -> ReportTable:
    """Return the rows to act on, each with its rate, its weakest procedure and its weakest factor."""
    target, by_unit = report.units.target, report.by_row.by == "unit"
    lines = []
    for point in report.weak_points:
        procedure, factor = NOTHING, NOTHING
        if point.procedure is not None:
            procedure = f"{name_of(point.procedure)} ({rate_text(point.procedure.rate, target)})"
        if point.factor is not None:
            factor = f"{text(point.factor.name)} ({rate_text(point.factor.rate, target)})"
        rate = [f"{number(point.row.satisfied)}/{number(point.row.answered)}", _rate(point.row, target)]
        lines.append([short_name(point.row), *rate, *([procedure] if by_unit else []), factor])
    head = [gettext("Unit") if by_unit else gettext("Procedure"), gettext("Satisfied, of all answers"), gettext("Rate")]
    head += [*([gettext("Weakest procedure")] if by_unit else []), gettext("Weakest factor")]
    if by_unit:
        return ReportTable(head, lines, (40, 24, 18, 46, 32), "lccll")
    return ReportTable(head, lines, (74, 26, 20, 40), "lccl")


def _procedures(figures: Figures) -> str:
    named = sorted((row for row in figures.judged.rows if row.named), key=lambda row: (row.rate or 0.0, row.id))
    if not named:
        return ""
    words = "; ".join(f"{name_of(row)}, {rate_words(row, figures.target)}" for row in named[:NAMED])
    more = gettext(" and %(number)s more", number=number(len(named) - NAMED)) if len(named) > NAMED else ""
    return gettext("Procedures below the target beyond what chance explains: %(rows)s%(more)s.", rows=words, more=more)


def _listed(rows: Sequence[JudgedRow]) -> str:
    lowest = sorted(rows, key=lambda row: (row.rate or 0.0, row.id))
    names = "; ".join(short_name(row) for row in lowest[: 2 * NAMED])
    more = len(lowest) - 2 * NAMED
    return names + (gettext(" and %(number)s more", number=number(more)) if more > 0 else "")


def _period(report: Report, row: TrendRow) -> Period:
    return parse(row.code, report.units.period.basis)


def _shown(row: JudgedRow | TrendRow) -> bool:
    return row.rate is not None


def _rate(row: JudgedRow | TrendRow, target: str) -> str:
    return rate_text(row.rate, target) if _shown(row) else withheld(row) or NOTHING


def _counted(row: JudgedRow | TrendRow) -> str:
    return f"{number(row.satisfied)}/{number(row.answered)}" if _shown(row) else number(row.answered)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
