"""One figure followed from the answers through every page and file: equal in value and in printed digits."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import reports
from tests.support import factories
from tests.support.number_format import displayed
from tests.support.officials import official, sign_in
from tests.support.portal import program
from tests.support.reporting import FILES, NOON, build, read_csv, read_json, read_words

UNIT, SATISFIED, ANSWERED = "H61.51", 51, 80  # 63,75 %: half a tenth, which three roundings printed in two ways
PRINTED, EXACT = "63,8%", SATISFIED / ANSWERED
LATER = NOON.replace(month=11, day=20)


@pytest.fixture
def client(client: FlaskClient, session: Session) -> FlaskClient:
    for number in range(ANSWERED):
        factories.response(session, 4 if number < SATISFIED else 2, UNIT, when=NOON)
    for _ in range(40):
        factories.response(session, 5, "H61.50", when=NOON)
    official(session)
    session.commit()
    return client


def texts(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def beside(words: str, name: str) -> str:
    """What stands after a name in a text, as far as it is of the same row."""
    return words.partition(name)[2][:400]


@pytest.mark.usefixtures("vietnamese")
def test_one_figure_is_the_same_wherever_it_is_read(client: FlaskClient, session: Session, tmp_path: Path) -> None:
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        overview = texts(client.get(f"/staff/?period=2026-10&agency={UNIT}").text)
        listed = texts(client.get("/staff/units?period=2026-10").text)
        portal = program(session, client)
        counted, told = (portal.get(f"/{path}?period=2026-10").json for path in ("counts", "reports"))
    assert PRINTED in overview and f"{SATISFIED}/{ANSWERED}" in overview
    assert PRINTED in beside(listed, "Càng Long")
    document, book, flat, data, words = reports.write(build(session, today=LATER.date()), tmp_path, FILES)
    rows = [[cell.text for cell in row.cells] for table in docx.Document(str(document)).tables for row in table.rows]
    named = [row for row in rows if any("Càng Long" in cell for cell in row) and PRINTED in row]
    share = f"{SATISFIED}/{ANSWERED}"
    assert named and all(share in row or (str(SATISFIED) in row and str(ANSWERED) in row) for row in named)

    assert counted is not None and told is not None
    in_counts = next(line for line in counted["judged"]["lines"] if line["code"] == UNIT)
    in_reports = next(line for line in told["channels"]["invitation"]["units"] if line["code"] == UNIT)
    in_file = next(line for line in read_json(data)["channels"]["invitation"]["units"] if line["code"] == UNIT)
    for one in (in_counts, in_reports, in_file):
        assert (one["satisfied"], one["answered"], one["rate"]) == (SATISFIED, ANSWERED, EXACT)
    line = next(
        row for row in read_csv(flat) if (row["code"], row["line"], row["channel"]) == (UNIT, "unit", "invitation")
    )
    assert (line["satisfied"], line["answered"], line["rate"]) == (str(SATISFIED), str(ANSWERED), repr(EXACT))
    said = next(row for row in read_words(words) if row["Mã"] == UNIT)
    assert (said["Phiếu hài lòng"], said["Số phiếu"], said["Tỷ lệ hài lòng"]) == (
        str(SATISFIED),
        str(ANSWERED),
        PRINTED,
    )

    head, *cells = openpyxl.load_workbook(book)["Đơn vị"].iter_rows()
    row = next(dict(zip([cell.value for cell in head], line, strict=True)) for line in cells if line[1].value == UNIT)
    assert (row["Phiếu hài lòng"].value, row["Số phiếu"].value) == (SATISFIED, ANSWERED)
    rate = row["Tỷ lệ hài lòng"]
    assert displayed(rate.value, rate.number_format).replace(".", ",") == PRINTED
    assert Decimal(str(rate.value)) == Decimal("0.638")
    summary = [[cell.value for cell in row[:5]] for row in openpyxl.load_workbook(book)["Tóm tắt"].iter_rows()]
    assert [ANSWERED, SATISFIED, 0.638] in [row[1:4] for row in summary]
    limits = {said["Khoảng tin cậy, làm tròn ra ngoài"], row["Khoảng tin cậy, làm tròn ra ngoài"].value}
    assert len(limits) == 1 and limits.pop() in [cell for row in named for cell in row]
