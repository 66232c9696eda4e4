"""Issuing data: suggested by a name, read from a form, kept by version, and found again under a new name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Agency, AuditEntry, Level
from survey.reports.issuing import Issuing
from survey.reports.issuing_versions import issuing_of, read, save, suggestion, versions, written
from tests.support import factories
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PROVINCE = "Ủy ban nhân dân tỉnh Vĩnh Long"
ENTERED = {
    "symbol": "Số: ……/BC-UBND",
    "place": " Ngũ  Lạc",
    "addressees": "- Ủy ban nhân dân tỉnh Vĩnh Long;\n- Sở Khoa học và Công nghệ.",
    "bases": "Căn cứ Kế hoạch số 50/KH-UBND;",
    "signing": "TM. ỦY BAN NHÂN DÂN\r\nKT. CHỦ TỊCH\r\n",
    "position": "PHÓ CHỦ TỊCH",
    "signer": "Nguyễn Văn An",
    "recipients": "- Như trên;\n- CT, các PCT;\n\n- Lưu: VT, KSTT.",
    "drafting_unit": "KSTT",
}
READ = Issuing(
    symbol="BC-UBND",
    place="Ngũ Lạc",
    addressees=(PROVINCE, "Sở Khoa học và Công nghệ"),
    bases=("Căn cứ Kế hoạch số 50/KH-UBND;",),
    signing=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"),
    position="PHÓ CHỦ TỊCH",
    signer="Nguyễn Văn An",
    recipients=("CT, các PCT",),
    drafting_unit="KSTT",
)


@pytest.mark.parametrize(
    ("name", "level", "symbol", "place", "position"),
    [
        (PROVINCE, Level.PROVINCE, "BC-UBND", "Vĩnh Long", "CHỦ TỊCH"),
        ("Sở Nông nghiệp và Môi trường", Level.DEPARTMENT, "BC-SNNMT", "Vĩnh Long", "GIÁM ĐỐC"),
        ("Văn phòng Ủy ban nhân dân tỉnh", Level.DEPARTMENT, "BC-VP", "Vĩnh Long", "CHÁNH VĂN PHÒNG"),
        ("Ủy ban nhân dân phường Trà Vinh", Level.COMMUNE, "BC-UBND", "Trà Vinh", "CHỦ TỊCH"),
        ("Ủy ban nhân dân Ngũ Lạc", Level.COMMUNE, "BC-UBND", "Ngũ Lạc", "CHỦ TỊCH"),
        ("Trung tâm Phục vụ", Level.OFFICE, "BC-TTPV", "Vĩnh Long", ""),
    ],
)
def test_a_name_suggests_symbol_place_and_who_signs(
    name: str, level: Level, symbol: str, place: str, position: str
) -> None:
    suggested = suggestion(name, level, "", "Vĩnh Long")
    assert (suggested.symbol, suggested.place, suggested.position) == (symbol, place, position)
    assert suggested.signing == (("TM. ỦY BAN NHÂN DÂN",) if "Ủy ban nhân dân" in name[:16] else ())


def test_a_unit_reports_to_the_body_above_it_and_the_province_to_nobody_that_is_known(session: Session) -> None:
    assert issuing_of(session, factories.agency_id(session, "H61")).addressees == ()
    above = session.get_one(Agency, factories.agency_id(session, "H61")).name["vi"]
    assert issuing_of(session, factories.agency_id(session)).addressees == (above,)


def test_a_form_is_read_without_what_a_report_writes_by_itself() -> None:
    issuing, faults = read(ENTERED)
    assert (issuing, faults) == (READ, {})
    assert read(written(READ)) == (READ, {}), "what is shown again in the form is the same"
    assert read({}) == (Issuing(), {})


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("symbol", "x" * 41),
        ("place", "x" * 81),
        ("signer", "x" * 121),
        ("bases", "x" * 301),
        ("recipients", "\n".join("abcdefghijklm")),
    ],
)
def test_too_much_is_said_at_its_field(name: str, typed: str) -> None:
    _, faults = read(ENTERED | {name: typed})
    assert list(faults) == [name]


def test_a_change_is_a_new_version_and_what_was_issued_keeps_its_own(session: Session) -> None:
    staff, agency = official(session), session.get_one(Agency, factories.agency_id(session))
    assert save(session, agency, READ, NOON, staff.id)
    assert not save(session, agency, READ, NOON + DAY, staff.id), "nothing was changed"
    later = replace(READ, signer="Trần Thị Bình")
    assert save(session, agency, later, NOON + 2 * DAY, staff.id)
    assert issuing_of(session, agency.id) == later
    assert issuing_of(session, agency.id, NOON + DAY) == READ
    assert issuing_of(session, agency.id, NOON - DAY) == READ, "what was closed before is filled in by the first"
    assert [(one.issuing.signer, one.staff_id) for one in versions(session, agency.id)] == [
        ("Trần Thị Bình", staff.id),
        ("Nguyễn Văn An", staff.id),
    ]
    acts = session.scalars(
        sa.select(AuditEntry.about).where(AuditEntry.act == "issuing.saved").order_by(AuditEntry.id)
    ).all()
    assert acts == [{"agency": agency.code}] * 2
    other = factories.agency_id(session, "H61.51")
    assert issuing_of(session, other).signer == ""


def test_an_agency_that_is_called_otherwise_keeps_its_data(session: Session) -> None:
    agency = session.get_one(Agency, factories.agency_id(session))
    save(session, agency, READ, NOON, official(session).id)
    agency.valid_to = dt.date(2026, 10, 31)
    values = {"name": {"vi": "Tên mới", "en": "New"}, "level": agency.level, "parent_id": agency.parent_id}
    renamed = Agency(code=agency.code, valid_from=dt.date(2026, 11, 1), **values)
    session.add(renamed)
    session.flush()
    assert issuing_of(session, renamed.id) == READ
