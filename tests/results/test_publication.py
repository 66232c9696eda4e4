"""Publishing a closed period: on record, in the ledger, frozen, and only what everybody may know."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.models import AuditEntry, LedgerEvent, Publication
from survey.periods import parse
from survey.results import closing, publication, published
from tests.support.published import CLOSED, GIVEN, OCTOBER, PUBLISHED, STANDARD, answers, publish_october


def test_only_a_closed_period_is_published_once_and_where_the_province_publishes(session: Session) -> None:
    answers(session)
    publication.switch(session, True, None, PUBLISHED)
    with pytest.raises(Conflict, match="not closed"):
        publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    publication.switch(session, False, None, PUBLISHED)
    with pytest.raises(Conflict, match="switched off"):
        publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    publication.switch(session, True, None, PUBLISHED)
    publication.switch(session, True, None, PUBLISHED)
    with pytest.raises(Conflict, match="retracted already"):
        publication.retract(session, OCTOBER, "Nhầm", PUBLISHED)
    assert [one.code for one in publication.closed_unpublished(session)] == ["2026-10"]
    of = publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    with pytest.raises(Conflict, match="published already"):
        publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    assert publication.closed_unpublished(session) == []
    assert publication.newest(session, parse("2026-10", "administrative")) is None, "another month of the same code"
    publication.retract(session, OCTOBER, "Nhầm", PUBLISHED)
    assert [one.code for one in publication.closed_unpublished(session)] == ["2026-10"]
    again = publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    assert again.sha256 == of.sha256, "the same figures are the same file"
    acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    on, off, out, back = "publication.switched_on", "publication.switched_off", "results.published", "results.retracted"
    assert acts[-7:] == [on, "period.closed", off, on, out, back, out]
    told = session.scalars(sa.select(LedgerEvent.kind).order_by(LedgerEvent.id)).all()
    assert told[-3:] == ["results", "results_retracted", "results"]


def test_altered_figures_are_not_published(session: Session) -> None:
    answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    publication.switch(session, True, None, PUBLISHED)
    session.execute(sa.text("UPDATE response SET overall = 5 WHERE overall = 2"))
    with pytest.raises(Conflict, match="verify"):
        publication.publish(session, OCTOBER, STANDARD, PUBLISHED)


def test_what_was_published_reads_back_as_the_same_figures(session: Session) -> None:
    of = publish_october(session)
    session.expire_all()
    document = session.get_one(Publication, of.id).figures
    shown = published.read(json.loads(published.written(document)))
    assert published.written(document) == published.written(of.figures)
    assert (shown.total.answered, shown.total.satisfied, shown.total.verdict) == (161, 106, "not_met")
    rows = {row.code: (row.answered, row.satisfied, row.withheld) for row in shown.rows}
    assert rows["H61.1"] == (60, 40, "") and rows["H61.52"] == (4, None, "few") and rows["H61.51"][1] is None
    # The people of the larger of two hidden units would learn what the four of the other said: so three are hidden.
    assert sum(row.satisfied is None for row in shown.rows) == 3
    assert shown.closed_at == CLOSED and shown.digest.startswith("4:")
    text = published.written(document).decode()
    assert '"p_met"' not in text and '"internal' not in text


def test_a_later_closing_hides_and_tells_nothing_else_of_a_published_month(session: Session) -> None:
    of = publish_october(session)
    answers(session, {"H61.1": 30, "H61.2": 5, "H61.50": 30, "H61.51": 30, "H61.52": 2}, GIVEN + dt.timedelta(days=31))
    for code in ("2026-11", "2026-Q4"):
        closing.close(session, parse(code), dt.datetime(2027, 1, 5, tzinfo=dt.UTC), STANDARD)
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    again = published.document(session, closed, published.public_figures(session, closed, STANDARD))
    assert published.written(again) == published.written(of.figures)
