"""IV. Limits of the figures: three plain sentences, and what is amiss in this period, if anything is."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.publication import LEAST_ANSWERS
from survey.i18n import date, gettext, number, percent
from survey.reports.outline import OutlineText
from survey.reports.report import Report
from survey.results import caveats, exclusion_text


def limits(report: Report) -> Iterator[OutlineText]:
    """Yield the section."""
    figures, total = report.units, report.units.judged.total
    values = {"rated": number(total.rated), "finished": number(total.finished), "share": percent(total.response_rate)}
    if report.call_back is not None and report.call_back.over_all is not None:
        others = gettext(
            "The figures tell what those who answered think: %(rated)s of %(finished)s cases finished in the period "
            "were rated (%(share)s); what the others think is told by the call-back alone, within its limits.",
            **values,
        )
    else:
        others = gettext(
            "The figures tell what those who answered think: %(rated)s of %(finished)s cases finished in the period "
            "were rated (%(share)s); what the others think is not known.",
            **values,
        )
    yield OutlineText(others)
    yield OutlineText(_few(report))
    yield OutlineText(
        gettext(
            "Only answers by invitation, each bound to one finished case, are held against the target; those by open "
            "QR code (%(open)s) and at kiosks (%(kiosk)s) are for reference. The rate is not to be compared with the "
            "indicator of the National Public Service Portal, which is counted otherwise.",
            open=number(figures.open.total.answered),
            kiosk=number(figures.kiosk.total.answered),
        )
    )
    yield from map(OutlineText, _amiss(report))


def _few(report: Report) -> str:
    rows = [row for row in report.by_row.judged.rows if not row.pooled]
    few = sum(0 < row.answered < LEAST_ANSWERS for row in rows)
    none = sum(not row.answered for row in rows)
    values = {
        "least": number(LEAST_ANSWERS),
        "fewest": number(report.units.standard.fewest),
        "few": number(few),
        "none": number(none),
    }
    if report.by_row.by == "unit":
        return gettext(
            "Few answers move by chance: a verdict is given from %(least)s answers on (%(few)s units have fewer, "
            "%(none)s have none), and from fewer than %(fewest)s it is not shown what people said, so that nobody can "
            "be recognised.",
            **values,
        )
    return gettext(
        "Few answers move by chance: a verdict is given from %(least)s answers on (%(few)s procedures have fewer), "
        "and from fewer than %(fewest)s it is not shown what people said, so that nobody can be recognised.",
        **values,
    )


def _amiss(report: Report) -> Iterator[str]:
    figures = report.units
    if figures.provisional:
        yield gettext(
            "The period has not ended: all figures are provisional, and their intervals are wider so that they stay "
            "valid when looked at every day."
        )
    elif not figures.closed:
        yield gettext(
            "The period has ended but is not closed: its figures may still change and no conclusion is final."
        )
    if batches := caveats.by_batches(figures.scope):
        yield batches
    months = report.year.months
    if len(months) > 1 and months[0].first > figures.period.first:
        yield gettext("The figures begin on %(day)s: before, nobody had been asked.", day=date(months[0].first))
    if report.exclusions.concerned:
        yield from exclusion_text.summary(report.exclusions, figures.target)
