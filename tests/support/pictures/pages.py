"""Which pages there are, and how somebody comes to each: by its address, or along a link of another page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from survey.demo.addresses import SHOWN_UNIT
from survey.settings import ROOT

RULE = re.compile(r"^\| `(?P<rule>/[^`]*)` \| [^|]*\bGET\b[^|]* \| (?P<audience>citizen|public|staff) \|", re.M)
FILES = re.compile(r"\.(js|pdf|yaml|xlsx)$|/qr\.<|/file$|^/static/|^/ledger/|/proof$")
SIGN_IN = "/staff/sign-in"
# Answers to programs, an old address that leads on, and a page that no other leads to.
NO_PICTURE = {
    "/healthz": "a word for watching programs",
    "/readyz": "a word for watching programs",
    "/staff/<any(quality, reconciliation, sending):before>": "leads on to the page's present address",
    "/alerts/confirm/<int:account>/<token>": "only from an e-mail",
    "/alerts/stop/<int:account>/<what>/<token>": "only from an e-mail",
    "/report/<code>": "of a report that was issued; without one the page is that of /report",
    "/staff/duties/<int:number>/draft": "a file",
    "/staff/first/<token>": "only by a link that opens once, on an empty installation",
    "/staff/sign-in/with/<code>/back": "only from a provider of single sign-on",
    "/staff/join/<token>": "only by a link that opens once",
    "/staff/register/new": "only from a report that was made",
}


@dataclass(frozen=True)
class PictureWay:
    """A page by its name; `links` are followed one after the other from `start`, `press` is pressed at the end."""

    name: str
    start: str
    links: tuple[str, ...] = ()
    press: str = ""


# The ways to pages whose address has a part that only the demonstration knows.
WAYS = {
    "/k/<code>": ("/staff/placements", ("td a[href*='/k/']",)),
    "/q/<code>": ("{open}", ()),
    "/r/<token>": ("{invitation}", ()),
    "/receipt/<code>": ("{receipt}", ()),
    "/staff/accounts/<int:number>": ("/staff/accounts", ("tbody a[href*='/staff/accounts/']",)),
    "/staff/apologies/<int:number>": ("/staff/apologies", ("article a[href*='/staff/apologies/']",)),
    "/staff/apologies/<int:number>/letter": (
        "/staff/apologies",
        ("article a[href*='/staff/apologies/']", "a[href$='/letter']"),
    ),
    "/staff/call-backs/<int:number>": ("/staff/call-backs", ("article a[href$='/call-backs/1']",)),
    "/staff/comments/<named>/follow-up": ("/staff/comments?status=in_hand", ("a[href*='/follow-up']",)),
    "/staff/comments/<named>/original": (
        "/staff/comments?q=ten+nguoi",
        ("a[href*='/follow-up']", "a[href*='/original']"),
    ),
    "/staff/duties/<int:number>": ("/staff/duties", ("section[aria-labelledby=owed] a[href*='/staff/duties/']",)),
    "/staff/improvements/<int:number>": ("/staff/improvements", ("a[href*='/staff/improvements/']:not([href$=new])",)),
    "/staff/jobs/<int:number>": ("/staff/jobs", ("td a, th a",)),
    "/staff/tasks/<int:number>": ("/staff/tasks", ("article a[href*='/staff/tasks/']",)),
    "/staff/tasks/new": ("/staff/", ("a[href*='/staff/tasks/new']",)),
    "/staff/exclusions/new": ("/staff/response-quality", ("a[href*='/staff/exclusions/new']",)),
}
DRAFT = "/staff/questionnaires/<int:number>"  # all that begins so is taken of the draft that was begun for it
# What has no address of its own: shown once something was sent, or another state of a page above.
STATES = (
    PictureWay("q-code-thanks", "{open}", press="button[name=S1][value='2']"),
    PictureWay("staff-agency", f"/staff/?agency={SHOWN_UNIT}"),
    PictureWay("staff-procedures-agency", f"/staff/procedures?agency={SHOWN_UNIT}"),
    PictureWay("staff-units-full", "/staff/units?view=full"),
    PictureWay("staff-questionnaires-published", "/staff/questionnaires/", ("td a[href$='/questionnaires/1']",)),
)


def rules() -> list[str]:
    """Return the rules of all addresses that answer with a page; sorted as docs/addresses.md is."""
    text = (ROOT / "docs" / "addresses.md").read_text(encoding="utf-8")
    every = [match["rule"] for match in RULE.finditer(text)]
    return [rule for rule in every if not FILES.search(rule) and rule not in NO_PICTURE]


def pages() -> dict[str, PictureWay]:
    """Return every page by the name of its pictures."""
    every = [PictureWay(name_of(rule), *way_to(rule)) for rule in rules()]
    return {page.name: page for page in (*every, *STATES)}


def way_to(rule: str) -> tuple[str, tuple[str, ...]]:
    """Return where the way to a page starts, and along which links it goes on.

    >>> way_to("/staff/alerts"), way_to("/staff/questionnaires/<int:number>/preview")
    (('/staff/alerts', ()), ('/staff/questionnaires/{draft}/preview', ()))
    """
    return WAYS.get(rule, (rule.replace(DRAFT, "/staff/questionnaires/{draft}"), ()))


def name_of(rule: str) -> str:
    """Return the name of a page's pictures.

    >>> name_of("/staff/comments/<named>/follow-up"), name_of("/staff/tasks/<int:number>"), name_of("/")
    ('staff-comments-named-follow-up', 'staff-tasks-number', 'home')
    """
    words = re.sub(r"<(?:\w+:)?(\w+)>", r"\1", rule)
    return words.strip("/").replace("/", "-") or "home"
