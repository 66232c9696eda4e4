"""Published results for programs: the open data, their catalogue, and a feed of what is newly published."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import periods
from survey.errors import NotFound
from survey.i18n import current_language, gettext, text
from survey.models import Publication
from survey.organisation import agencies
from survey.reports import data_catalogue, open_data
from survey.results import publication
from survey.results.period_names import period_name
from survey.results.publication import PublishedPeriod
from survey.results.verdict_text import sentence
from survey.web.public.published_pages import FOR_EVER, WrittenPage, sent
from survey.web.public.results import GONE, address_of, file_address
from survey.web.request import session, settings

pages = Blueprint("results_files", __name__, url_prefix="/results")
SHA256 = re.compile(r"[0-9a-f]{64}")
ATOM = "http://www.w3.org/2005/Atom"


@pages.get("/data/<sha256>/<name>")
def file(sha256: str, name: str) -> Response:
    """Send a file of what was published under a digest: the figures never change; what was retracted says so.

    Raises:
        NotFound: publication is off, or there is no such file.
    """
    if not SHA256.fullmatch(sha256) or name not in open_data.MEDIA_TYPES:
        raise NotFound("Nothing has been published here.")
    of = publication.with_file(session(), bytes.fromhex(sha256))
    if of.retracted_at is not None:
        words = gettext("These results were retracted: %(reason)s", reason=of.reason)
        return sent((sha256, name), lambda: WrittenPage(f"{words}\n".encode(), "text/plain; charset=utf-8", GONE))
    fresh = {"cached": FOR_EVER} if name in open_data.FOR_EVER else {}
    return sent((sha256, name), lambda: _file(of, name), **fresh)


@pages.get("/<basis>/<code>/data/<name>")
def newest_file(basis: str, code: str, name: str) -> AnyResponse:
    """Lead from the address of a period's file that stays to what is published there now.

    Raises:
        NotFound: publication is off, or nothing was published of this period.
        InvalidPeriod: there is no such period.
    """
    of = publication.newest(session(), periods.parse(code, basis))
    if of is None or name not in open_data.MEDIA_TYPES or not publication.publishes(session()):
        raise NotFound("Nothing has been published here.")
    return redirect(url_for(".file", sha256=of.sha256.hex(), name=name), 302)


@pages.get("/catalog.jsonld")
def catalogue() -> Response:
    """Send the catalogue of all open data, as portals for open data harvest it (DCAT).

    Raises:
        NotFound: publication is off.
    """
    return sent("catalogue", _catalogue)


@pages.get("/feed.atom")
def feed() -> Response:
    """Send the newly published periods, the last one first (Atom).

    Raises:
        NotFound: publication is off.
    """
    return sent(
        "feed", lambda: WrittenPage(_feed(publication.current(session())), "application/atom+xml; charset=utf-8")
    )


def _file(of: Publication, name: str) -> WrittenPage:
    period = periods.parse(of.period_code, of.period_basis)
    body = open_data.files(of.figures, address_of(period))[name]
    kind = open_data.MEDIA_TYPES[name]
    return WrittenPage(body, kind if kind == "application/json" else f"{kind}; charset=utf-8")


def _catalogue() -> WrittenPage:
    every = [(one.publication, one.publication.figures) for one in publication.current(session())]
    home = f"{settings().public_url}{url_for('.catalogue')}"

    def page(of: Publication) -> str:
        return address_of(periods.parse(of.period_code, of.period_basis))

    return WrittenPage(data_catalogue.catalogue(every, home, page, file_address), "application/ld+json")


def _feed(every: Sequence[PublishedPeriod]) -> bytes:
    ET.register_namespace("", ATOM)
    language, home = current_language(), f"{settings().public_url}/results"
    top = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    author, demo = text(agencies.root(session()).name), f" ({gettext('Demonstration data')})"
    newest = max((one.publication.published_at for one in every), default=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    _child(top, "id", home)
    _child(top, "title", gettext("Results: satisfaction with online public services"))
    _child(top, "updated", newest.isoformat())
    _child(_child(top, "author"), "name", author)
    _child(top, "link", rel="self", href=f"{settings().public_url}{url_for('.feed', lang=language)}")
    _child(top, "link", rel="alternate", href=f"{home}?lang={language}", hreflang=language)
    for one in sorted(every, key=lambda row: row.publication.published_at, reverse=True):
        entry, shown = _child(top, "entry"), one.figures
        _child(entry, "id", f"{address_of(shown.period)}#{one.publication.sha256.hex()[:16]}")
        _child(entry, "title", f"{author}: {period_name(shown.period)}{demo if shown.demo else ''}")
        _child(entry, "updated", one.publication.published_at.isoformat())
        _child(entry, "link", rel="alternate", href=address_of(shown.period, language=language), hreflang=language)
        _child(entry, "summary", sentence(shown.total, shown.standard))
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _child(parent: ET.Element, name: str, words: str | None = None, **given: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", given)
    child.text = words
    return child
