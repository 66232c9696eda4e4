"""What a report quotes: the comments that an official chose, in their order; else the newest of a plain rule."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from survey.comments import report_choice
from survey.comments.reading import CommentsInScope
from survey.periods import parse
from survey.reports.quotes import LONGEST, MOST, quotes
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import CLOCK
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("vietnamese")


def october(session: Session) -> CommentsInScope:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session))
    return CommentsInScope(session, scope, False, CLOCK, 1)


def wrote(session: Session, rating: int, text: str, agency: str = "H61.50", days: int = 0) -> bytes:
    return factories.response(session, rating, agency, when=NOON + dt.timedelta(days=days), comments={"S8": text})


def test_by_the_rule_the_newest_of_the_dissatisfied_are_quoted_and_no_two_of_one_place(session: Session) -> None:
    wrote(session, 2, "Chờ gần một tiếng mới đến lượt, chỉ có một quầy mở.", days=1)
    wrote(session, 1, "Trang nộp hồ sơ báo lỗi ba lần, phải làm lại từ đầu.", days=2)
    wrote(session, 5, "Cán bộ hướng dẫn rất tận tình, xin cảm ơn cơ quan nhiều.", days=3)
    wrote(session, 2, "Chậm quá.", "H61.51", days=4)
    wrote(session, 2, "Chậm quá, " * (LONGEST // 5), "H61.51", days=5)
    assert [quote.text[:10] for quote in quotes(october(session))] == ["Trang nộp "], (
        "one of a place, none of the pleased"
    )


def test_whoever_chooses_decides_what_is_quoted_and_in_which_order(session: Session) -> None:
    texts = [f"Ý kiến thứ {number}: chờ lâu, không ai giải thích gì cả." for number in range(MOST + 2)]
    receipts = [wrote(session, 3, text, days=number) for number, text in enumerate(texts)]
    wrote(session, 1, "Trang nộp hồ sơ báo lỗi ba lần, phải làm lại từ đầu.", "H61.51")
    keys = [(receipts[number], "S8") for number in (4, 0, 3)]
    report_choice.choose(october(session), keys, LATER, official(session).id)
    assert [quote.text for quote in quotes(october(session))] == [texts[4], texts[0], texts[3]]
