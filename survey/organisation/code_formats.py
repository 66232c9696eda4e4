"""The shapes of the codes that identify cases, procedures and agencies (docs/domain.md §2.2)."""

from __future__ import annotations

import re

DAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
CASE_CODE = re.compile(rf"[A-Z]\d{{2}}(?:\.\d{{1,3}}){{0,4}}-{DAY}-\d{{4,7}}")
OLD_CASE_CODE = re.compile(rf"\d{{3}}\.\d{{2}}\.\d{{2}}\.[A-Z]\d{{2}}-{DAY}-\d{{4,7}}")
AGENCY_CODE = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,4}")
OLD_AGENCY_CODE = re.compile(r"\d{3}(?:\.\d{2,3}){2}\.[A-Z]\d{2}")
STRANGE_AGENCY_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,38}[A-Z0-9])?")
PROCEDURE_CODE = re.compile(r"(?P<base>[1-9]\.\d{6})(?:\.\d{2}|\.000\.00\.00\.[A-Z]\d{2}(?:\.\d{2})?)?")


def case_code(text: str) -> str | None:
    """Return a case's code as it is hashed, or None if it has neither the present nor the old shape.

    >>> case_code(" h15.50.05.13-261008-0975 "), case_code("000.00.01.H40-190520-0001"), case_code("H15-261308-0975")
    ('H15.50.05.13-261008-0975', '000.00.01.H40-190520-0001', None)
    """
    code = text.strip().upper()
    return code if CASE_CODE.fullmatch(code) or OLD_CASE_CODE.fullmatch(code) else None


def procedure_code(text: str) -> str | None:
    """Return the national base code of a procedure's code, whatever local suffix it carries.

    >>> procedure_code("2.000815.000.00.00.H55.02"), procedure_code("1.01100.01")
    ('2.000815', None)
    """
    match = PROCEDURE_CODE.fullmatch(text.strip().upper())
    return match["base"] if match else None


def agency_code(text: str) -> tuple[str, bool] | None:
    """Return an agency's code and whether its shape is a known one; None if it cannot be a code at all.

    >>> agency_code("h61.102"), agency_code("VL-TV.7"), agency_code("Sở Nội vụ")
    (('H61.102', True), ('VL-TV.7', False), None)
    """
    code = text.strip().upper()
    usual = AGENCY_CODE.fullmatch(code) or OLD_AGENCY_CODE.fullmatch(code)
    return (code, bool(usual)) if usual or STRANGE_AGENCY_CODE.fullmatch(code) else None
