"""The sentences of a report, in the language in use: what was asked of whom, what came out, what to keep in mind."""

from __future__ import annotations

from collections.abc import Iterator

from survey.i18n import date, msgid, number, percent, score, text
from survey.i18n import gettext as _
from survey.periods import Basis, Period
from survey.reports.report import Report
from survey.results import caveats
from survey.results.figures import Figures, Row, rows
from survey.results.verdict_text import headline, rate_text, target_text

KINDS = {
    "Q1": msgid("the first quarter of %(year)s"),
    "Q2": msgid("the second quarter of %(year)s"),
    "Q3": msgid("the third quarter of %(year)s"),
    "Q4": msgid("the fourth quarter of %(year)s"),
    "H1": msgid("the first six months of %(year)s"),
    "H2": msgid("the last six months of %(year)s"),
    "9M": msgid("the first nine months of %(year)s"),
    "": msgid("the year %(year)s"),
}
MONTHS = (
    msgid("January %(year)s"), msgid("February %(year)s"), msgid("March %(year)s"), msgid("April %(year)s"),
    msgid("May %(year)s"), msgid("June %(year)s"), msgid("July %(year)s"), msgid("August %(year)s"),
    msgid("September %(year)s"), msgid("October %(year)s"), msgid("November %(year)s"), msgid("December %(year)s"),
)  # fmt: skip


def period_words(period: Period) -> str:
    """Return a period as a sentence names it: tháng 10 năm 2026, quý III năm 2026."""
    year, kind = period.code[:4], period.code[5:]
    said = MONTHS[int(kind) - 1] if kind.isdigit() else KINDS[kind]
    return str(_(said, year=year))


def days_words(period: Period) -> str:
    """Return the exact first and last day in words."""
    return str(_("from %(first)s to the end of %(last)s", first=date(period.first), last=date(period.last)))


def title(report: Report) -> str:
    """Return the summary line below the word REPORT."""
    return str(
        _(
            "Results of measuring the satisfaction of citizens and businesses with online public services in "
            "%(period)s",
            period=period_words(report.units.period),
        )
    )


def definition() -> str:
    """Return what the rate is made of."""
    return str(
        _(
            "Satisfaction rate = answers that chose level 4 (satisfied) or level 5 (very satisfied) to the overall "
            "question, divided by all answers to that question from level 1 to level 5. Each answer counts once."
        )
    )


def demo_note(report: Report) -> str:
    """Return the mark of demonstration data; empty for real data."""
    return str(_("Demonstration data – not a basis for any report")) if report.units.demo else ""


def scope(report: Report) -> Iterator[str]:
    """Yield section I: the period, the rate, who was asked, the channels, the verdict."""
    found = report.units
    total, period = found.total["judged"], found.period
    basis = _("calendar period") if period.basis == Basis.CALENDAR else _("administrative period, 15th to 14th")
    yield _(
        "Reporting period: %(period)s (%(basis)s), %(days)s, Viet Nam time. Figures as of %(today)s.",
        period=period_words(period), basis=basis, days=days_words(period), today=date(found.today),
    )  # fmt: skip
    yield definition()
    yield _(
        "Who was asked: in the period %(finished)s cases were finished, %(invited)s of them received their own "
        "invitation and %(rated)s have been rated. %(answered)s answers by invitation came in during the period; an "
        "answer counts on the day it was given.",
        **{name: number(total[name]) for name in ("finished", "invited", "rated", "answered")},
    )
    yield _(
        "Channels: only answers by invitation, each bound to one finished case, are compared with the target. Answers "
        "by open QR code (%(open)s) and at kiosks (%(kiosk)s) are for reference; they are counted apart and never "
        "added to the others.",
        open=number(found.total["open"]["answered"]), kiosk=number(found.total["kiosk"]["answered"]),
    )  # fmt: skip
    yield _(
        "Target: at least %(target)s satisfied. “Met” and “Not met” are concluded only if the whole %(confidence)s "
        "confidence interval lies on one side of the target; otherwise there are not enough grounds to conclude.",
        target=target_text(found.target), confidence=target_text(str(found.confidence)),
    )  # fmt: skip


