"""An older installation is sealed as it is on the day of its migration, and the ledger says which day that is."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

import migrations
from survey.ledger.entries import EntryKind
from survey.models import LedgerEntry
from tests.ledger.test_life import CLOSED, DAY, counters, cut, office, people
from tests.support.ledgers import NOON, Ledger, kinds_of, ledger

__all__ = ["ledger"]  # the fixture
BEFORE = "0048"


@pytest.mark.usefixtures("vietnamese")
def test_what_was_there_is_brought_in_and_all_is_as_the_ledger_says(ledger: Ledger) -> None:
    for step in (people, counters, office):
        with ledger.writing() as session:
            step(session)
    migrations.migrate(ledger.store, BEFORE)
    migrations.migrate(ledger.store)
    ledger.seal(CLOSED)
    result = ledger.verify()
    assert [str(one) for one in result.discrepancies] == [] and result.waiting == 0
    kinds = kinds_of(ledger)
    started = kinds.index(EntryKind.STARTED)
    assert set(kinds[:started]) == {
        EntryKind.ANSWER,
        EntryKind.QUESTIONNAIRE,
        EntryKind.TARGET,
        EntryKind.PERIOD_CLOSED,
        EntryKind.REPORT,
    }
    assert set(kinds[started + 1 :]) == {EntryKind.EXCLUDED, EntryKind.RESTORED}


@pytest.mark.usefixtures("vietnamese")
def test_answers_whose_links_were_cut_before_are_told_by_their_half_of_a_month_alone(ledger: Ledger) -> None:
    for step in (people, office, cut):
        with ledger.writing() as session:
            step(session)
    migrations.migrate(ledger.store, BEFORE)
    migrations.migrate(ledger.store)
    ledger.seal(CLOSED + 30 * DAY)
    assert [str(one) for one in ledger.verify().discrepancies] == []
    with ledger.store.session(writes=False) as session:
        contents = [json.loads(one) for one in session.scalars(sa.select(LedgerEntry.content))]
    kept = [one for one in contents if one["kind"] == EntryKind.KEPT]
    assert kept and all("day" not in one and one["first"] <= NOON.date().isoformat() <= one["last"] for one in kept)
