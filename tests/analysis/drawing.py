"""Reads a drawn chart back: every line of text with the box it covers, in pixels of the whole picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree.ElementTree import Element

import vl_convert
from defusedxml.ElementTree import fromstring

from analysis.charts.appearance import Spec, text_width

SVG = "{http://www.w3.org/2000/svg}"
LOCALE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "₫"]}


@dataclass(frozen=True)
class Word:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: Word) -> bool:
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top <= self.bottom <= other.bottom
        )

    def covers(self, other: Word) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 2 and down > 2


def draw(spec: Spec) -> str:
    return vl_convert.vegalite_to_svg(spec, format_locale=LOCALE)


def words(svg: str) -> list[Word]:
    return list(dict.fromkeys(_walk(fromstring(svg), 0.0, 0.0)))


def overlapping(result: list[Word]) -> list[tuple[str, str]]:
    return [(one.text, two.text) for one, two in combinations(result, 2) if one.covers(two)]


def _walk(element: Element, x: float, y: float) -> Iterator[Word]:
    moved = re.match(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    if element.tag == f"{SVG}text" and float(element.get("opacity", 1)) > 0:
        yield from _lines(element, x, y)
    for child in element:
        yield from _walk(child, x, y)


def _lines(element: Element, x: float, y: float) -> Iterator[Word]:
    size = float(element.get("font-size", "11px").removesuffix("px"))
    turned = "rotate(-90)" in element.get("transform", "") or "rotate(270)" in element.get("transform", "")
    lines = [span.text or "" for span in element.iter(f"{SVG}tspan")] or [element.text or ""]
    for number, line in enumerate(filter(None, lines)):
        wide = 0.93 * text_width(line, size)
        left = {"end": -wide, "middle": -wide / 2}.get(element.get("text-anchor", "start"), 0.0)
        base = number * 13.0
        if turned:
            yield Word(line, x - 0.8 * size, y - left - wide, x, y - left)
        else:
            yield Word(line, x + left, y + base - 0.8 * size, x + left + wide, y + base + 0.1 * size)
