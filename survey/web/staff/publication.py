"""Publish results for everybody: whether at all, which closed periods, and what was retracted and why."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import periods
from survey.accounts import accounts
from survey.callbacks import publishing, words
from survey.errors import NotFound
from survey.i18n import gettext, msgid
from survey.models import Role
from survey.periods import Period, now
from survey.redaction.checking import fault_of_text, fault_words, tidied
from survey.results import caveats, publication, published
from survey.results.scope import closed_period
from survey.results.verdict_text import sentence
from survey.web.current_survey import forget
from survey.web.request import session, standard
from survey.web.staff import access, labels
from survey.web.survey import this_survey

pages = Blueprint("publication", __name__, url_prefix="/staff/publication")
_PROVINCE = msgid("Results are published by the province. Please ask an administrator of the province.")
_NO_REASON = msgid("Please write why. Everybody reads it.")
_NOT_LOOKED = msgid("Please confirm that you have looked at what will be shown.")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(_PROVINCE)


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show whether results are public, what can be published, and what is or was."""
    return _list()


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def switch() -> AnyResponse:
    """Switch publication on or off for this installation."""
    publication.switch(session(), request.form.get("publishes") == "1", access.who().staff_id, now())
    session().commit()
    forget(this_survey())
    return redirect(url_for(".show", saved=1), 303)


@pages.get("/<basis>/<code>")
@access.requires(Role.ADMINISTRATOR)
def preview(basis: str, code: str) -> str:
    """Show what everybody would read of a closed period or, where it is published, the way to retract it.

    Raises:
        InvalidPeriod: there is no such period.
        NotFound: it is not closed.
    """
    return _preview(periods.parse(code, basis))


@pages.post("/<basis>/<code>")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def publish(basis: str, code: str) -> AnyResponse | tuple[str, int]:
    """Publish a closed period, once somebody has said that it was looked at.

    Raises:
        Conflict: publication is off, or the period is open or published.
    """
    period = periods.parse(code, basis)
    if request.form.get("confirmed") != "1":
        return _preview(period, gettext(_NOT_LOOKED)), 422
    publishing.publish(session(), period, standard(), now(), access.who().staff_id)
    session().commit()
    return redirect(url_for(".preview", basis=basis, code=code, saved=1), 303)


@pages.post("/<basis>/<code>/retraction")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def retract(basis: str, code: str) -> AnyResponse | tuple[str, int]:
    """Retract what was published of a period, for a reason that everybody can read.

    Raises:
        Conflict: nothing is published of it.
    """
    period, reason = periods.parse(code, basis), tidied(request.form.get("reason", ""))
    fault = fault_of_text(reason, publication.LONGEST_REASON) if reason else (_NO_REASON, {})
    if fault:
        return _preview(period, fault_words({"reason": fault})["reason"], reason), 422
    publication.retract(session(), period, reason, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for(".preview", basis=basis, code=code, saved=1), 303)


def _list() -> str:
    return render_template(
        "staff/publication.html",
        publishes=publication.publishes(session()),
        offered=publication.closed_unpublished(session()),
        rows=[(row, periods.parse(row.period_code, row.period_basis)) for row in publication.every(session())],
        names=accounts.names(session()),
        saved=request.args.get("saved") == "1",
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR),
        period_name=labels.period_name,
    )


def _preview(period: Period, fault: str = "", reason: str | None = None) -> str:
    last = publication.newest(session(), period)
    current = last is not None and last.retracted_at is None
    closing = closed_period(session(), period)
    if closing is None:
        raise NotFound("This period is not closed.")
    called = publishing.for_everybody(session(), period, standard())
    if last is not None and current:
        shown = published.read(last.figures)
    else:
        figures = published.public_figures(session(), closing, standard())
        shown = published.read(published.document(session(), closing, figures, called))
    judged = [row for row in shown.rows if caveats.judged(row)]
    return render_template(
        "staff/publication_period.html",
        added=publishing.read(replace(shown, called=called)) if publishing.adds(session(), period, called) else None,
        called=publishing.read(shown),
        call_back_words=words,
        current=current,
        fault=fault,
        figures=shown,
        hidden=[row for row in shown.rows if row.answered and not row.shown],
        judged=judged,
        last=last,
        longest=publication.LONGEST_REASON,
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR),
        period=period,
        period_name=labels.period_name,
        publishes=publication.publishes(session()),
        reason=reason,
        saved=request.args.get("saved") == "1",
        sentence=sentence(shown.total, shown.standard),
    )
