"""The report of a nation as it is printed: the whole first, then every province, then what is missing, then the method.

Its sentences, tables and pictures are those of a province's report; what is its own is only how provinces are added up.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from analysis.publication import LEAST_ANSWERS
from survey.i18n import current_language, gettext, number, percent, text
from survey.periods import Basis, Period, local_day
from survey.reports import head, pictures, texts
from survey.reports.composition import END_MARKS
from survey.reports.conclusion import verdict_counts, verdict_group
from survey.reports.issuing import Issuing
from survey.reports.numbering import Numbering
from survey.reports.outline import Outline, OutlineBlock, OutlineHead, OutlineHeading, OutlineText, ReportTable
from survey.reports.tables import NOTHING
from survey.results import caveats
from survey.results.nation import NationFigures
from survey.results.period_names import period_words
from survey.results.rows import JudgedRow, short_name
from survey.results.verdict_text import (
    definition,
    interval,
    rate_text,
    sentence,
    target_text,
    verdict_word,
    withheld,
)

ORDER = ("not_met", "inconclusive", "met", "few")  # the verdicts by need
PARTIAL = "*"


def nation_outline(figures: NationFigures, issuer: str, as_of: dt.datetime) -> Outline:
    """Return the report in the language in use; `issuer` is who issues it, empty where that is filled in by hand."""
    numbering = Numbering()
    body = [
        OutlineHeading("I", gettext("CONCLUSION")),
        *_conclusion(figures, numbering),
        OutlineHeading("II", gettext("WHAT THE FIGURES ARE ADDED UP FROM")),
        *map(OutlineText, _sources(figures)),
        *numbering.table(gettext("Months that are missing"), absent(figures)),
        OutlineHeading("III", gettext("HOW THE FIGURES CAME ABOUT")),
        *(OutlineText(words) for words in method(figures)),
    ]
    last = body[-1]
    if isinstance(last, OutlineText):
        body[-1] = OutlineText(last.text.rstrip(".") + END_MARKS.get(current_language(), "."))
    return Outline(
        language=current_language(),
        author=issuer,
        head=_head(figures, issuer, local_day(as_of).year),
        opening=(OutlineText(_opening(figures)),),
        body=tuple(body),
        signing=head.signing(Issuing()),
        annexes=(),
        as_of=as_of,
        issuing=Issuing(),
    )


def title(figures: NationFigures) -> str:
    """Return the line below the word REPORT."""
    return gettext(
        "Satisfaction of citizens and businesses with online public services in %(number)s provinces and cities in "
        "%(period)s",
        number=number(len(figures.rows)),
        period=period_words(figures.period),
    )


def demo_note(figures: NationFigures) -> str:
    """Return the mark of demonstration data, also where only one province's are; empty for real data."""
    return gettext("Demonstration data – not a basis for any report") if figures.demo else ""


def provinces(figures: NationFigures) -> ReportTable:
    """Return the provinces by verdict, the lowest rate first, and the whole; `PARTIAL` where months are missing."""
    lines: list[list[str]] = []
    place = 0
    for group in ORDER:
        rows = [row for row in figures.rows if row.shown and verdict_group(row) == group]
        if rows:
            word = gettext("Few answers, no verdict") if group == "few" else verdict_word(group)
            lines.append([f"{word} ({number(len(rows))})"])
        for row in sorted(rows, key=lambda row: row.rate or 0.0):
            place += 1
            lines.append([number(place), _name(figures, row), *_counted(figures, row)])
    hidden = [f"{short_name(row)}: {withheld(row)}" for row in figures.rows if row.withheld]
    silent = [short_name(row) for row in figures.rows if not row.answered]
    if hidden:
        lines.append(["", gettext("Only the number of answers is shown: %(rows)s.", rows="; ".join(hidden))])
    if silent:
        lines.append(["", gettext("No answers: %(rows)s.", rows="; ".join(silent))])
    if figures.silent:
        names = (_called(figures, code) for code in figures.silent)
        lines.append(["", gettext("No file: %(rows)s.", rows="; ".join(names))])
    lines.append(["", gettext("The whole"), *_counted(figures, figures.total)])
    heads = [gettext("No."), gettext("Province or city"), gettext("Answers"), gettext("Satisfied answers")]
    limits = gettext("%(share)s interval", share=target_text(str(figures.confidence)))
    heads += [gettext("Rate"), limits, gettext("Cases rated")]
    return ReportTable(heads, lines, (9, 45, 20, 22, 16, 28, 20), "clrrrcr", total=True)


def absent(figures: NationFigures) -> ReportTable | None:
    """Return of which months there is no file, by province; None where all are there."""
    lines = [[_called(figures, code), _months(months)] for code, months in figures.absent.items()]
    heads = [gettext("Province or city"), gettext("Months without a file")]
    return ReportTable(heads, lines, (60, 100), "ll") if lines else None


def method(figures: NationFigures) -> Iterator[str]:
    """Yield how the figures came about: the rate, the sum, the share by cases, limits and what is withheld."""
    yield definition()
    yield gettext(
        "Added up are the counts that provinces export of their closed months; no rate is averaged. Each answer counts "
        "once, from whichever province it came, so that provinces with more answers weigh more; the interval of the "
        "whole is that of all these answers. Weighted by finished cases, the provinces are strata, and the interval is "
        "that of the effective number of answers. Only answers by invitation, each bound to one finished case, are "
        "counted."
    )
    yield texts.exact_limits(figures.confidence)
    yield gettext(
        "A verdict is given from %(least)s answers on. What a province withholds of a month, because fewer than "
        "%(fewest)s answered or because it would tell what a few people said, is in no sum here, and neither are that "
        "month's cases.",
        least=number(LEAST_ANSWERS),
        fewest=number(figures.standard.fewest),
    )
    if withdrawn := caveats.withdrawn(figures.total):
        yield withdrawn
    yield gettext(
        "All provinces are held against %(target)s, whatever their own targets are. The rate is not to be compared "
        "with the indicator of the National Public Service Portal, which is counted otherwise.",
        target=target_text(figures.target),
    )


