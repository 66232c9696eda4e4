"""Where one can go: sections with their pages, the current one marked, and the period that stays while one walks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from survey.i18n import gettext, msgid
from survey.web.staff import access
from survey.web.staff.apologies import drafts_apologies
from survey.web.staff.call_backs import may_see_call_backs
from survey.web.staff.calls import may_call
from survey.web.staff.closing import may_close
from survey.web.staff.duties import may_see_duties
from survey.web.staff.factor_resets import may_reset_factors
from survey.web.staff.imports import may_import
from survey.web.staff.period_picker import WALKED
from survey.web.staff.person_requests import may_see_requests
from survey.web.staff.programs import may_see_programs
from survey.web.staff.questionnaires import may_manage_questionnaires
from survey.web.staff.sheets import may_enter_sheets
from survey.web.staff.start import may_start
from survey.web.staff.stopped_accounts import may_unlock


@dataclass(frozen=True)
class MenuPage:
    """A page to go to: where it is, what it is called, and whether it is the one that is shown."""

    address: str
    name: str
    current: bool


@dataclass(frozen=True)
class MenuSection:
    """A section of the menu with the pages in it; its own address is that of the first of them."""

    name: str
    pages: tuple[MenuPage, ...]

    @property
    def address(self) -> str:
        """Return where the section begins."""
        return self.pages[0].address

    @property
    def current(self) -> bool:
        """Return whether one of its pages is shown."""
        return any(page.current for page in self.pages)


Allowed = Callable[[], bool]


@dataclass(frozen=True)
class MenuEntry:
    """A page by its endpoint, for those whose role may open it; `allowed` says what else must hold."""

    endpoint: str
    name: str
    allowed: Allowed | None = None


SECTIONS = {
    msgid("Overview"): (
        MenuEntry("dashboard.show", msgid("Figures")),
        MenuEntry("alerts.show", msgid("Alerts")),
        MenuEntry("tasks.show", msgid("Tasks")),
    ),
    msgid("Units"): (MenuEntry("units.show", msgid("Units")),),
    msgid("Procedures"): (MenuEntry("procedures.show", msgid("Procedures")),),
    msgid("Comments"): (
        MenuEntry("comments.show", msgid("Comments")),
        MenuEntry("reasons.show", msgid("Reasons and factors")),
        MenuEntry("staff_improvements.show", msgid("You said – we did")),
        MenuEntry("apologies.show", msgid("Letters of apology"), drafts_apologies),
    ),
    msgid("Collection"): (
        MenuEntry("invitation_coverage.show", msgid("Invitations")),
        MenuEntry("deliveries.show", msgid("Sending")),
        MenuEntry("placements.show", msgid("QR codes and kiosks")),
        MenuEntry("sheets.show", msgid("Paper and telephone"), may_enter_sheets),
        MenuEntry("call_backs.show", msgid("Call-back"), may_see_call_backs),
        MenuEntry("calls.show", msgid("Calls"), may_call),
        MenuEntry("response_quality.show", msgid("Response quality")),
        MenuEntry("quotas.show", msgid("Quotas of answers")),
        MenuEntry("sample_size.show", msgid("Sample size")),
        MenuEntry("embed.show", msgid("For portals")),
        MenuEntry("imports.show", msgid("Import"), may_import),
    ),
    msgid("Questionnaires"): (MenuEntry("questionnaires.show", msgid("Questionnaires"), may_manage_questionnaires),),
    msgid("Reports"): (
        MenuEntry("jobs.listed", msgid("My files")),
        MenuEntry("report_comments.show", msgid("Comments for the report")),
        MenuEntry("closing.show", msgid("Closing periods"), may_close),
        MenuEntry("publication.show", msgid("Public results"), may_close),
        MenuEntry("register.show", msgid("Issued reports")),
        MenuEntry("duties.show", msgid("Calendar of duties"), may_see_duties),
        MenuEntry("service_index.show", msgid("Index by factors")),
        MenuEntry("indicator_766.show", msgid("766 indicator")),
        MenuEntry("return_1565.show", msgid("Return under Decision 1565")),
        MenuEntry("targets.show", msgid("Targets")),
        MenuEntry("issuing.show", msgid("Issuing data")),
    ),
}
# Pages that no menu names: whoever stands there is in the section from which they are reached.
REACHED_FROM = {
    "account_invitations": "accounts",
    "brief": "dashboard",
    "comment_originals": "comments",
    "exclusions": "response_quality",
    "earlier": "imports",
    "follow_up": "comments",
    "themes": "comments",
    "working_days": "comments",
}
ACCOUNT = (
    MenuEntry("start.show", msgid("Getting started"), may_start),
    MenuEntry("sign_in.account", msgid("Password and sessions")),
    MenuEntry("second_factor.show", msgid("Second factor")),
    MenuEntry("person_requests.show", msgid("Personal data"), may_see_requests),
    MenuEntry("accounts.show", msgid("Accounts")),
    MenuEntry("stopped_accounts.show", msgid("Stopped sign-ins"), may_unlock),
    MenuEntry("factor_resets.show", msgid("Lost second factors"), may_reset_factors),
    MenuEntry("programs.show", msgid("Programs"), may_see_programs),
    MenuEntry("audit_trail.show", msgid("Audit trail")),
)


def sections(walking: bool = True) -> list[MenuSection]:
    """Return the sections that the account may go to, in their order; `walking` keeps period and agency on the way."""
    offered = [(name, _pages(entries, walking)) for name, entries in SECTIONS.items()]
    return [MenuSection(gettext(name), pages) for name, pages in offered if pages]


def account_pages() -> tuple[MenuPage, ...]:
    """Return the pages about the account and its duties, apart from the sections."""
    return _pages(ACCOUNT, walking=False)


def way_here() -> list[MenuPage]:
    """Return the way from the overview to this page, which is the last where a menu names it; else its list is."""
    every = sections()
    home = every[0].pages[0] if every else None
    open_section = next((section for section in every if section.current), None)
    pages = open_section.pages if open_section else account_pages()
    page = next((page for page in pages if page.current), None)
    if home is None or page is None or page.address == home.address:
        return []
    way = [MenuPage(home.address, gettext("Overview"), current=False)]
    if open_section and open_section is not every[0] and open_section.name != page.name:
        way.append(MenuPage(open_section.address, open_section.name, current=False))
    named = {entry.endpoint for entries in (*SECTIONS.values(), ACCOUNT) for entry in entries}
    return [*way, MenuPage(page.address, page.name, current=request.endpoint in named)]


def install(app: Flask) -> None:
    """Let the layout of staff pages ask for its menus and for the way to a page."""
    app.jinja_env.globals.update(sections=sections, account_pages=account_pages, way_here=way_here)


def _pages(entries: Sequence[MenuEntry], walking: bool) -> tuple[MenuPage, ...]:
    walked: dict[str, Any] = {name: value for name in WALKED if walking and (value := request.args.get(name))}
    here = request.blueprint or ""
    here = REACHED_FROM.get(here, here)
    return tuple(
        MenuPage(url_for(entry.endpoint, **walked), gettext(entry.name), entry.endpoint.partition(".")[0] == here)
        for entry in entries
        if access.may_read(entry.endpoint) and (entry.allowed is None or entry.allowed())
    )
