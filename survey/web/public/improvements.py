"""The public page on what people said and what was done about it: of the whole province or of one unit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from survey.comments import publishing
from survey.i18n import sort_key, text
from survey.organisation import agencies
from survey.web.request import page_asked, session

pages = Blueprint("improvements", __name__)
A_PAGE = 20
FRESH_SECONDS = 60  # for as long a browser or a proxy may show what was withdrawn meanwhile


@pages.get("/improvements")
def show() -> Response:
    """Show what was published, the newest first.

    Raises:
        NotFound: there is no such unit.
    """
    tree = agencies.tree(session())
    top = agencies.root(session())
    code = request.args.get("agency", "")
    chosen = agencies.bearer(session(), code) if code else top
    numbers = publishing.published_by_agency(session())
    names = {key: tree.named_now(key) for key in numbers}
    bearers = [tree.bearer(key) for key in numbers]
    units = {one.code: text(one.name) for one in [*bearers, chosen] if one.id != top.id}
    own = numbers.keys() if chosen.id == top.id else numbers.keys() & set(tree.subtree(chosen.id))
    number, place = sum(numbers[key] for key in own), page_asked()
    here: dict[str, Any] = {"agency": code or None, "lang": request.args.get("lang")}
    shown = publishing.published(session(), own, place * A_PAGE, A_PAGE)
    page = render_template(
        "public/improvements.html",
        chosen=chosen,
        entries=shown,
        first=place * A_PAGE,
        newer=url_for(".show", **here, page=place) if place and number else None,
        number=number,
        older=url_for(".show", **here, page=place + 2) if (place + 1) * A_PAGE < number else None,
        top=top,
        unit_names={key: text(one.name) for key, one in names.items()},
        units=sorted(units.items(), key=lambda unit: sort_key(unit[1])),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.vary.add("Cookie")  # which may say the language
    return response
