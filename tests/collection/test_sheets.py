"""Paper and telephone: recorded once and apart, in no closed period, and taken back only at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.audit.acts import Act
from survey.collection import placements, responses, sheets
from survey.collection.answers import Answers
from survey.collection.sheets import Pile, Sheet
from survey.errors import Conflict, NotFound
from survey.models import AuditEntry, Channel, Comment, Placement, Respondent, Response
from survey.periods import local_day, parse
from survey.results import closing
from survey.results.figures import figures
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.officials import official

WHEN = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
TODAY = local_day(WHEN)


@pytest.fixture
def staff(session: Session) -> int:
    """Whoever puts sheets in."""
    return official(session).id


def pile(session: Session, channel: Channel = Channel.PAPER) -> Pile:
    return Pile(
        factories.agency_id(session), channel, factories.procedure_id(session), questionnaires.asked_now(session)
    )


def sheet(rating: int = 4, **other: Any) -> Sheet:
    given = {"answers": Answers({"overall": rating}), "day": TODAY, "respondent": None, "key": new_token()}
    return Sheet(**(given | other))


def counted(session: Session) -> list[tuple[Channel, int]]:
    query = sa.select(Response.channel, Response.overall).where(Response.counted).order_by(Response.id)
    return [(row[0], row[1]) for row in session.execute(query)]


@pytest.mark.parametrize("channel", sheets.INTERVIEWED)
def test_a_sheet_stands_apart_and_moves_no_judged_figure(session: Session, staff: int, channel: Channel) -> None:
    for _ in range(12):
        factories.response(session, 5, when=WHEN)
    for _ in range(11):
        sheets.enter(session, SECRET, pile(session, channel), sheet(1), staff, WHEN)
    session.commit()
    province = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    result = figures(session, province, STANDARD, TODAY)
    assert (result.judged.total.answered, result.judged.total.satisfied) == (12, 12)
    apart = result.channels[channel].total
    assert (apart.answered, apart.satisfied, apart.withheld) == (11, 0, "")
    assert sum(part.total.answered for part in result.channels.values()) == 23
    assert session.scalar(sa.select(sa.func.count()).select_from(Placement)) == 1, "one pile"


def test_a_case_that_was_answered_by_its_invitation_keeps_that_answer(session: Session, staff: int) -> None:
    factories.response(session, 2, when=WHEN)
    sheets.enter(session, SECRET, pile(session), sheet(5), staff, WHEN)
    assert counted(session) == [(Channel.INVITATION, 2), (Channel.PAPER, 5)]


def test_a_sheet_sent_twice_is_one_and_a_changed_one_takes_its_place(session: Session, staff: int) -> None:
    first = sheet(4, respondent=Respondent.BUSINESS)
    receipt = sheets.enter(session, SECRET, pile(session), first, staff, WHEN)
    assert sheets.enter(session, SECRET, pile(session), first, staff, WHEN) == receipt
    assert counted(session) == [(Channel.PAPER, 4)]
    assert session.scalars(sa.select(Response.respondent)).all() == [Respondent.BUSINESS]
    changed = Sheet(Answers({"overall": 2}), TODAY, None, first.key)
    assert sheets.enter(session, SECRET, pile(session), changed, staff, WHEN) != receipt
    assert counted(session) == [(Channel.PAPER, 2)]
    acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts.count(Act.SHEET_ENTERED.value) == 1


def test_its_own_day_counts_unless_that_is_closed_or_to_come(session: Session, staff: int) -> None:
    earlier = TODAY - dt.timedelta(days=20)
    sheets.enter(session, SECRET, pile(session), sheet(day=earlier), staff, WHEN)
    assert session.scalars(sa.select(Response.day)).all() == [earlier]
    closing.close(session, parse("2026-09"), WHEN, STANDARD)
    for day in (earlier, TODAY + dt.timedelta(days=1), TODAY - dt.timedelta(days=367)):
        with pytest.raises(Conflict):
            sheets.enter(session, SECRET, pile(session), sheet(day=day), staff, WHEN)
    assert len(counted(session)) == 1


def test_the_last_one_can_be_taken_back_for_ten_minutes_by_whoever_put_it_in(session: Session, staff: int) -> None:
    other = official(session, "khac").id
    kept = sheets.enter(session, SECRET, pile(session), sheet(3), staff, WHEN)
    entered = sheet(1)
    wrong = sheets.enter(session, SECRET, pile(session), entered, staff, WHEN)
    permit, now = sheets.permit(SECRET, wrong, staff), dt.datetime.now(dt.UTC)
    forged = sheets.permit(SECRET, kept, other)
    for account, token, when in (
        (other, permit, now),
        (staff, forged, now),
        (staff, permit, now + dt.timedelta(seconds=sheets.UNDO_SECONDS + 2)),
        (staff, "", now),
    ):
        with pytest.raises(Conflict):
            sheets.take_back(session, SECRET, token, account, when)
    sheets.take_back(session, SECRET, permit, staff, now)
    assert counted(session) == [(Channel.PAPER, 3)]
    with pytest.raises(Conflict):
        sheets.take_back(session, SECRET, permit, staff, now)
    with pytest.raises(Conflict, match="taken back"):
        sheets.enter(session, SECRET, pile(session), entered, staff, WHEN)
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 2, "nothing is erased"
    assert session.scalars(sa.select(AuditEntry.act)).all().count(Act.SHEET_TAKEN_BACK.value) == 1


def test_nothing_is_taken_back_out_of_a_closed_period_or_of_another_channel(session: Session, staff: int) -> None:
    now = dt.datetime.now(dt.UTC)
    day = local_day(WHEN) - dt.timedelta(days=20)
    receipt = sheets.enter(session, SECRET, pile(session), sheet(day=day), staff, WHEN)
    invited = factories.response(session, 1, when=WHEN)
    closing.close(session, parse("2026-09"), WHEN, STANDARD)
    for one in (receipt, invited):
        with pytest.raises(Conflict):
            sheets.take_back(session, SECRET, sheets.permit(SECRET, one, staff), staff, now)
    assert len(counted(session)) == 2


def test_what_is_written_on_a_sheet_is_redacted_and_a_pile_is_no_qr_code(session: Session, staff: int) -> None:
    question = next(one for one in questionnaires.asked_now(session).questions if one.kind == "text")
    written = Answers({"overall": 2}, {}, {question.id: "Gọi tôi 0912345678 nhé"})
    sheets.enter(session, SECRET, pile(session), sheet(answers=written), staff, WHEN)
    assert "0912345678" not in session.scalars(sa.select(Comment.text)).one()
    made = session.scalars(sa.select(Placement)).one()
    assert placements.listed(session, [made.agency_id]) == []
    with pytest.raises(NotFound):
        placements.by_code(session, made.code)
    assert responses.TABLE.c.placement_id is not None and made.enabled is False
