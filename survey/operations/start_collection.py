"""The steps from the first message to the first report: sending, test answers, a poster, cases, closing, report."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.collection import placements
from survey.delivery import trial_messages
from survey.i18n import date, gettext, ngettext, number
from survey.models import AuditEntry, Case, Channel, ClosedPeriod, Placement, Response
from survey.operations.start_step import StartStep, Way
from survey.organisation import agencies
from survey.periods import Basis, Period, month_of, parse
from survey.reports.closing_list import closable
from survey.settings import Settings

DAY = dt.timedelta(days=1)


def sending_step(session: Session, settings: Settings) -> StartStep:
    """Return whether a test message has ever been taken over by the other side."""
    ways, arrived = trial_messages.ways(settings), trial_messages.has_arrived(session)
    unset = gettext("Neither a mail server nor a gateway is set up; whoever runs the server does that.")
    untried = gettext("No test message has arrived yet. Send one to yourself.")
    return StartStep(
        "sending",
        gettext("Sending"),
        gettext("Invitations go by e-mail or to telephones; a test message shows whether they really arrive."),
        gettext("A test message was taken over by the other side.") if arrived else gettext("Not tried yet."),
        "" if arrived else (untried if ways else unset),
        (Way(gettext("Send a test message"), "start.message"),),
        loss=gettext(
            "Without it nobody is invited from here: the portal has to send the links itself, or answers come in by QR "
            "code only, which are never judged."
        ),
    )


def trial_step(session: Session) -> StartStep:
    """Return whether somebody has answered by a test link."""
    answers = session.scalar(
        sa.select(sa.func.count()).select_from(Response).where(placements.of_test(Response.placement_id))
    )
    link = sa.select(Placement.code).where(Placement.test, Placement.enabled, Placement.channel == Channel.OPEN)
    code = session.scalar(link.order_by(Placement.id.desc()).limit(1)) or ""
    some = ngettext("%(number)s test answer.", "%(number)s test answers.", answers or 0, number=number(answers or 0))
    unused = gettext("Open the test link on a telephone and answer as a citizen would.")
    none = gettext("There is no test link yet. Add one: choose “Test link” and the unit.")
    return StartStep(
        "trial",
        gettext("Test answers"),
        gettext(
            "Walk the whole way as a citizen does; what is answered by a test link is kept, marked and never counted."
        ),
        some,
        "" if answers else (unused if code else none),
        (Way(gettext("Add a test link"), "placements.new", {"spot": "test"}),),
        loss=gettext("Without it a wrong name or an unclear word is noticed by citizens first."),
        trial=code,
    )


def poster_step(session: Session, today: dt.date) -> StartStep:
    """Return which QR codes are in use."""
    units, own = agencies.tree(session, today), agencies.root(session)
    hanging = placements.in_use(session, Channel.OPEN, list(units.subtree(own.id)))
    add = Way(gettext("Add a QR code or kiosk"), "placements.new", {"spot": "counter"})
    newest = max(hanging, key=lambda one: one.id, default=None)
    poster = (Way(gettext("Download the newest poster"), "posters.poster", {"code": newest.code}),) if newest else ()
    return StartStep(
        "poster",
        gettext("First poster"),
        gettext("Whoever comes to a counter answers by the QR code on a poster."),
        ngettext(
            "%(number)s QR code in use.", "%(number)s QR codes in use.", len(hanging), number=number(len(hanging))
        ),
        "" if hanging else gettext("There is no QR code yet. Add one for a counter and print its poster."),
        (*poster, add),
        loss=gettext("Without it only people who are invited can answer."),
    )


def cases_step(session: Session) -> StartStep:
    """Return how many finished cases are recorded."""
    count = session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0
    newest = session.scalar(sa.select(sa.func.max(Case.finished_day)))
    standing = ngettext("%(number)s finished case.", "%(number)s finished cases.", count, number=number(count))
    return StartStep(
        "cases",
        gettext("Finished cases"),
        gettext("Everybody whose case is finished is invited; only their answers are judged against the target."),
        f"{standing} {gettext('The newest was finished on %(day)s.', day=date(newest))}" if newest else standing,
        "" if count else gettext("No finished case is recorded yet. Import a file, or connect the portal."),
        (
            Way(gettext("Import finished cases"), "imports.show", {"kind": "cases"}),
            Way(gettext("Download the table of cases"), "imports.table", {"kind": "cases"}),
            Way(gettext("Connect the portal"), "programs.show"),
        ),
        loss=gettext("Without it there is no verdict: nobody knows whom to ask, and how many did not answer."),
    )


def closing_step(session: Session, today: dt.date) -> StartStep:
    """Return what is closed, or what can be and when."""
    newest = _closed(session)
    offered = [one for basis in Basis for one in closable(session, today, basis) if one.last < today]
    first = gettext("The month can be closed from %(day)s on.", day=date(month_of(today).last + DAY))
    ready = (
        gettext("A period has ended and can be closed: %(first)s – %(last)s.", **_days(offered[0]))
        if offered
        else first
    )
    return StartStep(
        "closing",
        gettext("First closing"),
        gettext("Closing freezes the figures of a period: only then is its verdict final."),
        gettext("Closed: %(first)s – %(last)s.", **_days(newest)) if newest else gettext("No period is closed yet."),
        "" if newest else ready,
        (Way(gettext("Close a period"), "closing.show"),),
    )


def report_step(session: Session) -> StartStep:
    """Return whether anybody has asked for the report of a closed period."""
    newest = _closed(session)
    closed = {(code, str(basis)) for code, basis in session.execute(sa.select(ClosedPeriod.code, ClosedPeriod.basis))}
    asked = session.scalars(sa.select(AuditEntry.about).where(AuditEntry.act == Act.REPORT_REQUESTED.value))
    made = any((about.get("period"), about.get("basis")) in closed for about in asked)
    shown = {"period": newest.code, "basis": str(newest.basis)} if newest else {}
    needed = gettext("Download the report of the closed period below its figures.")
    return StartStep(
        "report",
        gettext("First report"),
        gettext("The report of a closed period is what is signed and handed on."),
        gettext("A report of a closed period was made.")
        if made
        else gettext("No report of a closed period was made yet."),
        "" if made else (needed if newest else gettext("It follows once a period is closed.")),
        (Way(gettext("To the figures and the report"), "dashboard.show", shown),) if newest else (),
    )


def _closed(session: Session) -> Period | None:
    row = session.scalar(sa.select(ClosedPeriod).order_by(ClosedPeriod.last.desc(), ClosedPeriod.first.desc()).limit(1))
    return parse(row.code, row.basis) if row else None


def _days(period: Period) -> dict[str, str]:
    return {"first": date(period.first), "last": date(period.last)}
