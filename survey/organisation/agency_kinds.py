"""The kinds of agencies, by which lists are grouped."""

from __future__ import annotations

import enum
import re

from survey.i18n import text
from survey.models import Agency, Level


class AgencyKind(enum.StrEnum):
    """What an agency is, in the order of lists."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    WARD = "ward"
    COMMUNE = "commune"
    SPECIAL_ZONE = "special_zone"
    OFFICE = "office"


_LEVELS = {
    Level.PROVINCE: AgencyKind.PROVINCE,
    Level.DEPARTMENT: AgencyKind.DEPARTMENT,
    Level.DISTRICT: AgencyKind.DISTRICT,
    Level.OFFICE: AgencyKind.OFFICE,
}
_COMMITTEE = re.compile(r"^Ủy ban nhân dân ")
_WORDS = {"phường": AgencyKind.WARD, "đặc": AgencyKind.SPECIAL_ZONE}


def kind_of(agency: Agency) -> AgencyKind:
    """Return what an agency is; what a commune is called tells wards and special zones from communes."""
    if agency.level != Level.COMMUNE:
        return _LEVELS[agency.level]
    words = _COMMITTEE.sub("", text(agency.name, "vi")).casefold().split()
    return _WORDS.get(words[0] if words else "", AgencyKind.COMMUNE)
