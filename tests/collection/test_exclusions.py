"""Answers are left out by two accounts and counted again by two; a trail stays, and figures with and without add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.collection import exclusions, invitations, receipts
from survey.collection.exclusions import Grounds
from survey.errors import Conflict, Forbidden, NotFound
from survey.models import (
    AuditEntry,
    Channel,
    Exclusion,
    ExclusionDecision,
    ExclusionKind,
    ExclusionReason,
    Response,
)
from survey.organisation import agencies
from survey.periods import parse
from survey.results import closing, counts
from survey.results.exclusions import ChannelExclusions, RatedAnswers
from survey.results.exclusions import exclusions as exclusions_of
from survey.results.scope import Reader, Scope, scope_for
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
SPAM = Grounds(ExclusionReason.PROGRAM, "Một chương trình gửi hàng loạt, gọi 0912345678")
BACK = Grounds(ExclusionReason.MISTAKE, "Đã hỏi lại tại quầy")
EXCLUDE, RESTORE = ExclusionKind.EXCLUDE, ExclusionKind.RESTORE


@pytest.fixture
def accounts(session: Session) -> tuple[int, int]:
    """Two accounts of the province."""
    return official(session, "hanh").id, official(session, "tuan").id


def answered(session: Session, rating: int = 5, channel: Channel = Channel.OPEN) -> int:
    """Record one answer and return its number."""
    receipt = factories.response(session, rating, when=NOON, channel=channel)
    return session.scalars(sa.select(Response.id).where(Response.receipt == receipt)).one()


def test_what_few_excluded_answers_said_is_not_told_to_a_unit_of_its_own_account(
    session: Session, accounts: tuple[int, int]
) -> None:
    for _ in range(40):
        answered(session, 5)
    agreed(session, accounts, EXCLUDE, [answered(session, 1) for _ in range(3)])
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    unit = replace(october(session), reader=Reader.UNIT)
    [unit_sees] = [one for one in exclusions_of(session, unit, fewest=10).channels if one.channel == Channel.OPEN]
    assert unit_sees.out.answered == 3
    assert not unit_sees.disclosed
    assert of(session).disclosed, "the province sees all"


@pytest.mark.parametrize(("given", "disclosed"), [(15, False), (30, True)])
def test_figures_without_excluded_answers_are_told_to_a_unit_only_where_enough_remain(
    session: Session, accounts: tuple[int, int], given: int, disclosed: bool
) -> None:
    answers = [answered(session, 5) for _ in range(given)]
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    agreed(session, accounts, EXCLUDE, answers[:12], CLOSED)
    unit = replace(october(session), reader=Reader.UNIT)
    [unit_sees] = [one for one in exclusions_of(session, unit, fewest=10).channels if one.channel == Channel.OPEN]
    assert (unit_sees.since.answered, unit_sees.disclosed) == (12, disclosed)


def agreed(
    session: Session, accounts: tuple[int, int], kind: ExclusionKind, answers: Sequence[int], when: dt.datetime = NOON
) -> int:
    """Let one account propose and the other one agree, and return the number of the proposal."""
    grounds = SPAM if kind == EXCLUDE else BACK
    exclusion = exclusions.propose(session, kind, answers, grounds, accounts[0], when)
    exclusions.decide(session, exclusion.id, True, accounts[1], when)
    return exclusion.id


def october(session: Session) -> Scope:
    return scope_for(session, OCTOBER, agencies.root(session).id)


def figures(session: Session, channel: Channel = Channel.OPEN) -> RatedAnswers:
    """Return what is counted of October."""
    frame = counts.cells(session, october(session), ("channel",))
    rows = frame[frame["channel"] == int(channel)]
    return RatedAnswers(int(rows["answered"].sum()), int(rows["satisfied"].sum()))


def of(session: Session, channel: Channel = Channel.OPEN) -> ChannelExclusions:
    return next(one for one in exclusions_of(session, october(session), fewest=1).channels if one.channel == channel)


def test_an_answer_is_left_out_when_a_second_account_agrees_and_counts_again_the_same_way(
    session: Session, accounts: tuple[int, int]
) -> None:
    kept, spam = [answered(session, 2) for _ in range(3)], [answered(session, 5) for _ in range(4)]
    exclusion = exclusions.propose(session, EXCLUDE, spam, SPAM, accounts[0], NOON)
    assert figures(session) == RatedAnswers(7, 4), "one account alone changes nothing"
    exclusions.decide(session, exclusion.id, True, accounts[1], NOON)
    assert figures(session) == RatedAnswers(3, 0)
    assert of(session) == ChannelExclusions(Channel.OPEN, RatedAnswers(3, 0), RatedAnswers(4, 4), RatedAnswers())
    assert of(session).counting_all == RatedAnswers(7, 4), "with and without add up"
    restoring = exclusions.propose(session, RESTORE, [*spam[:1], *kept], BACK, accounts[1], NOON)
    assert figures(session) == RatedAnswers(3, 0)
    exclusions.decide(session, restoring.id, True, accounts[0], NOON)
    assert figures(session) == RatedAnswers(4, 1)
    assert of(session).counting_all == RatedAnswers(7, 4)
    acts = session.scalars(
        sa.select(AuditEntry.act).where(AuditEntry.act.contains("exclusion")).order_by(AuditEntry.id)
    )
    assert list(acts) == [Act.EXCLUSION_PROPOSED, Act.EXCLUSION_AGREED]
    lines = exclusions_of(session, october(session), fewest=1).lines
    assert [(line.kind, line.answers, line.agreed) for line in lines] == [(RESTORE, 1, True), (EXCLUDE, 4, True)]
    assert "0912345678" not in lines[1].words, "what is typed is kept as others may read it"


@pytest.mark.parametrize("agreed_to", [True, False])
def test_a_report_that_lists_proposals_is_another_one_after_each_step(
    session: Session, accounts: tuple[int, int], agreed_to: bool
) -> None:
    before = agencies.installation(session).revision
    exclusion = exclusions.propose(session, EXCLUDE, [answered(session)], SPAM, accounts[0], NOON)
    session.expire_all()
    assert agencies.installation(session).revision == before + 1
    exclusions.decide(session, exclusion.id, agreed_to, accounts[1], NOON)
    session.expire_all()
    assert agencies.installation(session).revision == before + 2


def test_nobody_agrees_to_the_own_proposal_and_each_is_decided_once(
    session: Session, accounts: tuple[int, int]
) -> None:
    answer = answered(session)
    exclusion = exclusions.propose(session, EXCLUDE, [answer], SPAM, accounts[0], NOON)
    with pytest.raises(Forbidden):
        exclusions.decide(session, exclusion.id, True, accounts[0], NOON)
    with pytest.raises(Conflict):
        exclusions.propose(session, EXCLUDE, [answer], SPAM, accounts[1], NOON)
    exclusions.decide(session, exclusion.id, False, accounts[0], NOON)
    with pytest.raises(Conflict):
        exclusions.decide(session, exclusion.id, True, accounts[1], NOON)
    with pytest.raises(NotFound):
        exclusions.decide(session, exclusion.id + 1, True, accounts[1], NOON)
    assert figures(session) == RatedAnswers(1, 1)
    agreed(session, accounts, EXCLUDE, [answer])
    assert figures(session) == RatedAnswers()


def test_what_takes_the_place_of_an_answer_that_is_left_out_is_left_out_too(
    session: Session, accounts: tuple[int, int]
) -> None:
    place = factories.placement(session)
    source = invitations.place(session.connection(), place.code)
    first = factories.response(session, 1, when=NOON, source=source)
    number = session.scalars(sa.select(Response.id).where(Response.receipt == first)).one()
    exclusion = exclusions.propose(session, EXCLUDE, [number], SPAM, accounts[0], NOON)
    second = factories.response(session, 5, when=NOON, source=source, amends=first)
    assert figures(session) == RatedAnswers(1, 1)
    exclusions.decide(session, exclusion.id, True, accounts[1], NOON)
    assert figures(session) == RatedAnswers(), "also what came between the proposal and the agreement"
    third = factories.response(session, 4, when=NOON, source=source, amends=second)
    assert figures(session) == RatedAnswers()
    assert of(session).out == RatedAnswers(1, 1), "it is one answer, however often it was changed"
    states = [receipts.recorded(session.connection(), receipt) for receipt in (first, second, third)]
    assert [(state.counted, state.excluded) for state in states if state] == [
        (False, False),
        (False, False),
        (False, True),
    ]
    agreed(session, accounts, RESTORE, [number])
    assert figures(session) == RatedAnswers(1, 1)
    assert of(session).out == RatedAnswers()


def test_a_closed_period_stays_as_it_was_closed_whatever_is_left_out_or_restored_later(
    session: Session, accounts: tuple[int, int]
) -> None:
    before, after = [answered(session, 5) for _ in range(2)], [answered(session, 5) for _ in range(3)]
    for _ in range(4):
        answered(session, 1)
    excluded = agreed(session, accounts, EXCLUDE, before)
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    assert figures(session) == RatedAnswers(7, 3)
    agreed(session, accounts, EXCLUDE, after, CLOSED)
    agreed(session, accounts, RESTORE, exclusions.subject_of(session, excluded)[:1], CLOSED)
    assert figures(session) == RatedAnswers(7, 3)
    frame = counts.recount(session, october(session), ("channel",))
    assert (int(frame["answered"].sum()), int(frame["satisfied"].sum())) == (7, 3)
    assert closing.differences(session, closed).empty
    assert of(session) == ChannelExclusions(Channel.OPEN, RatedAnswers(7, 3), RatedAnswers(2, 2), RatedAnswers(3, 3))
    assert (of(session).counting_all, of(session).without) == (RatedAnswers(9, 5), RatedAnswers(4, 0))


def test_an_answer_by_invitation_is_left_out_only_once_nothing_joins_it_to_its_case(
    session: Session, accounts: tuple[int, int]
) -> None:
    answer = answered(session, 5, Channel.INVITATION)
    with pytest.raises(Conflict):
        exclusions.propose(session, EXCLUDE, [answer], SPAM, accounts[0], NOON)
    session.execute(sa.update(Response).values(invitation_id=None))  # as the cut leaves it
    agreed(session, accounts, EXCLUDE, [answer])
    assert figures(session, Channel.INVITATION) == RatedAnswers()
    assert of(session, Channel.INVITATION).out == RatedAnswers(1, 1)


def test_ten_thousand_open_answers_that_come_go_and_return_move_the_judged_figure_by_nothing(
    session: Session, accounts: tuple[int, int]
) -> None:
    for rating in (1, 4, 5):
        answered(session, rating, Channel.INVITATION)
    spam = answered(session, 1)
    row = session.execute(sa.select(Response.__table__).where(Response.id == spam)).mappings().one()
    copies = [{**row, "id": None, "receipt": number.to_bytes(10, "big")} for number in range(9_999)]
    session.execute(sa.insert(Response), copies)
    every = session.scalars(sa.select(Response.id).where(Response.channel == Channel.OPEN)).all()
    judged = counts.judged(counts.cells(session, october(session))).to_csv()
    assert figures(session) == RatedAnswers(10_000, 0)
    agreed(session, accounts, EXCLUDE, every)
    assert figures(session) == RatedAnswers()
    assert counts.judged(counts.cells(session, october(session))).to_csv() == judged
    agreed(session, accounts, RESTORE, every)
    assert figures(session) == RatedAnswers(10_000, 0)
    assert counts.judged(counts.cells(session, october(session))).to_csv() == judged
    assert session.scalar(sa.select(sa.func.count()).select_from(Exclusion)) == 2
    assert session.scalar(sa.select(sa.func.count()).select_from(ExclusionDecision)) == 2


def test_the_condition_that_an_answer_does_not_count_is_worked_out_once() -> None:
    assert exclusions.uncounted() is exclusions.uncounted()
