"""Answers are cut by one thing of a fixed menu at a time, and parts of fewer than ten answers are not shown."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.collection.corrected_cases import follow
from survey.errors import NotFound
from survey.i18n import speaking
from survey.models import Case, CaseOutcome, Channel, Invitation, Procedure, Response
from survey.models.agency import DeliveryLevel
from survey.periods import parse
from survey.results import closing
from survey.results.cuts import Cut, chosen, parts
from survey.results.disclosure import beside
from survey.results.scope import Scope, Standard, scope_for
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("vietnamese")


def october(session: Session) -> Scope:
    return scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))


def cut(session: Session, by: Cut) -> dict[str, int]:
    return {row.value: row.answered for row in parts(session, october(session), STANDARD, by)}


def finished(session: Session, outcome: CaseOutcome | None, due: dt.date | None) -> None:
    """Answer one case that ended so and was due then."""
    token = factories.invitation(session, when=NOON)
    newest = session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
    assert newest is not None
    newest.outcome, newest.due_day = outcome, due
    session.flush()
    factories.response(session, 4, when=NOON, source=invitations.find(session.connection(), token, NOON))


def test_outcome_and_timeliness_are_those_of_the_case(session: Session) -> None:
    day = NOON.date()
    for outcome, due in (
        (CaseOutcome.GRANTED, day),
        (CaseOutcome.REFUSED, day - DAY),
        (None, None),
        (CaseOutcome.GIVEN_UP, day),
    ):
        finished(session, outcome, due)
    assert cut(session, Cut.OUTCOME) == {"granted": 1, "refused": 1, "given_up": 1, "": 1}
    assert cut(session, Cut.TIMELINESS) == {"on_time": 2, "late": 1, "": 1}


def test_every_cut_divides_all_answers_of_its_channel(session: Session) -> None:
    for procedure in ("1.001193", "1.000894", "2.000815"):
        factories.response(session, 5, procedure=procedure, when=NOON)
    partly = session.scalars(sa.select(Procedure).where(Procedure.code == "2.000815")).one()
    partly.delivery = DeliveryLevel.PARTLY_ONLINE
    for channel, number in ((Channel.OPEN, 2), (Channel.KIOSK, 1)):
        for _ in range(number):
            factories.response(session, 5, when=NOON, channel=channel)
    assert cut(session, Cut.PROCEDURE) == {"1.001193": 1, "1.000894": 1, "2.000815": 1}
    assert cut(session, Cut.FIELD) == {"Hộ tịch": 2, "Chứng thực": 1}
    assert cut(session, Cut.DELIVERY) == {"fully_online": 2, "partly_online": 1}
    assert cut(session, Cut.RESPONDENT) == {"citizen": 3}
    assert list(cut(session, Cut.PLACEMENT).values()) == [1, 1] and list(cut(session, Cut.KIOSK).values()) == [1]
    closing.close(session, parse("2026-10"), NOON + 30 * DAY, STANDARD)
    assert cut(session, Cut.FIELD) == {"Hộ tịch": 2, "Chứng thực": 1}


def test_parts_are_named_in_the_readers_language(session: Session) -> None:
    finished(session, CaseOutcome.REFUSED, None)
    for language, name in (("vi", "Từ chối"), ("en", "Refused")):
        with speaking(language):
            assert [row.name for row in parts(session, october(session), STANDARD, Cut.OUTCOME)] == [name]


def test_a_part_of_few_answers_has_no_page_of_its_own(session: Session) -> None:
    for _ in range(9):
        factories.response(session, 5, when=NOON)
    few = parts(session, october(session), STANDARD, Cut.FIELD)
    for value in ("Hộ tịch", "none"):
        with pytest.raises(NotFound):
            chosen(few, value)
    factories.response(session, 5, when=NOON)
    assert chosen(parts(session, october(session), STANDARD, Cut.FIELD), "Hộ tịch").answered == 10


def test_an_answer_follows_what_is_corrected_about_its_case(session: Session) -> None:
    finished(session, None, None)
    case = session.scalars(sa.select(Case)).one()
    row = {column.name: getattr(case, column.name) for column in Case.__table__.columns}
    follow(session, [row | {"outcome": CaseOutcome.REFUSED, "due_day": case.finished_day - DAY}], NOON)
    assert cut(session, Cut.OUTCOME) == {"refused": 1} and cut(session, Cut.TIMELINESS) == {"late": 1}
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == session.scalar(
        sa.select(sa.func.count()).select_from(Invitation)
    )


@given(st.lists(st.integers(0, 40), max_size=8))
def test_what_is_hidden_is_never_so_little_that_it_could_be_told(answered: list[int]) -> None:
    scope = Scope(parse("2026-10"), 1, tree=None, closing=None)  # type: ignore[arg-type]  # of a province's own reader
    flags = [not why for why in beside(scope, 10, answered, [0] * len(answered), [True] * len(answered))]
    hidden = [count for count, flag in zip(answered, flags, strict=True) if not flag]
    assert all(flag for count, flag in zip(answered, flags, strict=True) if not count), "none hides nobody"
    assert all(count >= 10 or not count for count, flag in zip(answered, flags, strict=True) if flag)
    assert not hidden or sum(hidden) >= 10 or sum(answered) < 10
