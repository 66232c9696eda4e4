"""The table by factor and item after SIPAS, and the index by groups of those who were served in person."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.models import Channel, Role
from survey.periods import local_day, now
from survey.reports import service_table
from survey.results import caveats
from survey.results.channel_names import channel_label
from survey.results.service_index import limits, service_tables
from survey.results.verdict_text import interval, withheld
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, labels, period_picker

pages = Blueprint("service_index", __name__, url_prefix="/staff")


@pages.get("/service-index")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the items of each group with the index of the group, and the groups unit by unit where served in person."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    tables = service_tables(session(), scope, standard())
    finish_reading()
    return render_template(
        "staff/service_index.html",
        agency=scope.agency,
        batches=caveats.by_batches(scope),
        channels={channel: channel_label(channel) for channel in Channel},
        interval=interval,
        limits=limits,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        table="service-index",
        tables=tables,
        withheld=withheld,
        words=service_table,
    )
