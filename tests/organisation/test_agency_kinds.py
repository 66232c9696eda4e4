"""The kinds of agencies."""

from __future__ import annotations

import pytest

from survey.models import Agency, Level
from survey.organisation.agency_kinds import AgencyKind, kind_of


@pytest.mark.parametrize(
    ("level", "name", "kind"),
    [
        (Level.PROVINCE, "Ủy ban nhân dân tỉnh Vĩnh Long", AgencyKind.PROVINCE),
        (Level.DEPARTMENT, "Ban Quản lý các khu kinh tế", AgencyKind.DEPARTMENT),
        (Level.COMMUNE, "Ủy ban nhân dân xã Hiệp Mỹ", AgencyKind.COMMUNE),
        (Level.COMMUNE, "Ủy ban nhân dân phường Trà Vinh", AgencyKind.WARD),
        (Level.COMMUNE, "Ủy ban nhân dân đặc khu Phú Quốc", AgencyKind.SPECIAL_ZONE),
        (Level.COMMUNE, "Phường 1", AgencyKind.WARD),
        (Level.COMMUNE, "", AgencyKind.COMMUNE),
        (Level.OFFICE, "Phòng Kinh tế", AgencyKind.OFFICE),
    ],
)
def test_a_commune_is_told_from_wards_and_special_zones_by_its_name(level: Level, name: str, kind: AgencyKind) -> None:
    assert kind_of(Agency(level=level, name={"vi": name})) == kind
