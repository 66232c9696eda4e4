"""A call-back in reports: the same sentences in every file, nothing of few people, and what a closing kept stays."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import docx
import jsonschema_rs
import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import reports
from survey.callbacks import finishing, words
from survey.models import CallBackDesign
from survey.periods import parse
from survey.reports import Report, frozen_beside
from survey.reports.call_back_data import call_back_data
from survey.reports.figures_digest import figures_digest
from survey.results import closing
from survey.results.scope import Reader, scope_for
from survey.settings import ROOT
from tests.support import factories
from tests.support.callbacks import AFTER, call_everybody, drawn_design, planner
from tests.support.figures import STANDARD
from tests.support.ledgers import Ledger, ledger
from tests.support.reporting import read_json

__all__ = ["ledger"]
pytestmark = pytest.mark.usefixtures("vietnamese")
GUARDED = replace(STANDARD, fewest=10)


def september(session: Session, agency: str = "H61", language: str = "vi") -> Report:
    scope = scope_for(session, parse("2026-09"), factories.agency_id(session, agency))
    return reports.build(session, scope, GUARDED, AFTER.date(), language=language)


def finish(ledger: Ledger, number: int) -> None:
    with ledger.writing() as session:
        call_everybody(session, planner(session), AFTER, satisfied=7, others=2)
        finishing.finish(session, number, planner(session), AFTER)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is written is the same on both
def test_every_file_says_the_same_beside_the_judged_figure(ledger: Ledger, tmp_path: Path) -> None:
    number = drawn_design(ledger)
    with ledger.store.session(writes=False) as session:
        before = september(session)
    assert before.call_back is None
    finish(ledger, number)
    with ledger.store.session(writes=False) as session:
        report, unit = september(session), september(session, "H61.50")
    assert report.call_back is not None and unit.call_back is None
    assert report.units.judged.total == before.units.judged.total, "no judged figure moves"
    assert figures_digest(report) != figures_digest(before)
    sentences = words.sentences(report.call_back)
    document, book, data = reports.write(report, tmp_path, ["docx", "xlsx", "json"])
    printed = "\n".join(paragraph.text for paragraph in docx.Document(str(document)).paragraphs)
    assert [said for said in sentences if said not in printed] == []
    cells = [cell.value for row in openpyxl.load_workbook(book).worksheets[0].iter_rows() for cell in row]
    assert sentences[0] in cells
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(read_json(data))
    told = read_json(data)["call_back"]
    assert (told["cases"], told["silent_called"], told["silent_satisfied"], told["not_own"]) == (60, 12, 7, 2)
    assert told["verdict"] is None and told["lower"] < told["rate"] < told["upper"] and told["sentences"][0] in printed


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_of_few_people_nothing_is_told_but_how_many_were_called(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    with ledger.writing() as session:
        finishing.finish(session, number, planner(session), AFTER)
        shown = september(session).call_back
    assert shown is not None
    data = call_back_data(shown)
    nothing = ("rate", "lower", "upper", "if_alike", "silent_rate", "silent_satisfied", "verdict", "not_own")
    assert {data[name] for name in nothing} == {None}
    assert (data["silent_called"], data["silent_unreached"]) == (12, 12)
    assert "không được hiển thị" in " ".join(data["sentences"])


def test_a_closing_keeps_what_was_finished_by_then_and_no_more(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    with ledger.writing() as session:
        closing.begin_closing(session)
        frozen_beside.close(session, parse("2026-09"), AFTER, GUARDED)
    finish(ledger, number)
    with ledger.store.session(writes=False) as session:
        assert september(session).call_back is None, "what comes later changes no closed report"


def test_what_a_closing_kept_stays_as_it_is(ledger: Ledger) -> None:
    finish(ledger, drawn_design(ledger))
    with ledger.writing() as session:
        closing.begin_closing(session)
        frozen_beside.close(session, parse("2026-09"), AFTER, GUARDED)
    with ledger.writing() as session:
        kept = september(session).call_back
        session.execute(sa.update(CallBackDesign).values(period_code="2026-08"))
        session.flush()
        assert september(session).call_back == kept is not None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is asked is asked above
def test_the_public_edition_tells_no_rate_beside_which_few_would_be_told(ledger: Ledger) -> None:
    finish(ledger, drawn_design(ledger))
    for closed in (False, True):
        with ledger.writing() as session:
            if closed:
                closing.begin_closing(session)
                frozen_beside.close(session, parse("2026-09"), AFTER, GUARDED)
            province = factories.agency_id(session, "H61")
            for reader, withheld in ((Reader.PUBLIC, "others"), (Reader.PROVINCE, "")):
                scope = scope_for(session, parse("2026-09"), province, reader=reader)
                shown = frozen_beside.beside(session, scope, GUARDED, AFTER.date()).call_back
                assert shown is not None and shown.silent is not None and shown.withheld == withheld
                assert (shown.over_all is None) is (shown.counts.satisfied is None) is bool(withheld)
