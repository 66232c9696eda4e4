"""Publish a closed period together with its call-back: what of it everybody may read, kept and read back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from survey.callbacks import figures
from survey.callbacks.counts import CallCounts
from survey.callbacks.figures import CallBackFigures
from survey.i18n import gettext, msgid
from survey.models import Publication
from survey.periods import Period
from survey.results import publication, published
from survey.results.published import PublishedCallBack, PublishedFigures
from survey.results.scope import Standard, closed_period

_ANEW = msgid("The call-back of this period was finished meanwhile; the results are published anew together with it.")


def publish(
    session: Session, period: Period, standard: Standard, at: dt.datetime, staff_id: int | None = None
) -> Publication:
    """Publish a closed period with its call-back, if one is finished. See `results.publication.publish`.

    What was published without it is retracted first, with that as the reason: so both stay on record.

    Raises:
        Conflict: publication is off, the period is open or published, or its frozen figures were altered.
    """
    called = for_everybody(session, period, standard)
    if adds(session, period, called):
        publication.retract(session, period, gettext(_ANEW), at, staff_id)
    return publication.publish(session, period, standard, at, staff_id, called)


def for_everybody(session: Session, period: Period, standard: Standard) -> PublishedCallBack | None:
    """Return what the finished call-back of a closed period says to everybody; None without one."""
    if (closing := closed_period(session, period)) is None:
        return None
    shown = figures.beside(session, published.public_scope(session, closing), standard)
    return None if shown is None else values(shown)


def adds(session: Session, period: Period, called: PublishedCallBack | None) -> bool:
    """Return whether this period stands published without the call-back that could stand beside it."""
    last = publication.newest(session, period)
    return called is not None and last is not None and last.retracted_at is None and not last.figures.get("call_back")


def read(shown: PublishedFigures) -> CallBackFigures | None:
    """Return a published call-back as figures of which the sentences can be said; None without one."""
    called = shown.called
    if called is None:
        return None
    counts = CallCounts(
        called["cases"],
        called["answered"],
        called["satisfied"],
        called["silent_called"],
        called["silent_satisfied"] or 0,
        called["silent_unreached"],
        called["answered_called"],
        called["not_own"] or 0,
        called["answered_unreached"],
    )
    standard = replace(shown.standard, fewest=called["fewest"])
    return figures.figures(counts, dt.datetime.fromisoformat(called["finished_at"]), standard)


def values(shown: CallBackFigures) -> PublishedCallBack:
    """Return what a call-back says as plain values, as far as it is told; None stands for what is not."""
    counts, whole, silent, own = shown.counts, shown.over_all, shown.silent, shown.own
    return {
        "cases": counts.population,
        "answered": counts.answered,
        "satisfied": counts.satisfied if counts.answered >= shown.fewest else None,
        "silent_called": counts.silent_called,
        "silent_unreached": counts.silent_unreached,
        "silent_satisfied": None if silent is None else counts.silent_satisfied,
        "fewest": shown.fewest,
        "withheld": shown.withheld,
        "rate": None if whole is None else _share(whole.rate),
        "lower": None if whole is None else _share(whole.lower),
        "upper": None if whole is None else _share(whole.upper),
        "if_alike": None if whole is None else _share(whole.if_alike.rate),
        "verdict": shown.verdict,
        "silent_rate": None if silent is None else _share(silent.rate),
        "silent_lower": None if silent is None else _share(silent.lower),
        "silent_upper": None if silent is None else _share(silent.upper),
        "answered_called": counts.answered_called,
        "answered_unreached": counts.answered_unreached,
        "not_own": None if own is None else counts.answered_by_others,
        "not_own_lower": None if own is None else own.lower,
        "not_own_upper": None if own is None else own.upper,
        "verdict_can_turn": shown.verdict_can_turn,
        "finished_at": shown.finished_at.astimezone(dt.UTC).isoformat(),
    }


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
