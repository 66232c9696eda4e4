"""Reports: every file, read back by another program, holds the figures, and they are those of the answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey import i18n, questionnaires, reports
from survey.audit.acts import Act
from survey.collection import exclusions
from survey.collection.exclusions import Grounds
from survey.models import Agency, AuditEntry, Channel, ExclusionKind, ExclusionReason, Response
from survey.organisation import agencies
from survey.reports import texts
from survey.reports.csv import cell
from survey.reports.paragraph import paragraph
from tests.support import factories
from tests.support.officials import found, official
from tests.support.reporting import (
    FILES,
    NOON,
    WrittenReport,
    answers,
    build,
    read_csv,
    read_json,
    read_words,
    read_xlsx,
    spoken,
)

COUNTS = ["answered", "satisfied", "level_1", "level_2", "level_3", "level_4", "level_5"]
LEFT_OUT = ("counting_all", "without")
SHARES = ["rate", "lower", "upper", "mean"]


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    """Words need a language, as under a command."""
    with i18n.speaking("vi"):
        yield


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_files_hold_the_same_figures(written: dict[str, WrittenReport], language: str) -> None:
    document, book, flat, data = written[language].files
    lines, words, found = read_csv(flat), read_words(written[language].words), read_json(data)
    judged = found["channels"]["invitation"]
    expected = [found["channels"][name]["total"] for name in CHANNELS]
    for part in ("units", "procedures"):
        for name in CHANNELS:
            expected += [one for one in found["channels"][name][part] if name == "invitation" or one["answered"]]
    for one, line in zip(expected, lines, strict=True):
        same = {key: cell(one[key]) for key in line if key in one} | {
            f"name.{code}": name for code, name in one["name"].items()
        }
        assert same.items() <= line.items()
        assert set(COUNTS + SHARES) <= same.keys()
        assert (line["first_day"], line["last_day"], line["as_of"]) == ("2026-10-01", "2026-10-31", "2026-11-20")
        assert (line["target"], line["confidence"], line["basis"]) == ("0.9", "0.95", "calendar")
        assert (line["closed"], line["demo"]) == ("false", "false")
    with i18n.speaking(language):
        counts = [i18n.gettext(HEADS[key]) for key in COUNTS]
    for line, row in zip(lines, words, strict=True):
        assert [line[key] for key in COUNTS] == [row[head] for head in counts]
    for place, part in ((1, "units"), (2, "procedures")):
        for one, row in zip(judged[part], read_xlsx(book, place), strict=True):
            assert [one[key] for key in COUNTS] == [row[head] for head in counts]
    of_units = [one for one in docx.Document(str(document)).tables if one.cell(0, 1).text in ("Đơn vị", "Unit")]
    printed = {row.cells[1].text: [c.text for c in row.cells] for one in of_units for row in one.rows[1:]}
    for one in judged["units"]:
        with i18n.speaking(language):
            name = texts.short_name_of(i18n.text(one["name"]))
        if not one["answered"]:
            assert any(name in words and words.startswith(("Không có phiếu", "No answers")) for words in printed)
            continue
        words = printed[name]
        assert [whole(words[2]), whole(words[3])] == [one["answered"], one["satisfied"]]
        assert share(words[4]) == pytest.approx(one["rate"], abs=0.0005001)
        low, high = (share(part) for part in words[5].split("–"))
        assert one["lower"] - 0.001 < low <= one["lower"] + 1e-9
        assert one["upper"] + 0.001 > high >= one["upper"] - 1e-9


CHANNELS = ("invitation", "open", "kiosk", "paper", "telephone")
HEADS = {
    "answered": "Answers",
    "satisfied": "Satisfied answers",
    "level_1": "1 Very dissatisfied",
    "level_2": "2 Dissatisfied",
    "level_3": "3 Neutral",
    "level_4": "4 Satisfied",
    "level_5": "5 Very satisfied",
}


def whole(printed: str) -> int:
    return int(re.sub(r"[.,]", "", printed))


def share(printed: str) -> float:
    return float(printed.rstrip("%").replace(",", ".")) / 100


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_figures_of_the_report_are_those_of_the_answers(session: Session, tmp_path: Path) -> None:
    answers(session)
    [path] = reports.write(build(session), tmp_path, ["json"])
    found = read_json(path)
    units = {one["code"]: one for one in found["channels"]["invitation"]["units"]}
    assert [units[code]["answered"] for code in ("H61.50", "H61.51", "H61.1", "H61.2")] == [40, 35, 2, 0]
    assert [units[code]["verdict"] for code in ("H61.50", "H61.51", "H61.1")] == ["met", "not_met", "inconclusive"]
    assert found["channels"]["open"]["total"]["answered"] == 3
    assert (found["definition"] != "", found["demo"], found["period"]["first_day"]) == (True, False, "2026-10-01")
    assert [one["answered"] for one in found["trend"]] == [1, 77]
    assert found["factors"][0]["answered"] == 77 and found["factors"][2]["no_opinion"] == 77


def test_spreadsheet_numbers_are_numbers_and_text_is_never_a_formula(session: Session, tmp_path: Path) -> None:
    answers(session)
    risky = session.get(Agency, factories.agency_id(session, "H61.51"))
    assert risky is not None
    risky.name = {"vi": '=HYPERLINK("http://example.org")', "en": "+1"}
    session.flush()
    book, flat, words = reports.write(build(session), tmp_path, ["xlsx", "csv", "csv-excel"])
    sheet = openpyxl.load_workbook(book).worksheets[1]
    head = [c.value for c in sheet[1]]
    rate = sheet.cell(2, head.index("Tỷ lệ hài lòng") + 1)
    assert (rate.data_type, rate.number_format) == ("n", "0.0%")
    kinds = {c.data_type for row in openpyxl.load_workbook(book) for line in row.iter_rows() for c in line}
    assert "f" not in kinds and "e" not in kinds
    names = {line["name.vi"] for line in read_csv(flat)}
    assert names - {""} <= {line["Tên"] for line in read_words(words)}
    assert '\'=HYPERLINK("http://example.org")' in names
    assert not [name for name in names if name.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_would_compute_is_quoted(start: str) -> None:
    assert cell(f"{start}1") == f"'{start}1"
    assert (cell(-1), cell("a=1"), cell("")) == ("-1", "a=1", "")


@pytest.mark.parametrize("today", [dt.date(2026, 11, 20), dt.date(2026, 10, 5)])
def test_a_period_without_answers_makes_a_whole_report(session: Session, tmp_path: Path, today: dt.date) -> None:
    document, book, flat, data, excel = reports.write(build(session, today=today), tmp_path, FILES)
    words = spoken(document)
    assert "Chưa có phiếu đánh giá trong kỳ." in words
    assert not re.search(r"\bnan\b|None|inf\b", words + flat.read_text("utf-8") + excel.read_text("utf-8-sig"))
    total = read_json(data)["channels"]["invitation"]["total"]
    assert (total["rate"], total["lower"], total["upper"], total["verdict"]) == (None, 0.0, 1.0, "inconclusive")
    assert read_xlsx(book)[0]["Tỷ lệ hài lòng"] is None
    assert len(docx.Document(str(document)).inline_shapes) == 0, "there is nothing to draw"


@pytest.mark.parametrize("rating", [5, 1])
def test_all_and_none_satisfied(session: Session, tmp_path: Path, rating: int) -> None:
    for _ in range(40):
        factories.response(session, rating, when=NOON)
        factories.case(session, finished=NOON.date())
    document, data = reports.write(build(session), tmp_path, ["docx", "json"])
    total = read_json(data)["channels"]["invitation"]["total"]
    assert total["rate"] == (1.0 if rating == 5 else 0.0)
    assert 0 < total["upper"] - total["lower"] < 0.1
    opening = "Đạt. 40/40 phiếu hài lòng (100,0%" if rating == 5 else "Chưa đạt (chắc chắn). 0/40 phiếu hài lòng (0,0%)"
    assert opening in spoken(document)


def test_english_reports_hold_no_vietnamese_but_names(written: dict[str, WrittenReport]) -> None:
    document, book, _flat, _data = written["en"].files
    sheets = openpyxl.load_workbook(book)
    cells = " ".join(str(c.value) for sheet in sheets for row in sheet.iter_rows() for c in row if c.value)
    excel = written["en"].words.read_text("utf-8-sig")
    for said in (spoken(document), excel, cells, " ".join(sheets.sheetnames)):
        assert not re.findall(r"\w*[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]\w*", said, re.IGNORECASE)


def test_the_files_for_programs_are_the_same_in_every_language(written: dict[str, WrittenReport]) -> None:
    assert written["vi"].flat.read_bytes() == written["en"].flat.read_bytes()
    vi, en = (read_json(written[language].data) for language in ("vi", "en"))
    assert {key for key in vi if vi[key] != en[key]} == {"language", "definition", "sentence", "second_target"}


def test_a_flag_of_who_was_asked_is_a_word_for_programs(written: dict[str, WrittenReport]) -> None:
    asked = read_json(written["vi"].data)["asked"]
    flags = [flag for line in (*asked["units"], asked["total"]) for flag in line["flags"]]
    assert {"code": "skipped", "values": {"invited": 35, "due": 65, "least": 98}} in flags


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_the_report_of_the_period_in_which_the_questionnaire_changed_says_so(session: Session) -> None:
    answers(session)
    document = questionnaires.named(session, questionnaires.SHORT).document
    questionnaires.publish(session, {**document, "version": "3.0"}, NOON)
    with i18n.speaking("en"):
        said = {code: paragraph(build(session, "en", code)) for code in ("2026-09", "2026-10")}
    assert "Since 10 October 2026 version 3.0 of the questionnaire has been asked" in said["2026-10"]
    assert "version 3.0" not in said["2026-09"]


def test_the_command_writes_what_it_says(app: Flask, session: Session, tmp_path: Path) -> None:
    answers(session)
    session.commit()
    run = app.test_cli_runner()
    arguments = ["hailong", "report", "--period", "2026-10", "--agency", "H61.51", "--out", str(tmp_path / "new")]
    done = run.invoke(args=arguments)
    assert done.exit_code == 0, done.output
    endings = (".docx", ".pdf", ".xlsx", ".csv", "_excel.csv", ".json", ".txt")
    names = [f"hailong_H61.51_2026-10_calendar_vi{ending}" for ending in endings]
    assert [Path(line).name for line in done.output.splitlines()] == names
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted([*names, "hailong_dictionary_vi.csv"])
    entries = found(session, sa.select(AuditEntry).where(AuditEntry.act == Act.REPORT_REQUESTED.value))
    about = {"agency": "H61.51", "period": "2026-10", "basis": "calendar", "format": ", ".join(reports.FORMATS)}
    assert [(entry.about, entry.staff_id) for entry in entries] == [(about, None)]
    session.rollback()
    more = ["hailong", "report", "--period", "2026-Q3", "--administrative", "--lang", "en", "--format", "csv"]
    assert run.invoke(args=[*more, "--out", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "hailong_H61_2026-Q3_administrative_en.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--period", "2026-13"], "is not a period"),
        (["--period", "2026-10", "--agency", "H99"], "no agency with the code H99"),
        (["--period", "2026-10", "--lang", "xx"], "no language"),
    ],
)
def test_the_command_refuses_in_one_line(app: Flask, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = app.test_cli_runner().invoke(args=["hailong", "report", *arguments, "--out", str(tmp_path)])
    assert done.exit_code == 1 and said in str(done.exception)
    assert list(tmp_path.glob("hailong_*")) == []


def test_one_report_per_unit_on_request(app: Flask, session: Session, tmp_path: Path) -> None:
    session.commit()
    arguments = ["report", "--period", "2026-10", "--units", "--format", "json", "--out", str(tmp_path)]
    done = app.test_cli_runner().invoke(args=["hailong", *arguments])
    assert done.exit_code == 0, done.output
    codes = {path.name.split("_")[1] for path in tmp_path.glob("*.json")}
    known = agencies.tree(session)
    province = factories.agency_id(session, "H61")
    assert codes == {"H61"} | {known.agencies[child].code for child in known.children[province]}


def test_every_file_lists_what_is_left_out_and_the_figures_with_and_without(session: Session, tmp_path: Path) -> None:
    answers(session)
    for _ in range(12):
        factories.response(session, 5, "H61.51", when=NOON, channel=Channel.OPEN)
    staff = [official(session, login).id for login in ("hanh", "tuan")]
    spam = session.scalars(sa.select(Response.id).where(Response.channel == Channel.OPEN, Response.overall == 5)).all()
    grounds = Grounds(ExclusionReason.PROGRAM, "Gửi hàng loạt trong một phút")
    proposal = exclusions.propose(session, ExclusionKind.EXCLUDE, spam[:3], grounds, staff[0], NOON)
    exclusions.decide(session, proposal.id, True, staff[1], NOON)
    document, book, flat, data, excel = reports.write(build(session), tmp_path, FILES)
    words, about = spoken(document), openpyxl.load_workbook(book).worksheets[0]
    sentence = "3 phiếu bị loại, không được tính"
    assert sentence in words and grounds.words in words
    assert "từng yếu tố được hỏi trong “" in words, "a table of factors says which questionnaire asked"
    assert any(sentence in str(row[0]) for row in about.iter_rows(values_only=True))
    assert [row["Diễn giải"] for row in read_xlsx(book, "Phiếu bị loại")] == [grounds.words]
    part = read_json(data)["exclusions"]
    tallies = {name: (one["answered"], one["satisfied"]) for name, one in part["channels"]["open"].items()}
    assert tallies == {
        "shown": (12, 11),
        "out": (3, 3),
        "since": (0, 0),
        "counting_all": (15, 14),
        "without": (12, 11),
    }
    assert [(one["answers"], one["reason"], one["agreed"]) for one in part["proposals"]] == [(3, "program", True)]
    rows = [(row["Số phiếu"], row["Phiếu hài lòng"]) for row in read_words(excel) if "bị loại" in row["Phân theo"]]
    plain = {row["line"]: (row["answered"], row["satisfied"]) for row in read_csv(flat) if row["line"] in LEFT_OUT}
    assert [*plain.values()] == rows == [("15", "14"), ("12", "11")]
    totals = [[cell.value for cell in row[:3]] for row in about.iter_rows()]
    assert {(15, 14), (12, 11)} <= {(answered, satisfied) for _name, answered, satisfied in totals}
