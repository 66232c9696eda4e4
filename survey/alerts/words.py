"""What alerts say, in the language in use, and the page that shows each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from survey.i18n import date, gettext, msgid, ngettext, number, text
from survey.models import Alert, AlertKind, Frequency
from survey.periods import Basis, parse
from survey.results.overview_text import late_comments
from survey.results.period_names import period_words

_KINDS = {
    AlertKind.SIGNAL: msgid("A change in the rate that is no chance"),
    AlertKind.COMMENTS_LATE: msgid("Comments not answered in time"),
    AlertKind.SILENCE: msgid("No answers come any more"),
    AlertKind.COVERAGE: msgid("Fewer people are asked"),
    AlertKind.STUCK: msgid("Invitations do not go out"),
    AlertKind.REPORT_DUE: msgid("A report is due"),
    AlertKind.TASKS_LATE: msgid("Tasks not done in time"),
    AlertKind.DRAFT_READY: msgid("A draft report has been made"),
}
_FREQUENCIES = {
    Frequency.NEVER: msgid("Never"),
    Frequency.AT_ONCE: msgid("At once"),
    Frequency.DAILY: msgid("Daily, on working days"),
    Frequency.WEEKLY: msgid("Weekly"),
    Frequency.MONTHLY: msgid("Monthly"),
}
DUTIES = "/staff/duties"  # what is owed is the province's, whatever period its figures are of
_PAGES = {
    AlertKind.SIGNAL: "/staff/",
    AlertKind.COMMENTS_LATE: "/staff/comments",
    AlertKind.SILENCE: "/staff/",
    AlertKind.COVERAGE: "/staff/invitation-coverage",
    AlertKind.STUCK: "/staff/deliveries",
    AlertKind.REPORT_DUE: "/staff/",
    AlertKind.TASKS_LATE: "/staff/tasks",
    AlertKind.DRAFT_READY: DUTIES,
}


def kind_words(kind: AlertKind) -> str:
    """Return what a kind of alert is called."""
    return str(gettext(_KINDS[kind]))


def frequency_words(frequency: Frequency) -> str:
    """Return how often somebody is told."""
    return str(gettext(_FREQUENCIES[frequency]))


def sentence(alert: Alert) -> str:
    """Return what an alert says."""
    return _SENTENCES[alert.kind](alert.about)


def page(alert: Alert, code: str) -> str:
    """Return the address, without its host, of the page that shows an alert of the agency with this code."""
    asked = {"agency": code}
    if "period" in alert.about:
        asked["period"] = alert.about["period"]
    if alert.kind == AlertKind.COMMENTS_LATE:
        asked["status"] = "late"
    if alert.kind == AlertKind.TASKS_LATE:
        asked["show"] = "late"
    if "day" in alert.about:
        return DUTIES
    return f"{_PAGES[alert.kind]}?{urlencode(asked)}"


def _period(about: Mapping[str, Any]) -> str:
    return period_words(parse(about["period"], about.get("basis", Basis.CALENDAR)))


def _signal(about: Mapping[str, Any]) -> str:
    if about["direction"] == "improvement":
        return str(gettext("Satisfaction has risen by more than chance, up to %(period)s.", period=_period(about)))
    return str(gettext("Satisfaction has fallen by more than chance, up to %(period)s.", period=_period(about)))


def _comments_late(about: Mapping[str, Any]) -> str:
    return f"{late_comments(about['number'], _period(about))}."


def _silence(about: Mapping[str, Any]) -> str:
    since = date(dt.date.fromisoformat(about["since"]))
    return str(gettext("No answer has come since %(day)s, where answers used to come every week.", day=since))


def _coverage(about: Mapping[str, Any]) -> str:
    return str(
        gettext(
            "In %(period)s only %(invited)s of %(due)s finished cases were invited, "
            "clearly fewer than the month before.",
            period=_period(about),
            invited=number(about["invited"]),
            due=number(about["due"]),
        )
    )


def _stuck(about: Mapping[str, Any]) -> str:
    return str(gettext("%(number)s invitations have waited for more than a day.", number=number(about["number"])))


def _report_due(about: Mapping[str, Any]) -> str:
    if about.get("late"):
        return str(gettext("“%(name)s” on %(period)s was to be handed in by %(day)s.", **_duty(about)))
    if "day" in about:
        return str(gettext("“%(name)s” on %(period)s is to be handed in by %(day)s.", **_duty(about)))
    return str(gettext("The report of %(period)s has not been made yet.", period=_period(about)))


def _draft_ready(about: Mapping[str, Any]) -> str:
    words = _duty(about)
    return str(gettext("There is a draft of “%(name)s” on %(period)s, to be handed in by %(day)s.", **words))


def _duty(about: Mapping[str, Any]) -> dict[str, str]:
    day = dt.date.fromisoformat(about["day"])
    return {"name": text(about["name"]), "period": _period(about), "day": date(day)}


def _tasks_late(about: Mapping[str, Any]) -> str:
    return str(
        ngettext(
            "%(number)s task should have been done by now.",
            "%(number)s tasks should have been done by now.",
            about["number"],
            number=number(about["number"]),
        )
    )


_SENTENCES: Mapping[AlertKind, Callable[[Mapping[str, Any]], str]] = {
    AlertKind.SIGNAL: _signal,
    AlertKind.COMMENTS_LATE: _comments_late,
    AlertKind.SILENCE: _silence,
    AlertKind.COVERAGE: _coverage,
    AlertKind.STUCK: _stuck,
    AlertKind.REPORT_DUE: _report_due,
    AlertKind.TASKS_LATE: _tasks_late,
    AlertKind.DRAFT_READY: _draft_ready,
}
