"""The workbook: a spreadsheet shows the same figures as the printed tables and the pictures, to the last digit."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from sqlalchemy.orm import Session

from analysis.charts.appearance import Words
from analysis.charts.figures import table
from analysis.interval import Interval
from survey import reports
from survey.reports.printed_cells import printed_cells
from survey.reports.workbook import FORMATS
from survey.results.verdict_text import interval, rate_text
from tests.analysis.command.program import run
from tests.support import factories
from tests.support.number_format import displayed
from tests.support.reporting import NOON, answers, build, read_json

LOWER, UPPER, INTERVAL = "Cận dưới", "Cận trên", "Khoảng tin cậy, làm tròn ra ngoài"
WORDS = Words(**dict.fromkeys(("title", "target", "rate", "answered", "interval", "no_answers"), ""))


def shown(path: Path) -> list[dict[str, Any]]:
    """The intervals that a reader of the sheets of figures sees, under Vietnamese settings."""
    book, cells = openpyxl.load_workbook(path), []
    for name in ("Đơn vị", "Thủ tục", "Kênh tham khảo"):
        head, *lines = book[name].iter_rows()
        cells += [dict(zip([cell.value for cell in head], line, strict=True)) for line in lines]
    return [
        {
            name: displayed(line[name].value, line[name].number_format).replace(".", ",")
            if name != INTERVAL
            else line[name].value
            for name in (LOWER, UPPER, INTERVAL)
        }
        for line in cells
        if line[INTERVAL].value is not None
    ]


def upper_limit_of_the_department(session: Session, folder: Path) -> float:
    """The upper limit of H61.51, whose answers miss the target by far."""
    [path] = reports.write(build(session), folder, ["json"])
    units = read_json(path)["channels"]["invitation"]["units"]
    return float(next(one["upper"] for one in units if one["code"] == "H61.51"))


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize("close", [False, True], ids=["far from the target", "just below the target"])
def test_a_spreadsheet_shows_the_interval_of_the_printed_table(session: Session, tmp_path: Path, close: bool) -> None:
    answers(session)
    target = "0.90"
    if close:
        target = f"{math.ceil(1000 * upper_limit_of_the_department(session, tmp_path)) / 1000:.3f}"
    [path] = reports.write(build(session, target=target), tmp_path, ["xlsx"])
    lines = shown(path)
    assert len(lines) > 5
    below = [line for line in lines if line[UPPER].startswith("<")]
    assert bool(below) == close
    for line in lines:
        between = " đến dưới " if line in below else "–"
        assert line[INTERVAL] == f"{line[LOWER]}{between}{line[UPPER].removeprefix('<')}"


@pytest.mark.usefixtures("vietnamese")
def test_the_sheet_of_reasons_shows_the_limits_of_the_printed_table(session: Session, tmp_path: Path) -> None:
    for number in range(30):
        factories.response(session, 2, when=NOON, other={"S7": ["login"] if number < 20 else ["late"]})
    document, book = reports.write(build(session), tmp_path, ["docx", "xlsx"])
    [table] = [one for one in docx.Document(str(document)).tables if one.cell(0, 0).text == "Điều chưa hài lòng"]
    printed = {row.cells[0].text: row.cells[3].text for row in table.rows[1:] if row.cells[1].text != "0"}
    cells = {row[0].value: row[4:6] for row in openpyxl.load_workbook(book)["Lý do"].iter_rows(min_row=2)}
    assert "48,7%–80,8%" in printed.values(), "20 of 30"
    for reason, limits in printed.items():
        assert "–".join(displayed(cell.value, cell.number_format).replace(".", ",") for cell in cells[reason]) == limits


@pytest.mark.usefixtures("vietnamese")
def test_the_analysis_reads_our_own_workbook_and_concludes_the_same(session: Session, tmp_path: Path) -> None:
    answers(session)
    report = build(session)
    [path] = reports.write(report, tmp_path, ["xlsx"])
    counts = (path, "--satisfied", "Phiếu hài lòng", "--answered", "Số phiếu", "--by", "Mã")
    total = run(*counts, "--sheet", "Đơn vị", "--json").json()["total"]
    judged = report.units.judged.total
    assert (total["answered"], total["satisfied"]) == (judged.answered, judged.satisfied)
    assert total["rate"] == pytest.approx(judged.rate)


@pytest.mark.usefixtures("vietnamese")
def test_table_chart_and_spreadsheet_print_the_same_share_of_every_count() -> None:
    ties = {Fraction(k, n) for n in range(1, 401) for k in range(n + 1) if 2000 * k % n == 0 and 2000 * k // n % 2}
    shares = [s.as_integer_ratio() for s in ties | {Fraction(k, n) for n in range(1, 61) for k in range(n + 1)}]
    assert {Fraction(51, 80), Fraction(377, 400)} <= ties
    rows = [{"name": "", "answered": 1, "rate": k / n, "lower": k / (2 * n), "upper": k / n} for k, n in shares]
    for row, drawn in zip(rows, table(rows, "0.90"), strict=True):
        cells = printed_cells(row, "0.90")
        rate = displayed(cells["rate"], FORMATS["share"]).replace(".", ",")
        assert rate == rate_text(row["rate"], "0.90") == drawn.percent(WORDS)
        limits = [displayed(cells[name], FORMATS["limit"]).replace(".", ",") for name in ("lower", "upper")]
        between = interval(Interval(row["lower"], row["upper"]))
        assert "–".join(limits) == between
        assert f"({between};" in drawn.sentence(WORDS)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.9425, "0.0%", "94.3%"),
        (0.6375, "0.0%", "63.8%"),
        (0.9, '"<"0.0####%', "<90.0%"),
        (0.9025, "0.0####%", "90.25%"),
        (2.675, "0.00", "2.68"),
    ],
)
def test_number_formats_are_read_as_spreadsheets_read_them(value: float, number_format: str, text: str) -> None:
    assert displayed(value, number_format) == text
