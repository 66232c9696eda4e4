"""The embed kit: links and buttons that a portal copies into its pages, for every point at which a case ends."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from markupsafe import escape

from survey.collection import placements
from survey.collection.answers import ENDS
from survey.errors import NotFound
from survey.i18n import gettext, lazy_gettext, speaking, text
from survey.models import Channel, Placement, Role, Texts
from survey.periods import local_day, now
from survey.settings import STATIC
from survey.web.current_survey import current_survey
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.response_quality import ENDS as WHERE
from survey.web.survey import this_survey

pages = Blueprint("embed", __name__, url_prefix="/staff")
MOST = 400
WORDS = {
    "done": lazy_gettext("Rate the service you have just used"),
    "refused": lazy_gettext("Tell us about this decision"),
    "given_up": lazy_gettext("Tell us why you stopped"),
}
STYLE = (STATIC / "staff/embed.css").read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Snippet:
    """What a portal copies for one end point in one language."""

    end: str
    language: str
    address: str
    link: str
    button: str


@pages.get("/embed")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the kit of one placement; without a choice, of the first one in the account's scope."""
    agency, tree = access.agency(request.args.get("agency"), local_day(now()))
    offered = placements.in_use(session(), Channel.OPEN, list(tree.subtree(agency.id)), MOST)
    code = request.args.get("placement", "").strip()
    chosen = next((one for one in offered if one.code == code), None if code else next(iter(offered), None))
    if code and chosen is None:
        raise NotFound("There is no QR code or link with the code %(code)s here.", code=code[:20])
    return render_template(
        "staff/embed.html",
        agency=agency,
        names={one.id: text(tree.agencies[one.agency_id].name) for one in offered},
        offered=offered,
        chosen=chosen,
        snippets=_snippets(chosen) if chosen else [],
        where=WHERE,
        style=STYLE,
        shown=placements.shown,
    )


def _snippets(placement: Placement) -> list[Snippet]:
    base = placements.address(settings().public_url, placement.channel, placement.code)
    province = current_survey().province
    return [_snippet(base, province, end, language) for end in ENDS for language in this_survey().languages]


def _snippet(base: str, province: Texts, end: str, language: str) -> Snippet:
    """Return the code for one end point, its words in that language."""
    address = f"{base}?lang={language}&end={end}"
    start = f'<a href="{escape(address)}" lang="{language}" rel="noopener"'
    with speaking(language):
        words, note = escape(WORDS[end]), gettext("About one minute, no names asked.")
    small = f"<small>{escape(text(province, language))}. {escape(note)}</small>"
    return Snippet(end, language, address, f"{start}>{words}</a>", f'{start} class="hailong">{words}\n  {small}</a>')