def results(report: Report) -> Iterator[str]:
    """Yield section II: the verdict, the mean, the silent, the period before, the weighted share."""
    found, total = report.units, report.units.total["judged"]
    yield headline(found)
    if total["answered"]:
        yield _("The mean score is %(mean)s on the scale from 1 to 5.", mean=score(total["mean"]))
    if said := caveats.representativeness(total, target=found.target):
        yield said
    if said := _change(report):
        yield said
    said = caveats.weighted(report.procedures if len(found.judged) == 1 else found)
    if said and total["answered"]:
        yield said


def notes(report: Report) -> Iterator[str]:
    """Yield section IV: the method, small numbers, chance, and that an open period is provisional."""
    found = report.units
    if found.provisional:
        yield _(
            "The period has not ended: all figures are provisional, and their intervals are wider so that they stay "
            "valid when looked at every day."
        )
    elif not found.closed:
        yield _("The period has ended but is not closed: its figures may still change and no conclusion is final.")
    yield _(
        "Intervals are exact (Clopper–Pearson) and verdicts use the exact binomial test: each wrong verdict has a "
        "probability of at most %(risk)s. Limits are printed rounded outwards.",
        risk=percent((1 - found.confidence) / 2),
    )
    answered = found.judged["answered"]
    if few := int(((answered > 0) & found.judged["suppress"]).sum()):
        yield _("Rows marked (i), %(few)s in all, have few answers or a wide interval: for internal use only, not for "
                "publication.", few=number(few))  # fmt: skip
    if none := int((answered == 0).sum()):
        yield _("%(none)s units have no answers in this period; this says nothing about their service.",
                none=number(none))  # fmt: skip
    if said := caveats.many_agencies(int((answered > 0).sum()), found.confidence):
        yield said
    yield _(
        "The satisfaction rate of this report, the mean score and the indicator of the National Public Service Portal "
        "have different denominators and must not be compared with each other."
    )


def named(found: Figures) -> Iterator[str]:
    """Yield the rows that may be named as missing the target, many rows allowed for."""
    names = [row_name(one) for one in rows(found.judged) if one["named"]]
    if names:
        yield _(
            "Named with Holm's correction for many rows, the rate is below the target at: %(names)s.",
            names="; ".join(names),
        )


def reference(report: Report, part: str) -> str:
    """Return one sentence on a channel that is not judged; empty without answers."""
    total, named = report.units.total[part], {"open": _("Open QR code"), "kiosk": _("Kiosk")}[part]
    if not total["answered"]:
        return ""
    said = _(
        "%(channel)s: %(satisfied)s of %(answered)s answers are satisfied (%(rate)s), for reference only.",
        channel=named, satisfied=number(total["satisfied"]), answered=number(total["answered"]),
        rate=rate_text(total["rate"], report.units.target),
    )  # fmt: skip
    return str(said)


def row_name(one: Row) -> str:
    """Return the name of a row with the mark of few answers."""
    name = text(one["name"]) or str(_("Not tied to one procedure"))
    return f"{name} (i)" if one["answered"] and one["suppress"] else name


def _change(report: Report) -> str:
    movement = report.trend
    if movement.change is None:
        return ""
    before = movement.rows.iloc[-2]
    said = _("Compared with the period before (%(days)s):", days=f"{date(before['first'])}–{date(before['last'])}")
    trend = ""
    if movement.signals is not None and not movement.signals.chart.provisional:
        trend = " " + _("Trend: %(signal)s.", signal=caveats.signal(movement.signals.trend).lower())
    change = caveats.change(movement.change)
    return f"{said} {change[:1].lower()}{change[1:]}{trend}"
