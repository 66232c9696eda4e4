"""How the axis of a chart names periods: short, and in the reader's language."""

from __future__ import annotations

import pytest

from survey.i18n import speaking
from survey.results.period_names import short_code


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        ("2026-10", "10/2026", "10/2026"),
        ("2026-Q3", "Quý III/2026", "Q3/2026"),
        ("2026-H1", "6T đầu/2026", "H1/2026"),
        ("2026-9M", "9T/2026", "9M/2026"),
        ("2026", "2026", "2026"),
    ],
)
def test_a_period_has_a_short_name(code: str, vi: str, en: str) -> None:
    for language, mark in (("vi", vi), ("en", en)):
        with speaking(language):
            assert short_code(code) == mark
