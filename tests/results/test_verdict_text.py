"""Sentences for officials: every branch, in both languages, and no printed limit that contradicts its verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.control_chart import Trend as Signal
from analysis.interval import confidence_sequence, newcombe
from analysis.verdict import assess
from survey.i18n import speaking
from survey.results import caveats, verdict_text
from survey.results.trends import RateChange
from tests.support.figures import STANDARD, assessed, judged_row


@pytest.fixture(scope="module", autouse=True)
def vietnamese() -> Iterator[None]:
    with speaking("vi"):
        yield


def say(k: int, n: int, language: str = "vi", **more: Any) -> str:
    with speaking(language):
        return verdict_text.sentence(assessed(k, n), STANDARD, **more)


@pytest.mark.parametrize(
    ("k", "n", "vi"),
    [
        (
            475,
            500,
            "Đạt. 475/500 phiếu hài lòng (95,0%; khoảng tin cậy 95%: 92,7%–96,8%). "
            "Đủ căn cứ kết luận tỷ lệ hài lòng từ 90% trở lên.",
        ),
        (
            160,
            200,
            "Chưa đạt. 160/200 phiếu hài lòng (80,0%; khoảng tin cậy 95%: 73,7%–85,4%). "
            "Đủ căn cứ kết luận tỷ lệ hài lòng dưới 90%.",
        ),
        (
            92,
            100,
            "Chưa đủ căn cứ kết luận. 92/100 phiếu hài lòng (92,0%; khoảng tin cậy 95%: 84,8%–96,5%). Khoảng "
            "tin cậy còn chứa mức 90%.",
        ),
        (
            20,
            20,
            "Ít phiếu, chưa kết luận. 20/20 phiếu hài lòng (100,0%; khoảng tin cậy 95%: 83,1%–100,0%). Chỉ kết "
            "luận “Đạt” hoặc “Chưa đạt” khi có từ 30 phiếu trở lên.",
        ),
        (
            30,
            30,
            "Chưa đủ căn cứ kết luận. 30/30 phiếu hài lòng (100,0%; khoảng tin cậy 95%: 88,4%–100,0%). Khoảng "
            "tin cậy còn chứa mức 90%.",
        ),
        (
            90,
            100,
            "Chưa đủ căn cứ kết luận. 90/100 phiếu hài lòng (90,0%; khoảng tin cậy 95%: 82,3%–95,1%). Khoảng "
            "tin cậy còn chứa mức 90%.",
        ),
        (0, 0, "Chưa có phiếu đánh giá trong kỳ."),
        (
            0,
            29,
            "Ít phiếu, chưa kết luận. 0/29 phiếu hài lòng (0,0%; khoảng tin cậy 95%: 0,0%–12,0%). Chỉ kết luận "
            "“Đạt” hoặc “Chưa đạt” khi có từ 30 phiếu trở lên.",
        ),
        (
            0,
            30,
            "Chưa đạt. 0/30 phiếu hài lòng (0,0%; khoảng tin cậy 95%: 0,0%–11,6%). "
            "Đủ căn cứ kết luận tỷ lệ hài lòng dưới 90%.",
        ),
        (
            12345,
            13000,
            "Đạt. 12.345/13.000 phiếu hài lòng (95,0%; khoảng tin cậy 95%: 94,5%–95,4%). "
            "Đủ căn cứ kết luận tỷ lệ hài lòng từ 90% trở lên.",
        ),
    ],
)
def test_each_verdict_in_vietnamese(k: int, n: int, vi: str) -> None:
    assert say(k, n) == vi


def test_the_same_in_english() -> None:
    assert say(92, 100, "en") == (
        "Not enough grounds to conclude. 92 of 100 answers are satisfied (92.0%; 95% confidence interval: "
        "84.8%–96.5%). The confidence interval still contains 90%."
    )
    assert say(0, 0, "en") == "No answers have been received in this period."


def test_certain_verdicts_need_no_interval() -> None:
    met = verdict_text.sentence(assessed(45, 45, population=50), STANDARD)
    assert met == (
        "Đạt (chắc chắn). 45/45 phiếu hài lòng (100,0%). Riêng số phiếu hài lòng đã chiếm từ 90% tổng số 50 hồ sơ."
    )
    missed = verdict_text.sentence(assessed(0, 36, population=50), STANDARD)
    assert missed.startswith("Chưa đạt (chắc chắn). 0/36 phiếu hài lòng (0,0%). Dù mọi hồ sơ chưa đánh giá")


def asked(k: int, n: int, left: int) -> str:
    """What a period that has ended and is not closed says after the interval, with so many cases not yet rated."""
    judged = replace(assessed(k, n), finished=n + left, rated=n, rated_satisfied=max(0, k - 1))
    return verdict_text.sentence(judged, STANDARD, closed=False).partition("còn chứa mức 90%.")[2].strip()


@pytest.mark.parametrize(
    ("k", "n", "left", "vi"),
    [
        (92, 100, 5000, "Cần thêm ít nhất 54 phiếu nếu tất cả đều hài lòng, khoảng 775 phiếu nếu tỷ lệ giữ nguyên."),
        (92, 100, 774, "Cần thêm ít nhất 54 phiếu nếu tất cả đều hài lòng."),
        (92, 100, 53, "Với số hồ sơ còn lại, trong kỳ này không còn có thể kết luận “Đạt”."),
        (92, 100, 10, "Số hồ sơ còn lại không đủ để kết luận trong kỳ này."),
        (92, 100, 0, "Số hồ sơ còn lại không đủ để kết luận trong kỳ này."),
        (30, 30, 40, "Với 30 phiếu chưa thể kết luận “Đạt” dù tất cả đều hài lòng; cần ít nhất 36 phiếu."),
        (30, 30, 5, "Số hồ sơ còn lại không đủ để kết luận trong kỳ này."),
        (85, 100, 80, "Cần thêm ít nhất 2 phiếu nếu tất cả đều chưa hài lòng, khoảng 80 phiếu nếu tỷ lệ giữ nguyên."),
        (85, 100, 79, "Cần thêm ít nhất 2 phiếu nếu tất cả đều chưa hài lòng."),
        (29, 31, 0, "Số hồ sơ còn lại không đủ để kết luận trong kỳ này."),
    ],
)
def test_more_answers_are_asked_for_only_as_far_as_cases_can_bring_them(k: int, n: int, left: int, vi: str) -> None:
    assert asked(k, n, left) == vi


@given(st.integers(1, 1500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 1500))
def test_no_number_is_asked_for_that_cannot_come(counts: tuple[int, int], left: int) -> None:
    with speaking("vi"):
        said = asked(*counts, left).partition("; cần ít nhất")
    most = left + (counts[1] if said[1] else 0)
    asked_for = re.findall(r"([\d.]+) phiếu", said[2] if said[1] else said[0])
    assert all(int(number.replace(".", "")) <= most for number in asked_for)


def test_a_closed_period_asks_for_nothing() -> None:
    row = replace(assessed(1270, 1400), finished=1440, rated=1400, rated_satisfied=1269)
    assert verdict_text.sentence(row, STANDARD).endswith("Khoảng tin cậy còn chứa mức 90%.")


@pytest.mark.parametrize(
    ("k", "n", "verdict", "ending"),
    [
        (100, 100, "met", "Đã đủ căn cứ: số phiếu đến nay cho thấy tỷ lệ hài lòng từ 90% trở lên."),
        (50, 100, "not_met", "Đã đủ căn cứ: số phiếu đến nay cho thấy tỷ lệ hài lòng dưới 90%."),
        (92, 100, "inconclusive", "Kết luận được đưa ra khi kỳ đã chốt số liệu."),
        (0, 0, "inconclusive", "Chưa có phiếu đánh giá trong kỳ."),
    ],
)
def test_a_running_period_speaks_provisionally(k: int, n: int, verdict: str, ending: str) -> None:
    lower, upper = confidence_sequence(k, n)
    rate = k / n if n else None
    row = judged_row(satisfied=k, answered=n, rate=rate, lower=lower, upper=upper, verdict=verdict)
    said = verdict_text.sentence(row, STANDARD, provisional=True)
    assert said.startswith("Đang thu thập – số liệu tạm thời.") and said.endswith(ending)
    assert ("dùng cho theo dõi hằng ngày" in said) == bool(n)


def test_the_words_of_the_verdicts() -> None:
    words = [verdict_text.verdict_word(verdict) for verdict in ("met", "not_met", "inconclusive")]
    assert words == ["Đạt", "Chưa đạt", "Chưa đủ căn cứ kết luận"]
    early = [verdict_text.verdict_word(verdict, provisional=True) for verdict in ("met", "not_met", "inconclusive")]
    assert early == ["Đã đủ căn cứ: đạt", "Đã đủ căn cứ: chưa đạt", "Đang thu thập"]


def test_what_the_silent_could_change() -> None:
    row = judged_row(
        finished=2000,
        rated=180,
        response_rate=0.09,
        possible_lower=162 / 2000,
        possible_upper=1982 / 2000,
        break_even=(1800 - 162) / 1820,
    )
    assert caveats.representativeness(row, target="0.90") == (
        "180/2.000 hồ sơ giải quyết xong trong kỳ có đánh giá (9,0%). Nếu tính cả hồ sơ không đánh giá, tỷ lệ thật nằm "
        "trong khoảng 8,1%–99,1%. Để đạt 90%, ít nhất 90,0% số người không đánh giá phải hài lòng."
    )
    assert "Để đạt" not in caveats.representativeness(replace(row, break_even=1.2), target="0.90")
    assert caveats.representativeness(judged_row(), target="0.90") == ""


def test_what_may_not_be_published_is_said() -> None:
    few = judged_row(answered=29, suppress=True)
    assert caveats.reliability(few) == "Ít phiếu (dưới 30): chỉ dùng nội bộ, không công bố."
    assert caveats.reliability(replace(few, answered=40)).startswith("Khoảng tin cậy quá rộng")
    assert caveats.reliability(judged_row(answered=500)) == ""


def moved(*counts: int) -> RateChange:
    return RateChange(*map(float, newcombe(*counts)))


@pytest.mark.parametrize(
    ("counts", "vi"),
    [
        ((950, 1000, 900, 1000), "Tăng 5,0 điểm phần trăm (từ 2,7 đến 7,4): thay đổi rõ rệt."),
        ((900, 1000, 950, 1000), "Giảm 5,0 điểm phần trăm (từ 2,7 đến 7,4): thay đổi rõ rệt."),
        ((91, 100, 90, 100), "Tăng 1,0 điểm phần trăm (từ −7,6 đến 9,6): chưa thấy thay đổi rõ rệt."),
        ((90, 100, 91, 100), "Giảm 1,0 điểm phần trăm (từ −9,6 đến 7,6): chưa thấy thay đổi rõ rệt."),
        ((90, 100, 90, 100), "Không thay đổi (từ −8,7 đến 8,7 điểm phần trăm): chưa thấy thay đổi rõ rệt."),
    ],
)
def test_changes_between_periods(counts: tuple[int, int, int, int], vi: str) -> None:
    assert caveats.change(moved(*counts)) == vi


def test_a_clear_change_never_prints_a_limit_of_zero() -> None:
    said = caveats.change(moved(900_300, 1_000_000, 899_460, 1_000_000))
    assert "rõ rệt" in said and "chưa" not in said and "từ 0,0 " not in said


def test_trends_and_many_rows() -> None:
    assert [caveats.signal(signal) for signal in Signal] == [
        "Biến động thông thường",
        "Dấu hiệu khác thường – cải thiện",
        "Dấu hiệu khác thường – xấu đi",
    ]
    assert "Trong 100 dòng, nhiều nhất khoảng 2–3 kết luận “Chưa đạt”" in caveats.many_agencies(100, 0.95)
    assert "khoảng 1 kết luận" in caveats.many_agencies(5, 0.95)
    assert "khoảng 3 kết luận" in caveats.many_agencies(120, 0.95)
    assert caveats.many_agencies(1, 0.95) == ""


COUNTS = st.one_of(st.integers(1, 400), st.integers(1, 10**7)).flatmap(
    lambda n: st.tuples(
        st.one_of(st.integers(0, n), st.integers(max(0, n * 9 // 10 - 40), min(n, n * 9 // 10 + 40))), st.just(n)
    )
)


@given(COUNTS, st.sampled_from(["0.90", "0.9", "0.85", "0.925", "0.9025"]), st.sampled_from(["vi", "en"]))
def test_printed_limits_never_contradict_the_verdict(counts: tuple[int, int], target: str, language: str) -> None:
    judged = assess(*counts, target)
    row = judged_row(lower=judged.lower, upper=judged.upper, verdict=str(judged.verdict))
    with speaking(language):
        printed = verdict_text.interval(row, target=target)
        rate = _shares(verdict_text.rate_text(judged.rate, target))[0]
    below = "dưới" in printed or "below" in printed
    lower, upper = _shares(printed)
    goal = 100 * float(target)
    assert lower <= 100 * judged.lower + 1e-6 and upper >= 100 * judged.upper - 1e-6
    if judged.verdict == "met":
        assert lower >= goal - 1e-9
    elif judged.verdict == "not_met":
        assert upper < goal - 1e-9 or (below and upper <= goal + 1e-9)
    else:
        assert lower < goal - 1e-9 and upper >= goal - 1e-9 and not below
    assert (rate >= goal) <= (judged.rate >= float(target) - 1e-12)


def _shares(printed: str) -> list[float]:
    return [float(found.replace(",", ".")) for found in re.findall(r"(\d+(?:[.,]\d+)?)%", printed)]


def test_a_share_that_is_too_small_is_not_rounded_up_to_the_least_that_is_enough() -> None:
    assert [verdict_text.coverage_text(share) for share in (0.9796, 0.98, None)] == ["97,9%", "98,0%", "–"]
