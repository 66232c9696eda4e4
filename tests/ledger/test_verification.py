"""Whatever is changed, removed, added or moved is found and named, and nothing is reported of what is as it was."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey.ledger import discrepancies as words
from survey.models import Publication
from survey.results import publication
from tests.support.ledgers import Ledger
from tests.support.published import OCTOBER, PUBLISHED, STANDARD, publish_october


def test_what_was_not_touched_is_as_the_ledger_says(sealed: Ledger) -> None:
    result = sealed.verify()
    assert result.discrepancies == () and result.waiting == 0
    assert result.checkpoint is not None and result.entries == result.checkpoint.size


TAMPERING = {
    "a rating": ("UPDATE response SET overall = 5 WHERE id = 1", words.CHANGED_ANSWER, 1),
    "a unit": ("UPDATE response SET agency_id = agency_id + 1 WHERE id = 2", words.CHANGED_ANSWER, 2),
    "a day": ("UPDATE response SET day = day + 1 WHERE id = 3", words.CHANGED_ANSWER, 3),
    "its number": ("UPDATE response SET id = 999 WHERE id = 3", words.CHANGED_ANSWER, 999),
    "its salt": ("UPDATE response SET salt = NULL WHERE id = 4", words.CHANGED_ANSWER, 4),
    "what counts": ("UPDATE response SET counted = NOT counted WHERE id = 5", words.CHANGED_COUNTING, 5),
    "a comment": ("UPDATE comment SET text = 'Tốt' WHERE response_id = 1", words.CHANGED_COMMENT, 1),
    "no comment": ("DELETE FROM comment WHERE response_id = 1", words.REMOVED_COMMENT, 1),
    "no answer": ("DELETE FROM response WHERE id = 6", words.REMOVED_ANSWER, None),
    "no number": ("UPDATE response SET entry = NULL, day = day - 30 WHERE id = 7", words.ADDED_ANSWER, 7),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_what_is_changed_is_named(sealed: Ledger, tampering: str) -> None:
    statement, message, answer_number = TAMPERING[tampering]
    with sealed.writing() as session:
        session.execute(sa.text(statement))
    found = [one for one in sealed.verify().discrepancies if one.message == message]
    assert len(found) == 1 and str(found[0])
    assert answer_number is None or found[0].values["answer"] == answer_number


def test_published_results_that_are_changed_are_found(ledger: Ledger) -> None:
    with ledger.writing() as session:
        key = publish_october(session).id
    ledger.seal()
    with ledger.writing() as session:
        publication.retract(session, OCTOBER, "Nhầm", PUBLISHED)
        publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    assert ledger.verify().discrepancies == ()
    ledger.seal()
    assert ledger.verify().discrepancies == ()
    with ledger.writing() as session:
        row = session.get_one(Publication, key + 1)
        row.figures = {**row.figures, "target": "0.50"}
    [wrong] = ledger.verify().discrepancies
    assert "Kết quả đã công bố 2026-10 calendar" in str(wrong)
