"""Open answers that need a look are found by what stands out, and go on counting."""

from __future__ import annotations

import datetime as dt
from itertools import count

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import exclusions, invitations, responses
from survey.collection.answers import Answers
from survey.collection.exclusions import Grounds
from survey.collection.invitations import AnswerSource
from survey.models import Channel, ExclusionKind, ExclusionReason, Response
from survey.organisation import agencies
from survey.periods import parse
from survey.results.scope import scope_for
from survey.results.suspects import ALIKE, MANY, suspects
from tests.support import factories
from tests.support.officials import official

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
KEYS = count(1)


def place(session: Session, code: str = "TESTQR", channel: Channel = Channel.OPEN) -> AnswerSource:
    return invitations.place(session.connection(), factories.placement(session, "H61.50", code, channel).code, channel)


def answer(
    session: Session, source: AnswerSource, after: float, rating: int, seconds: int = 20, trapped: bool = False
) -> None:
    """Record an answer so many seconds after noon, whose page was open for `seconds`."""
    when = NOON + dt.timedelta(seconds=after)
    meta = responses.SubmissionMeta(f"key-{next(KEYS)}", when, "vi", seconds, trapped=trapped)
    sheet = questionnaires.asked_now(session, questionnaires.SHORT)
    responses.record(session.connection(), factories.SECRET, source, sheet, Answers({"overall": rating}, {}, {}), meta)


def shown(session: Session) -> dict[str, int]:
    """Return how many answers of October stand out, by what."""
    groups = suspects(session, scope_for(session, OCTOBER, agencies.root(session).id))
    return {group.suspicion.value: len(group.answers) for group in groups}


def test_people_who_answer_one_after_the_other_do_not_stand_out(session: Session) -> None:
    source = place(session)
    for number in range(12):
        answer(session, source, 240 * number, 5)
    assert shown(session) == {}


def test_equal_sheets_within_minutes_stand_out_only_at_one_place_and_only_together(session: Session) -> None:
    first, second = place(session), place(session, "OTHERQR")
    for number in range(ALIKE - 1):
        answer(session, first, 30 * number, 5)
        answer(session, second, 30 * number, 5)
        answer(session, first, 30 * number, 1 + number % 3)
    answer(session, first, 3600, 5)
    assert shown(session) == {}
    answer(session, first, 30 * ALIKE, 5)
    assert shown(session) == {"alike": ALIKE}


def test_many_sheets_of_whatever_kind_within_a_minute_stand_out(session: Session) -> None:
    source = place(session)
    for number in range(MANY):
        answer(session, source, 2.5 * number, 1 + number % 5)
    assert shown(session) == {"many": MANY}


def test_who_fills_in_what_nobody_sees_or_sends_at_once_stands_out_but_counts(session: Session) -> None:
    source, desk = place(session), place(session, "DESKQR", Channel.KIOSK)
    answer(session, source, 0, 5, trapped=True)
    answer(session, source, 1000, 4, seconds=2)
    answer(session, source, 2000, 4, seconds=3)
    answer(session, desk, 0, 5, seconds=0)
    assert shown(session) == {"trapped": 1, "fast": 1}
    assert session.scalar(sa.select(sa.func.count()).where(Response.counted)) == 4


def test_what_is_proposed_or_left_out_stands_out_no_more(session: Session) -> None:
    source = place(session)
    for number in range(500):
        answer(session, source, 0.004 * number, 5, seconds=0)
    assert shown(session) == {"fast": 500, "alike": 500, "many": 500}
    [fast, *_] = suspects(session, scope_for(session, OCTOBER, agencies.root(session).id))
    assert (fast.place, fast.satisfied, fast.first, fast.last) == ("TESTQR", 500, NOON.date(), NOON.date())
    staff = [official(session, login).id for login in ("hanh", "tuan")]
    grounds = Grounds(ExclusionReason.PROGRAM, "Năm trăm phiếu trong hai giây")
    proposal = exclusions.propose(session, ExclusionKind.EXCLUDE, fast.answers, grounds, staff[0], NOON)
    assert shown(session) == {}
    exclusions.decide(session, proposal.id, True, staff[1], NOON)
    assert shown(session) == {}
