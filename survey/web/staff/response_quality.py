"""How freely people answered: who filed, who filled in the sheet, who suggested a rating, and where they were asked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from survey.i18n import lazy_gettext, sort_key, text
from survey.models import Channel, Role
from survey.periods import Period, local_day, month_of, now
from survey.results import caveats, exclusion_text, response_quality, unit_sign_text
from survey.results.channel_names import channel_name
from survey.results.exclusions import exclusions, waiting
from survey.results.response_quality import QualityShares, UnitShare
from survey.results.suspects import suspects
from survey.results.unit_signs import unit_signs
from survey.results.verdict_text import interval, withheld
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, labels, period_picker

pages = Blueprint("response_quality", __name__, url_prefix="/staff")
SIGNS = {
    "filed_by": lazy_gettext("An officer filed the case"),
    "filled_by": lazy_gettext("An officer filled in the sheet"),
    "coerced": lazy_gettext("Somebody suggested a rating"),
    "coerced_by": lazy_gettext("It was an officer who suggested it"),
}
ENDS = {
    "done": lazy_gettext("After the result"),
    "refused": lazy_gettext("After a refusal"),
    "given_up": lazy_gettext("After giving up"),
}


@pages.get("/response-quality")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the answers to the quality questions of the chosen period and agency, with the number who answered each."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    names = {key: text(unit.name) for key, unit in scope.tree.agencies.items()}
    shares = response_quality.shares(session(), scope, standard())
    ends = response_quality.ends(session(), scope, standard())
    withdrawn = response_quality.withdrawn(session(), scope)
    left_out = exclusions(session(), scope, standard().fewest)
    standing_out = suspects(session(), scope)
    signs = unit_signs(session(), scope, standard())
    elsewhere = _waiting_elsewhere(period) if access.of_the_province() else []
    finish_reading()
    return render_template(
        "staff/response_quality.html",
        shares=shares,
        rows={flag: _rows(share, names) for flag, share in shares.items()},
        answers={flag: _answers(share) for flag, share in shares.items()},
        ends=ends,
        withdrawn=caveats.withdrawn(withdrawn),
        left_out=left_out,
        elsewhere=elsewhere,
        standing_out=standing_out,
        unit_signs=signs,
        sign_text=unit_sign_text,
        suspicion_words=exclusion_text.suspicion_words(),
        left_out_text=exclusion_text,
        target=scope.held_to(standard()).target,
        of_the_province=access.of_the_province(),
        own_id=access.who().staff_id,
        here={"agency": scope.agency.code, "period": period.code, "basis": period.basis},
        agency=scope.agency,
        batches=caveats.by_batches(scope),
        names=names,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        channels={int(channel): channel_name(channel) for channel in Channel},
        signs=SIGNS,
        where=ENDS,
        withheld=withheld,
        interval=interval,
    )


def _waiting_elsewhere(shown: Period) -> list[tuple[str, str]]:
    """Return the code and name of each other month that has answers about which somebody waits for a second account."""
    days = [day for _number, day in waiting(session()) if not shown.first <= day <= shown.last]
    months = {month.code: month for month in (month_of(day, shown.basis) for day in days)}
    return [(code, labels.period_name(months[code])) for code in sorted(months)]


def _rows(share: QualityShares, names: dict[int, str]) -> list[UnitShare]:
    """Return the units, those that stand out first, the others by name."""

    def order(row: UnitShare) -> tuple[Any, ...]:
        return not row.flag, sort_key(names[row.unit]), row.channel

    return sorted(share.units, key=order)


def _answers(share: QualityShares) -> list[tuple[str, int]]:
    """Return how often each answer was given, in the order in which they are offered; none where all is withheld."""
    if not share.answers:
        return []
    offered = [option.value for option in share.question.options]
    earlier = [value for value in share.answers if value not in offered]  # of versions that are no longer asked
    return [(text(share.named(value)) or value, share.answers.get(value, 0)) for value in [*offered, *earlier]]
