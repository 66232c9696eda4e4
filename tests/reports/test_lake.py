"""What provinces export is read back whole; a file that cannot be used is refused by its name and column."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from survey.errors import ImportRefused, NotFound
from survey.i18n import error_text, speaking
from survey.periods import Basis
from survey.reports import lake
from survey.reports.parquet import EDITION, SCHEMA
from tests.support.lakes import month_file

LEVELS = (1, 2, 3, 40, 54)


def altered(file: Path, **columns: object) -> Path:
    """Write another value into a column of the judged row."""
    table = pq.read_table(file, partitioning=None)
    rows = table.to_pylist()
    rows[0] |= columns
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    return file


def refusal(file: Path) -> str:
    with pytest.raises(ImportRefused) as refused:
        lake.read_month(file)
    with speaking("en"):
        text = error_text(refused.value)
    with speaking("vi"):
        assert error_text(refused.value) != text
    assert str(file) in text
    return text


def test_a_month_is_read_as_it_was_told(tmp_path: Path) -> None:
    file = month_file(tmp_path, "H61", "2026-09", LEVELS, 400)
    month = lake.read_month(file)
    assert (month.code, month.period.code, month.answered, month.withheld) == ("H61", "2026-09", 100, "")
    assert (month.counted["satisfied"], month.counted["finished"], month.name["en"]) == (94, 400, "Vĩnh Long Province")
    hidden = lake.read_month(month_file(tmp_path, "H61", "2026-10", None, 50, answered=6))
    assert (hidden.answered, hidden.withheld, hidden.counted["satisfied"], hidden.counted["finished"]) == (
        6,
        "few",
        0,
        50,
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"satisfied": 95}, "column satisfied: there is “95” where there must be “level_4 + level_5 = 94”"),
        ({"level_1": 2}, "column answered"),
        ({"level_1": None}, "column level_1: there is “None”"),
        ({"finished": -1}, "column finished"),
        ({"rated": 401}, "column rated: there is “401” where there must be “0 … 400”"),
        ({"period": "2026-13"}, "column period"),
        ({"code": "H01"}, "column code"),
        ({"withheld": "perhaps"}, "column withheld"),
        ({"line": "unit"}, "column line"),
    ],
)
def test_values_that_cannot_be_are_named_by_file_and_column(
    tmp_path: Path, columns: dict[str, object], words: str
) -> None:
    assert words in refusal(altered(month_file(tmp_path, "H61", "2026-09", LEVELS, 400), **columns))


def test_a_damaged_file_another_edition_and_other_columns_are_refused(tmp_path: Path) -> None:
    file = month_file(tmp_path, "H61", "2026-09", LEVELS)
    whole, table = file.read_bytes(), pq.read_table(file, partitioning=None)
    file.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(file)
    pq.write_table(table.replace_schema_metadata({"edition": "7"}), file)
    assert f"edition 7 of the figures; edition {EDITION} is read here" in refusal(file)
    pq.write_table(table.replace_schema_metadata(), file)
    assert "edition –" in refusal(file)
    pq.write_table(table.drop_columns(["level_3"]), file)
    assert "has no column level_3" in refusal(file)
    texts = table.set_column(table.schema.get_field_index("rated"), "rated", table["rated"].cast(pa.string()))
    pq.write_table(texts.replace_schema_metadata(SCHEMA.metadata), file)
    assert "column rated: there is “string” where there must be “int64”" in refusal(file)


def test_a_name_is_text_that_can_be_printed(tmp_path: Path) -> None:
    file = altered(month_file(tmp_path, "H61", "2026-09", LEVELS), name="Tỉnh Vi\u0303nh\x00 Long\u202e")
    assert lake.read_month(file).name["vi"] == "Tỉnh Vĩnh Long"


def test_a_lake_has_one_basis_and_each_month_once(tmp_path: Path) -> None:
    month_file(tmp_path, "H61", "2026-09", LEVELS)
    month_file(tmp_path, "H61", "2026-09", LEVELS, basis="administrative")
    assert len(lake.lake_months(str(tmp_path / "**" / "calendar.parquet"), Basis.CALENDAR)) == 1
    with pytest.raises(ImportRefused, match=r"column basis: there is “administrative”"):
        lake.lake_months(str(tmp_path / "**" / "*.parquet"), Basis.CALENDAR)
    month_file(tmp_path / "copy", "H61", "2026-09", LEVELS)
    with pytest.raises(ImportRefused, match=r"same province and month \(H61, 2026-09\)"):
        lake.lake_months(str(tmp_path / "**" / "calendar.parquet"), Basis.CALENDAR)
    with pytest.raises(NotFound):
        lake.lake_months(str(tmp_path / "nowhere" / "*.parquet"), Basis.CALENDAR)


def test_the_register_names_provinces_successors_and_last_months(tmp_path: Path) -> None:
    file = tmp_path / "provinces.csv"
    file.write_text(
        "code,name,name_en,successor,last_month\nH61,Tỉnh Vĩnh Long,Vinh Long,,\nH59,Tỉnh Trà Vinh,,H61,2025-06\n",
        encoding="utf-8",
    )
    register = lake.read_register(file)
    assert (register.now("H59"), register.now("H61"), register.last_months) == ("H61", "H61", {"H59": "2025-06"})
    assert register.names["H59"] == {"vi": "Tỉnh Trà Vinh", "en": "Tỉnh Trà Vinh"}
    for text in (
        "code,name\nA,a\nA,b\n",
        "code\nH61\n",
        "code,name,successor\nA,a,B\nB,b,A\n",
        "code,name,last_month\nA,a,June\n",
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ImportRefused, match=r"provinces\.csv"):
            lake.read_register(file)
