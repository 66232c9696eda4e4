"""Deciding on letters: each goes out once, on record, with whose name; what waits for it is erased with every end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies import letter_counts, listing, steps
from survey.apologies.steps import ApologyStep
from survey.db.engine import Database
from survey.delivery import notices, queue
from survey.delivery.message_text import WrittenMessage
from survey.errors import Conflict
from survey.models import AddressKind, Apology, ApologyStatus, AuditEntry, Delivery, MessageKind, State
from tests.support.apologies import BOTH, FINISHED, LAN, NOON, approver, desk, late_case, letters, look, tell
from tests.support.factories import SECRET
from tests.support.sending.queued import DAY, LEASE

LETTER = Delivery.kind == MessageKind.LETTER
pytestmark = pytest.mark.usefixtures("vietnamese")


def on_record(session: Session) -> Sequence[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.act.startswith("apology")).order_by(AuditEntry.id)
    return session.scalars(query.order_by(AuditEntry.id)).all()


def queued(session: Session) -> list[Delivery]:
    return list(session.scalars(sa.select(Delivery).where(LETTER)))


def test_what_is_approved_goes_into_the_queue_once_and_the_address_leaves_the_draft(session: Session) -> None:
    tell(session, late_case())
    at = desk(session)
    [letter] = letters(session)
    turn = letter.turn
    approver(session, at)(letter)
    [delivery] = queued(session)
    assert (delivery.key, delivery.state, delivery.expires_at) == (letter.delivery_key, State.QUEUED, NOON + 7 * DAY)
    assert (letter.status, letter.contact, letter.staff_id) == (ApologyStatus.APPROVED, None, at.staff_id)
    for again in (turn, letter.turn):
        with pytest.raises(Conflict):
            steps.take(session, at, letter.id, again, ApologyStep.APPROVE, NOON)
    assert len(queued(session)) == 1
    tell(session, late_case())  # the portal tells the same again
    assert [one.status for one in letters(session)] == [ApologyStatus.APPROVED] and len(queued(session)) == 1
    claimed = queue.claim(session, NOON, LEASE, LETTER)
    assert claimed is not None
    message = notices.opened(session, SECRET, claimed)
    assert isinstance(message, WrittenMessage) and message.address == LAN and message.headers == {}
    [entry] = on_record(session)
    assert (entry.act, entry.staff_id, entry.about) == ("apology.approved", at.staff_id, {"apology": letter.id})


def test_of_two_who_approve_at_once_one_is_told_and_one_letter_goes(session: Session, store: Database) -> None:
    tell(session, late_case())
    desks = [desk(session), desk(session, "H61", "tinh")]
    [letter] = letters(session)
    number, turn = letter.id, letter.turn
    session.commit()
    session.close()
    start, refused = threading.Barrier(2), list[Conflict]()

    def approve(one: steps.Desk) -> None:
        with store.session(writes=False) as looking:
            look(looking, one, number)  # the page
        start.wait()
        with store.session(writes=True) as writing:
            try:
                steps.take(writing, one, number, turn, ApologyStep.APPROVE, NOON)
                writing.commit()
            except Conflict as conflict:
                refused.append(conflict)

    threads = [threading.Thread(target=approve, args=(one,)) for one in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [conflict.message for conflict in refused] == [steps.MOVED_ON] and len(queued(session)) == 1


@pytest.mark.parametrize(("step", "state"), [(ApologyStep.DECLINE, "declined"), (ApologyStep.HAND_OVER, "handed_over")])
def test_whoever_sends_none_erases_the_address_at_once_and_is_on_record(
    session: Session, step: ApologyStep, state: str
) -> None:
    tell(session, late_case())
    at = desk(session)
    [letter] = letters(session)
    steps.take(session, at, letter.id, letter.turn, step, NOON, reason="Đã xin lỗi trực tiếp.")
    row = look(session, at, letter.id)
    assert (letter.contact, row.state, row.reason) == (None, state, "Đã xin lỗi trực tiếp.")
    assert (row.decided_by, row.decided_at) == ("Nguyễn Thị Hạnh", NOON)
    assert [entry.act for entry in on_record(session)] == [f"apology.{state}"]
    assert not queued(session) and steps.offered(row, BOTH) == set()


@pytest.mark.parametrize("end", [ApologyStep.APPROVE, ApologyStep.DECLINE, ApologyStep.HAND_OVER])
def test_after_what_was_decided_no_step_leads_anywhere(session: Session, end: ApologyStep) -> None:
    tell(session, late_case())
    at = desk(session)
    [letter] = letters(session)
    steps.take(session, at, letter.id, letter.turn, end, NOON, reason="Đã xin lỗi trực tiếp.")
    decided = letter.status
    for step in ApologyStep:
        with pytest.raises(Conflict):
            steps.take(session, at, letter.id, letter.turn, step, NOON, words="Do mất điện.")
    assert (letter.status, letter.words, len(on_record(session))) == (decided, None, 1)


def test_what_reached_nobody_can_still_be_handed_over_and_what_may_have_arrived_cannot(session: Session) -> None:
    at = desk(session)
    ends = [state for state in State if state >= State.UNKNOWN]
    tell(session, *(late_case(number) for number in range(len(ends))))
    every = letters(session)
    for letter, state in zip(every, ends, strict=True):
        approver(session, at)(letter)
        about = {"state": state, "payload": None, "due_at": None}
        about |= {"delivered_at": NOON} if state == State.DELIVERED else {}
        session.execute(sa.update(Delivery).where(Delivery.key == letter.delivery_key).values(**about))
    session.flush()
    offered = [steps.offered(look(session, at, letter.id), BOTH) for letter in every]
    unreached = [letter for letter, possible in zip(every, offered, strict=True) if possible]
    assert all(possible <= {ApologyStep.HAND_OVER} for possible in offered)
    assert {ends[every.index(letter)] for letter in unreached} == {State.REFUSED, State.FAILED, State.EXPIRED}
    on_paper = [row.id for row in listing.listed(session, at.agency_ids, "paper", 0, 9)]
    assert sorted(on_paper) == [letter.id for letter in unreached]
    steps.take(session, at, unreached[0].id, unreached[0].turn, ApologyStep.HAND_OVER, NOON)
    assert unreached[0].status == ApologyStatus.HANDED_OVER


def test_letters_are_listed_page_by_page_the_newest_first(session: Session) -> None:
    at = desk(session)
    for number in range(5):
        tell(session, late_case(number), when=NOON + number * DAY)
    tell(session, late_case(5), late_case(6), when=NOON + 5 * DAY)
    newest = sorted(letters(session), key=lambda letter: (letter.drafted_at, letter.id), reverse=True)
    pages = [listing.listed(session, at.agency_ids, "waiting", place, 3) for place in range(3)]
    assert [[row.id for row in page] for page in pages] == [
        [letter.id for letter in newest[first : first + 3]] for first in (0, 3, 6)
    ]


@pytest.mark.parametrize(
    ("contact", "ways", "sends", "writes"),
    [
        (LAN, BOTH, True, True),
        (LAN, frozenset({AddressKind.PHONE}), False, True),
        ("0912345678", BOTH, True, False),
        (None, BOTH, False, True),
    ],
)
def test_only_what_can_be_sent_is_offered_for_approval(
    session: Session, contact: str | None, ways: frozenset[AddressKind], sends: bool, writes: bool
) -> None:
    tell(session, late_case(contact=contact))
    row = look(session, desk(session), letters(session)[0].id)
    offered = steps.offered(row, ways)
    assert (ApologyStep.APPROVE in offered, ApologyStep.WRITE in offered) == (sends, writes)
    assert {ApologyStep.HAND_OVER, ApologyStep.DECLINE} <= offered


def test_own_words_wait_while_the_letter_would_go_to_a_phone_and_are_printed_once_it_would_not(
    session: Session,
) -> None:
    at = desk(session)
    tell(session, late_case(contact=None))
    [letter] = letters(session)
    steps.take(session, at, letter.id, letter.turn, ApologyStep.WRITE, NOON, words="Do mất điện.")
    for contact, printed in (("0912345678", ""), (None, "Do mất điện.")):
        letter.contact, letter.address_kind = contact.encode() if contact else None, AddressKind.PHONE
        row = look(session, at, letter.id)
        assert listing.facts(session, row).words == printed
        assert (ApologyStep.WRITE in steps.offered(row, BOTH)) == bool(printed)


@pytest.mark.parametrize(
    ("step", "words", "reason", "wrong"),
    [
        (ApologyStep.WRITE, "", "", set()),
        (ApologyStep.WRITE, "Do mất điện hai ngày, nay đã khắc phục.", "", set()),
        (ApologyStep.WRITE, "Xin gọi 0912345678", "", {"words"}),
        (ApologyStep.WRITE, "Xin vào www.dichvucong.example.vn", "", {"words"}),
        (ApologyStep.WRITE, "a" * 601, "", {"words"}),
        (ApologyStep.DECLINE, "", "", {"reason"}),
        (ApologyStep.DECLINE, "", "Người nộp xin lùi ngày hẹn.", set()),
        (ApologyStep.DECLINE, "", "a" * 301, {"reason"}),
        (ApologyStep.DECLINE, "", "Ông Nguyễn Văn Tám đã đồng ý", {"reason"}),
        (ApologyStep.APPROVE, "", "", set()),
    ],
)
def test_what_is_written_names_nobody_leads_nowhere_and_a_refusal_has_a_reason(
    step: ApologyStep, words: str, reason: str, wrong: set[str]
) -> None:
    assert steps.faults(step, words, reason).keys() == wrong


def test_a_step_on_what_has_changed_or_is_another_units_is_refused(session: Session) -> None:
    tell(session, late_case())
    own, other = desk(session), desk(session, "H61.51", "xa2")
    [letter] = letters(session)
    turn = letter.turn
    with pytest.raises(Conflict):
        steps.take(session, other, letter.id, turn, ApologyStep.APPROVE, NOON)
    steps.take(session, own, letter.id, turn, ApologyStep.WRITE, NOON, words="Do mất điện.")
    with pytest.raises(Conflict):
        steps.take(session, own, letter.id, turn, ApologyStep.APPROVE, NOON)
    turn = letter.turn
    tell(session, late_case(contact=None, finished=FINISHED - DAY))
    session.expire_all()
    with pytest.raises(Conflict):  # the letter would tell another day than the page did
        steps.take(session, own, letter.id, turn, ApologyStep.APPROVE, NOON)
    assert letter.status == ApologyStatus.DRAFTED and letter.contact
    tell(session, late_case(contact=None, due=FINISHED))
    session.expire_all()
    with pytest.raises(Conflict):
        steps.take(session, own, letter.id, letter.turn, ApologyStep.APPROVE, NOON)
    assert not queued(session)


def test_an_address_sealed_under_another_secret_is_said_to_be_unreadable_and_nothing_changes(session: Session) -> None:
    tell(session, late_case())
    at = desk(session)
    strange = steps.Desk("another secret of 32 letters, more", at.staff_id, at.agency_ids, at.ways, "vi")
    [letter] = letters(session)
    with pytest.raises(Conflict) as refused:
        approver(session, strange)(letter)
    assert refused.value.message == steps.UNREADABLE
    assert letter.contact and letter.status == ApologyStatus.DRAFTED and not queued(session)


def test_cases_and_letters_are_counted_by_the_month_in_which_the_case_was_finished(session: Session) -> None:
    at = desk(session)
    september = FINISHED.replace(day=20, month=9)
    tell(session, *(late_case(number) for number in range(4)))
    earlier = {"finished": september, "due": september.replace(day=17), "received": None}
    tell(session, late_case(4, **earlier), late_case(5, agency="H61.51"))
    tell(session, late_case(6))
    tell(session, late_case(6, due=FINISHED), late_case(7), ways=None)  # whose letter is taken back
    first, second, third, *_ = listing.listed(session, at.agency_ids, "waiting", 0, 9)
    decisions = {first.id: ApologyStep.APPROVE, second.id: ApologyStep.APPROVE, third.id: ApologyStep.DECLINE}
    for letter in letters(session):
        if letter.id in decisions:
            steps.take(session, at, letter.id, letter.turn, decisions[letter.id], NOON, reason="Đã gặp.")
    gone = {"state": State.DELIVERED, "payload": None, "due_at": None, "delivered_at": NOON}
    session.execute(sa.update(Delivery).where(LETTER, Delivery.subject == subject_of(session, first.id)).values(**gone))
    months = letter_counts.by_month(session, at.agency_ids, FINISHED, 3)
    assert [(first.month, one.late, one.letters) for first, one in months] == [(10, 5, 4), (9, 1, 1), (8, 0, 0)]
    together = sum((one.standing for _first, one in months), Counter[str]())
    assert together == {"drafted": 2, "approved": 2, "delivered": 1, "declined": 1}
    numbers = listing.numbers(session, at.agency_ids)
    assert numbers == {"waiting": 2, "paper": 0, "sent": 2, "other": 2}


def subject_of(session: Session, number: int) -> str:
    return f"apology {session.get_one(Apology, number).case_id}"
