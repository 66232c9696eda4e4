"""What search engines are told: which pages there are to find, in which languages, and which to leave alone."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from flask import Blueprint, Response, url_for

from survey.errors import NotFound
from survey.i18n import languages
from survey.results import publication
from survey.web.public.published_pages import WrittenPage, sent
from survey.web.public.results import address_of
from survey.web.request import session, settings

pages = Blueprint("indexing", __name__)
SITEMAP, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
CLOSED = ("/staff/", "/api/")  # pages of persons say themselves that they are not to be listed, if they may be read


@pages.get("/robots.txt")
def robots() -> Response:
    """Say which addresses are nobody's business but those who have them, and where the list of all others is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines.append(f"Sitemap: {settings().public_url}{url_for('.sitemap')}")
    return sent("robots", lambda: WrittenPage(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8"))


@pages.get("/sitemap.xml")
def sitemap() -> Response:
    """Send the list of pages that can be found, each in every language."""
    return sent("sitemap", lambda: WrittenPage(_sitemap(), "application/xml; charset=utf-8"))


def _sitemap() -> bytes:
    ET.register_namespace("", SITEMAP)
    ET.register_namespace("xhtml", XHTML)
    top = ET.Element(f"{{{SITEMAP}}}urlset")
    for address, day in _addresses():
        for language in languages():
            entry = ET.SubElement(top, f"{{{SITEMAP}}}url")
            ET.SubElement(entry, f"{{{SITEMAP}}}loc").text = f"{address}?lang={language}"
            if day:
                ET.SubElement(entry, f"{{{SITEMAP}}}lastmod").text = day
            for other in languages():
                link = {"rel": "alternate", "hreflang": other, "href": f"{address}?lang={other}"}
                ET.SubElement(entry, f"{{{XHTML}}}link", link)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _addresses() -> Iterator[tuple[str, str]]:
    """Yield the pages, and when each of results was published."""
    for path in ("/", "/improvements", "/privacy", "/accessibility"):
        yield f"{settings().public_url}{path}", ""
    try:
        every = publication.current(session())
    except NotFound:
        return
    for one in every:
        day = one.publication.published_at.date().isoformat()
        yield address_of(one.figures.period), day
        for row in one.figures.rows:
            if row.answered:
                yield address_of(one.figures.period, row.code), day