def _head(figures: NationFigures, issuer: str, year: int) -> OutlineHead:
    return OutlineHead(
        superior=(),
        issuer=head.issuer_lines(issuer) if issuer else (head.DOTS[:16],),
        nation=gettext("SOCIALIST REPUBLIC OF VIET NAM"),
        motto=gettext("Independence - Freedom - Happiness"),
        number=gettext("No.:"),
        symbol="/BC-……",
        draft=gettext("DRAFT"),
        scope="",
        dated=gettext("%(place)s, …… …………… %(year)s", place="……………", year=year),
        kind=gettext("REPORT"),
        title=title(figures),
        demo=demo_note(figures),
        code="",
        addressees=(),
    )


def _opening(figures: NationFigures) -> str:
    basis = (
        gettext("calendar period")
        if figures.period.basis == Basis.CALENDAR
        else gettext("administrative period, 15th to 14th")
    )
    return gettext(
        "Figures %(days)s (%(basis)s), from the closed months of %(number)s of %(all)s provinces and cities; the "
        "target is %(target)s satisfied.",
        days=texts.days_words(figures.period),
        basis=basis,
        number=number(len(figures.rows)),
        all=number(len(figures.rows) + len(figures.silent)),
        target=target_text(figures.target),
    )


def _conclusion(figures: NationFigures, numbering: Numbering) -> Iterator[OutlineBlock]:
    yield OutlineText(" ".join(filter(None, (sentence(figures.total, figures.standard), by_cases(figures)))))
    if figures.total.finished:
        yield OutlineText(caveats.representativeness(figures.total, target=figures.target))
    yield OutlineText(gettext("Provinces and cities: %(counts)s.", counts=verdict_counts(figures.rows)))
    table = gettext("Provinces and cities by verdict, the lowest rate first")
    yield from numbering.table(table, provinces(figures))
    if any(map(figures.partial, figures.rows)):
        yield OutlineText(
            gettext("%(sign)s Months are missing or withheld: see section II.", sign=PARTIAL),
            "note",
        )
    judged = [row for row in figures.rows if caveats.judged(row)]
    named = [short_name(row) for row in judged if row.named]
    if named:
        yield OutlineText(
            gettext(
                "Named as missing the target, all comparisons allowed for: %(rows)s.",
                rows="; ".join(named),
            )
        )
    if chance := caveats.many_agencies(len(judged), figures.confidence):
        yield OutlineText(chance)
    if len(judged) > 1:
        drawn = sorted(judged, key=lambda row: row.rate or 0.0)
        picture = gettext("Provinces and cities beside the target")
        yield from numbering.figure(picture, pictures.on_one_axis(figures, drawn))


def by_cases(figures: NationFigures) -> str:
    """Give the share in which each province counts by its finished cases; empty without two of them."""
    share = figures.weighted
    if share is None or figures.covered is None:
        return ""
    comparison = gettext(
        "For comparison only: weighted, so that each province counts by its finished cases, the satisfaction rate is "
        "%(rate)s (%(interval)s).",
        rate=rate_text(share.rate, figures.target),
        interval=interval(share, target=figures.target),
    )
    return f"{comparison} {caveats.coverage(figures.covered)}"


def _sources(figures: NationFigures) -> Iterator[str]:
    missing = sum(map(len, figures.absent.values()))
    yield gettext(
        "Months of the period: %(months)s. Missing files: %(missing)s.",
        months=_months(figures.months),
        missing=number(missing),
    )
    if figures.untold:
        parts = defaultdict[str, list[str]](list)
        for one in figures.untold:
            parts[one.code].append(f"{_months([one.period])} (n\u00a0=\u00a0{number(one.answered)})")
        untold = (f"{_called(figures, code)}: {', '.join(months)}" for code, months in parts.items())
        yield gettext("Withheld by the province and in no sum: %(months)s.", months="; ".join(untold))
    if figures.merged:
        merged = (
            gettext("%(former)s counts as %(now)s", former=_called(figures, former), now=_called(figures, now))
            for former, now in sorted(figures.merged.items())
        )
        yield gettext("Merged: %(pairs)s.", pairs="; ".join(merged))


def _name(figures: NationFigures, row: JudgedRow) -> str:
    return short_name(row) + (PARTIAL if figures.partial(row) else "")


def _called(figures: NationFigures, code: str) -> str:
    """Return a province's name with its code: former ones may have the name of one that there is."""
    name = text(figures.names.get(code, {}))
    return f"{texts.short_name_of(name)} ({code})" if name else code


def _counted(figures: NationFigures, row: JudgedRow) -> list[str]:
    counts = [number(row.answered), number(row.satisfied)]
    shown = [rate_text(row.rate, figures.target), interval(row, target=figures.target)] if row.shown else [NOTHING] * 2
    return [*counts, *shown, percent(row.response_rate)]


def _months(months: Iterable[Period] | Sequence[Period]) -> str:
    return ", ".join(f"{one.code[5:].lstrip('0')}/{one.code[:4]}" for one in months)
