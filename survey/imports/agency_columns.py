"""The columns of a file of agencies, and the words by which it names a level."""

from __future__ import annotations

from survey.imports.cells import agency_code, agency_codes, choice, day, words
from survey.imports.header import Column
from survey.models import Level

LEVELS = {
    **dict.fromkeys(
        ("province", "tỉnh", "cấp tỉnh", "UBND tỉnh", "thành phố trực thuộc trung ương", "1"), Level.PROVINCE
    ),
    **dict.fromkeys(
        ("department", "sở", "cấp sở", "sở, ngành", "sở, ban, ngành", "cơ quan chuyên môn cấp tỉnh", "2"),
        Level.DEPARTMENT,
    ),
    **dict.fromkeys(("district", "huyện", "cấp huyện", "UBND huyện", "quận", "thị xã", "3"), Level.DISTRICT),
    **dict.fromkeys(
        ("commune", "xã", "cấp xã", "UBND xã", "UBND cấp xã", "phường", "UBND phường", "thị trấn", "đặc khu", "4"),
        Level.COMMUNE,
    ),
    **dict.fromkeys(
        ("office", "phòng", "phòng ban", "văn phòng", "trung tâm", "chi cục", "chi nhánh", "đơn vị trực thuộc", "5"),
        Level.OFFICE,
    ),
}
COLUMNS = (
    Column("code", ("Mã cơ quan", "Mã đơn vị", "Mã định danh", "Mã", "Agency code"), agency_code),
    Column("name_vi", ("Tên cơ quan", "Tên đơn vị", "Tên", "Tên tiếng Việt", "Vietnamese name"), words(500)),
    Column("name_en", ("Tên tiếng Anh", "English name", "Name"), words(500), needed=False, optional=True),
    Column(
        "level",
        ("Cấp", "Cấp hành chính", "Level"),
        choice(LEVELS, "Tỉnh, Sở, Huyện, Xã, Phòng; Province, Department, District, Commune, Office"),
    ),
    Column(
        "parent",
        (
            *("Mã cơ quan cấp trên", "Cơ quan cấp trên", "Mã đơn vị cấp trên", "Đơn vị cấp trên", "Cấp trên"),
            *("Parent", "Parent code"),
        ),
        agency_code,
        needed=False,
    ),
    Column("valid_from", ("Từ ngày", "Hiệu lực từ", "Valid from", "From"), day),
    Column("valid_to", ("Đến ngày", "Hiệu lực đến", "Valid to", "To"), day, needed=False, optional=True),
    Column(
        "successor",
        ("Mã cơ quan kế thừa", "Cơ quan kế thừa", "Kế thừa", "Successor", "Successor code"),
        agency_codes,
        needed=False,
        optional=True,
    ),
)
