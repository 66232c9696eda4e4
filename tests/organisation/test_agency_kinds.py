"""The kinds of agencies and their short names."""

from __future__ import annotations

import pytest

from survey.i18n import speaking
from survey.models import Agency, Level
from survey.organisation.agency_kinds import Kind, kind_of, short_name


def agency(level: Level, vi: str, en: str = "") -> Agency:
    return Agency(level=level, name={"vi": vi, "en": en} if en else {"vi": vi})


@pytest.mark.parametrize(
    ("level", "name", "kind", "short"),
    [
        (Level.COMMUNE, "Ủy ban nhân dân xã Hiệp Mỹ", Kind.COMMUNE, "Xã Hiệp Mỹ"),
        (Level.COMMUNE, "Ủy ban nhân dân phường Trà Vinh", Kind.WARD, "Phường Trà Vinh"),
        (Level.COMMUNE, "Ủy ban nhân dân đặc khu Phú Quốc", Kind.SPECIAL_ZONE, "Đặc khu Phú Quốc"),
        (Level.COMMUNE, "Phường 1", Kind.WARD, "Phường 1"),
        (Level.COMMUNE, "", Kind.COMMUNE, ""),
        (Level.DEPARTMENT, "Ủy ban nhân dân tỉnh: Văn phòng", Kind.DEPARTMENT, "Ủy ban nhân dân tỉnh: Văn phòng"),
        (Level.OFFICE, "Phòng Kinh tế", Kind.OFFICE, "Phòng Kinh tế"),
    ],
)
def test_a_commune_is_told_by_its_name_and_named_without_its_committee(
    level: Level, name: str, kind: Kind, short: str, vietnamese: None
) -> None:
    assert (kind_of(agency(level, name)), short_name(agency(level, name))) == (kind, short)


def test_short_names_are_short_in_english_too() -> None:
    with speaking("en"):
        ward = agency(Level.COMMUNE, "Ủy ban nhân dân phường Trà Vinh", "People's Committee of Tra Vinh Ward")
        assert short_name(ward) == "Tra Vinh Ward"
        assert kind_of(ward) == Kind.WARD
