"""The report in one paragraph: what a unit pastes into its own report, without touching it."""

from __future__ import annotations

from tests.support.reporting import WrittenReport


def test_it_is_one_paragraph_that_begins_with_the_verdict_of_the_figures(written: dict[str, WrittenReport]) -> None:
    words = written["vi"].paragraph.read_text(encoding="utf-8")
    assert words.count("\n") == 1 and words.endswith("\n")
    assert len(words.split()) < 260
    for part in (
        "tháng 10 năm 2026",
        "từ ngày 01/10/2026",
        "Chưa đạt (chắc chắn). 56/77 phiếu hài lòng",
        "Lũy kế từ đầu năm 2026",
    ):
        assert part in words, part
    assert "Nơi cần chấn chỉnh: Xã Càng Long." in words


def test_english_is_english(written: dict[str, WrittenReport]) -> None:
    words = written["en"].paragraph.read_text(encoding="utf-8")
    report = written["en"].report
    assert "2026 so far: 56 of 78 answers are satisfied" in words
    assert report.units.judged.total.answered == 77
