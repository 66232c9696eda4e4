"""Imports: every fault by line and column, nothing by halves, nothing doubled, whatever program wrote the file."""

from __future__ import annotations

import csv
import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter
from flask import Flask
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.models import AuditEntry, Case, Filing, Invitation, Procedure
from survey.organisation import agencies
from survey.security.tokens import case_hash
from tests.support import factories
from tests.support.files import HEADERS, ROW, as_csv, changed, feed, named, refused, run

TODAY = dt.date(2026, 11, 23)


def test_cases_are_recorded_once_however_often_they_come(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    path = as_csv(tmp_path / "cases.csv", [HEADERS, *feed(30)])
    assert "thêm mới 30, giữ nguyên 0, cập nhật 0" in run(app, "import", "cases", path).output
    assert "thêm mới 0, giữ nguyên 30, cập nhật 0" in run(app, "import", "cases", path).output
    moved = [changed(row, c6="06/10/2026") if i < 4 else row for i, row in enumerate(feed(32))]
    as_csv(path, [HEADERS, *moved])
    dry = run(app, "import", "cases", path, "--dry-run").output
    assert "Chạy thử" in dry and "thêm mới 2, giữ nguyên 26, cập nhật 4" in dry
    assert session.scalar(sa.select(sa.func.count(Case.id))) == 30
    session.rollback()
    assert "thêm mới 2, giữ nguyên 26, cập nhật 4" in run(app, "import", "cases", path).output
    one = session.scalars(sa.select(Case).where(Case.code_hash == case_hash(factories.SECRET, moved[0][0]))).one()
    assert (one.finished_day, one.filing) == (dt.date(2026, 10, 6), Filing.ONLINE)
    assert one.receiving_agency_id == factories.agency_id(session, "H61.51")
    assert one.resolving_agency_id == factories.agency_id(session, "H61.50")
    moved_day = sa.select(sa.func.count(Case.id)).where(Case.finished_day == dt.date(2026, 10, 6))
    assert session.scalar(moved_day) == 4
    acts = session.scalars(
        sa.select(AuditEntry.about).where(AuditEntry.act == Act.CASES_IMPORTED).order_by(AuditEntry.id)
    ).all()
    assert [about["added"] for about in acts] == [30, 0, 2]


FAULTS = {
    "no code": ("c0", "", "Mã hồ sơ"),
    "no case code": ("c0", "H61-12", "Mã hồ sơ"),
    "month 13": ("c0", "H61.50-261301-0001", "Mã hồ sơ"),
    "invented procedure": ("c1", "1.01100.01", "Mã TTHC"),
    "unknown procedure": ("c1", "1.999999", "Mã TTHC"),
    "a name for a code": ("c3", "Sở Nội vụ", "Cơ quan giải quyết"),
    "agency not yet there": ("c6", "05/10/2024", "Cơ quan giải quyết"),
    "30 February": ("c6", "30/02/2026", "Ngày trả"),
    "American day": ("c6", "10/25/2026", "Ngày trả"),
    "year 26": ("c6", "5/10/26", "Ngày trả"),
    "a serial number": ("c6", "46300", "Ngày trả"),
    "still to come": ("c6", "05/10/2099", "Ngày trả"),
    "received late": ("c4", "06/10/2026", "Ngày tiếp nhận"),
    "due before": ("c5", "2026-09-30", "Ngày hẹn trả"),
    "channel 4": ("c7", "4", "Kênh nộp"),
    "a dog": ("c8", "Con chó", "Đối tượng"),
    "nobody": ("c8", " ", "Đối tượng"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_kind_of_fault_is_named(app: Flask, tmp_path: Path, kind: str) -> None:
    place, cell, column = FAULTS[kind]
    good = feed(3)
    path = as_csv(tmp_path / "cases.csv", [HEADERS, good[0], changed(good[1], **{place: cell}), good[2]])
    error = refused(run(app, "import", "cases", path))
    assert (3, column) in named(error)
    assert {line for line, _ in named(error)} == {3}


def test_a_thousand_faults_are_each_named_and_nothing_is_imported(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    kinds = [FAULTS[kind] for kind in FAULTS if kind not in ("agency not yet there",)]
    rows = [changed(row, **{kinds[i % len(kinds)][0]: kinds[i % len(kinds)][1]}) for i, row in enumerate(feed(1000))]
    path = as_csv(tmp_path / "cases.csv", [HEADERS, *feed(1100)[1000:], *rows])
    result = run(app, "import", "cases", path)
    assert named(refused(result)) >= {(i + 102, kinds[i % len(kinds)][2]) for i in range(1000)}
    assert "số dòng bị từ chối: 1.000" in result.output
    assert result.output.count("Dòng ") == 20
    with (tmp_path / "cases.csv.faults.csv").open(encoding="utf-8-sig") as file:
        listed = list(csv.reader(file))
    assert listed[0][0] == "Dòng" and {int(row[0]) for row in listed[1:]} == set(range(102, 1102))
    assert all(row[3] for row in listed[1:])
    assert session.scalar(sa.select(sa.func.count(Case.id))) == 0


def test_case_codes_are_never_shown_or_stored(app: Flask, settings: object, session: Session, tmp_path: Path) -> None:
    session.rollback()
    rows = [changed(row, c1=row[0], c8="?") for row in feed(5)] + [changed(ROW, c0="H61.50-261301-7777")]
    path = as_csv(tmp_path / "cases.csv", [HEADERS, *rows])
    result = run(app, "import", "cases", path)
    listed = tmp_path / "cases.csv.faults.csv"
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    for text in (result.output, str(result.exception), listed.read_text(encoding="utf-8-sig")):
        assert "H61.50-26" not in text and "7777" not in text
    as_csv(path, [HEADERS, *feed(5)])
    assert run(app, "import", "cases", path).exit_code == 0
    assert not listed.exists()
    stored = session.execute(sa.select(Case.__table__)).all()
    assert len(stored) == 5 and all("H61.50-261001" not in repr(row) for row in stored)


def test_a_cell_that_looks_like_a_formula_stays_text_in_the_list_of_faults(app: Flask, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "cases.csv", [HEADERS, changed(ROW, c8='=HYPERLINK("http://evil")')])
    refused(run(app, "import", "cases", path))
    with (tmp_path / "cases.csv.faults.csv").open(encoding="utf-8-sig") as file:
        assert [row[2] for row in csv.reader(file)][1].startswith("'=HYPERLINK")


def test_columns_that_lack_or_stand_twice_or_are_not_used(app: Flask, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "cases.csv", [(*HEADERS[:6], "Case code", "Ghi chú"), (*ROW[:6], "", "")])
    error = refused(run(app, "import", "cases", path))
    assert named(error) == {(1, "Case code"), (1, "Ngày trả"), (1, "Đối tượng")}
    as_csv(path, [(*HEADERS, "Họ và tên"), (*ROW, "Nguyễn Văn A")])
    result = run(app, "import", "cases", path)
    assert result.exit_code == 0 and "Họ và tên" in result.output and "Nguyễn" not in result.output


def test_the_same_case_twice_in_a_file(app: Flask, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "cases.csv", [HEADERS, ROW, ROW])
    assert "thêm mới 1" in run(app, "import", "cases", path).output
    as_csv(path, [HEADERS, ROW, changed(ROW, c6="06/10/2026")])
    assert named(refused(run(app, "import", "cases", path))) == {(3, "Mã hồ sơ")}


def test_an_agency_nobody_knows_is_taken_with_a_warning(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    rows = [HEADERS, changed(ROW, c3="H61.50.7"), changed(feed(2)[0], c3="VL-TV.9"), changed(feed(3)[2], c3="H61.50.7")]
    result = run(app, "import", "cases", as_csv(tmp_path / "cases.csv", rows))
    assert result.exit_code == 0 and result.output.count("H61.50.7") == result.output.count("“H61.50.7”") * 2 == 2
    below = agencies.by_code(session, "H61.50.7")
    assert below.parent_id == factories.agency_id(session, "H61.50")
    assert agencies.by_code(session, "VL-TV.9").parent_id == factories.agency_id(session, "H61")
    number = sa.select(sa.func.count(Case.id)).where(Case.resolving_agency_id == below.id)
    assert session.scalar(number) == 2


def test_quotation_marks_and_line_breaks_keep_the_number_of_the_line(app: Flask, tmp_path: Path) -> None:
    rows = [(*HEADERS, "x"), (*ROW, "two\nlines\nmore"), (*changed(feed(3)[2], c8="?"), "")]
    assert named(refused(run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows)))) == {(5, "Đối tượng")}
    path = tmp_path / "open.csv"
    path.write_text(",".join(HEADERS) + "\n" + ",".join(ROW) + '\n"' + ",".join(ROW), encoding="utf-8")
    assert "3" in str(refused(run(app, "import", "cases", path)))


def test_procedures_are_kept_by_their_base_code(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    rows = [
        ("Mã TTHC", "Tên TTHC", "Lĩnh vực", "Mức độ"),
        ("2.000815.000.00.00.H55", "Chứng thực bản sao", "Chứng thực", "Toàn trình"),
        ("1.013978", "Đăng ký đất đai", "Đất đai", "mức độ 4"),
    ]
    path = as_csv(tmp_path / "p.csv", rows)
    assert "thêm mới 1, giữ nguyên 0, cập nhật 1" in run(app, "import", "procedures", path).output
    assert "thêm mới 0, giữ nguyên 2, cập nhật 0" in run(app, "import", "procedures", path).output
    assert sorted(session.scalars(sa.select(Procedure.code))) == ["1.000894", "1.001193", "1.013978", "2.000815"]
    as_csv(path, [*rows, ("1.1", "", "Đất đai", "cao")])
    error = refused(run(app, "import", "procedures", path))
    assert named(error) == {(4, "Mã TTHC"), (4, "Tên TTHC"), (4, "Mức độ")}


def test_everyone_who_finished_a_case_is_invited_and_nobody_twice(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    path = as_csv(tmp_path / "cases.csv", [HEADERS, *feed(12)])
    run(app, "import", "cases", path)
    links = tmp_path / "links.csv"
    result = run(app, "invite", "--cases", path, "--links", links)
    assert "Đã tạo 12 lời mời" in result.output and "0001" not in result.output
    with links.open(encoding="utf-8-sig") as file:
        written = dict(list(csv.reader(file))[1:])
    assert set(written) == {row[0] for row in feed(12)} and stat.S_IMODE(links.stat().st_mode) == 0o600
    client = app.test_client()
    assert client.get(written[ROW[0]].partition("/r/")[1] + written[ROW[0]].partition("/r/")[2]).status_code == 200
    assert "Đã tạo 0 lời mời" in run(app, "invite", "--cases", path, "--links", tmp_path / "again.csv").output
    assert session.scalar(sa.select(sa.func.count(Invitation.id))) == 12


def test_no_invitation_is_issued_whose_link_nobody_has(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    first, second = (
        as_csv(tmp_path / f"{i}.csv", [HEADERS, *feed(5)[part]]) for i, part in enumerate((slice(2), slice(2, 5)))
    )
    run(app, "import", "cases", first)
    run(app, "import", "cases", second)
    links = [tmp_path / "links0.csv", tmp_path / "links1.csv"]
    for arguments in ([], ["--cases", first], ["--links", links[0]]):
        result = run(app, "invite", *arguments)
        assert result.exit_code == 2 and "--cases" in result.output and "--links" in result.output
    assert session.scalar(sa.select(sa.func.count(Invitation.id))) == 0 and not links[0].exists()
    session.rollback()
    for path, out, number in ((first, links[0], 2), (second, links[1], 3)):
        assert f"Đã tạo {number} lời mời" in run(app, "invite", "--cases", path, "--links", out).output
        with out.open(encoding="utf-8-sig") as file:
            assert len(list(csv.reader(file))) == 1 + number


MOST_MEMORY = 60 * 1024  # KB, above what the program itself takes
RUNNER = """
import sys
from pathlib import Path
from survey.__main__ import main
sys.argv = ["hailong", "import", "cases", sys.argv[1]]
try:
    main()
except SystemExit as done:
    print("MEMORY", Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
    raise
"""


def imported(database_url: str, path: Path) -> tuple[str, int]:
    """Import a file in a process of its own; return what was printed, and the most memory in KB that it had at once."""
    environment = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": factories.SECRET}
    command = [sys.executable, "-c", RUNNER, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    printed, _, memory = done.stdout.partition("MEMORY")
    return printed, int(memory)


def a_file(path: Path, rows: list[tuple[str, ...]]) -> Path:
    if path.suffix == ".csv":
        return as_csv(path, rows)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return path


@pytest.mark.parametrize(  # the database does not know from which kind of file a row came
    ("engine_name", "kind"), [("sqlite", "csv"), ("postgresql", "csv"), ("sqlite", "xlsx")], indirect=["engine_name"]
)
def test_a_hundred_thousand_cases_take_at_most_60_megabytes_more_than_one(
    database_url: str, session: Session, tmp_path: Path, kind: str, campaign: bool
) -> None:
    session.rollback()
    cases = 100_000 if campaign else 25_000
    rows = [HEADERS, *((f"H61.50-261001-{i:07}", *ROW[1:]) for i in range(cases))]
    _, program = imported(database_url, a_file(tmp_path / f"one.{kind}", rows[:2]))
    printed, memory = imported(database_url, a_file(tmp_path / f"all.{kind}", rows))
    assert f"thêm mới {cases - 1:,}, giữ nguyên 1,".replace(",", ".", 1) in printed
    assert memory - program <= MOST_MEMORY
    assert session.scalar(sa.select(sa.func.count(Case.id))) == cases
