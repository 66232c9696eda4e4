"""The code by which paper is checked: at the foot of every page, and as a QR code that other programs read."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import docx
import pytest
from sqlalchemy.orm import Session

from survey import reports
from survey.i18n import speaking
from survey.periods import parse
from survey.reports import frozen_beside
from survey.reports.figures_digest import check_address, figures_digest, grouped
from survey.reports.report import Report
from survey.results.scope import Reader, scope_for
from tests.support import factories
from tests.support.decoding import pixels, rasters, texts, zxing
from tests.support.figures import STANDARD
from tests.support.reporting import answers, spoken

CLOSED = dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC)
URL = "https://hailong.example.vn"


def october(session: Session) -> Report:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"), reader=Reader.PROVINCE)
    return reports.build(session, scope, STANDARD, CLOSED.date(), language="vi", public_url=URL)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about what is printed
def test_the_report_of_a_closed_period_bears_its_code_and_a_qr_code_that_leads_to_the_register(
    session: Session, tmp_path: Path
) -> None:
    answers(session)
    with speaking("vi"):
        open_document, open_pdf = reports.write(october(session), tmp_path / "open", ["docx", "pdf"])
        frozen_beside.close(session, parse("2026-10"), CLOSED, STANDARD)
        report = october(session)
        document, pdf = reports.write(report, tmp_path / "closed", ["docx", "pdf"])
    code, address = grouped(figures_digest(report)), check_address(URL, figures_digest(report))
    assert all(code in page for page in texts(pdf.read_bytes())), "on every sheet, for sheets get apart"
    section = docx.Document(str(document)).sections[0]
    assert code in section.footer.paragraphs[0].text and code in section.first_page_footer.paragraphs[0].text
    assert address in spoken(document)
    assert [address] in zxing(rasters(pdf.read_bytes(), 200))
    with zipfile.ZipFile(document) as package:
        pictures = [package.read(name) for name in package.namelist() if name.startswith("word/media/")]
    assert [address] in zxing([pixels(one) for one in pictures])
    said = "".join(texts(open_pdf.read_bytes())) + spoken(open_document)
    assert "Mã số liệu" not in said and URL not in said, "while figures may change, nothing can be checked by them"
