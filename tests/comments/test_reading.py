"""Comments as officials read them: with the sheet that counts, within their own agencies, found by what they hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.i18n import plain_words
from survey.ledger.numbering import number_all
from survey.models import Channel, Comment, Response
from survey.periods import parse
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import CLOCK

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)  # a Wednesday
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("vietnamese")


def comments(session: Session, agency: str = "H61", weekly: bool = False, fewest: int = 1) -> CommentsInScope:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, agency))
    return CommentsInScope(session, scope, weekly, CLOCK, fewest)


def write(session: Session, text: str, rating: int = 2, when: dt.datetime = NOON, **more: Any) -> bytes:
    return factories.response(session, rating, when=when, comments={"S8": text}, **more)


def texts(session: Session, agency: str = "H61", **wanted: Any) -> list[str]:
    rows = comments(session, agency).page(CommentFilter(**wanted))
    assert len(rows) == comments(session, agency).number(CommentFilter(**wanted))
    return sorted(row.text for row in rows)


def test_words_are_found_with_and_without_diacritics(session: Session) -> None:
    for text in ("Đường truyền chậm quá.", "duong xa, đi lại nhiều", "Rất hài lòng!"):
        write(session, text)
    both = ["Đường truyền chậm quá.", "duong xa, đi lại nhiều"]
    for words in ("duong", "đường", "ĐƯỜNG", "Đu\u031bo\u031b\u0300ng", "đườn"):
        assert texts(session, words=words) == sorted(both), words
    assert texts(session, words="đường, chậm") == both[:1], "every word must occur"
    assert texts(session, words="uong") == [], "from the beginning of a word"
    assert texts(session, words="%") == texts(session, words="_") == texts(session), "signs are no words"


def test_comments_are_found_before_and_after_the_ledger_has_them_and_no_other_answer_is_read(session: Session) -> None:
    write(session, "Trước khi có số")
    factories.response(session, 5, when=NOON)
    assert texts(session) == ["Trước khi có số"]
    number_all(session)
    write(session, "Sau khi có số")
    assert texts(session) == ["Sau khi có số", "Trước khi có số"]
    indexed = sa.text("comment_marks IS NOT NULL OR entry IS NULL")
    assert session.scalar(sa.select(sa.func.count()).select_from(Response).where(indexed)) == 2


@given(st.text(max_size=60))
def test_plain_words_hold_nothing_that_a_search_would_take_for_a_wildcard(text: str) -> None:
    words = plain_words(text)
    assert not set(words) & set("%_/\\") and plain_words(words) == words
    assert words == "" or (words[0], words[-1]) == (" ", " ")


def test_each_filter_finds_what_it_says_and_all_together_what_all_say(session: Session) -> None:
    write(session, "một", 1, other={"S7": ["login"]})
    write(session, "hai", 2, other={"S7": ["late", "extra_papers"]}, agency="H61.51")
    write(session, "ba", 5, channel=Channel.OPEN)
    write(session, "bốn: trễ hẹn", 4, other={"A5": "late"})
    session.execute(sa.update(Response).where(Response.overall == 5).values(language="en"))
    assert texts(session, levels=frozenset({1, 2})) == ["hai", "một"]
    assert texts(session, reason="late") == ["hai"], "not another question's answer of the same name"
    assert texts(session, reason="extra_papers") == ["hai"] and texts(session, reason="extra%papers") == []
    assert texts(session, unit=factories.agency_id(session, "H61.51")) == ["hai"] and texts(session, unit=0) == []
    assert texts(session, language="en") == ["ba"]
    assert texts(session, theme="delay") == ["bốn: trễ hẹn"] and texts(session, theme="none") == []
    assert texts(session, levels=frozenset({1, 2}), reason="login", words="MOT") == ["một"]


def test_nobody_reads_what_was_written_elsewhere_or_in_another_month(session: Session) -> None:
    write(session, "ở đây", agency="H61.50")
    write(session, "nơi khác", agency="H61.51")
    write(session, "tháng sau", when=NOON + 30 * DAY)
    assert texts(session, "H61.50") == ["ở đây"]
    assert comments(session, "H61.50").offered().total == 1


def test_a_comment_goes_with_the_sheet_that_adds_to_it_and_not_with_one_that_replaces_it(session: Session) -> None:
    def source(token: str) -> Any:
        return invitations.find(session.connection(), token, NOON)

    added, replaced = (factories.invitation(session, when=NOON) for _ in range(2))
    receipt = write(session, "giữ lại", 2, source=source(added))
    for rating, reasons in ((1, ["login"]), (1, ["login", "late"])):  # twice, so that the way is longer than one step
        more = {"S7": reasons}
        receipt = factories.response(session, rating, when=NOON, other=more, source=source(added), amends=receipt)
    write(session, "rút lại", 2, source=source(replaced))
    factories.response(session, 5, when=NOON + DAY, source=source(replaced))
    (row,) = comments(session).page(CommentFilter())
    assert (row.text, row.level, row.reasons[-1]) == ("giữ lại", 1, "Trả kết quả trễ hẹn")


def test_of_two_texts_to_one_question_the_last_holds(session: Session) -> None:
    token = factories.invitation(session, when=NOON)
    source = invitations.find(session.connection(), token, NOON)
    receipt = write(session, "trước", source=source)
    write(session, "sau", source=source, amends=receipt)
    assert texts(session) == ["sau"]


def test_the_newest_come_first_and_pages_neither_lose_nor_repeat_one(session: Session) -> None:
    for number in range(7):
        write(session, f"câu {number}", when=NOON + (number % 3) * DAY)
    whole = comments(session).page(CommentFilter())
    days = [row.sent.first for row in whole]
    assert days == sorted(days, reverse=True)
    pages = [row for first in range(0, 9, 3) for row in comments(session).page(CommentFilter(), first, 3)]
    assert pages == whole and len({row.text for row in pages}) == 7


def test_whoever_may_know_the_week_only_learns_no_day(session: Session) -> None:
    for ahead in range(5):  # Wednesday to Sunday
        write(session, f"câu {ahead}", when=NOON + ahead * DAY)
    rows = comments(session, weekly=True).page(CommentFilter())
    assert {str(row.sent) for row in rows} == {"tuần 12/10/2026–18/10/2026"}
    query = sa.select(Comment.text, Response.receipt).join(Response, Response.id == Comment.response_id)
    receipts = {row.text: row.receipt for row in session.execute(query)}
    assert [row.text for row in rows] == sorted(receipts, key=receipts.__getitem__), "the order tells nothing either"


def test_beside_a_comment_stands_only_what_ten_or_more_have_in_common(session: Session) -> None:
    def told() -> CommentRow:
        return comments(session, fewest=10).page(CommentFilter())[0]

    def offered() -> tuple[int, Mapping[int, int], Mapping[str, int], Mapping[str, int]]:
        every = comments(session, fewest=10).offered()
        return every.total, every.levels, every.reasons, every.procedures

    def found(**wanted: Any) -> int:
        return comments(session, fewest=10).number(CommentFilter(**wanted))

    write(session, "một", other={"S7": ["late"]})
    for _ in range(8):
        factories.response(session, 5, when=NOON)
    row = told()
    assert (row.text, row.level, row.reasons, row.procedure, row.field) == ("một", None, (), "", "")
    assert offered() == (1, {}, {}, {})
    hidden: list[dict[str, Any]] = [{"levels": frozenset({2})}, {"reason": "late"}, {"procedure": "1.001193"}]
    assert [found(**wanted) for wanted in hidden] == [0, 0, 0], "nor can it be searched for"
    factories.response(session, 5, when=NOON)
    row = told()
    assert (row.level, len(row.reasons), row.procedure) == (2, 1, "Thủ tục đăng ký khai sinh")
    assert offered() == (1, {2: 1}, {"late": 1}, {"1.001193": 1})
    assert [found(**wanted) for wanted in hidden] == [1, 1, 1]
    for _ in range(3):  # few of another procedure: a comment that names the field only could be of these alone
        factories.response(session, 5, procedure="1.000894", when=NOON)
    assert (told().procedure, told().field) == ("", "Hộ tịch")


def test_what_is_offered_counts_all_and_the_weeks_of_a_theme_add_up(session: Session) -> None:
    write(session, "trễ hẹn", 1, other={"S7": ["late"]})
    write(session, "trễ hẹn, mã OTP chậm", 2, when=NOON + 7 * DAY)
    write(session, "không có gì", 5, agency="H61.51")
    offered = comments(session).offered()
    assert (offered.total, offered.levels, offered.languages) == (3, {1: 1, 2: 1, 5: 1}, {"vi": 3})
    assert (offered.reasons, offered.themes) == ({"late": 1}, {"delay": 2, "sign_in": 1})
    assert sorted(offered.units.values()) == [1, 2]
    spans, weeks = comments(session).over_time(CommentFilter())
    assert [span.first for span in spans] == [dt.date(2026, 9, 28) + week * 7 * DAY for week in range(5)]
    assert (weeks["delay"], weeks["sign_in"]) == ([0, 0, 1, 1, 0], [0, 0, 0, 1, 0])
    assert comments(session).over_time(CommentFilter(levels=frozenset({1})))[1]["delay"] == [0, 0, 1, 0, 0]
