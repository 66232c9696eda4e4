"""The kinds of agencies that lists are grouped by, and the short names that stand in them."""

from __future__ import annotations

import enum
import re

from survey.i18n import current_language, text
from survey.models import Agency, Level


class Kind(enum.StrEnum):
    """What an agency is, in the order of lists."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    WARD = "ward"
    COMMUNE = "commune"
    SPECIAL_ZONE = "special_zone"
    OFFICE = "office"


_LEVELS = {
    Level.PROVINCE: Kind.PROVINCE,
    Level.DEPARTMENT: Kind.DEPARTMENT,
    Level.DISTRICT: Kind.DISTRICT,
    Level.OFFICE: Kind.OFFICE,
}
_COMMITTEE = {
    "vi": re.compile(r"^Ủy ban nhân dân (?=phường |xã |đặc khu )"),
    "en": re.compile(r"^People's Committee of "),
}
_WORDS = {"phường": Kind.WARD, "đặc": Kind.SPECIAL_ZONE}


def kind_of(agency: Agency) -> Kind:
    """Return what an agency is; what a commune is called tells wards and special zones from communes."""
    if agency.level != Level.COMMUNE:
        return _LEVELS[agency.level]
    words = _COMMITTEE["vi"].sub("", text(agency.name, "vi")).casefold().split()
    return _WORDS.get(words[0] if words else "", Kind.COMMUNE)


def short_name(agency: Agency) -> str:
    """Return an agency's name without the words that all of its kind begin with: "Xã Hiệp Mỹ"."""
    name, committee = text(agency.name), _COMMITTEE.get(current_language())
    if agency.level != Level.COMMUNE or committee is None:
        return name
    short = committee.sub("", name)
    return short[:1].upper() + short[1:]
