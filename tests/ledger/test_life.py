"""All that may happen to answers, targets, periods and reports leaves everything as the ledger says: no false alarm."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection import exclusions, invitations, sheets
from survey.collection.answers import Answers
from survey.collection.exclusions import Grounds
from survey.collection.sheets import Pile, Sheet
from survey.comments import kept_answers
from survey.ledger.entries import EntryKind
from survey.models import (
    Channel,
    Edition,
    ExclusionKind,
    ExclusionReason,
    LedgerEntry,
    Response,
)
from survey.organisation import targets
from survey.organisation.targets import TargetDraft
from survey.periods import parse
from survey.questionnaires import asked_now
from survey.reports import register
from survey.reports.register import Issuance, MadeReport
from survey.results import closing, link_cut
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.cases import answer, finish, tell
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.ledgers import NOON, Ledger
from tests.support.officials import official

DAY = dt.timedelta(days=1)
OCTOBER = parse("2026-10")
CLOSED = dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
# Taken back below; published in tests/results/test_publication.py, called in tests/callbacks/test_drawing.py.
ELSEWHERE = {
    *(EntryKind.TAKEN_BACK, EntryKind.RESULTS, EntryKind.RESULTS_RETRACTED),
    *(EntryKind.CALL_BACK, EntryKind.CALL_BACK_DRAWN, EntryKind.CALL_BACK_FINISHED),
}


def people(session: Session) -> None:
    """Somebody answers, changes the answer and adds to it; the portal corrects a case; a comment is erased."""
    token = finish(session, "H61.50-261003-0001", "H61.50", NOON)
    answer(session, token, 1, NOON, "Chờ lâu")
    answer(session, token, 5, NOON + DAY)
    corrected = finish(session, "H61.50-261003-0002", "H61.50", NOON)
    erased = answer(session, corrected, 2, NOON + DAY, "Cán bộ Nguyễn Văn A hẹn mãi")
    factories.response(session, 4, "H61.51", when=NOON, comments={"S8": "Tốt"})
    tell(session, ["H61.50-261003-0002"], "H61.51", NOON + 2 * DAY)
    staff = official(session, "an").id
    kept_answers.erase_comments(session, receipt_code(erased), "Người viết yêu cầu", staff, NOON + 2 * DAY)


def counters(session: Session) -> None:
    """Answers at a QR code are left out, one is counted again, and one that is left out is changed."""
    first, second = official(session, "binh").id, official(session, "chi").id
    made = factories.placement(session)
    source = invitations.place(session.connection(), made.code, Channel.OPEN)
    receipts = [factories.response(session, 5, channel=Channel.OPEN, when=NOON, source=source) for _ in range(3)]
    ids = list(session.scalars(sa.select(Response.id).where(Response.receipt.in_(receipts))))
    for kind, own in ((ExclusionKind.EXCLUDE, ids), (ExclusionKind.RESTORE, ids[:1])):
        why = ExclusionReason.TEST if kind == ExclusionKind.EXCLUDE else ExclusionReason.MISTAKE
        proposed = exclusions.propose(session, kind, own, Grounds(why, "Phiếu thử"), first, NOON)
        exclusions.decide(session, proposed.id, True, second, NOON)
    factories.response(session, 3, channel=Channel.OPEN, when=NOON, source=source, amends=receipts[2])


def office(session: Session) -> None:
    """A target is entered, one is ended, one taken back; the month is closed; its report is issued."""
    staff = official(session, "dung").id
    texts = {"vi": "Chỉ tiêu", "en": "Target"}
    for share, headline in (("0.92", True), ("0.96", False)):
        draft = TargetDraft(headline, share, dt.date(2027, 1, 1), None, texts, texts)
        row = targets.add(session, draft, NOON, staff)
    targets.end(session, row.id, NOON, staff)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    made = MadeReport(factories.agency_id(session, "H61"), OCTOBER, "pdf", "vi", "a.pdf", b"%PDF", "0F" * 14)
    register.issue(session, made, Issuance("05/BC", dt.date(2026, 11, 3), Edition.PUBLIC), staff, CLOSED)


def cut(session: Session) -> None:
    """The links of both halves of October are cut."""
    when = CLOSED + 30 * DAY
    link_cut.mark(session, when)
    for half in list(link_cut.due(session, when)):
        assert link_cut.cut(session, half, when)


@pytest.fixture(autouse=True)
def begun(ledger: Ledger) -> None:
    ledger.seal(NOON - DAY)


def untouched(ledger: Ledger, when: dt.datetime = NOON + 2 * DAY) -> bool:
    """Return whether all is as the ledger says, while the last events wait and once they are sealed."""
    waiting = ledger.verify()
    ledger.seal(when)
    sealed = ledger.verify()
    assert [str(one) for one in (*waiting.discrepancies, *sealed.discrepancies)] == []
    return sealed.waiting == 0


def test_all_that_happens_through_the_products_doors_is_as_the_ledger_says(ledger: Ledger) -> None:
    since = ledger.verify().checkpoint
    for step, when in ((people, NOON), (counters, NOON), (office, CLOSED), (cut, CLOSED + 30 * DAY)):
        with ledger.writing() as session:
            step(session)
        assert untouched(ledger, when), step.__name__
    assert ledger.verify(since).discrepancies == ()
    with ledger.store.session(writes=False) as session:
        contents = b"\n".join(session.scalars(sa.select(LedgerEntry.content)))
    for kind in set(EntryKind) - ELSEWHERE:
        assert f'"kind":"{kind.value}"'.encode() in contents, kind
    for said in ("overall", "H61.5", "1.001193", "Tốt", "Nguyễn"):
        assert said.encode() not in contents


def test_an_answer_changed_before_it_was_ever_sealed_is_no_alarm(ledger: Ledger) -> None:
    with ledger.writing() as session:
        people(session)
        counters(session)
    assert untouched(ledger)


def test_a_sheet_that_is_taken_back_counts_no_more(ledger: Ledger) -> None:
    with ledger.writing() as session:
        staff = official(session, "an").id
        pile = Pile(factories.agency_id(session), Channel.PAPER, None, asked_now(session))
        sheet = Sheet(Answers({"overall": 4}, {}, {}), NOON.date(), None, "sheet 1")
        permit = sheets.permit(SECRET, sheets.enter(session, SECRET, pile, sheet, staff, NOON), staff)
        sheets.take_back(session, SECRET, permit, staff, NOON)
    assert untouched(ledger)
    with ledger.store.session(writes=False) as session:
        newest = session.scalars(sa.select(LedgerEntry.content).order_by(LedgerEntry.number.desc()).limit(1)).one()
    assert b'"kind":"taken_back"' in newest


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_that_waited_on_its_device_is_no_alarm(ledger: Ledger, late: bool) -> None:
    with ledger.writing() as session:
        factories.response(session, 4, when=NOON - (6 * DAY if late else dt.timedelta()))
    assert untouched(ledger)
