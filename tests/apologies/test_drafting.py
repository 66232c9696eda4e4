"""A letter is drafted for each late case, once, with the address sealed; corrections take it back or move it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies import drafting, listing
from survey.db.engine import Database
from survey.imports import importing
from survey.imports.faults import Findings
from survey.imports.importing import ImportKind
from survey.models import AddressKind, Apology, ApologyStatus, Case
from survey.operations import retention
from survey.operations.retention_kinds import KINDS
from survey.periods import local_day, now
from survey.security.tokens import case_hash
from survey.settings import Settings
from tests.support.apologies import DUE, FINISHED, LAN, NOON, approver, desk, late_case, letters, tell
from tests.support.factories import SECRET
from tests.support.files import HEADERS, ROW, as_csv

DAY = dt.timedelta(days=1)
DRAFTED, TAKEN_BACK = ApologyStatus.DRAFTED, ApologyStatus.TAKEN_BACK


def opened(session: Session) -> list[str | None]:
    return [
        None if letter.contact is None else drafting.opened(SECRET, letter.case_id, letter.contact)
        for letter in letters(session)
    ]


@pytest.mark.parametrize(
    ("about", "drafted"),
    [
        ({}, True),
        ({"contact": None}, True),
        ({"finished": DUE + DAY}, True),
        ({"finished": DUE}, False),
        ({"due": None}, False),
        ({"withdrawn": FINISHED, "withdrawal_told": True}, False),
        ({"received": None, "due": NOON.date() - 40 * DAY, "finished": NOON.date() - 30 * DAY}, True),
        ({"received": None, "due": NOON.date() - 40 * DAY, "finished": NOON.date() - 31 * DAY}, False),
    ],
)
def test_a_letter_is_drafted_for_a_case_that_was_finished_late_of_late(
    session: Session, about: dict[str, object], drafted: bool
) -> None:
    tell(session, late_case(**about))
    assert [letter.status for letter in letters(session)] == [DRAFTED] * drafted


def test_nothing_is_drafted_or_kept_where_letters_are_not_switched_on(session: Session) -> None:
    for about in ({}, {"due": FINISHED}, {"due": DUE}):  # a correction does not bring one either
        tell(session, late_case(**about), ways=None)
    assert not letters(session)


def test_a_case_has_one_letter_however_often_it_is_told(session: Session) -> None:
    for finished in (FINISHED, FINISHED, FINISHED - DAY):
        tell(session, late_case(finished=finished))
    [letter] = letters(session)
    assert (letter.status, opened(session)) == (DRAFTED, [LAN])


def test_the_address_is_sealed_bound_to_its_case_and_corrected_by_the_last_word(session: Session) -> None:
    tell(session, late_case(1), late_case(2, contact=None, language="en"), late_case(3, contact="0912345678"))
    assert sorted(filter(None, opened(session))) == ["+84912345678", LAN]
    sealed = {letter.case_id: letter.contact for letter in letters(session) if letter.contact}
    (case_id, one), (other_id, other) = sealed.items()
    assert len(one) == len(other) and LAN.encode() not in one + other
    assert drafting.opened(SECRET, other_id, one) is None
    assert drafting.opened("another secret of 32 letters, more", case_id, one) is None
    turns = sum(letter.turn for letter in letters(session))
    tell(session, late_case(1, contact="moi@example.vn", language="en"), late_case(3, contact="0912345678"))
    assert sorted(filter(None, opened(session))) == ["+84912345678", "moi@example.vn"]
    assert {letter.language for letter in letters(session)} == {None, "en"}
    assert sum(letter.turn for letter in letters(session)) == turns + 1


def test_the_language_is_kept_until_another_one_is_told(session: Session) -> None:
    for sent, kept in (("en", "en"), (None, "en"), ("vi", "vi")):
        tell(session, late_case(language=sent))
        assert [letter.language for letter in letters(session)] == [kept]


@pytest.mark.usefixtures("vietnamese")
def test_an_address_that_is_corrected_while_somebody_approves_comes_too_late(session: Session, store: Database) -> None:
    tell(session, late_case())
    at = desk(session)
    session.commit()

    def correct() -> None:
        with store.session(writes=True) as feed:
            tell(feed, late_case(contact="moi@example.vn"))
            feed.commit()

    with ThreadPoolExecutor(1) as portal, store.session(writes=True) as approving:
        approver(approving, at)(letters(approving)[0])
        correction = portal.submit(correct)
        assert not wait([correction], 0.5).done, "it waits for what is decided"
        approving.commit()
        correction.result(30)
    [letter] = letters(session)
    assert (letter.status, letter.contact) == (ApologyStatus.APPROVED, None)


def test_an_address_that_nothing_carries_is_not_kept(session: Session) -> None:
    mail_only = frozenset({AddressKind.EMAIL})
    tell(session, late_case(1, contact="0912345678"), late_case(2), ways=mail_only)
    assert sorted(str(kind) for letter in letters(session) if (kind := letter.address_kind)) == [str(AddressKind.EMAIL)]


@pytest.mark.parametrize(
    "correction",
    [{"due": FINISHED}, {"due": None}, {"finished": DUE}, {"withdrawn": FINISHED, "withdrawal_told": True}],
)
def test_a_correction_takes_a_draft_back_and_erases_its_address_and_another_one_brings_it_again(
    session: Session, correction: dict[str, object]
) -> None:
    tell(session, late_case())
    letters(session)[0].words = "Do mất điện."
    tell(session, late_case(contact=None, **correction), ways=None)  # though letters were switched off meanwhile
    [letter] = letters(session)
    assert (letter.status, letter.contact, letter.words) == (TAKEN_BACK, None, None)
    later = NOON + 2 * DAY
    tell(session, late_case(contact=None, withdrawal_told=True), when=later)
    [letter] = letters(session)
    assert (letter.status, letter.contact, letter.address_kind, letter.drafted_at) == (DRAFTED, None, None, later)
    tell(session, late_case(withdrawal_told=True), when=later)
    assert opened(session) == [LAN]


def test_a_letter_goes_with_its_case_to_another_agency(session: Session) -> None:
    tell(session, late_case())
    before, after = desk(session), desk(session, "H61.51", "xa2")
    tell(session, replace(late_case(), resolving="H61.51"))
    assert not listing.listed(session, before.agency_ids, "waiting", 0, 9)
    [row] = listing.listed(session, after.agency_ids, "waiting", 0, 9)
    assert (row.due, row.finished, row.days_late) == (DUE, FINISHED, 3)


@pytest.mark.parametrize(("days", "kept"), [(14, True), (15, False)])
def test_an_address_that_nobody_decides_on_is_erased_after_14_days_and_the_letter_can_still_be_printed(
    session: Session, days: int, kept: bool
) -> None:
    tell(session, late_case())
    at_desk = desk(session)
    kind = next(kind for kind in KINDS if kind.code == "apology_contacts")
    limit = NOON + days * DAY - drafting.KEPT
    assert retention.erase(session, kind, limit) == (not kept)
    tell(session, late_case(), when=NOON + days * DAY)  # the portal tells the same every night
    assert opened(session) == [LAN if kept else None]
    [row] = listing.listed(session, at_desk.agency_ids, "waiting" if kept else "paper", 0, 9)
    assert row.state == ("waiting" if kept else "lapsed")


def test_letters_are_numbered_in_no_order_of_the_feed(session: Session) -> None:
    cases = [late_case(number) for number in range(40)]
    tell(session, *cases)
    order = sa.select(Case.code_hash).join_from(Case, Apology).order_by(Apology.id)
    sent = [case_hash(SECRET, case.case_code) for case in cases]
    assert list(session.scalars(order)) != sent and sorted(session.scalars(order)) == sorted(sent)


def test_a_file_of_cases_drafts_letters_and_brings_addresses_too(
    session: Session, store: Database, settings: Settings, tmp_path: Path
) -> None:
    session.rollback()
    today = local_day(now())
    days = [f"{today - days * DAY:%d/%m/%Y}" for days in (20, 9, 1)]
    rows = [(f"H61.50-260921-{number:04}", *ROW[1:4], *days, *ROW[7:]) for number in (1, 2)]
    table = [(*HEADERS, "Liên hệ"), (*rows[0], LAN), (*rows[1], "")]
    chosen = replace(settings, apologies="on", smtp_host="127.0.0.1")
    path = as_csv(tmp_path / "cases.csv", table)
    for _ in range(2):
        plan = importing.check(store, chosen, ImportKind.CASES, path, Findings())
        importing.record(store, plan, None)
    assert sorted(filter(None, opened(session))) == [LAN] and len(letters(session)) == 2
