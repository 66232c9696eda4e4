"""Public results: read without signing in, of closed periods only, kept as the same bytes, retracted with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.pages import check_page
from tests.support.published import publish_october

NOON = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
PAGE = "/results/calendar/2026-10"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_everybody_reads_the_verdict_who_was_asked_and_how_to_check_it(
    client: FlaskClient, session: Session, language: str
) -> None:
    publish_october(session)
    page = client.get(f"{PAGE}?lang={language}")
    words = " ".join(check_page(page, language).words.split())
    verdict, month = {
        "vi": ("chưa đạt chỉ tiêu 90%", "Tháng 10 năm 2026"),
        "en": ("misses the target of 90%", "October 2026"),
    }[language]
    assert f"{month}: {verdict}" in words
    assert {"vi": "66,0%", "en": "66.0%"}[language] in words
    print(words)
