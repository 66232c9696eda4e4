"""What is left out, beside figures that stay: while a period runs, once it is closed, and for those who are guarded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection import exclusions, invitations
from survey.collection.exclusions import Grounds
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.i18n import speaking
from survey.models import Channel, ExclusionKind, ExclusionReason, Response
from survey.periods import parse
from survey.results import closing, counts
from survey.results.exclusion_text import summary
from survey.results.exclusions import ChannelExclusions, RatedAnswers
from survey.results.exclusions import exclusions as exclusions_of
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.suspects import suspects
from tests.support import factories
from tests.support.figures import CLOCK
from tests.support.officials import official

STANDARD = Standard("0.90", 0.95)
DAY = dt.date(2026, 10, 20)
NOON = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)
NOVEMBER = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
JANUARY = dt.datetime(2027, 1, 2, 5, tzinfo=dt.UTC)
EXCLUDE, RESTORE = ExclusionKind.EXCLUDE, ExclusionKind.RESTORE


def answered(session: Session, rating: int, number: int, **said: dict[str, str]) -> list[int]:
    """Record so many open answers and return their numbers."""
    sent = [factories.response(session, rating, when=NOON, channel=Channel.OPEN, **said) for _ in range(number)]
    return list(session.scalars(sa.select(Response.id).where(Response.receipt.in_(sent))))


def agree(session: Session, answers: Sequence[int], kind: ExclusionKind = EXCLUDE) -> None:
    """Let two accounts leave answers out, or count them again."""
    login = f"of{min(answers)}{kind}"
    proposer, decider = official(session, f"a{login}").id, official(session, f"b{login}").id
    grounds = Grounds(ExclusionReason.PROGRAM, "Một chương trình gửi hàng loạt")
    proposal = exclusions.propose(session, kind, answers, grounds, proposer, NOON)
    exclusions.decide(session, proposal.id, True, decider, NOON)


def shown(session: Session, reader: Reader, period: str = "2026-10") -> RatedAnswers:
    """Return the open answers in the figures of the commune."""
    scope = scope_for(session, parse(period), factories.agency_id(session), reader=reader)
    total = figures(session, scope, STANDARD, DAY).open.total
    return RatedAnswers(total.answered, total.satisfied or 0)


def beside(session: Session, reader: Reader, period: str = "2026-10") -> tuple[ChannelExclusions, str]:
    """Return what is left out of the commune's open answers, and what is said of it."""
    scope = scope_for(session, parse(period), factories.agency_id(session), reader=reader)
    left_out = exclusions_of(session, scope, STANDARD.fewest)
    with speaking("en"):
        words = " ".join(summary(left_out, STANDARD.target))
    return next(one for one in left_out.channels if one.channel == Channel.OPEN), words


def test_a_unit_sees_what_is_left_out_go_with_the_answers_that_come_at_the_closing(session: Session) -> None:
    spam = answered(session, 1, 3)
    answered(session, 5, 20)
    assert shown(session, Reader.UNIT) == RatedAnswers(15, 12)
    agree(session, spam)
    assert shown(session, Reader.PROVINCE) == RatedAnswers(20, 20)
    assert shown(session, Reader.UNIT) == RatedAnswers(15, 12), "one by one they would tell what they said"
    assert "3 answers are left out of the count. They leave the figures" in beside(session, Reader.UNIT)[1]
    unit = scope_for(session, parse("2026-10"), factories.agency_id(session), reader=Reader.UNIT)
    assert suspects(session, unit) == [] or not set(suspects(session, unit)[0].answers) & set(spam)
    closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    assert shown(session, Reader.UNIT) == shown(session, Reader.PROVINCE) == RatedAnswers(20, 20)
    assert shown(session, Reader.UNIT, "2026-Q4") == RatedAnswers(15, 15), "nor do they come back in a longer period"


@pytest.mark.parametrize(("number", "both"), [(3, False), (12, True)])
def test_a_unit_is_told_the_figures_with_and_without_only_of_many_and_the_province_of_all(
    session: Session, number: int, both: bool
) -> None:
    spam = answered(session, 5, number)
    answered(session, 1, 15)
    agree(session, spam)
    closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    one, words = beside(session, Reader.PROVINCE)
    assert one == ChannelExclusions(
        Channel.OPEN, RatedAnswers(15, 0), RatedAnswers(number, number), RatedAnswers(), disclosed=True
    )
    assert one.counting_all == one.shown + one.out and f"{number} of {15 + number} answers" in words
    one, words = beside(session, Reader.UNIT)
    assert one.disclosed == both and (f"{number} of {15 + number} answers" in words) == both
    assert f"{number} answers are left out" in words, "how many they are may be known"


