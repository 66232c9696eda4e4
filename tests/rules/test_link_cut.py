"""Once the links are cut, nobody who holds everything but the people's own links can tell who said what."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.comments.follow_up import FollowUpChange, follow_up
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.db.engine import Database
from survey.delivery import messages
from survey.delivery.contact import Contact
from survey.delivery.messages import NewMessage
from survey.ledger.numbering import number_all
from survey.models import AddressKind, Channel, FollowUp, FollowUpStep, Invitation, Respondent, Response, Role
from survey.periods import LOCAL_ZONE, parse
from survey.results import closing, link_cut
from survey.results.scope import scope_for
from survey.security.tokens import case_hash
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.attacker import Attacker, Row
from tests.support.cases import answer, tell
from tests.support.factories import SECRET
from tests.support.figures import CLOCK, STANDARD
from tests.support.officials import official

OCTOBER = parse("2026-10")
CLOSED = dt.datetime(2026, 11, 2, 2, tzinfo=dt.UTC)
CUT = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
ANSWERED, SILENT = 60, 20
# Chance alone hits one in the mean, whatever the number of cases, and more than nine once in ten million guesses.
MOST_BY_CHANCE = 9


def month(session: Session) -> dict[str, bytes]:
    """Let cases finish one by one, and most people answer soon, one after the other; return codes with receipts.

    Each comment is followed up at once, some answers are changed, reminders are dropped as soon as the answer is there,
    and each person is shown another notice. It is what an attacker hopes for.
    """
    staff = official(session, role=Role.MANAGER)
    comments = CommentsInScope(
        session, scope_for(session, OCTOBER, factories.agency_id(session, "H61")), False, CLOCK, 1
    )
    chance, receipts = random.Random("a month"), dict[str, bytes]()
    at = dt.datetime(2026, 10, 1, 8, tzinfo=LOCAL_ZONE)
    for number in range(ANSWERED + SILENT):
        at += dt.timedelta(hours=3, minutes=chance.randint(0, 50))
        code = f"H61.50-261003-{number:04}"
        tell(session, [code], "H61.50", at)
        tell(session, [f"H61.51-261003-{number:04}"], "H61.51", at)
        tokens = invitations.issue_due(session, [case_hash(SECRET, code)], at, 7)
        [token] = tokens.values()
        messages.add(session, SECRET, [NewMessage(token, Contact(AddressKind.EMAIL, "an@example.vn"))], at, 3)
        if number % 4 == 3:
            continue
        notice = factories.privacy_notice(session, number, dt.date(2026, 9, 1))
        when = at + dt.timedelta(minutes=chance.randint(20, 40))
        for _ in range(1 + chance.choice((0, 0, 1, 2, 3))):
            comment = f"Góp ý {chance.random()}" if chance.random() < 0.5 else ""
            receipts[code] = answer(session, token, chance.randint(1, 5), when, comment, chance.randint(5, 90), notice)
            if comment:
                due = {"due_day": when.date() + dt.timedelta(days=20)}
                rows = comments.page(CommentFilter(keys=frozenset({(receipts[code], "S8")})))
                follow_up(session, rows, FollowUpChange(due, "Đã xem"), staff.id, when)
            when += dt.timedelta(minutes=1)
        messages.sweep(session, when)
        number_all(session)  # the ledger is sealed more often than people answer
        factories.response(session, 4, "H61.51", when=when)
    return receipts


def hits(session: Session, receipts: dict[str, bytes]) -> dict[str, int]:
    """Return how many answers each way of guessing gives to the right case, of those of one cell."""
    cell: Row = {
        "agency_id": factories.agency_id(session),
        "procedure_id": factories.procedure_id(session),
        "respondent": int(Respondent.CITIZEN),
        "channel": int(Channel.INVITATION),
    }
    codes = [f"H61.50-261003-{number:04}" for number in range(ANSWERED + SILENT)]
    attacker = Attacker(dumps.in_order(session.connection()), SECRET, codes, cell)
    session.rollback()
    assert set(attacker.invitations) == set(receipts)  # who has answered at all is no secret
    assert len(attacker.answers) == ANSWERED
    return {way: sum(receipts.get(code) == receipt for code, receipt in guess) for way, guess in attacker.guesses()}


def cut(database: Database, when: dt.datetime = CUT) -> None:
    """Let the worker make the two rounds that a cut takes."""
    for hours in (0, 1):
        with time_machine.travel(when + dt.timedelta(hours=hours), tick=False):
            link_cut.run(database)


@pytest.mark.usefixtures("vietnamese")
def test_whoever_holds_the_dump_and_the_key_and_the_portals_list_guesses_no_better_than_by_chance(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    database = survey_of(app).database
    receipts = month(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    session.commit()
    before = hits(session, receipts)
    assert before["link"] == ANSWERED
    for way in (
        "feed by response.id",
        "feed by response.submitted_at",
        "feed by response.privacy_notice",
        "case.id by place of response",
        "delivery.changed_at 2 by response.submitted_at",
        "invitation.id by first of its changes",
    ):
        assert before[way] == ANSWERED, way
    assert before["invitation.changes by number of changes"] > MOST_BY_CHANCE
    followed = sa.select(FollowUpStep.day, FollowUpStep.staff_id, FollowUpStep.due_day, FollowUp.due_day).join(FollowUp)
    told = session.execute(followed).all()
    session.rollback()
    assert len(told) > ANSWERED // 2 and not [row for row in told if None in row]
    cut(database)
    after = hits(session, receipts)
    assert after["link"] == 0 and after.keys() == before.keys() and len(after) > 300
    assert {way: number for way, number in after.items() if number > MOST_BY_CHANCE} == {}
    assert session.execute(followed).all() == [(None,) * 4] * len(told), "what was done stays, but not when and by whom"
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).where(Response.invitation_id.is_not(None))) == 0
    if database.engine.dialect.name == "sqlite":
        nothing_lies_on(database, session, tmp_path)


def nothing_lies_on(database: Database, session: Session, folder: Path) -> None:
    """In the files each receipt stands twice, in its row and in the index: no old row with its link is left."""
    written = list(session.scalars(sa.select(Response.receipt)))
    session.rollback()
    held = b"".join(dumps.files(folder).values())
    assert {held.count(receipt) for receipt in written} == {2}


def test_the_numbers_of_cases_that_came_together_do_not_follow_the_feed(session: Session) -> None:
    together = 60
    codes = [f"H61.50-261003-{number:04}" for number in range(together)]
    tell(session, codes, "H61.50", dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC))
    hashes = [case_hash(SECRET, code) for code in codes]
    tokens = invitations.issue_due(session, hashes, dt.datetime(2026, 10, 2, tzinfo=dt.UTC), 7)
    contact = Contact(AddressKind.EMAIL, "an@example.vn")
    when = dt.datetime(2026, 10, 2, tzinfo=dt.UTC)
    messages.add(session, SECRET, [NewMessage(token, contact) for token in tokens.values()], when, 0)
    dump = dumps.in_order(session.connection())
    place = {bytes(row["code_hash"]): at for at, row in enumerate(dump["case"])}
    number = {row["id"]: bytes(row["code_hash"]) for row in dump["case"]}
    orders = {
        "cases": [codes.index(code) for code in sorted(codes, key=lambda code: place[case_hash(SECRET, code)])],
        "invitations": [hashes.index(number[row["case_id"]]) for row in dump["invitation"]],
    }
    asked = {row["id"]: number[row["case_id"]] for row in dump["invitation"]}
    orders["deliveries"] = [hashes.index(asked[row["invitation_id"]]) for row in dump["delivery"]]
    for name, order in orders.items():
        assert sorted(order) == list(range(together)), name
        assert sum(at == feed for at, feed in enumerate(order)) <= MOST_BY_CHANCE, name
        assert sum(later == one + 1 for one, later in itertools.pairwise(order)) <= MOST_BY_CHANCE, name
    assert session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == together
