"""What periods are called on pages and in the titles of reports."""

from __future__ import annotations

import pytest

from survey.i18n import speaking
from survey.periods import parse
from survey.results.period_names import period_name, period_words, short_code

CODES = ("2026-10", "2026-Q3", "2026-H1", "2026-9M", "2026-11M", "2026", "2026-Y1114", "20251201-20261014")


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        ("2026-10", "tháng 10 năm 2026", "October 2026"),
        ("2026-Q3", "quý III năm 2026", "the third quarter of 2026"),
        ("2026-11M", "11 tháng đầu năm 2026", "the first 11 months of 2026"),
        ("2026-Y1114", "năm 2026 (chốt đến ngày 14/11/2026)", "the year 2026 up to 14 November 2026"),
        (
            "20251201-20261014",
            "thời gian từ ngày 01/12/2025 đến hết ngày 14/10/2026",
            "the time from 1 December 2025 to 14 October 2026",
        ),
    ],
)
def test_a_sentence_names_a_period(code: str, vi: str, en: str) -> None:
    for language, words in (("vi", vi), ("en", en)):
        with speaking(language):
            assert period_words(parse(code)) == words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_two_periods_have_one_name(language: str) -> None:
    with speaking(language):
        names = [period_name(parse(code)) for code in CODES]
    assert len(set(names)) == len(CODES) and all(name[0].isupper() or name[0].isdigit() for name in names)
    with speaking(language):
        assert all(len(short_code(code)) <= 12 for code in CODES)
