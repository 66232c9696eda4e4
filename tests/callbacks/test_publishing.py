"""A call-back beside the published results: what everybody may read of it, kept for ever, and hidden where it tells."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import frictionless
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import designs, drawing, finishing, publishing, words
from survey.callbacks.designs import SamplePlan
from survey.callbacks.figures import beside
from survey.errors import Conflict
from survey.models import AuditEntry, Publication
from survey.reports import frozen_beside, open_data
from survey.results import closing, publication, published
from survey.results.scope import Standard, scope_for
from tests.support import factories
from tests.support.callbacks import AFTER, BEFORE, FINISHED, SEPTEMBER, call_everybody, finish_cases, planner
from tests.support.ledgers import Ledger, ledger
from tests.support.published import OCTOBER, publish_october

__all__ = ["ledger"]
STANDARD = Standard("0.90", 0.95)
HOME = "https://example.vn/results/calendar/2026-09"
UNITS = ("H61.1", "H61.2")
LATE = 12  # who answer in September about a case of August, in each of the two units
SAMPLE = SamplePlan(32, 20, 3)
pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),  # arithmetic and files
    pytest.mark.usefixtures("vietnamese"),
]


def call_back(ledger: Ledger, late: int = LATE, close_first: bool = False) -> None:
    """Let September have sixty cases, some answers about August, and a call-back that reaches everybody."""
    with ledger.writing() as session:
        number = designs.plan(session, SEPTEMBER, SAMPLE, planner(session), BEFORE).id
        for place, unit in enumerate(UNITS):
            finish_cases(session, 30, 14, 12, 1 + 30 * place, agency=unit)
            finish_cases(session, late, late, late // 2, 101 + 30 * place, BEFORE, unit, FINISHED - BEFORE)
    with ledger.writing() as session:
        designs.seal(session, number, SAMPLE, planner(session), AFTER)
    ledger.seal(AFTER)
    if close_first:
        close(ledger)
        with ledger.writing() as session:
            publishing.publish(session, SEPTEMBER, STANDARD, AFTER)
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER) == 1
        call_everybody(session, planner(session), AFTER, satisfied=24, others=2)
        finishing.finish(session, number, planner(session), AFTER)


def close(ledger: Ledger) -> None:
    with ledger.writing() as session:
        closing.begin_closing(session)
        frozen_beside.close(session, SEPTEMBER, AFTER, STANDARD)
        publication.switch(session, True, None, AFTER)


def published_document(ledger: Ledger) -> Any:
    with ledger.writing() as session:
        of = publishing.publish(session, SEPTEMBER, STANDARD, AFTER)
        return json.loads(published.written(of.figures))


def test_the_document_tells_of_the_call_back_what_the_overview_does(ledger: Ledger, tmp_path: Path) -> None:
    call_back(ledger)
    close(ledger)
    document = published_document(ledger)
    called = document["call_back"]
    assert document["edition"] == published.EDITION == 2 and set(called) == set(published.CALL_BACK_KEYS)
    with ledger.store.session(writes=False) as session:
        scope = scope_for(session, SEPTEMBER, factories.agency_id(session, "H61"))
        inside = beside(session, scope, STANDARD)
    assert inside is not None and inside.over_all is not None and inside.judged
    assert called == publishing.values(inside)
    assert (called["cases"], called["answered"], called["satisfied"]) == (60, 28, 24)
    assert (called["rate"], called["lower"], called["upper"], called["verdict"]) == (0.8, 0.8, 0.8, "not_met")
    shown = publishing.read(published.read(document))
    assert shown is not None and words.sentences(shown) == words.sentences(inside)
    for name, body in open_data.files(document, HOME).items():
        (tmp_path / name).write_bytes(body)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.to_summary()
    total, *units = csv.DictReader(io.StringIO((tmp_path / "results.csv").read_text(encoding="utf-8")))
    assert (total["call_back.cases"], total["call_back.silent_satisfied"]) == ("60", "24")
    assert total["call_back.finished_at"] == "2026-10-01" and total["call_back.not_own"] == "2"
    assert units and all(not value for row in units for key, value in row.items() if key.startswith("call_back."))


def test_where_few_would_be_told_of_all_cases_together_are_not_told_but_the_silent_are(ledger: Ledger) -> None:
    call_back(ledger, late=3)
    close(ledger)
    called = published_document(ledger)["call_back"]
    hidden = ("satisfied", "rate", "lower", "upper", "if_alike", "verdict", "verdict_can_turn")
    assert {called[name] for name in hidden} == {None} and called["withheld"] == "others"
    assert (called["silent_satisfied"], called["silent_lower"], called["not_own"]) == (24, 0.75, 2)
    with ledger.store.session(writes=False) as session:
        shown = publishing.read(publication.current(session)[0].figures)
    assert shown is not None
    printed = " ".join(words.sentences(shown))
    assert "trả lời muộn" in printed and "80%" not in printed and "24 người trong đó hài lòng" in printed


def test_a_call_back_that_ends_later_is_published_with_the_month_anew(ledger: Ledger) -> None:
    call_back(ledger, close_first=True)
    with ledger.writing() as session:
        before = publication.newest(session, SEPTEMBER)
        assert before is not None and before.figures["call_back"] is None
        after = publishing.publish(session, SEPTEMBER, STANDARD, AFTER + dt.timedelta(hours=1))
        assert after.figures["call_back"]["cases"] == 60
        assert before.retracted_at is not None and "phúc tra" in (before.reason or "")
        assert {**before.figures, "call_back": None} == {**after.figures, "call_back": None}, "no other figure moves"
        with pytest.raises(Conflict, match="published already"):
            publishing.publish(session, SEPTEMBER, STANDARD, AFTER)
        acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id.desc()).limit(2)).all()
        assert acts == ["results.published", "results.retracted"]
    ledger.seal(AFTER)
    assert ledger.verify().discrepancies == ()


def test_documents_of_the_first_edition_are_read_as_they_were(session: Session) -> None:
    of = publish_october(session)
    old = {name: value for name, value in of.figures.items() if name != "call_back"} | {"edition": 1}
    session.get_one(Publication, of.id).figures = old
    session.flush()
    [shown] = [one for one in publication.current(session) if one.figures.period == OCTOBER]
    assert shown.figures.called is None and publishing.read(shown.figures) is None
    files = open_data.files(published.PublishedDocument(**old), HOME)  # type: ignore[typeddict-item]
    assert b"call_back" not in files["results.csv"] + files["dictionary.csv"] + files["datapackage.json"]
    assert b"call_back" in open_data.files(of.figures | {"edition": 2, "call_back": None}, HOME)["results.csv"]
