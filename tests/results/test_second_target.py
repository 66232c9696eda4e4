"""The target beside the headline: judged by the same rules, said in one line, and silent where nothing may be said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import speaking
from survey.models import StoredTarget
from survey.organisation.targets import NO_TARGETS
from survey.periods import parse
from survey.results import closing
from survey.results.figures import Figures, figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.second_target import headline_source, second_line, second_sentence
from tests.support import factories

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
TODAY = LATER.date()
OCTOBER, STANDARD = parse("2026-10"), Standard("0.90", 0.95)


def answers(session: Session, satisfied: int, others: int) -> None:
    for rating in [5] * satisfied + [2] * others:
        factories.response(session, rating, when=NOON)
    for _ in range(200):  # so that nothing is certain
        factories.case(session, "H61.50", finished=NOON.date())


def october(session: Session, reader: Reader = Reader.PROVINCE, day: dt.date = TODAY) -> Figures:
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"), reader=reader)
    return figures(session, scope, STANDARD, day)


@pytest.mark.parametrize(
    ("satisfied", "others", "headline", "second"),
    [(60, 0, "met", "inconclusive"), (80, 0, "met", "met"), (62, 8, "inconclusive", "not_met")],
)
def test_the_second_target_has_a_verdict_of_its_own_by_the_same_test(
    session: Session, satisfied: int, others: int, headline: str, second: str
) -> None:
    answers(session, satisfied, others)
    closing.close(session, OCTOBER, LATER, STANDARD)
    shown = october(session)
    scope = shown.scope
    assert shown.second is not None and (shown.judged.total.verdict, shown.second.verdict) == (headline, second)
    # The same as if it were the headline: nothing of it is counted or judged otherwise.
    assert scope.closing is not None
    scope.closing.target = "0.95"
    alone = figures(session, replace(scope, targets=NO_TARGETS), STANDARD, LATER.date())
    assert alone.second is None and alone.judged.total == shown.second


def test_it_is_said_in_one_line_with_its_name_and_source(session: Session) -> None:
    answers(session, 62, 8)
    closing.close(session, OCTOBER, LATER, STANDARD)
    shown = october(session)
    with speaking("vi"):
        line = second_line(shown)
        assert line.startswith("Chỉ tiêu quốc gia năm 2026, 95% (Quyết định số 1565/QĐ-TTg") and "chưa đạt" in line
        assert second_sentence(shown) == f"{line} Đủ căn cứ kết luận tỷ lệ hài lòng dưới 95%."
    with speaking("en"):
        assert second_line(shown).endswith(": not met.")


def test_while_a_period_runs_it_is_said_as_provisional_as_the_headline(session: Session) -> None:
    answers(session, 40, 0)
    running = october(session, day=dt.date(2026, 10, 20))
    with speaking("en"):
        assert second_line(running).endswith(": still collecting.")


def test_nothing_is_said_where_nobody_answered_few_did_or_no_target_stands_beside(session: Session) -> None:
    with speaking("en"):
        assert second_line(october(session)) == second_sentence(october(session)) == ""
        answers(session, 9, 0)
        assert second_line(october(session)) == ""
        answers(session, 11, 0)
        assert second_line(october(session)).endswith(": few answers, no verdict.")
        session.execute(sa.delete(StoredTarget))
        assert october(session).second is None and second_line(october(session)) == ""


def test_to_a_unit_it_tells_no_more_than_the_headline(session: Session) -> None:
    answers(session, 62, 8)
    shown = october(session, Reader.UNIT)
    total, second = shown.judged.total, shown.second
    assert total.answered == 65 and second is not None, "an open month is told in steps"
    told = ("answered", "satisfied", "rate", "lower", "upper", "mean", "possible_lower", "possible_upper", "certain")
    assert [getattr(second, name) for name in told] == [getattr(total, name) for name in told]


def test_the_headline_names_its_source_where_the_province_has_entered_it(session: Session) -> None:
    with speaking("en"):
        assert headline_source(october(session).standard) == ""
        texts = {"vi": "Kế hoạch", "en": "Plan"}
        session.add(
            StoredTarget(
                headline=True, share="0.92", valid_from=dt.date(2026, 1, 1), title=texts, source={"en": "50/KH-UBND"}
            )
        )
        session.flush()
        assert headline_source(october(session).standard) == "Verdicts are by this target: Plan, 92% (50/KH-UBND)."
        assert october(session).target == "0.92"
