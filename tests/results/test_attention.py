"""What needs attention: the surest first, at most seven, good news last, and nothing from answers that are few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from survey.i18n import speaking
from survey.models import Level
from survey.periods import parse
from survey.results import attention as looking
from survey.results.attention import MOST, Waiting, attention, attention_title
from survey.results.changes import changes
from survey.results.figures import Figures, figures
from survey.results.rows import short_name
from survey.results.scope import Reader, Standard, scope_for
from tests.support import factories

STANDARD, TODAY = Standard("0.90", 0.95), dt.date(2026, 11, 20)
NOTHING = Waiting()
SEPTEMBER, OCTOBER = (dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC) for month in (9, 10))


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    with speaking("vi"):
        yield


def answer(session: Session, agency: str, satisfied: int, others: int, when: dt.datetime = OCTOBER) -> None:
    """Add answers and the cases that they are of, and twice as many cases that nobody rated."""
    for rating in [5] * satisfied + [2] * others:
        factories.response(session, rating, agency, when=when)
    for _ in range(2 * (satisfied + others)):
        factories.case(session, agency, finished=when.date())


def shown(session: Session, code: str = "2026-10") -> Figures:
    scope = scope_for(session, parse(code), factories.agency_id(session, "H61"))
    return figures(session, scope, STANDARD, TODAY)


def headings(session: Session, waiting: Waiting = NOTHING) -> list[str]:
    now = shown(session)
    items = attention(now, changes(session, now), waiting, "tháng 9 năm 2026")
    assert len(items) <= MOST
    return [", ".join(map(short_name, item.rows)) + (": " if item.rows else "") + item.heading for item in items]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # worked out in Python from figures
def test_the_surest_stands_first_and_good_news_last(session: Session) -> None:
    answer(session, "H61.1", 60, 40)  # certainly below
    answer(session, "H61.2", 120, 0)  # proved to meet
    answer(session, "H61.50", 60, 0, SEPTEMBER)
    answer(session, "H61.50", 54, 10)  # has fallen, not proved to be below
    answer(session, "H61.51", 6, 6)  # few: no word
    session.commit()
    assert headings(session, Waiting(2, 3, 1, period="tháng 10 năm 2026")) == [
        "Sở Nội vụ: chắc chắn dưới chỉ tiêu",
        "Phường Trà Vinh: giảm, vượt mức ngẫu nhiên",
        "2 góp ý của tháng 10 năm 2026 đã quá hạn trả lời",
        "1 việc quá hạn",
        "Sở Tài chính: đủ căn cứ kết luận đạt chỉ tiêu",
    ]
    now = shown(session)
    moved = changes(session, now)
    items = attention(now, moved, Waiting(), "tháng 9 năm 2026")
    assert attention_title(items, now) == "1 đơn vị chắc chắn chưa đạt"
    assert items[0].evidence.startswith("60,0% (60/100 phiếu; 49,7%–69,7%).")
    assert "Trong tháng 9 năm 2026 là 100,0% (60/60 phiếu;" in items[1].evidence
    assert set(moved) == {factories.agency_id(session, "H61.50")}, "told only where both months have answers enough"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_unit_is_silent_only_where_answers_would_have_come(session: Session) -> None:
    answer(session, "H61.1", 30, 2)
    for code, cases in (("H61.50", 60), ("H61.51", 5)):
        for _ in range(cases):
            factories.case(session, code, finished=OCTOBER.date())
    session.commit()
    assert headings(session) == ["Phường Trà Vinh: không có phiếu nào"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_many_are_told_as_seven_and_none_is_lost(session: Session) -> None:
    for number in range(60, 72):
        factories.agency(session, f"H61.{number}", Level.COMMUNE, f"Xã {number}", f"Commune {number}", 1)
        answer(session, f"H61.{number}", 10, 30)
    answer(session, "H61.2", 120, 0)
    session.commit()
    alerts = [("Xã 60: không có phiếu", "/staff/?agency=H61.60")]
    now = shown(session)
    items = attention(now, {}, Waiting(1, 0, 1, alerts))
    assert [item.kind for item in items] == ["row", "row", "more", "comments", "tasks", "alert", "row"]
    assert sum(len(item.rows) for item in items if item.mark == "not_met") == 12
    assert attention_title(items, now) == "12 đơn vị chắc chắn chưa đạt"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_nobody_is_called_silent_while_answers_still_come(session: Session) -> None:
    """To a commune's account: it is not shown an open period's words, and what it lacks is not the whole of it."""
    department = factories.agency_id(session, "H61.1")
    for code in ("H61.1.1", "H61.1.2"):
        factories.agency(session, code, Level.OFFICE, code, code, department)
    answer(session, "H61.1.1", 30, 2)
    for _ in range(60):
        factories.case(session, "H61.1.2", finished=OCTOBER.date())
    session.commit()
    for reader, expected in ((Reader.UNIT, []), (Reader.PROVINCE, ["none"])):
        now = figures(session, scope_for(session, parse("2026-10"), department, reader=reader), STANDARD, TODAY)
        assert [item.mark for item in attention(now, {}, NOTHING)] == expected


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_however_much_waits_the_first_and_the_good_news_have_room(session: Session) -> None:
    answer(session, "H61.1", 60, 40)
    answer(session, "H61.2", 120, 0)
    session.commit()
    alerts = [(f"việc {number}", "/staff/alerts") for number in range(9)]
    items = attention(shown(session), {}, Waiting(1, 0, 1, alerts))
    assert [item.kind for item in items] == ["row", "comments", "tasks", "alert", "alert", "row"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_of_those_that_meet_the_target_what_has_risen_is_told_first_and_alone(session: Session) -> None:
    answer(session, "H61.1", 120, 0)
    answer(session, "H61.2", 60, 40, SEPTEMBER)
    answer(session, "H61.2", 118, 2)
    session.commit()
    assert headings(session) == ["Sở Tài chính: tăng, vượt mức ngẫu nhiên, và đạt chỉ tiêu"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_where_one_unit_alone_has_a_verdict_nothing_is_said_of_many(session: Session) -> None:
    answer(session, "H61.50", 60, 0, SEPTEMBER)
    answer(session, "H61.50", 54, 10)
    session.commit()
    now = shown(session)
    [item] = attention(now, changes(session, now), NOTHING)
    assert "cùng lúc" not in item.evidence
    answer(session, "H61.2", 40, 4)
    now = shown(session)
    assert "cùng lúc" in attention(now, changes(session, now), NOTHING)[0].evidence


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_title_counts_all_that_miss_the_target_and_which_of_them_for_certain(session: Session) -> None:
    answer(session, "H61.1", 60, 40)
    answer(session, "H61.2", 40, 10)
    session.commit()
    now = shown(session)
    first, second = (replace(row, verdict="not_met", named=False) for row in now.judged.rows if row.answered)
    for rows, words in (
        ((replace(first, named=True), second), "2 đơn vị chưa đạt, trong đó 1 chắc chắn"),
        ((first, second), "2 đơn vị chưa đạt, cần theo dõi thêm"),
        ((replace(first, named=True), replace(second, named=True)), "2 đơn vị chắc chắn chưa đạt"),
    ):
        told = replace(now, judged=replace(now.judged, rows=rows))
        assert attention_title(attention(told, {}, NOTHING), told) == words


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_rows_that_are_only_shown_together_are_never_named_and_never_counted(session: Session) -> None:
    answer(session, "H61.1", 60, 40)
    answer(session, "H61.2", 120, 0)
    session.commit()
    now = shown(session)
    pooled = tuple(replace(row, id=-1, code="", name={}, pooled="unit") for row in now.judged.rows if row.answered)
    together = replace(now, judged=replace(now.judged, rows=(*now.judged.rows, *pooled)))
    items = attention(together, {}, NOTHING)
    assert [row.pooled for item in items for row in item.rows] == ["", ""]
    assert items == attention(now, {}, NOTHING)
    assert attention_title(items, together) == "1 đơn vị chắc chắn chưa đạt"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("cases", "silent"), [(18, True), (17, False)])
def test_a_unit_is_silent_from_exactly_as_many_answers_as_are_no_chance(
    session: Session, cases: int, silent: bool
) -> None:
    answer(session, "H61.1", 30, 0)  # of 90 cases: with 18 more, five answers would have come of these
    for _ in range(cases):
        factories.case(session, "H61.50", finished=OCTOBER.date())
    session.commit()
    assert ("Phường Trà Vinh: không có phiếu nào" in headings(session)) is silent
    assert looking.EXPECTED == 5


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_answers_nothing_is_said_of_anybody(session: Session) -> None:
    now = shown(session)
    assert attention(now, changes(session, now), Waiting()) == []
    assert attention_title([], now) == "Không có việc gì cần chú ý trong số liệu này"