@pytest.mark.parametrize("before", [False, True])
def test_a_proposal_about_few_hides_the_figures_with_and_without_that_it_moves(session: Session, before: bool) -> None:
    first, few = answered(session, 5, 12), answered(session, 5, 2)
    answered(session, 1, 20)
    agree(session, first)
    if before:
        agree(session, few)
    closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    if not before:
        assert beside(session, Reader.UNIT)[0].disclosed
        agree(session, few)
    one, words = beside(session, Reader.UNIT)
    assert one.out.answered + one.since.answered == 14
    assert not one.disclosed and " satisfied (" not in words


def test_what_is_left_out_after_a_month_was_closed_moves_no_later_period_that_holds_it(session: Session) -> None:
    late = answered(session, 1, 12)
    answered(session, 5, 20)
    closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    agree(session, late)
    for period in ("2026-10", "2026-Q4", "2026"):
        assert shown(session, Reader.PROVINCE, period) == RatedAnswers(32, 20)
        of_unit = RatedAnswers(32, 20) if period == "2026-10" else RatedAnswers(25, 13)  # whole batches while it runs
        assert shown(session, Reader.UNIT, period) == of_unit
        one, words = beside(session, Reader.PROVINCE, period)
        assert (one.out, one.since, one.without) == (RatedAnswers(), RatedAnswers(12, 0), RatedAnswers(20, 20))
        assert "so the figures still count them: 20 of 32 answers" in words
    quarter = closing.close(session, parse("2026-Q4"), JANUARY, STANDARD)
    assert shown(session, Reader.UNIT, "2026-Q4") == RatedAnswers(32, 20)
    assert closing.differences(session, quarter).empty
    agree(session, late, RESTORE)
    assert beside(session, Reader.PROVINCE)[0].since == RatedAnswers()
    assert closing.differences(session, quarter).empty


def test_an_answer_that_is_left_out_and_changed_after_the_closing_is_in_no_figure(session: Session) -> None:
    source = invitations.place(session.connection(), factories.placement(session).code)
    first = factories.response(session, 1, when=NOON, source=source)
    agree(session, session.scalars(sa.select(Response.id).where(Response.receipt == first)).all())
    answered(session, 4, 12)
    closed = closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    factories.response(session, 5, when=NOON, source=source, amends=first)
    assert closing.differences(session, closed).empty
    assert shown(session, Reader.PROVINCE, "2026-Q4") == RatedAnswers(12, 12)
    assert shown(session, Reader.UNIT, "2026-Q4") == RatedAnswers(5, 0), "whole batches while it runs, here too few"
    assert beside(session, Reader.PROVINCE)[0].out == RatedAnswers(1, 0)


def test_an_answer_by_a_test_link_that_is_added_to_after_a_closing_is_in_no_figure(session: Session) -> None:
    placement = factories.placement(session)
    placement.test = True
    session.flush()
    source = invitations.place(session.connection(), placement.code)
    first = factories.response(session, 5, when=NOON, source=source)
    answered(session, 4, 12)
    closed = closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    factories.response(session, 5, when=NOON, source=source, amends=first)
    assert closing.differences(session, closed).empty
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session))
    assert int(counts.recount(session, scope, ("channel",))["answered"].sum()) == 12
    assert shown(session, Reader.PROVINCE, "2026-Q4") == RatedAnswers(12, 12)
    assert shown(session, Reader.UNIT, "2026-Q4") == RatedAnswers(5, 0), "whole batches while it runs, here too few"


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize("closed", [False, True])
def test_nobody_waits_for_an_answer_to_a_comment_that_is_left_out(session: Session, closed: bool) -> None:
    answered(session, 5, 12)
    spam = answered(session, 1, 2, comments={"S8": "Mua hàng giá rẻ."})
    if closed:
        closing.close(session, parse("2026-10"), NOVEMBER, STANDARD)
    comments = CommentsInScope(
        session, scope_for(session, parse("2026-10"), factories.agency_id(session)), False, CLOCK
    )
    late = CommentFilter(status="late")
    assert comments.number(late) == 2
    agree(session, spam)
    assert (comments.number(late), comments.number(CommentFilter()), comments.tally()) == (0, 0, {})
    agree(session, spam, RESTORE)
    assert comments.number(late) == 2
