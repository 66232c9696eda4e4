"""The shapes of the codes that identify cases, procedures and agencies (docs/domain.md §2.2)."""

from __future__ import annotations

import re
import unicodedata

from survey.i18n import invisible

DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"))
AROUND = re.compile(r"\s*([.-])\s*")
ORDINARY = re.compile(r"[A-Za-z0-9.-]+")
APART = frozenset(
    {"<super>", "<sub>", "<circle>", "<fraction>"}
)  # such a digit marks a footnote, and is none of a code
QUOTES = "'’‘`´′\""
DAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
CASE_CODE = re.compile(rf"[A-Z]\d{{2}}(?:\.\d{{1,3}}){{0,4}}-{DAY}-\d{{4,7}}")
OLD_CASE_CODE = re.compile(rf"\d{{3}}\.\d{{2}}\.\d{{2}}\.[A-Z]\d{{2}}-{DAY}-\d{{4,7}}")
AGENCY_CODE = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,4}")
OLD_AGENCY_CODE = re.compile(r"\d{3}(?:\.\d{2,3}){2}\.[A-Z]\d{2}")
STRANGE_AGENCY_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,38}[A-Z0-9])?")
PROCEDURE_CODE = re.compile(r"(?P<base>[1-9]\.\d{6})(?:\.\d{2}|\.000\.00\.00\.[A-Z]\d{2}(?:\.\d{2})?)?")


def plain_code(text: str) -> str:
    """Return a code as it was meant: in capitals, with plain hyphens, without what nobody sees or a first apostrophe.

    >>> plain_code("’h61.50–261008‑0975\u200b ")
    'H61.50-261008-0975'
    """
    if ORDINARY.fullmatch(text):  # as nearly all are, and a file has hundreds of thousands
        return text.upper()
    seen = "".join(_plain(c) for c in unicodedata.normalize("NFC", text.translate(DASHES)) if not invisible(c))
    return AROUND.sub(r"\1", seen).strip(QUOTES + " ").upper()


def _plain(character: str) -> str:
    apart = unicodedata.decomposition(character).partition(" ")[0] in APART
    return character if apart else unicodedata.normalize("NFKC", character)


def odd_sign(text: str) -> str | None:
    """Return the first sign that no code can hold, such as a letter of another alphabet that looks like one of ours.

    >>> odd_sign("H61.5О"), odd_sign("H61.50")
    ('О', None)
    """
    return next((c for c in plain_code(text) if not (c.isascii() and (c.isalnum() or c in ".-"))), None)


def case_code(text: str) -> str | None:
    """Return a case's code as it is hashed, or None if it has neither the present nor the old shape.

    >>> case_code(" h15.50.05.13-261008-0975 "), case_code("000.00.01.H40-190520-0001"), case_code("H15-261308-0975")
    ('H15.50.05.13-261008-0975', '000.00.01.H40-190520-0001', None)
    """
    code = plain_code(text)
    return code if CASE_CODE.fullmatch(code) or OLD_CASE_CODE.fullmatch(code) else None


def procedure_code(text: str) -> str | None:
    """Return the national base code of a procedure's code, whatever local suffix it carries.

    >>> procedure_code("2.000815.000.00.00.H55.02"), procedure_code("1.01100.01")
    ('2.000815', None)
    """
    match = PROCEDURE_CODE.fullmatch(plain_code(text))
    return match["base"] if match else None


def agency_code(text: str) -> tuple[str, bool] | None:
    """Return an agency's code and whether its shape is a known one; None if it cannot be a code at all.

    >>> agency_code("h61.102"), agency_code("VL-TV.7"), agency_code("Sở Nội vụ")
    (('H61.102', True), ('VL-TV.7', False), None)
    """
    code = plain_code(text)
    usual = AGENCY_CODE.fullmatch(code) or OLD_AGENCY_CODE.fullmatch(code)
    return (code, bool(usual)) if usual or STRANGE_AGENCY_CODE.fullmatch(code) else None
