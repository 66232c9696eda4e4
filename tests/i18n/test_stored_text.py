"""Text as it may be stored: what no document can hold does not get in, and what nobody sees is nothing."""

from __future__ import annotations

import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from survey.i18n import length, nfc
from survey.security.characters import allowed, writable

PLANES = [chr((plane << 16) + place) for plane in range(17) for place in (0, 1, 0xFFFE, 0xFFFF)]
EVERY = [chr(code) for code in range(0x10000)] + PLANES
MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def holds(character: str) -> bool:
    """Return whether an XML parser takes a character as it is."""
    try:
        return ET.fromstring(f"<a>{character}</a>".encode("utf-8", "surrogatepass")).text == character  # noqa: S314
    except ET.ParseError:
        return False


def test_of_every_character_only_those_get_in_that_xml_can_hold() -> None:
    stored = [c for c in EVERY if c not in "<&" and allowed(c)]
    assert ET.fromstring("<a>" + "".join(stored).replace("\r", "") + "</a>").text == "".join(stored)  # noqa: S314
    kept_out = {c for c in EVERY if not allowed(c)}
    strangers = {c for c in kept_out if holds(c)}
    assert strangers == {c for c in EVERY if "\x7f" <= c <= "\x9f"} | set(MARKS), "and no other is lost"


def test_a_character_from_before_it_was_kept_out_is_shown_as_one_that_cannot_be() -> None:
    assert {writable(c) for c in EVERY if not allowed(c)} == {"\ufffd"}
    assert all(writable(c) == c for c in EVERY if allowed(c))


@pytest.mark.parametrize(
    "typed",
    ["\u2063", "\u180e\u200b", "\u17b4\u17b5", "\U000e0041\U000e007f", "\u3164 \u2800", "\u00ad\ufeff", "\ufe0f"],
)
def test_signs_that_nobody_sees_are_no_text(typed: str) -> None:
    assert nfc(f" {typed}\n") == ""
    assert nfc(f"a{typed}b") == f"a{typed}b"


def test_marks_of_direction_do_not_get_in() -> None:
    assert nfc("a".join(MARKS)) == "a" * (len(MARKS) - 1)


SIGNS = [*"aeoưđễ1 \n", "o\u031b\u0323\u0303", "x\u0301\u0302", "\U0001f1fb\U0001f1f3", "\U0001f468\u200d\U0001f467"]
SIGNS += [
    "\U0001f44d\U0001f3fd",
    "1\ufe0f\u20e3",
    "\u2764\ufe0f\u200d\U0001f525",
    "\u1787\u17b6",
    "\u1798\u17d2\u1796\u17bb",
]


@given(st.lists(st.sampled_from(SIGNS), max_size=12))
def test_a_text_is_as_long_as_the_signs_that_people_see(signs: list[str]) -> None:
    text = unicodedata.normalize("NFC", "".join(signs))
    assert length(text) == len(signs) == len(regex.findall(r"\X", text))


def test_a_limit_counts_no_more_than_the_code_points() -> None:
    assert all(length(character) == 1 for character in map(chr, range(sys.maxunicode + 1)) if allowed(character))
