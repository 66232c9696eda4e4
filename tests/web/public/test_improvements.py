"""The public page on what was done: what was published and nothing else, by unit, page by page, kept for a minute."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.comments import publishing
from survey.comments.publishing import Actor, EntryWords, PublishingStep
from survey.models import Agency, Level, Role
from survey.periods import local_day, now
from tests.support import factories
from tests.support.officials import official
from tests.support.pages import check_page, hidden

AT = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)


def publish(session: Session, number: int = 1, code: str = "H61.50") -> None:
    """Publish entries of a unit, each a minute after the one before."""
    writer = Actor(official(session, f"xa{code}", code, Role.MANAGER).id, False)
    decider = Actor(official(session, f"tinh{code}", "H61", Role.MANAGER).id, True)
    for turn in range(number):
        at = AT + dt.timedelta(minutes=turn)
        wording = EntryWords(f"Lời {code} {turn:02}", f"<b>Việc</b> {code} {turn:02}", dt.date(2026, 11, 2))
        one = publishing.add(session, factories.agency_id(session, code), wording, writer, at, hand_in=True)
        publishing.take(session, one, PublishingStep.PUBLISH, decider, at, turn=1)
    waiting = EntryWords(f"Chưa duyệt {code}", "Chưa", dt.date(2026, 11, 2))
    publishing.add(session, factories.agency_id(session, code), waiting, writer, AT, hand_in=True)
    session.commit()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_everybody_reads_what_was_published_and_nothing_that_waits(
    client: FlaskClient, session: Session, language: str
) -> None:
    empty = client.get(f"/improvements?lang={language}")
    check_page(empty, language)
    publish(session)
    page = client.get(f"/improvements?lang={language}")
    words = check_page(page, language).words
    assert "Lời H61.50 00" in words and {"vi": "02/11/2026", "en": "2 November 2026"}[language] in words
    assert "Chưa duyệt" not in page.text and "<b>Việc</b>" not in page.text
    assert page.headers["Cache-Control"] == "public, max-age=60" and "Cookie" in page.headers["Vary"]
    assert "Set-Cookie" not in page.headers and "X-Robots-Tag" not in page.headers


def test_a_unit_is_shown_alone_with_the_newest_first_and_page_by_page(client: FlaskClient, session: Session) -> None:
    publish(session, 22)
    publish(session, 1, "H61.51")
    first, second = client.get("/improvements").text, client.get("/improvements?page=2").text
    assert first.count("<article") == 20 and second.count("<article") == 3
    assert first.index("Lời H61.50 21") < first.index("Lời H61.50 20") and "Lời H61.50 00" in second
    other = client.get("/improvements?agency=H61.51").text
    assert other.count("<article") == 1 and "Lời H61.51 00" in other
    assert client.get("/improvements?agency=H61.99999").status_code == 404
    assert client.get("/improvements?page=99&agency=H61.51").status_code == 200


def test_a_link_to_a_unit_that_was_merged_shows_the_unit_that_took_over(client: FlaskClient, session: Session) -> None:
    publish(session)
    yesterday = local_day(now()) - dt.timedelta(days=1)
    old = session.get_one(Agency, factories.agency_id(session, "H61.50"))
    old.valid_to, old.successor_id = yesterday, factories.agency_id(session, "H61.51")
    young = factories.agency(session, "H61.60", Level.COMMUNE, "Xã Mới", "New", factories.agency_id(session, "H61"))
    young.valid_from = yesterday + dt.timedelta(days=30)
    session.commit()
    page = client.get("/improvements?agency=H61.50")
    check_page(page)
    assert "Lời H61.50 00" in page.text and re.findall(r'value="(H61[^"]*)"', page.text) == ["H61.51"]
    assert client.get("/improvements?agency=H61.60").status_code == 404


def test_the_page_that_thanks_and_the_first_page_lead_there(client: FlaskClient, link: str) -> None:
    thanked = client.post(link, data={**hidden(client.get(link)), "S1": "4"})
    for page in (thanked.text, client.get("/").text):
        assert 'href="/improvements?lang=vi"' in page
