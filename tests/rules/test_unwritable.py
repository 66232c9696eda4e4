"""A character that no document can hold, in the database from before it was kept out: nothing fails of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import docx
import openpyxl
import pytest
import sqlalchemy as sa
import vl_convert
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Agency, Comment, Procedure, Response
from survey.security.characters import allowed
from tests.support import factories
from tests.support.files import run
from tests.support.officials import official, sign_in
from tests.support.reporting import NOON, read_csv, read_json, read_xlsx, spoken

NAME, SHOWN = "Phường\ufffe Long Châu\x01", "Phường\ufffd Long Châu\ufffd"


@pytest.fixture
def named(session: Session) -> None:
    """Agencies and procedures by such a name, with an answer."""
    factories.response(session, 4, when=NOON)
    factories.placement(session)
    for table in (Agency, Procedure):
        session.execute(sa.update(table).values(name={"vi": NAME, "en": NAME}))
    session.commit()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the writers do not know the database
def test_every_kind_of_file_is_written(app: Flask, named: None, tmp_path: Path) -> None:
    formats = ("docx", "xlsx", "csv", "json")
    asked = [part for kind in formats for part in ("--format", kind)]
    done = run(app, "report", "--period", "2026-10", "--out", tmp_path, *asked)
    assert done.exit_code == 0, done.output
    docx, xlsx, flat, data = (next(tmp_path.glob(f"*2026*.{kind}")) for kind in formats)
    assert SHOWN in spoken(docx)
    assert SHOWN in {value for row in read_xlsx(xlsx) for value in row.values()}
    assert SHOWN in {value for row in read_csv(flat) for value in row.values()}
    assert SHOWN in {unit["name"]["vi"] for unit in read_json(data)["channels"]["invitation"]["units"]}
    poster = run(app, "poster", "--agency", "H61.50", "--out", tmp_path / "poster.pdf")
    assert poster.exit_code == 0 and (tmp_path / "poster.pdf").read_bytes().startswith(b"%PDF"), poster.output


def test_the_pages_of_figures_are_drawn(client: FlaskClient, session: Session, named: None) -> None:
    official(session)
    sign_in(client)
    page = client.get("/staff/units?period=2026-10&view=full")
    assert page.status_code == 200 and SHOWN in page.text and "\ufffe" not in page.text
    assert client.get("/staff/?period=2026-10").status_code == 200


def test_a_comment_comes_out_without_it(session: Session) -> None:
    factories.response(session, 4, when=NOON)
    answer = session.scalars(sa.select(Response.id)).one()
    session.add(Comment(response_id=answer, question="S6", text=NAME, plain=NAME))
    session.commit()
    session.expire_all()
    assert session.scalars(sa.select(Comment.text)).all() == [SHOWN]


def test_every_character_that_gets_in_is_drawn_and_written(tmp_path: Path) -> None:
    planes = [chr((plane << 16) + place) for plane in range(17) for place in (0, 1, 0xFFFE, 0xFFFF)]
    every = "".join(filter(allowed, [*map(chr, range(0x10000)), *planes]))
    names = [every[start : start + 500] for start in range(0, len(every), 500)]
    values = [{"name": name, "row": row} for row, name in enumerate(names)]
    shown = {"text": {"field": "name"}, "y": {"field": "row", "type": "quantitative"}}
    drawn = vl_convert.vegalite_to_svg(json.dumps({"data": {"values": values}, "mark": "text", "encoding": shown}))
    assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - drawn here
    document, book = docx.Document(), xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    for row, name in enumerate(names):
        document.add_paragraph(name)
        sheet.write_string(row, 0, name)
    book.close()
    document.save(str(tmp_path / "a.docx"))
    assert len(docx.Document(str(tmp_path / "a.docx")).paragraphs) == len(names)
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A"]) == len(names)
