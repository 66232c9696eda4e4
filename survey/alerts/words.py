"""What alerts say, in the language in use, and the page that shows each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from survey.i18n import date, gettext, msgid, ngettext, number
from survey.models import Alert, AlertKind, Frequency
from survey.periods import parse
from survey.results.period_names import period_words

_KINDS = {
    AlertKind.SIGNAL: msgid("A change in the rate that is no chance"),
    AlertKind.COMMENTS_LATE: msgid("Comments not answered in time"),
    AlertKind.SILENCE: msgid("No answers come any more"),
    AlertKind.COVERAGE: msgid("Fewer people are asked"),
    AlertKind.STUCK: msgid("Invitations do not go out"),
    AlertKind.REPORT_DUE: msgid("A report is due"),
    AlertKind.TASKS_LATE: msgid("Tasks not done in time"),
}
_FREQUENCIES = {
    Frequency.NEVER: msgid("Never"),
    Frequency.AT_ONCE: msgid("At once"),
    Frequency.DAILY: msgid("Daily, on working days"),
    Frequency.WEEKLY: msgid("Weekly"),
    Frequency.MONTHLY: msgid("Monthly"),
}
_PAGES = {
    AlertKind.SIGNAL: "/staff/",
    AlertKind.COMMENTS_LATE: "/staff/comments",
    AlertKind.SILENCE: "/staff/",
    AlertKind.COVERAGE: "/staff/invitation-coverage",
    AlertKind.STUCK: "/staff/deliveries",
    AlertKind.REPORT_DUE: "/staff/",
    AlertKind.TASKS_LATE: "/staff/tasks",
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
    return f"{_PAGES[alert.kind]}?{urlencode(asked)}"


def _period(about: Mapping[str, Any]) -> str:
    return period_words(parse(about["period"]))


def _signal(about: Mapping[str, Any]) -> str:
    if about["direction"] == "improvement":
        return str(gettext("Satisfaction has risen by more than chance, up to %(period)s.", period=_period(about)))
    return str(gettext("Satisfaction has fallen by more than chance, up to %(period)s.", period=_period(about)))


def _comments_late(about: Mapping[str, Any]) -> str:
    return str(
        ngettext(
            "%(number)s comment of %(period)s should have been answered by now.",
            "%(number)s comments of %(period)s should have been answered by now.",
            about["number"],
            number=number(about["number"]),
            period=_period(about),
        )
    )


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
    return str(gettext("The report of %(period)s has not been made yet.", period=_period(about)))


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
}
